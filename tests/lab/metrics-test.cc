// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/lab/metric-names.h"

namespace crsp::lab {
namespace {

using Kind = TimelineRow::Kind;

TimePoint At(std::int64_t ms) {
    return TimePoint(milliseconds(ms));
}

CommandRecord Command(Verb verb, std::int64_t issued, std::int64_t answered,
                      std::uint64_t position = 0, Generation generation = 1) {
    return {verb, At(issued), At(answered), "", generation, position};
}

/// 1,000 bytes: 400 of them, a pause from 400 to 900 ms, the rest; over after 2 s.
RunRecord PausedRun() {
    RunRecord record;
    record.contentSize = 1000;
    record.expectedHash = record.renderedHash = "ab";
    record.commands = {Command(Verb::kPlay, 100, 200), Command(Verb::kPause, 400, 500, 400),
                       Command(Verb::kResume, 900, 1000, 400)};
    record.timeline = {{At(200), 1, 0, Kind::kBegin},      {At(300), 1, 300, Kind::kRender},
                       {At(420), 1, 400, Kind::kRender},   {At(950), 1, 700, Kind::kRender},
                       {At(2000), 1, 1000, Kind::kRender}, {At(2000), 1, 1000, Kind::kEnd}};
    record.streamBytesSent = 900;
    record.streamBytesRetransmitted = 100;
    record.down = {1000, 50};
    return record;
}

TEST(Metrics, CompletionCountsFromPlayToTheEnd) {
    const auto metrics = ComputeMetrics(PausedRun());
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kCompletionTime)), 1.9);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kGoodput)), 8.0 * 1000 / 1.8 / 1e6);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kRendered)), 1000);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kHashEqual)), 1);
}

TEST(Metrics, RetransmittedShareIsOfAllThatWasSent) {
    const auto metrics = ComputeMetrics(PausedRun());
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kRetransmitted)), 10);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kLossDown)), 5);
    EXPECT_FALSE(metrics.contains(metric::kLossUp));
}

TEST(Metrics, PauseThatHoldsHasOnlyOvershoot) {
    const auto metrics = ComputeMetrics(PausedRun());
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kPausedBytes)), 0);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kPauseOvershoot)), 100);
}

TEST(Metrics, PauseThatLeaksIsSeen) {
    RunRecord record = PausedRun();
    record.timeline[3].at = At(700);
    const auto metrics = ComputeMetrics(record);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kPausedBytes)), 300);
}

TEST(Metrics, OldGenerationAfterPauseIsSeen) {
    RunRecord record = PausedRun();
    record.commands[1].generation = 2;
    EXPECT_GT(ComputeMetrics(record).at(std::string(metric::kPausedBytes)), 0);
}

TEST(Metrics, UnfinishedRunHasNoCompletion) {
    RunRecord record = PausedRun();
    record.timeline.back().position = 999;
    const auto metrics = ComputeMetrics(record);
    EXPECT_FALSE(metrics.contains(metric::kCompletionTime));
    EXPECT_FALSE(metrics.contains(metric::kHashEqual));
}

TEST(Metrics, OnlyTheLastGenerationCompletes) {
    RunRecord record = PausedRun();
    record.timeline.push_back({At(2100), 2, 0, Kind::kBegin});
    EXPECT_FALSE(ComputeMetrics(record).contains(metric::kCompletionTime));
    record.timeline.push_back({At(3100), 2, 1000, Kind::kRender});
    record.timeline.push_back({At(3100), 2, 1000, Kind::kEnd});
    EXPECT_DOUBLE_EQ(ComputeMetrics(record).at(std::string(metric::kCompletionTime)), 3.0);
    EXPECT_DOUBLE_EQ(ComputeMetrics(record).at(std::string(metric::kGoodput)), 0.008);
}

TEST(Metrics, FailedCommandsHaveNoLatency) {
    RunRecord record = PausedRun();
    record.commands[1].error = "timeout";
    EXPECT_THAT(CommandLatencies(record), testing::ElementsAre(100, 100));
}

TEST(Quantile, InterpolatesBetweenNeighbours) {
    EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 0.5), 2.5);
    EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 0), 1);
    EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 1), 4);
    EXPECT_DOUBLE_EQ(Quantile({7}, 0.99), 7);
}

TEST(Shortfalls, GoodRunHasNone) {
    const RunRecord record = PausedRun();
    EXPECT_TRUE(Shortfalls(Scenario(), record, ComputeMetrics(record)).empty());
}

TEST(Shortfalls, DifferentHashIsOne) {
    RunRecord record = PausedRun();
    record.renderedHash = "cd";
    EXPECT_THAT(Shortfalls(Scenario(), record, ComputeMetrics(record)),
                testing::ElementsAre(testing::HasSubstr("rendered SHA-256 cd")));
}

TEST(Shortfalls, BoundsAreChecked) {
    const RunRecord record = PausedRun();
    Scenario scenario;
    scenario.expectations = {{"completion-time", 2.0, std::nullopt},
                             {"goodput", std::nullopt, 0.001},
                             {"loss-realised-up", 0.0, std::nullopt}};
    EXPECT_THAT(
        Shortfalls(scenario, record, ComputeMetrics(record)),
        testing::ElementsAre(testing::HasSubstr("completion-time is 1.9, expected at least"),
                             testing::HasSubstr("goodput is"),
                             testing::HasSubstr("loss-realised-up has no value")));
}

TEST(Shortfalls, UnexpectedCompletionIsOne) {
    const RunRecord record = PausedRun();
    Scenario scenario;
    scenario.completes = false;
    EXPECT_EQ(Shortfalls(scenario, record, ComputeMetrics(record)).size(), 1u);
}

}  // namespace
}  // namespace crsp::lab
