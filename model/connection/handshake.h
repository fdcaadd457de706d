// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/connection/endpoint-config.h"
#include "model/connection/known-peer.h"
#include "model/crypto/noise-handshake.h"
#include "model/wire/packet-header.h"
#include "model/wire/transport-parameters.h"

namespace crsp {

/// What one endpoint brings into every handshake.
struct HandshakeConfig {
    std::optional<SecretKey> psk;  ///< absent means HandshakeMode::kNoAuth
    CipherSuite suite = CipherSuite::kChaCha20Poly1305Sha256;
    TransportParameters parameters;

    HandshakeMode Mode() const {
        return psk ? HandshakeMode::kPreSharedKey : HandshakeMode::kNoAuth;
    }
};

/// What a completed handshake yields.
struct HandshakeResult {
    TransportKeys keys;
    CipherSuite suite = CipherSuite::kChaCha20Poly1305Sha256;
    ConnectionId peerId = 0;
    TransportParameters peer;
};

/// The initiator's half (CRSP §4.1, §4.4): one Initial, repeated byte for byte until it is
/// answered.
class InitiatorHandshake {
  public:
    /// `own` is the connection id the peer shall use. `random` must outlive the handshake.
    InitiatorHandshake(const HandshakeConfig& config, ConnectionId own, SecureRandom& random);

    ConstByteSpan Initial() const { return m_initial; }
    /// Takes in a whole Response datagram. A Response that does not verify is noise: it yields
    /// nothing and changes nothing. A verified one with invalid parameters is an error.
    Expected<std::optional<HandshakeResult>, TransportError> OnResponse(ConstByteSpan datagram);

  private:
    CipherSuite m_suite;
    std::array<std::byte, kMinDatagramSize> m_initial{};
    std::unique_ptr<NoiseHandshake> m_noise;
};

/// The longest Response: header, key, identifier, parameters, tag (CRSP §3.5).
inline constexpr std::size_t kMaxResponseLength =
    kResponseHeaderLength + 32 + 8 + kMaxTransportParametersLength + kAeadTagLength;

/// A Response ready to be sent, and sent again.
struct ResponseDatagram {
    std::array<std::byte, kMaxResponseLength> bytes{};
    std::size_t length = 0;

    ConstByteSpan View() const { return ConstByteSpan(bytes).first(length); }
};

struct AnsweredInitial {
    HandshakeResult result;
    ResponseDatagram response;
};

/// The responder's half: answers the Initial `datagram` whose header has been read, with `own` as
/// our connection id. Nothing if it does not verify: another key, mode, suite, or noise.
std::optional<AnsweredInitial> AnswerInitial(const HandshakeConfig& config,
                                             const InitialHeader& header, ConstByteSpan datagram,
                                             ConnectionId own, SecureRandom& random);

}  // namespace crsp
