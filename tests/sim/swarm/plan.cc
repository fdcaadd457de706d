// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace crsp::sim {
namespace {

/// The share of seeds' faults: few or many, as either finds what the other hides.
constexpr std::array kDensities = {0.0, 0.08, 0.2, 0.4, 0.7};
constexpr std::array<std::size_t, 4> kMtus = {1200, 1280, 1372, 1452};
constexpr std::array<std::uint64_t, 6> kSizes = {300, 5'000, 20'000, 60'000, 60'000, 250'000};

FaultSet DrawFaults(Random random) {
    FaultSet faults;
    const double density = kDensities[random.Below(kDensities.size())];
    for (std::size_t i = 0; i < kFaults; ++i) {
        if (random.Chance(density)) faults.Add(static_cast<Fault>(i));
    }
    return faults;
}

/// From 1 to `most`, mostly few: a run of many nodes costs as much as many runs.
std::uint64_t DrawCount(Random& random, std::uint64_t most) {
    return random.Chance(0.75) ? 1 + random.Below(std::min<std::uint64_t>(most, 2))
                               : 1 + random.Below(most);
}

/// What holds before and after healing.
ImpairmentConfig DrawPath(const SwarmPlan& plan, Random random) {
    ImpairmentConfig link;
    const bool isLong = plan.Has(Fault::kDelay);
    link.delay = isLong ? Between(random, milliseconds(100), milliseconds(1500))
                        : Between(random, microseconds(200), milliseconds(60));
    if (plan.Has(Fault::kSlowLink)) {
        link.rate.bitsPerSecond = 300'000 + random.Below(5'000'000);
        link.rate.queueBytes = 6'000 + random.Below(60'000);
    }
    return link;
}

void AddLoss(const SwarmPlan& plan, ImpairmentConfig& link, Random random) {
    const double much = random.Chance(0.2) ? 0.5 : 0.15;
    const double alone = plan.Has(Fault::kDrop) ? random.Uniform() * much : 0;
    if (plan.Has(Fault::kBurst)) {
        const double mean = random.Uniform() * much / 2;
        const double length = 1 + random.Uniform() * 8;
        auto bursts = *GilbertFromMean(mean, length);
        bursts.lossInGood = alone;
        link.loss.process = bursts;
    } else if (alone > 0) {
        link.loss.process = BernoulliLoss{.probability = alone};
    }
}

void AddDisorder(const SwarmPlan& plan, ImpairmentConfig& link, Random random) {
    if (plan.Has(Fault::kJitter)) {
        link.jitter = {.kind = JitterConfig::Kind::kUniform,
                       .spread = Between(random, Duration{}, link.delay),
                       .mayReorder = random.Chance(0.5)};
    }
    const Duration extra = Between(random, milliseconds(1), milliseconds(300));
    if (plan.Has(Fault::kReorder)) link.reorder = {random.Uniform() * 0.5, extra};
    const auto copies = static_cast<std::uint32_t>(1 + random.Below(kMaxCopies));
    if (plan.Has(Fault::kDuplicate)) link.duplicate = {random.Uniform() * 0.5, copies};
    const auto bits = static_cast<std::uint32_t>(1 + random.Below(kMaxFlippedBits));
    if (plan.Has(Fault::kBitFlip)) link.corrupt = {random.Uniform() * 0.2, bits};
    if (plan.Has(Fault::kTruncate)) link.truncate = {.probability = random.Uniform() * 0.15};
}

void AddBlackouts(const SwarmPlan& plan, ImpairmentConfig& link, Random random) {
    const Duration at = Between(random, Duration{}, plan.safety);
    const Duration length = Between(random, milliseconds(100), seconds(20));
    if (plan.Has(Fault::kBlackhole)) link.blackout.intervals = {{at, at + length}};
    if (!plan.Has(Fault::kOutages)) return;
    link.blackout.on = Between(random, milliseconds(100), seconds(3));
    link.blackout.off = Between(random, milliseconds(100), seconds(2));
}

void DrawCongestion(const SwarmPlan& plan, Random& random, TransportConfig& transport) {
    transport.congestion =
        static_cast<CongestionAlgorithm>(random.Below(CongestionAlgorithmNames().size()));
    if (transport.congestion != CongestionAlgorithm::kFixedRate) return;
    // Faster than its link it would lose the excess for ever, as it was asked to.
    const std::uint64_t rate = plan.healed.rate.bitsPerSecond.value_or(8'000'000);
    transport.fixedRate = rate / 4 + random.Below(rate / 4);
}

void DrawTinyLimits(const SwarmPlan& plan, Random& random, TransportConfig& transport) {
    // A round trip a window: the size of both decides how long a run takes.
    const std::uint64_t window = std::max<std::uint64_t>(1, plan.maxSize / 100) +
                                 random.Below(random.Chance(0.3) ? 64 : 4096);
    if (plan.Has(Fault::kTinyWindow)) {
        transport.FixStreamWindow(window);
        transport.connectionReceiveWindow = window * (1 + random.Below(3));
        transport.maxConnectionReceiveWindow = transport.connectionReceiveWindow;
    }
    const std::size_t buffer = 1500 + random.Below(8000);
    if (plan.Has(Fault::kTinySendBuffer)) {
        transport.streamSendBuffer = transport.maxStreamSendBuffer = buffer;
    }
    const std::uint64_t streams = 1 + random.Below(3);
    if (plan.Has(Fault::kFewStreams)) transport.maxPeerStreams = streams;
    const Duration idle = Between(random, seconds(2), seconds(6));
    if (plan.Has(Fault::kShortIdle)) transport.idleTimeout = idle;
}

}  // namespace

