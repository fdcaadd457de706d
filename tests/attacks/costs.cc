// SPDX-License-Identifier: BSD-3-Clause
// CPU of handshakes and of the AEADs.
#include <fmt/format.h>

#include <algorithm>

#include "model/crypto/aead.h"
#include "tests/attacks/row.h"
#include "tests/attacks/spoofer.h"

namespace crsp::attacks {
namespace {

constexpr int kRepeats = 5;
constexpr int kHandshakes = 200;
constexpr int kPackets = 20'000;
constexpr std::size_t kPacketLength = 1200;
constexpr std::size_t kHeaderLength = 17;

/// Charges the CPU of one call to `account`.
template <class Call>
void Charged(double& account, Call call) {
    const double begin = CpuSeconds();
    call();
    account += CpuSeconds() - begin;
}

struct Shaken {
    double initiator = 0;
    double responder = 0;
    int connected = 0;
};

/// Handshakes one after another, each from another address as the gate counts by it.
struct Shaker {
    explicit Shaker(HandshakeMode of)
        : mode(of), server(ConfigOf(of, kServer)), client(ConfigOf(of, kListed)) {}

    void Shake(std::uint32_t which, Shaken& shaken) {
        const auto from = SocketAddress::FromIpv4(0x0a010000 + which, 4000);
        std::optional<PeerKey> peer;
        if (mode == HandshakeMode::kKeyed) peer = IdentityOf(kServer).publicKey;
        now += milliseconds(10);
        Charged(shaken.initiator, [&] { (void)client.Connect(now, kServerAddress, peer); });
        for (int turn = 0; turn < 4; ++turn) {
            Carry(client, server, from, shaken.initiator, shaken.responder);
            Carry(server, client, kServerAddress, shaken.responder, shaken.initiator);
        }
        while (client.PollEvent()) {
        }
        while (const auto event = server.PollEvent()) {
            shaken.connected += std::holds_alternative<ConnectedEvent>(*event);
        }
    }
    void Carry(Endpoint& from, Endpoint& to, const SocketAddress& source, double& sending,
               double& receiving) {
        std::vector<Bytes> all;
        Charged(sending, [&] {
            PollAll(from, now, [&](const SocketAddress&, ByteSpan bytes) {
                all.emplace_back(bytes.begin(), bytes.end());
            });
        });
        for (auto& bytes : all) Charged(receiving, [&] { Give(to, now, source, bytes); });
    }

    HandshakeMode mode;
    TimePoint now = TimePoint{} + seconds(1000);
    Endpoint server;
    Endpoint client;
};

Row HandshakeRow(HandshakeMode mode) {
    double initiator = 1e9;
    double responder = 1e9;
    bool kept = true;
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        Shaker shaker(mode);
        Shaken shaken;
        for (std::uint32_t i = 0; i < kHandshakes; ++i) shaker.Shake(i, shaken);
        kept = kept && shaken.connected == kHandshakes;
        initiator = std::min(initiator, shaken.initiator * 1e6 / kHandshakes);
        responder = std::min(responder, shaken.responder * 1e6 / kHandshakes);
    }
    return {
        "cost", fmt::format("handshake, {}", NameOf(mode)),
        fmt::format("{:.0f} us at the initiator, {:.0f} us at the responder", initiator, responder),
        "connects", kept};
}

struct AeadTimes {
    double seal = 1e9;
    double open = 1e9;
    double refuse = 1e9;
};

template <class Call>
double Each(Call call) {
    const double begin = CpuSeconds();
    for (std::uint64_t i = 0; i < kPackets; ++i) call(i);
    return (CpuSeconds() - begin) * 1e9 / kPackets;
}

AeadTimes MeasureAead(CipherSuite suite, AeadLibrary library, bool& right) {
    const auto aead = MakeAead(suite, SecretKey(), library);
    Bytes packet(kPacketLength);
    const auto header = ConstByteSpan(packet).first(kHeaderLength);
    const auto payload = ByteSpan(packet).subspan(kHeaderLength);
    AeadTimes times;
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        const double seal = Each([&](std::uint64_t i) { aead->Seal(i, header, payload); });
        const double both = Each([&](std::uint64_t i) {
            aead->Seal(i, header, payload);
            right = aead->Open(i, header, payload) && right;
        });
        const double refuse =
            Each([&](std::uint64_t i) { right = !aead->Open(i, header, payload) && right; });
        times.seal = std::min(times.seal, seal);
        times.open = std::min(times.open, both - seal);
        times.refuse = std::min(times.refuse, refuse);
    }
    return times;
}

Row AeadRow(const char* name, CipherSuite suite, AeadLibrary library) {
    if (!IsUsable(library, suite)) {
        return {"cost", name, "not on this machine", "", true};
    }
    bool right = true;
    const AeadTimes times = MeasureAead(suite, library, right);
    return {"cost", fmt::format("{}, a packet of {} bytes", name, kPacketLength),
            fmt::format("{:.0f} ns to seal, {:.0f} ns to open, {:.0f} ns to refuse a forgery",
                        times.seal, times.open, times.refuse),
            "opens what is right only", right};
}

}  // namespace

Rows Costs(const Scale&) {
    Rows rows;
    for (const HandshakeMode mode : kModes) rows.push_back(HandshakeRow(mode));
    rows.push_back(
        AeadRow("AES-256-GCM, libsodium", CipherSuite::kAes256GcmSha256, AeadLibrary::kSodium));
    rows.push_back(
        AeadRow("AES-256-GCM, ipsec-mb", CipherSuite::kAes256GcmSha256, AeadLibrary::kIpsecMb));
    rows.push_back(AeadRow("ChaCha20-Poly1305, libsodium", CipherSuite::kChaCha20Poly1305Sha256,
                           AeadLibrary::kSodium));
    return rows;
}

}  // namespace crsp::attacks
