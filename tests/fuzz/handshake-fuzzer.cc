// SPDX-License-Identifier: BSD-3-Clause
// Handshakes of every mode between two endpoints, with everything on the wire in the fuzzer's
// hands: who is connected in the end has heard its peer's own words.
#include <array>

#include "tests/fuzz/hostile-wire.h"

namespace crsp::fuzz {
namespace {

constexpr int kMaxSteps = 48;

X25519KeyPair IdentityOf(std::uint8_t which) {
    std::array<std::byte, kKeyLength> secret;
    secret.fill(std::byte{which});
    return X25519PairOf(SecretKey(secret));
}

struct Party {
    HandshakeMode mode;
    bool secret;  ///< with the secret that both share, where the mode leaves a choice
    bool rightSecret;
    bool otherSuite;
};

Party PartyOf(std::uint8_t choice) {
    constexpr std::array kModes = {HandshakeMode::kPreSharedKey, HandshakeMode::kNoAuth,
                                   HandshakeMode::kKeyed, HandshakeMode::kPairing};
    return {kModes[choice & 3], (choice & 4) != 0, (choice & 8) == 0, (choice & 16) != 0};
}

EndpointConfig ConfigOf(std::uint8_t which, const Party& party) {
    EndpointConfig config;
    config.seed.fill(std::byte{which});
    config.unixTimeAtZero = seconds(1'700'000'000);
    config.suite = party.otherSuite ? DefaultSuite() : CipherSuite::kChaCha20Poly1305Sha256;
    const bool keyed = party.mode == HandshakeMode::kKeyed || party.mode == HandshakeMode::kPairing;
    if (keyed) config.identity = IdentityOf(which);
    config.pairing = party.mode == HandshakeMode::kPairing;
    if (party.mode == HandshakeMode::kPreSharedKey || (keyed && party.secret)) {
        config.psk.emplace().fill(std::byte{party.rightSecret ? std::uint8_t{7} : which});
    }
    return config;
}

/// No handshake is complete at an end that has not heard its peer, or of which the peer has heard
/// nothing; and what they then say of each other is true.
void Check(const HostileWire& wire, const Party& initiating, const Party& responding) {
    for (const WireEnd* end : {&wire.initiator, &wire.responder}) {
        if (!end->connected) continue;
        CRSP_ASSERT(wire.initiator.genuineReceived > 0 && wire.responder.genuineReceived > 0);
        CRSP_ASSERT(initiating.mode == responding.mode);
        CRSP_ASSERT(end->connected->mode == initiating.mode);
        const bool keyed = end->connected->peer.has_value();
        const auto other = IdentityOf(end == &wire.initiator ? 2 : 1).publicKey;
        CRSP_ASSERT(!keyed || *end->connected->peer == other);
    }
    if (!wire.initiator.connected || !wire.responder.connected) return;
    CRSP_ASSERT(wire.initiator.connected->pairingCode == wire.responder.connected->pairingCode);
}

void Run(FuzzedData data) {
    const auto choice = data.U8();
    const Party initiating = PartyOf(choice);
    // Both alike most of the time: else there is little to see.
    const Party responding = (choice & 0xe0) == 0 ? PartyOf(data.U8()) : initiating;
    auto initiatorConfig = ConfigOf(1, initiating);
    auto responderConfig = ConfigOf(2, responding);
    responderConfig.peers = {IdentityOf(1).publicKey};
    HostileWire wire(std::move(initiatorConfig), std::move(responderConfig));
    const auto connection =
        wire.initiator.endpoint.Connect(wire.now, wire.responder.address, IdentityOf(2).publicKey);
    CRSP_ASSERT(connection);
    wire.Settle();
    for (int i = 0; i < kMaxSteps && !data.Empty(); ++i) {
        if (data.Below(32) == 31) {
            wire.responder.endpoint.SetPeers(wire.now, {});
            wire.Settle();
        } else {
            wire.Attack(data);
        }
        Check(wire, initiating, responding);
    }
    wire.RunHonestly(seconds(3));
    Check(wire, initiating, responding);
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    crsp::fuzz::Run(crsp::fuzz::FuzzedData(data, size));
    return 0;
}
