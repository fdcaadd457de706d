// SPDX-License-Identifier: BSD-3-Clause
// A4: what an Initial costs.
#include "tests/attacks/flood-costs.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/connection/handshake-gate.h"
#include "tests/attacks/row.h"
#include "tests/attacks/spoofer.h"

namespace crsp::attacks {
namespace {

constexpr int kRepeats = 5;
constexpr std::uint32_t kCheap = 20'000;
constexpr std::uint32_t kCostly = 200;

struct Server {
    /// Nanoseconds for each of `count` datagrams that are `apart`, from other sources each.
    template <class Next>
    double Cost(std::uint32_t count, Duration apart, Next next) {
        double cpu = 0;
        for (std::uint32_t i = 0; i < count; ++i) {
            now += apart;
            Bytes& datagram = next();
            const auto from = SocketAddress::FromIpv4(0x0b000000 + i, 4000);
            const double begin = CpuSeconds();
            Give(endpoint, now, from, datagram);
            PollAll(endpoint, now, [](const SocketAddress&, ByteSpan) {});
            cpu += CpuSeconds() - begin;
        }
        return cpu * 1e9 / count - ClockNanoseconds();
    }
    /// What reading the clock adds to each.
    static double ClockNanoseconds() {
        const double begin = CpuSeconds();
        for (int i = 0; i < 1000; ++i) CpuSeconds();
        return (CpuSeconds() - begin) * 1e9 / 1000;
    }

    TimePoint now = TimePoint{} + seconds(1000);
    Endpoint endpoint{ConfigOf(HandshakeMode::kKeyed, kServer)};
};

void Lower(double& least, double value) {
    least = std::min(least, value);
}

void Measure(InitialCosts& costs) {
    Caller unlisted(HandshakeMode::kKeyed, kUnlisted);
    Caller listed(HandshakeMode::kKeyed, kListed);
    Bytes initial = unlisted.Initial();
    Bytes wrong = initial;
    wrong[100] ^= std::byte{1};
    const auto again = [](Bytes& bytes) { return [&bytes]() -> Bytes& { return bytes; }; };
    Server server;
    Lower(costs.wrongMac, server.Cost(kCheap, Duration{}, again(wrong)));
    // As slow as the gate lets through, then so many at once that it asks all for a cookie.
    const Duration slow = Duration(seconds(1)) / kUnprovenPerSecond;
    Lower(costs.unlisted, server.Cost(kCostly, slow, again(initial)));
    server.Cost(kUnprovenBurst + 1, Duration{}, again(initial));
    Lower(costs.retry, server.Cost(kCheap, Duration{}, again(initial)));
    server.now += seconds(10);
    Bytes fresh;
    Lower(costs.handshake,
          server.Cost(kCostly, slow, [&]() -> Bytes& { return fresh = listed.Initial(); }));
}

Row Told(const char* done, double nanoseconds) {
    return {"A4", done, fmt::format("{:.0f} ns", nanoseconds), "", true};
}

}  // namespace

InitialCosts MeasureInitials() {
    InitialCosts costs;
    for (int repeat = 0; repeat < kRepeats; ++repeat) Measure(costs);
    return costs;
}

Rows FloodCosts(const Scale&) {
    const InitialCosts costs = MeasureInitials();
    const double core = kFloodPerSecond * costs.retry / 1e9 +
                        kUnprovenPerSecond * (costs.unlisted - costs.retry) / 1e9;
    return {
        Told("an Initial with a wrong mac1", costs.wrongMac),
        Told("an Initial answered by Retry", costs.retry),
        Told("an Initial of a key that is not listed", costs.unlisted),
        Told("an Initial of a listed key, with its Response", costs.handshake),
        {"A4",
         fmt::format("{:.0f} Initials/s with a right mac1 and no cookie, {} of them looked into",
                     kFloodPerSecond, kUnprovenPerSecond),
         fmt::format("{:.0f} % of a core, system calls aside", core * 100), "below 100 %",
         core < 1}};
}

}  // namespace crsp::attacks
