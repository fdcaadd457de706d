// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "apps/version/version.h"

namespace crsp::lab {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

Outcome Of(std::uint64_t seed, double time, std::vector<double> latencies = {}) {
    Outcome outcome;
    outcome.seed = seed;
    outcome.ok = true;
    outcome.metrics = {{"completion-time", time}, {"hash-equal", 1}};
    if (!latencies.empty()) {
        outcome.metrics["command-latency-p50"] = Quantile(latencies, 0.5);
        outcome.metrics["command-latency-p99"] = Quantile(latencies, 0.99);
    }
    outcome.latencies = std::move(latencies);
    return outcome;
}

TEST(SpreadOf, IsMedianAndRange) {
    const auto spread = SpreadOf({Of(1, 3), Of(2, 1), Of(3, 8)}, "completion-time");
    ASSERT_TRUE(spread);
    EXPECT_EQ(spread->median, 3);
    EXPECT_EQ(spread->min, 1);
    EXPECT_EQ(spread->max, 8);
    EXPECT_FALSE(SpreadOf({Of(1, 3)}, "goodput"));
}

TEST(SpreadOf, LatenciesAreOneSampleOverAllSeeds) {
    const auto spread = SpreadOf({Of(1, 1, {10, 10, 10}), Of(2, 1, {20})}, "command-latency-p50");
    ASSERT_TRUE(spread);
    EXPECT_EQ(spread->median, 10);
    EXPECT_EQ(spread->max, 10) << "a range of single runs would not belong to this quantile";
}

TEST(CampaignTable, HasOneColumnForEachOfFewSeeds) {
    const std::string table = CampaignTable({Of(7, 1.5), Of(8, 2.5)});
    EXPECT_THAT(table, ContainsRegex("metric +unit +median .min to max. +seed 7 +seed 8\n"));
    EXPECT_THAT(table, ContainsRegex("completion time +s +2.000 .1.500 to 2.500. +1.500 +2.500\n"));
    EXPECT_THAT(table, ContainsRegex("goodput +Mbit/s +- +- +-\n"));
}

TEST(ComparisonTable, SetsMediansSideBySide) {
    const std::string table = ComparisonTable({Of(1, 2.0)}, {Of(1, 2.5)});
    EXPECT_THAT(table, ContainsRegex("completion time +s +2.000 +2.500 +.25.0 %\n"));
    EXPECT_THAT(table, ContainsRegex("SHA-256 equal +- +yes +yes +none\n"));
}

TEST(ComparisonTable, DifferentHashStandsOut) {
    Outcome bad = Of(1, 2.0);
    bad.metrics["hash-equal"] = 0;
    EXPECT_THAT(ComparisonTable({Of(1, 2.0)}, {bad}),
                ContainsRegex("SHA-256 equal +- +yes +NO +DIFFERENT\n"));
}

TEST(CampaignJson, HasSchemaAndProvenance) {
    Scenario scenario;
    scenario.name = "test";
    Outcome failed = Of(2, 2.5);
    failed.ok = false;
    failed.problem = "not \"good\"";
    const auto json = nlohmann::json::parse(
        CampaignJson(scenario, World::kNs3, CampaignOptions(), {Of(1, 1.5), failed}));
    EXPECT_EQ(json["schema"], "crsp.scenario/1");
    EXPECT_EQ(json["world"], "ns3");
    EXPECT_EQ(json["engine-hash"], EngineHash());
    EXPECT_EQ(json["ok"], false);
    ASSERT_EQ(json["runs"].size(), 2u);
    EXPECT_EQ(json["runs"][0]["metrics"]["completion-time"], 1.5);
    EXPECT_EQ(json["runs"][1]["problem"], "not \"good\"");
    EXPECT_EQ(json["summary"]["completion-time"]["median"], 2.0);
    EXPECT_EQ(json["summary"]["completion-time"]["unit"], "s");
}

}  // namespace
}  // namespace crsp::lab
