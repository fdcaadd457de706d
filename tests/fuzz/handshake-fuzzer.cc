// SPDX-License-Identifier: BSD-3-Clause
// Handshakes of every mode between two endpoints, with everything on the wire in the fuzzer's
// hands: who is connected in the end has heard its peer's own words.
#include <array>

#include "model/wire/packet-header.h"
#include "model/wire/transport-parameters.h"
#include "tests/fuzz/crafted-handshake.h"
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

bool Takes(HandshakeMode responding, HandshakeMode initiating) {
    return responding == initiating ||
           (responding == HandshakeMode::kPairing && initiating == HandshakeMode::kKeyed);
}

class Attempt {
  public:
    explicit Attempt(FuzzedData& data) : Attempt(data, data.U8()) {}

    void Step(FuzzedData& data) {
        const auto choice = data.Below(32);
        if (choice == 31) {
            m_wire.responder.endpoint.SetPeers(m_wire.now, {});
            m_wire.Settle();
        } else if (choice == 30) {
            SayInitial(CraftInitial(KeysOf(1), data.Chunk()));
        } else if (choice == 29) {
            SayResponse(data.Chunk());
        } else if (choice == 28) {
            ChangeInitial(data);
        } else if (choice == 27) {
            m_wire.Shadow(data);
        } else {
            m_wire.Attack(data);
        }
        Check();
    }
    void Finish() {
        m_wire.RunHonestly(seconds(3));
        Check();
        m_wire.Outlive();
    }

  private:
    Attempt(FuzzedData& data, std::uint8_t choice)
        : m_initiating(PartyOf(choice)),
          // Both alike most of the time: else there is little to see.
          m_responding((choice & 0xe0) == 0 ? PartyOf(data.U8()) : m_initiating),
          m_wire(ConfigOf(1, m_initiating), WithPeer(ConfigOf(2, m_responding))) {
        std::optional<PeerKey> goal = IdentityOf(2).publicKey;
        if (m_initiating.mode == HandshakeMode::kPairing) goal.reset();
        CRSP_ASSERT(m_wire.initiator.endpoint.Connect(m_wire.now, m_wire.responder.address, goal));
        m_wire.Settle();
        m_initial = m_wire.initiator.sent.at(0);
    }

    static EndpointConfig WithPeer(EndpointConfig config) {
        config.peers = {IdentityOf(1).publicKey};
        return config;
    }
    /// What the peer of the other side holds, for words that verify and were never meant.
    HandshakeKeys KeysOf(std::uint8_t which) const {
        const Party& party = which == 1 ? m_responding : m_initiating;
        HandshakeKeys keys{.mode = party.mode, .psk = std::nullopt, .own = IdentityOf(which)};
        const auto config = ConfigOf(static_cast<std::uint8_t>(3 - which), party);
        if (config.psk) keys.psk.emplace(*config.psk);
        keys.peer = IdentityOf(2).publicKey;
        return keys;
    }
    /// To the responder, with the cookie that it asks for.
    void SayInitial(Bytes initial) {
        m_crafted = true;
        m_wire.Deliver(m_wire.responder, initial, kElsewhere);
        if (m_wire.responder.waiting.empty()) return;
        const auto header = DecodePacketHeader(m_wire.responder.waiting.back());
        const auto* retry = header ? std::get_if<RetryHeader>(&*header) : nullptr;
        if (!retry) return;
        SealInitial(KeysOf(1), retry->cookie, initial);
        m_wire.Deliver(m_wire.responder, std::move(initial), kElsewhere);
    }
    void SayResponse(ConstByteSpan payload) {
        m_crafted = true;
        auto response = CraftResponse(KeysOf(2), m_initial, payload);
        if (!response) return;
        m_wire.Deliver(m_wire.initiator, std::move(*response), m_wire.responder.address);
    }
    /// What whoever knows the responder can do to the Initial of another.
    void ChangeInitial(FuzzedData& data) {
        Bytes initial = m_initial;
        Mutate(data, initial);
        SealInitial(KeysOf(1), std::nullopt, initial);
        SayInitial(std::move(initial));
    }
    /// No handshake is complete at an end that has not heard its peer, or of which the peer has
    /// heard nothing; and what they then say of each other is true.
    void Check() const {
        for (const WireEnd* end : {&m_wire.initiator, &m_wire.responder}) {
            if (!end->connected) continue;
            const bool isInitiator = end == &m_wire.initiator;
            const auto other = IdentityOf(isInitiator ? 2 : 1).publicKey;
            CRSP_ASSERT(!end->connected->peer || *end->connected->peer == other);
            if (m_crafted) continue;
            CRSP_ASSERT(m_wire.initiator.genuineReceived > 0);
            CRSP_ASSERT(m_wire.responder.genuineReceived > 0);
            CRSP_ASSERT(Takes(m_responding.mode, m_initiating.mode));
            CRSP_ASSERT(end->connected->mode == m_initiating.mode);
        }
        if (m_crafted || !m_wire.initiator.connected || !m_wire.responder.connected) return;
        CRSP_ASSERT(m_wire.initiator.connected->pairingCode ==
                    m_wire.responder.connected->pairingCode);
    }

    static const SocketAddress kElsewhere;

    Party m_initiating;
    Party m_responding;
    HostileWire m_wire;
    Bytes m_initial;
    bool m_crafted = false;  ///< keys were used otherwise than by an endpoint
};

const SocketAddress Attempt::kElsewhere = SocketAddress::FromIpv4(0x0a0000ff, 999);

Bytes Encoded(const TransportParameters& parameters) {
    Bytes encoded(kMaxTransportParametersLength);
    ByteWriter out(encoded);
    EncodeTransportParameters(out, parameters);
    CRSP_ASSERT(out.Ok());
    encoded.resize(out.Position());
    return encoded;
}

/// What parameters say is the same after another round (A12).
void CheckParameters(ConstByteSpan bytes) {
    const auto parameters = DecodeTransportParameters(bytes);
    if (!parameters) return;
    const auto encoded = Encoded(*parameters);
    const auto again = DecodeTransportParameters(encoded);
    CRSP_ASSERT(again && Encoded(*again) == encoded);
}

void Run(FuzzedData data) {
    Attempt attempt(data);
    for (int i = 0; i < kMaxSteps && !data.Empty(); ++i) attempt.Step(data);
    attempt.Finish();
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crsp::fuzz;
    CheckParameters(FuzzedData(data, size).Rest());
    Run(FuzzedData(data, size));
    return 0;
}
