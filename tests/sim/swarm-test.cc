// SPDX-License-Identifier: BSD-3-Clause
// Many seeds, each a network, a workload and impairments of its own. Whatever the network does,
// every rendered byte is right, and every session ends: complete, or with a numbered error.
//
// Replay one seed: CRSP_SEED=N crsp-sim-tests --gtest_filter='*Swarm*'
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/sim/swarm.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kSeeds = 1000;
constexpr std::uint64_t kShards = 8;

std::string Replay(std::uint64_t seed) {
    return fmt::format("replay: CRSP_SEED={} crsp-sim-tests --gtest_filter='*Swarm*'", seed);
}

/// Runs one seed and checks what must hold whatever happened. Returns the digest of its log.
std::string RunSeed(std::uint64_t seed) {
    Session session(RandomSession(seed));
    const bool finished = session.Run(kSwarmLimit);
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

}  // namespace
}  // namespace crsp::sim
