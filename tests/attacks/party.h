// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "model/base/random.h"
#include "model/connection/endpoint.h"

namespace crsp::attacks {

using Bytes = std::vector<std::byte>;

inline const SocketAddress kServerAddress = SocketAddress::FromIpv4(0x0a000001, 59001);
inline const SocketAddress kClientAddress = SocketAddress::FromIpv4(0x0a000002, 40001);
/// Of a server under attack, of one that it lists, and of one that it does not.
inline constexpr std::uint8_t kServer = 1;
inline constexpr std::uint8_t kListed = 2;
inline constexpr std::uint8_t kUnlisted = 3;

inline constexpr HandshakeMode kModes[] = {HandshakeMode::kKeyed, HandshakeMode::kPreSharedKey,
                                           HandshakeMode::kNoAuth, HandshakeMode::kPairing};

const char* NameOf(HandshakeMode mode);
X25519KeyPair IdentityOf(std::uint8_t which);
/// An endpoint of `mode`. The server lists kListed, and anybody knows the server's key.
EndpointConfig ConfigOf(HandshakeMode mode, std::uint8_t which);
/// What mac1 is made with for a server of `mode`: the attackers know it as well.
SecretKey Mac1KeyOfServer(HandshakeMode mode);

/// Somebody who sends Initials, each of a handshake of its own.
class Caller {
  public:
    Caller(HandshakeMode mode, std::uint8_t which);
    Bytes Initial();

  private:
    HandshakeMode m_mode;
    std::uint8_t m_which;
    std::uint8_t m_life = 0;
    TimePoint m_now = TimePoint{} + std::chrono::hours(1);
    Endpoint m_endpoint;
};

/// Calls `take(destination, bytes)` for each datagram that `endpoint` sends now.
template <class Take>
void PollAll(Endpoint& endpoint, TimePoint now, Take take) {
    static Bytes buffer(65'536);
    while (const auto transmit = endpoint.PollTransmit(now, buffer)) {
        for (std::size_t at = 0; at < transmit->size; at += transmit->segmentSize) {
            const auto length = std::min(transmit->segmentSize, transmit->size - at);
            take(transmit->destination, ByteSpan(buffer).subspan(at, length));
        }
    }
}

inline void Give(Endpoint& endpoint, TimePoint now, const SocketAddress& from, ByteSpan datagram) {
    endpoint.HandleDatagram(now, {.source = from, .ecn = Ecn::kNotEct, .payload = datagram});
}

/// Seconds of CPU that this thread has used: other programs on the machine do not count.
double CpuSeconds();

}  // namespace crsp::attacks
