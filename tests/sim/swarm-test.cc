// SPDX-License-Identifier: BSD-3-Clause
// Many seeds, each a network, a workload and impairments of its own. Whatever the network does,
// every rendered byte is right, and every session ends: complete, or with a numbered error.
//
// Replay one seed: CRSP_SEED=N crsp-sim-tests --gtest_filter='*Swarm*'
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/sim/session.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kSeeds = 1000;
constexpr std::uint64_t kShards = 8;

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

SessionConfig RandomSession(std::uint64_t seed) {
    Random random = Random::Stream(seed, "swarm");
    SessionConfig config;
    config.seed = seed;
    config.link = RandomLink(random);
    config.script = RandomScript(random);
    if (random.Chance(0.3)) config.transport.streamReceiveWindow = 2048 + random.Below(65536);
    return config;
}

std::string Replay(std::uint64_t seed) {
    return fmt::format("replay: CRSP_SEED={} crsp-sim-tests --gtest_filter='*Swarm*'", seed);
}

/// Runs one seed and checks what must hold whatever happened. Returns the digest of its log.
std::string RunSeed(std::uint64_t seed) {
    Session session(RandomSession(seed));
    const bool finished = session.Run(seconds(900));
    EXPECT_TRUE(finished) << "the session neither completed nor failed; " << Replay(seed);
    EXPECT_EQ(session.Rendered().Wrong(), 0u) << Replay(seed);
    bool failed = false;
    for (const auto& result : session.Controller().Results()) failed |= !result.Ok();
    for (const auto& notice : session.Controller().Notifications()) {
        failed |= notice.kind == Notification::Kind::kEnded && notice.reason == EndReason::kFailed;
    }
    EXPECT_TRUE(session.Rendered().Complete() || failed)
        << "incomplete without a numbered error; " << Replay(seed);
    return session.Net().LogDigest();
}

class Swarm : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Swarm, EveryByteIsRightOrANumberedErrorEndsTheSession) {
    if (const char* one = std::getenv("CRSP_SEED")) {
        if (GetParam() == 0) RunSeed(std::strtoull(one, nullptr, 10));
        return;
    }
    for (std::uint64_t seed = GetParam() + 1; seed <= kSeeds; seed += kShards) {
        RunSeed(seed);
        if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Shards, Swarm, testing::Range<std::uint64_t>(0, kShards));

TEST(Determinism, SameSeedSameLogInOneProcess) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        EXPECT_EQ(RunSeed(seed), RunSeed(seed)) << Replay(seed);
    }
}

TEST(Determinism, DifferentSeedsDiffer) {
    EXPECT_NE(RunSeed(1), RunSeed(2));
}

/// For comparing processes and compilers: prints one line per seed.
TEST(Determinism, PrintDigests) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::printf("digest %llu %s\n", static_cast<unsigned long long>(seed),
                    RunSeed(seed).c_str());
    }
}

}  // namespace
}  // namespace crsp::sim
