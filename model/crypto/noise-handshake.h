// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/crypto/noise-pattern.h"
#include "model/crypto/noise-symmetric-state.h"
#include "model/crypto/secure-random.h"
#include "model/crypto/x25519.h"
#include "model/wire/types.h"

namespace crsp {

/// The longest handshake message (Noise rev 34 §3).
inline constexpr std::size_t kNoiseMaxMessageLength = 65535;

/// Why a handshake message could not be written or read. Nothing has changed in the handshake.
enum class NoiseError : std::uint8_t {
    kOutOfTurn,         ///< finished, or the other side has the next message
    kBufferTooSmall,    ///< the result does not fit
    kMessageTooLong,    ///< over kNoiseMaxMessageLength
    kMessageTooShort,   ///< truncated: less than the keys and tags that it must hold
    kInvalidPublicKey,  ///< a point of low order: the shared secret would be all zero
    kDecryptFailed,     ///< forged, corrupted, or another psk, prologue, key, suite or pattern
    kNotAdmitted,       ///< the peer's static key is none that the caller wants
};

std::string_view ToString(NoiseError error);

/// `Noise_NNpsk0_25519_AESGCM_SHA256` and the like (Noise rev 34 §8).
std::string NoiseProtocolName(NoisePattern pattern, CipherSuite suite);

/// What both ends must agree on before the first message, and the keys of this one.
struct NoiseConfig {
    NoisePattern pattern = NoisePattern::kNNpsk0;
    CipherSuite suite = CipherSuite::kChaCha20Poly1305Sha256;  ///< usable here: see UsableSuite
    Side side = Side::kInitiator;
    /// Bound into the handshake, which fails unless it is the same at both ends (CRSP §4.2). Only
    /// viewed during construction.
    ConstByteSpan prologue;
    /// Present exactly if the pattern has a psk.
    std::optional<SecretKey> psk;
    /// Present if the pattern proves a static key of this side.
    std::optional<X25519KeyPair> localStatic;
    /// Present, at the initiator only, exactly if the pattern presumes the responder's static key.
    std::optional<X25519PublicKey> remoteStatic;
};

/// A Noise handshake (rev 34 §5.3, HandshakeState) over X25519 and SHA-256.
///
/// A message that cannot be read leaves the handshake as it was, so a forgery does not keep the
/// true message from being read afterwards.
///
/// The same ephemeral key never encrypts two different payloads: every message that carries one
/// gets a fresh one, and a written message cannot be written again. Callers that retransmit keep
/// the bytes and repeat them unchanged (CRSP §4.4); a different payload needs a new handshake.
class NoiseHandshake {
  public:
    /// `random` must outlive the handshake. Keys the pattern needs and `config` lacks are a bug.
    NoiseHandshake(const NoiseConfig& config, SecureRandom& random);
    /// A copy would use an ephemeral key twice.
    NoiseHandshake(const NoiseHandshake&) = delete;
    NoiseHandshake& operator=(const NoiseHandshake&) = delete;

    bool Finished() const;
    /// Whether the next message is for this side to write.
    bool MyTurn() const;
    /// How many bytes longer than its payload the next message is.
    std::size_t NextOverhead() const;

    /// Writes the next message around `payload`, which must not overlap `out`, and returns its
    /// length: payload.size() + NextOverhead(). Anyone can read the first payload of NN and XX;
    /// that of NNpsk0 is safe only as long as the psk is, and can be replayed (Noise rev 34 §7.7).
    Expected<std::size_t, NoiseError> WriteMessage(ConstByteSpan payload, ByteSpan out);
    /// Reads the peer's next message, writes its payload, and returns the payload's length. `out`
    /// must hold message.size() - NextOverhead(), must not overlap `message`, and is garbage after
    /// an error.
    /// `admits`, unless empty, is asked about a static key in the message before anything costly is
    /// done with it; the key is not yet proved.
    Expected<std::size_t, NoiseError> ReadMessage(
        ConstByteSpan message, ByteSpan out,
        const std::function<bool(const X25519PublicKey&)>& admits = {});

    /// The keys of the session. Only once Finished(); the handshake can be destroyed then.
    TransportKeys Split() const;
    /// The peer's static key, if the pattern has one and it is known by now.
    const std::optional<X25519PublicKey>& RemoteStatic() const { return m_progress.remoteStatic; }

    /// Uses `pair` in place of a fresh ephemeral key in every message. For published test vectors
    /// only: with a known ephemeral key there is no secrecy.
    void UseEphemeralForTesting(const X25519KeyPair& pair) { m_testEphemeral = pair; }

  private:
    /// Everything that a message changes; replaced as a whole when the message is good.
    struct Progress {
        NoiseSymmetricState symmetric;
        std::optional<X25519KeyPair> localEphemeral;
        std::optional<X25519PublicKey> remoteEphemeral;
        std::optional<X25519PublicKey> remoteStatic;
        std::size_t nextMessage = 0;
    };

    const NoiseTokens& NextTokens() const { return m_row.messages[m_progress.nextMessage]; }
    void MixPreMessage();
    void WriteKeys(Progress& next, NoiseToken token, ByteWriter& writer);
    bool ReadKeys(Progress& next, NoiseToken token, ByteReader& reader);
    bool MixSecret(Progress& next, NoiseToken token) const;
    void MixEphemeral(Progress& next, const X25519PublicKey& key) const;
    X25519KeyPair NewEphemeral();

    const NoisePatternRow& m_row;
    Side m_side;
    std::optional<SecretKey> m_psk;
    std::optional<X25519KeyPair> m_localStatic;
    std::optional<X25519KeyPair> m_testEphemeral;
    SecureRandom& m_random;
    Progress m_progress;
};

}  // namespace crsp
