// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/trace-digest.h"

#include <gtest/gtest.h>

#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/scenario-reader.h"

namespace crsp::lab {
namespace {

TEST(TraceDigest, DependsOnEveryRecordAndTheirOrder) {
    TraceDigest ab;
    ab.Add({1});
    ab.Add({2});
    TraceDigest ba;
    ba.Add({2});
    ba.Add({1});
    TraceDigest joined;
    joined.Add({1, 2});
    EXPECT_EQ(ab.Hex().size(), 32u);
    EXPECT_NE(ab.Hex(), ba.Hex());
    EXPECT_NE(ab.Hex(), joined.Hex());
    TraceDigest again;
    again.Add({1});
    again.Add({2});
    EXPECT_EQ(again.Hex(), ab.Hex());
}

RunRecord RunSmall(std::uint64_t seed, const std::vector<std::string>& overrides = {}) {
    std::vector<std::string> all{"content.0.size=60kB"};
    all.insert(all.end(), overrides.begin(), overrides.end());
    const auto scenario = ReadScenario(CRSP_SOURCE_DIR "/scenarios/quic-crosstraffic.toml", all);
    EXPECT_TRUE(scenario) << scenario.error().message;
    RunProgress progress;
    return RunInNs3(*scenario, {seed, "", false, false}, progress);
}

TEST(TraceDigest, OfARunDependsOnSeedAndScenarioAndOnNothingElse) {
    const RunRecord first = RunSmall(1);
    EXPECT_EQ(first.digest.size(), 32u);
    EXPECT_GT(first.packets, 60u);
    EXPECT_GT(first.length, milliseconds(10));
    EXPECT_FALSE(first.series.empty());
    EXPECT_EQ(RunSmall(1).digest, first.digest);
    EXPECT_NE(RunSmall(2).digest, first.digest);
    // One nanosecond is enough.
    EXPECT_NE(RunSmall(1, {"link.delay=14999999ns"}).digest,
              RunSmall(1, {"link.delay=15000000ns"}).digest);
}

}  // namespace
}  // namespace crsp::lab
