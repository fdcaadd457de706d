// SPDX-License-Identifier: BSD-3-Clause
// A2 and B15: guesses at cookies and at tokens of Resets.
#include <fmt/format.h>

#include <algorithm>

#include "model/connection/handshake-gate.h"
#include "model/connection/initial-macs.h"
#include "tests/attacks/row.h"
#include "tests/attacks/spoofer.h"

namespace crsp::attacks {
namespace {

const TimePoint kStart = TimePoint{} + seconds(1000);

void Guess(Random& random, ByteSpan out) {
    ByteWriter writer(out);
    while (writer.Remaining() >= 8) writer.U64(random.Next());
}

/// Nanoseconds to find that a cookie is forged, mac1 and Retry aside.
double CheckNanoseconds(const Bytes& initial) {
    constexpr int kChecks = 20'000;
    SecureRandom random(Seed{std::byte{1}});
    HandshakeGate gate(random);
    const InitialHeader header{.mode = 2, .source = 1};
    double best = 1e9;
    for (int repeat = 0; repeat < 5; ++repeat) {
        const double begin = CpuSeconds();
        for (int i = 0; i < kChecks; ++i) {
            gate.Judge(kStart, kClientAddress, header, initial, true);
        }
        best = std::min(best, (CpuSeconds() - begin) * 1e9 / kChecks);
    }
    return best;
}

/// A client, the server it is connected to, and the id under which it sends.
struct Connected {
    Connected()
        : server(ConfigOf(HandshakeMode::kKeyed, kServer)),
          client(ConfigOf(HandshakeMode::kKeyed, kListed)) {
        (void)client.Connect(now, kServerAddress, IdentityOf(kServer).publicKey);
        for (int turn = 0; turn < 4; ++turn) {
            PollAll(client, now, [&](const SocketAddress&, ByteSpan bytes) {
                const auto header = DecodePacketHeader(bytes);
                if (const auto* data = std::get_if<DataHeader>(&*header)) id = data->destination;
                Give(server, now, kClientAddress, bytes);
            });
            PollAll(server, now, [&](const SocketAddress&, ByteSpan bytes) {
                Give(client, now, kServerAddress, bytes);
            });
        }
        while (client.PollEvent()) {
        }
    }

    TimePoint now = kStart;
    ConnectionId id = 0;
    Endpoint server;
    Endpoint client;
};

}  // namespace

Rows ForgedCookies(const Scale& scale) {
    Endpoint server(ConfigOf(HandshakeMode::kNoAuth, kServer));
    Bytes initial = Caller(HandshakeMode::kNoAuth, kListed).Initial();
    Random random(5);
    for (std::uint64_t i = 0; i < scale.cookies; ++i) {
        Guess(random, ByteSpan(initial).last(kMacLength));
        Give(server, kStart, kClientAddress, initial);
        PollAll(server, kStart, [](const SocketAddress&, ByteSpan) {});
    }
    const auto& stats = server.Stats();
    const bool all = stats.retriesSent == scale.cookies;
    const double cost = CheckNanoseconds(initial);
    return {
        {"A2", fmt::format("no-auth: {} guesses at a cookie", scale.cookies),
         fmt::format("{} accepted", stats.handshakesStarted), "0",
         stats.handshakesStarted == 0 && all},
        {"A2", "to find a cookie forged", fmt::format("{:.0f} ns", cost), "1000 ns", cost <= 1000}};
}

Rows RandomTokens(const Scale& scale) {
    Connected pair;
    Random random(6);
    const auto before = pair.client.Stats().droppedAuthentication;
    for (std::uint64_t i = 0; i < scale.tokens; ++i) {
        ResetHeader header{pair.id, {}};
        Guess(random, header.token);
        Bytes reset(kResetLength);
        EncodePacketHeader(reset, header);
        Give(pair.client, pair.now, kServerAddress, reset);
    }
    const auto refused = pair.client.Stats().droppedAuthentication - before;
    const bool quiet = !pair.client.PollEvent() && pair.client.ConnectionCount() == 1;
    return {{"B15", fmt::format("{} Resets with random tokens to a live connection", scale.tokens),
             fmt::format("{} acted on", scale.tokens - refused), "0",
             refused == scale.tokens && quiet}};
}

}  // namespace crsp::attacks
