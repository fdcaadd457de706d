// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm.h"

#include <array>

namespace crsp::sim {
namespace {

ImpairmentConfig RandomLink(Random& random) {
    ImpairmentConfig link;
    link.delay = milliseconds(1 + static_cast<int>(random.Below(150)));
    if (random.Chance(0.5)) {
        link.loss.process = BernoulliLoss{.probability = random.Uniform() * 0.2};
    } else {
        const double loss = random.Uniform() * 0.1;
        link.loss.process = *GilbertFromMean(loss, 1 + random.Uniform() * 5);
    }
    if (random.Chance(0.5)) {
        link.jitter = {.kind = JitterConfig::Kind::kUniform,
                       .spread = Duration(static_cast<std::int64_t>(
                           random.Below(static_cast<std::uint64_t>(link.delay.count())))),
                       .mayReorder = random.Chance(0.5)};
    }
    if (random.Chance(0.3)) link.reorder = {random.Uniform() * 0.2, milliseconds(50)};
    if (random.Chance(0.3)) link.duplicate = {random.Uniform() * 0.3, 1};
    if (random.Chance(0.3)) link.corrupt = {.probability = random.Uniform() * 0.1};
    if (random.Chance(0.3)) link.truncate = {.probability = random.Uniform() * 0.05};
    if (random.Chance(0.5)) {
        link.rate.bitsPerSecond = 500'000 + random.Below(20'000'000);
        link.rate.queueBytes = 10'000 + random.Below(200'000);
    }
    if (random.Chance(0.1)) link.blackout.intervals = {{seconds(1), seconds(4)}};
    return link;
}

Script RandomScript(Random& random) {
    Script script = {{.at = {}, .verb = Verb::kPlay, .argument = "film"}};
    const auto steps = random.Below(4);
    Duration at{};
    for (std::uint64_t i = 0; i < steps; ++i) {
        static constexpr std::array kVerbs = {Verb::kPause, Verb::kRestart, Verb::kStatus};
        at += milliseconds(static_cast<int>(random.Below(1500)));
        const Verb verb = kVerbs[random.Below(kVerbs.size())];
        script.push_back({.at = at, .verb = verb, .argument = {}});
        if (verb != Verb::kPause) continue;
        at += milliseconds(static_cast<int>(random.Below(1500)));
        script.push_back({.at = at, .verb = Verb::kResume, .argument = {}});
    }
    return script;
}

void RandomCongestion(Random& random, TransportConfig& transport) {
    const auto algorithms = CongestionAlgorithmNames().size();
    transport.congestion = static_cast<CongestionAlgorithm>(random.Below(algorithms));
    if (transport.congestion != CongestionAlgorithm::kFixedRate) return;
    transport.fixedRate = 500'000 + random.Below(5'000'000);
}

}  // namespace

SessionConfig RandomSession(std::uint64_t seed) {
    Random random = Random::Stream(seed, "swarm");
    SessionConfig config;
    config.seed = seed;
    config.link = RandomLink(random);
    config.script = RandomScript(random);
    if (random.Chance(0.3)) config.transport.FixStreamWindow(1024 + random.Below(65536));
    RandomCongestion(random, config.transport);
    return config;
}

}  // namespace crsp::sim
