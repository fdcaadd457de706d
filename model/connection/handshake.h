// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/connection/endpoint-config.h"
#include "model/connection/initial-macs.h"
#include "model/connection/known-peer.h"
#include "model/crypto/noise-handshake.h"
#include "model/crypto/pairing-code.h"
#include "model/wire/packet-header.h"
#include "model/wire/transport-parameters.h"

namespace crsp {

/// What one endpoint brings into every handshake.
struct HandshakeConfig {
    std::optional<X25519KeyPair> identity;  ///< present means HandshakeMode::kKeyed
    std::optional<SecretKey> psk;           ///< neither this nor `identity`: kNoAuth
    bool pairing = false;                   ///< kPairing as well, with `identity`
    CipherSuite suite = CipherSuite::kChaCha20Poly1305Sha256;
    TransportParameters parameters;

    HandshakeMode Mode() const;
    /// Whether an Initial of this mode is answered.
    bool Takes(HandshakeMode mode) const;
};

/// What an initiator knows beforehand.
struct HandshakeGoal {
    HandshakeMode mode = HandshakeMode::kPreSharedKey;
    std::optional<PeerKey> responder;  ///< with kKeyed
    std::uint64_t timestamp = 0;       ///< never the same in two handshakes (CRSP §4.6)
};

/// Proves that a Reset is the peer's (CRSP §3.11).
using ResetToken = Mac;

/// What a completed handshake yields.
struct HandshakeResult {
    TransportKeys keys;
    CipherSuite suite = CipherSuite::kChaCha20Poly1305Sha256;
    HandshakeMode mode = HandshakeMode::kPreSharedKey;
    ConnectionId peerId = 0;
    TransportParameters peer;
    std::optional<ResetToken> resetToken;  ///< the responder's
    std::optional<PeerKey> peerKey;        ///< if the mode proves one
    std::uint32_t pairingCode = 0;         ///< with kPairing
};

/// The longest Response: header, ephemeral and static key, identifier, token, nonce, parameters,
/// tags (CRSP §3.5).
inline constexpr std::size_t kMaxResponseLength =
    kResponseHeaderLength + 2 * kKeyLength + sizeof(ConnectionId) + sizeof(ResetToken) +
    sizeof(PairingNonce) + kMaxTransportParametersLength + 2 * kAeadTagLength;
/// A Finish: header, static key, nonce, tags (CRSP §3.12).
inline constexpr std::size_t kFinishLength =
    kFinishHeaderLength + kKeyLength + sizeof(PairingNonce) + 2 * kAeadTagLength;

/// A handshake packet ready to be sent, and sent again.
struct HandshakeDatagram {
    std::array<std::byte, kMaxResponseLength> bytes{};
    std::size_t length = 0;

    ConstByteSpan View() const { return ConstByteSpan(bytes).first(length); }
};
static_assert(kFinishLength <= kMaxResponseLength);

/// The initiator's half (CRSP §4.1, §4.4): one Initial, repeated byte for byte until it is
/// answered.
class InitiatorHandshake {
  public:
    /// `own` is the connection id the peer shall use. `random` must outlive the handshake.
    InitiatorHandshake(const HandshakeConfig& config, const HandshakeGoal& goal, ConnectionId own,
                       SecureRandom& random);

    ConstByteSpan Initial() const { return m_initial; }
    /// Puts the cookie of a Retry into the Initial, which is to be sent again.
    void OnRetry(const Mac& cookie) { WriteMac2(m_initial, cookie); }
    /// Takes in a whole Response datagram. A Response that does not verify is noise: it yields
    /// nothing and changes nothing. A verified one with invalid parameters is an error.
    Expected<std::optional<HandshakeResult>, TransportError> OnResponse(ConstByteSpan datagram);
    /// With kPairing, after the Response: what the responder still needs.
    const HandshakeDatagram& Finish() const { return m_finish; }

  private:
    Expected<HandshakeResult, TransportError> ReadResponse(ByteReader reader);
    void WriteFinish(HandshakeResult& result, const PairingNonce& theirs);

    const HandshakeConfig& m_config;
    HandshakeMode m_mode;
    std::array<std::byte, kMinDatagramSize> m_initial{};
    std::unique_ptr<NoiseHandshake> m_noise;
    PairingNonce m_nonce{};
    HandshakeDatagram m_finish;
};

/// A responder in mode kPairing that has answered, and waits for the Finish.
class PairingResponder {
  public:
    PairingResponder(std::unique_ptr<NoiseHandshake> noise, HandshakeResult begun,
                     const X25519PublicKey& own, const PairingNonce& nonce,
                     const Sha256Digest& commitment)
        : m_noise(std::move(noise)),
          m_begun(std::move(begun)),
          m_own(own),
          m_nonce(nonce),
          m_commitment(commitment) {}

    /// Takes in a whole Finish datagram. Nothing, and nothing has changed, if it does not verify;
    /// so too if the nonce in it is not the one that the Initial was bound to.
    std::optional<HandshakeResult> OnFinish(ConstByteSpan datagram);

  private:
    std::unique_ptr<NoiseHandshake> m_noise;
    HandshakeResult m_begun;
    X25519PublicKey m_own;
    PairingNonce m_nonce;
    Sha256Digest m_commitment;
};

struct AnsweredInitial {
    HandshakeDatagram response;
    ConnectionId peerId = 0;
    std::optional<HandshakeResult> result;      ///< absent with kPairing
    std::unique_ptr<PairingResponder> pairing;  ///< present with kPairing
};

/// The responder's half: an Initial that verified. Whether it is answered is the caller's choice.
class ReceivedInitial {
  public:
    /// Whether a peer with this key is let in.
    using Admits = std::function<bool(const PeerKey&)>;

    /// Reads the Initial `datagram`, whose header and mac1 have been checked, in a mode that
    /// `config` takes. Nothing if it does not verify: another key, suite, or noise; or a peer that
    /// `admits`, asked with kKeyed only, does not. Such a peer costs one X25519.
    static std::optional<ReceivedInitial> Read(const HandshakeConfig& config,
                                               const InitialHeader& header, ConstByteSpan datagram,
                                               const Admits& admits, SecureRandom& random);

    const std::optional<PeerKey>& Peer() const { return m_noise->RemoteStatic(); }
    std::uint64_t Timestamp() const { return m_timestamp; }
    /// The answer with `own` as our connection id. Nothing for a peer key of low order: noise.
    std::optional<AnsweredInitial> Answer(ConnectionId own, const ResetToken& token);

  private:
    ReceivedInitial(const HandshakeConfig& config, HandshakeMode mode, CipherSuite suite,
                    ConnectionId peerId)
        : m_config(&config), m_mode(mode), m_suite(suite), m_peerId(peerId) {}
    bool ReadPayload(ConstByteSpan payload);

    const HandshakeConfig* m_config;
    HandshakeMode m_mode;
    CipherSuite m_suite;
    ConnectionId m_peerId;
    SecureRandom* m_random = nullptr;
    std::unique_ptr<NoiseHandshake> m_noise;
    std::uint64_t m_timestamp = 0;
    Sha256Digest m_commitment{};
    TransportParameters m_peer;
};

}  // namespace crsp