Duration Between(Random& random, Duration low, Duration high) {
    const auto span = static_cast<std::uint64_t>((high - low).count());
    return low + Duration(static_cast<std::int64_t>(random.Below(span + 1)));
}

SwarmPlan DrawPlan(std::uint64_t seed) {
    SwarmPlan plan;
    plan.seed = seed;
    Random random = plan.Stream("plan");
    plan.workload = random.Chance(0.5) ? WorkloadKind::kStreams : WorkloadKind::kMedia;
    plan.servers = DrawCount(random, 3);
    plan.renderers = DrawCount(random, 8);
    plan.controllers = DrawCount(random, 4);
    plan.safety = Between(random, milliseconds(200), seconds(12));
    plan.mtu = kMtus[random.Below(kMtus.size())];
    plan.maxSize = kSizes[random.Below(kSizes.size())];
    plan.trust = static_cast<Trust>(random.Below(3));
    plan.faults = DrawFaults(plan.Stream("faults"));
    plan.healed = DrawPath(plan, plan.Stream("path"));
    plan.broken = plan.healed;
    AddLoss(plan, plan.broken, plan.Stream("loss"));
    AddDisorder(plan, plan.broken, plan.Stream("disorder"));
    AddBlackouts(plan, plan.broken, plan.Stream("blackouts"));
    return plan;
}

TransportConfig DrawTransport(const SwarmPlan& plan, std::uint64_t node) {
    Random random = plan.Stream(fmt::format("transport {}", node));
    TransportConfig transport;
    DrawCongestion(plan, random, transport);
    DrawTinyLimits(plan, random, transport);
    constexpr std::array<std::size_t, 4> kDatagramSizes = {1200, 1200, 1452, 9000 - 48};
    transport.maxDatagramSize = kDatagramSizes[random.Below(kDatagramSizes.size())];
    transport.maxDatagramFrameSize = random.Chance(0.8) ? 1100 : 0;
    transport.maxAckDelay = milliseconds(static_cast<int>(random.Below(40)));
    if (random.Chance(0.3)) transport.keepAlive = milliseconds(300);
    if (random.Chance(0.5)) transport.keyUpdatePackets = 1 + random.Below(300);
    return transport;
}

}  // namespace crsp::sim
