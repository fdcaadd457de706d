// SPDX-License-Identifier: BSD-3-Clause
#include "tests/attacks/party.h"

#include <ctime>
#include <variant>

#include "model/connection/initial-macs.h"

namespace crsp::attacks {
namespace {

PreSharedKey KeyOf(std::uint8_t which) {
    PreSharedKey key;
    key.fill(std::byte{which});
    return key;
}

constexpr std::uint8_t kSharedKey = 200;
/// After so many Initials a caller begins anew, as none of its handshakes ever ends.
constexpr std::size_t kCallsInALife = 256;

}  // namespace

const char* NameOf(HandshakeMode mode) {
    switch (mode) {
        case HandshakeMode::kKeyed:
            return "keyed";
        case HandshakeMode::kPreSharedKey:
            return "shared key";
        case HandshakeMode::kNoAuth:
            return "no-auth";
        case HandshakeMode::kPairing:
            return "pairing";
    }
    return "";
}

X25519KeyPair IdentityOf(std::uint8_t which) {
    return X25519PairOf(SecretKey(KeyOf(which)));
}

EndpointConfig ConfigOf(HandshakeMode mode, std::uint8_t which) {
    EndpointConfig config;
    config.seed.fill(std::byte{which});
    if (mode == HandshakeMode::kPreSharedKey) config.psk = KeyOf(kSharedKey);
    if (mode == HandshakeMode::kKeyed || mode == HandshakeMode::kPairing) {
        config.identity = IdentityOf(which);
        config.pairing = mode == HandshakeMode::kPairing;
        config.peers = {IdentityOf(which == kServer ? kListed : kServer).publicKey};
    }
    return config;
}

SecretKey Mac1KeyOfServer(HandshakeMode mode) {
    std::optional<SecretKey> psk;
    if (mode == HandshakeMode::kPreSharedKey) psk.emplace(KeyOf(kSharedKey));
    return Mac1KeyOf(mode, IdentityOf(kServer).publicKey, psk);
}

Caller::Caller(HandshakeMode mode, std::uint8_t which)
    : m_mode(mode), m_which(which), m_endpoint(ConfigOf(mode, which)) {}

Bytes Caller::Initial() {
    if (m_endpoint.ConnectionCount() >= kCallsInALife) {
        auto config = ConfigOf(m_mode, m_which);
        config.seed[0] = std::byte{++m_life};
        config.seed[1] = config.seed[0];
        m_endpoint = Endpoint(config);
    }
    m_now += milliseconds(1);
    std::optional<PeerKey> peer;
    if (m_mode == HandshakeMode::kKeyed) peer = IdentityOf(kServer).publicKey;
    if (!m_endpoint.Connect(m_now, kServerAddress, peer)) return {};
    Bytes initial;
    PollAll(m_endpoint, m_now, [&](const SocketAddress&, ByteSpan bytes) {
        initial.assign(bytes.begin(), bytes.end());
    });
    return initial;
}

double CpuSeconds() {
    std::timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace crsp::attacks
