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
    RunRecord run;
    FlowRun& record = run.flows[0];
    record.contentSize = 1000;
    record.expectedHash = record.renderedHash = "ab";
    record.commands = {Command(Verb::kPlay, 100, 200), Command(Verb::kPause, 400, 500, 400),
                       Command(Verb::kResume, 900, 1000, 400)};
    record.timeline = {{At(200), 1, 0, Kind::kBegin},      {At(300), 1, 300, Kind::kRender},
                       {At(420), 1, 400, Kind::kRender},   {At(950), 1, 700, Kind::kRender},
                       {At(2000), 1, 1000, Kind::kRender}, {At(2000), 1, 1000, Kind::kEnd}};
    run.streamBytesSent = 900;
    run.streamBytesRetransmitted = 100;
    run.down = {1000, 50};
    return run;
}

Metrics MetricsOf(const RunRecord& record) {
    return ComputeMetrics(Scenario(), record);
}

TEST(Metrics, CompletionCountsFromPlayToTheEnd) {
    const auto metrics = MetricsOf(PausedRun());
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kCompletionTime)), 1.9);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kGoodput)), 8.0 * 1000 / 1.8 / 1e6);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kRendered)), 1000);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kHashEqual)), 1);
}

TEST(Metrics, RetransmittedShareIsOfAllThatWasSent) {
    const auto metrics = MetricsOf(PausedRun());
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kRetransmitted)), 10);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kLossDown)), 5);
    EXPECT_FALSE(metrics.contains(metric::kLossUp));
}

TEST(Metrics, PauseThatHoldsHasOnlyOvershoot) {
    const auto metrics = MetricsOf(PausedRun());
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kPausedBytes)), 0);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kPauseOvershoot)), 100);
}

TEST(Metrics, PauseThatLeaksIsSeen) {
    RunRecord record = PausedRun();
    record.flows[0].timeline[3].at = At(700);
    const auto metrics = MetricsOf(record);
    EXPECT_DOUBLE_EQ(metrics.at(std::string(metric::kPausedBytes)), 300);
}

TEST(Metrics, OldGenerationAfterPauseIsSeen) {
    RunRecord record = PausedRun();
    record.flows[0].commands[1].generation = 2;
    EXPECT_GT(MetricsOf(record).at(std::string(metric::kPausedBytes)), 0);
}

TEST(Metrics, UnfinishedRunHasNoCompletion) {
    RunRecord record = PausedRun();
    record.flows[0].timeline.back().position = 999;
    const auto metrics = MetricsOf(record);
    EXPECT_FALSE(metrics.contains(metric::kCompletionTime));
    EXPECT_FALSE(metrics.contains(metric::kHashEqual));
}

TEST(Metrics, OnlyTheLastGenerationCompletes) {
    RunRecord record = PausedRun();
    record.flows[0].timeline.push_back({At(2100), 2, 0, Kind::kBegin});
    EXPECT_FALSE(MetricsOf(record).contains(metric::kCompletionTime));
    record.flows[0].timeline.push_back({At(3100), 2, 1000, Kind::kRender});
    record.flows[0].timeline.push_back({At(3100), 2, 1000, Kind::kEnd});
    EXPECT_DOUBLE_EQ(MetricsOf(record).at(std::string(metric::kCompletionTime)), 3.0);
    EXPECT_DOUBLE_EQ(MetricsOf(record).at(std::string(metric::kGoodput)), 0.008);
}

TEST(Metrics, FailedCommandsHaveNoLatency) {
    RunRecord record = PausedRun();
    record.flows[0].commands[1].error = "timeout";
    EXPECT_THAT(CommandLatencies(record), testing::ElementsAre(100, 100));
}

/// Two flows, of which the second renders a third of what the first does, from 2 to 3 s.
RunRecord TwoFlows() {
    RunRecord run;
    run.flows.resize(2);
    run.flows[0].name = "one";
    run.flows[1].name = "two";
    run.flows[0].timeline = {{At(0), 1, 0, Kind::kBegin},
                             {At(1500), 1, 1000, Kind::kRender},
                             {At(2500), 1, 376'000, Kind::kRender}};
    run.flows[1].timeline = {{At(0), 1, 0, Kind::kBegin}, {At(2600), 1, 125'000, Kind::kRender}};
    run.trafficFlows = 2;
    for (std::uint64_t tick = 1; tick <= 40; ++tick) run.trafficBytes.push_back(50'000 * tick);
    for (int i = 0; i < 100; ++i) run.passages.push_back({At(2000 + i), milliseconds(i), 1000});
    run.passages.push_back({At(3000), seconds(9), 1000});
    return run;
}

Scenario TwoFlowsFrom2To3() {
    Scenario scenario;
    scenario.stop = seconds(10);
    scenario.flows.resize(2);
    scenario.flows[0].name = "one";
    scenario.flows[1].name = "two";
    scenario.windows = {{"w", seconds(2), seconds(3)}};
    return scenario;
}

TEST(WindowMetrics, RatesAreOfTheWindowOnly) {
    const auto metrics = ComputeMetrics(TwoFlowsFrom2To3(), TwoFlows());
    EXPECT_DOUBLE_EQ(metrics.at("rate.w.one"), 3);
    EXPECT_DOUBLE_EQ(metrics.at("rate.w.two"), 1);
    EXPECT_DOUBLE_EQ(metrics.at("rate.w"), 4);
    EXPECT_DOUBLE_EQ(metrics.at("fairness.w"), 0.8);
    EXPECT_DOUBLE_EQ(metrics.at("traffic-rate.w"), 4);
    EXPECT_DOUBLE_EQ(metrics.at("traffic-ratio.w"), 1);
}

TEST(WindowMetrics, QueueIsOfThePacketsThatLeftInTheWindow) {
    const auto metrics = ComputeMetrics(TwoFlowsFrom2To3(), TwoFlows());
    EXPECT_DOUBLE_EQ(metrics.at("queue-delay-mean.w"), 49.5);
    EXPECT_NEAR(metrics.at("queue-delay-p95.w"), 94.05, 1e-9);
    EXPECT_DOUBLE_EQ(metrics.at("queue-delay-max.w"), 99);
    EXPECT_DOUBLE_EQ(metrics.at("utilisation.w"), 8.0);  // 100 kB of the 10 Mbit of a second
}

TEST(Metrics, SeveralFlowsHaveTheirOwnAndASum) {
    const auto metrics = ComputeMetrics(TwoFlowsFrom2To3(), TwoFlows());
    EXPECT_DOUBLE_EQ(metrics.at("bytes-rendered.one"), 376'000);
    EXPECT_DOUBLE_EQ(metrics.at("bytes-rendered.two"), 125'000);
    EXPECT_DOUBLE_EQ(metrics.at("bytes-rendered"), 501'000);
}

TEST(Metrics, RunOfSeveralFlowsCompletesWithTheLast) {
    RunRecord run;
    run.flows = {PausedRun().flows[0], PausedRun().flows[0]};
    run.flows[0].name = "one";
    run.flows[1].name = "two";
    run.flows[1].timeline.back().at = At(2600);
    EXPECT_DOUBLE_EQ(MetricsOf(run).at("completion-time"), 2.5);
    run.flows[1].timeline.back().position = 999;
    EXPECT_FALSE(MetricsOf(run).contains(metric::kCompletionTime));
    EXPECT_TRUE(MetricsOf(run).contains("completion-time.one"));
}

TEST(Metrics, EverySessionHasToComplete) {
    RunRecord run = PausedRun();
    run.flows[0].sessions = 3;
    run.flows[0].sessionsCompleted = 2;
    EXPECT_FALSE(MetricsOf(run).contains(metric::kCompletionTime));
    EXPECT_DOUBLE_EQ(MetricsOf(run).at(std::string(metric::kSessions)), 2);
    run.flows[0].sessionsCompleted = 3;
    EXPECT_DOUBLE_EQ(MetricsOf(run).at(std::string(metric::kCompletionTime)), 1.9);
}

TEST(MetricNames, SuffixIsPartOfTheTitle) {
    EXPECT_EQ(DescribeMetric("rate.w.one").title, "rate [w.one]");
    EXPECT_EQ(DescribeMetric("rate.w.one").unit, "Mbit/s");
    EXPECT_EQ(DescribeMetric("completion-time").title, "completion time");
}

TEST(Quantile, InterpolatesBetweenNeighbours) {
    EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 0.5), 2.5);
    EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 0), 1);
    EXPECT_DOUBLE_EQ(Quantile({4, 1, 3, 2}, 1), 4);
    EXPECT_DOUBLE_EQ(Quantile({7}, 0.99), 7);
}

TEST(Shortfalls, GoodRunHasNone) {
    const RunRecord record = PausedRun();
    EXPECT_TRUE(Shortfalls(Scenario(), record, MetricsOf(record)).empty());
}

TEST(Shortfalls, DifferentHashIsOne) {
    RunRecord record = PausedRun();
    record.flows[0].renderedHash = "cd";
    EXPECT_THAT(Shortfalls(Scenario(), record, MetricsOf(record)),
                testing::ElementsAre(testing::HasSubstr("rendered SHA-256 cd")));
}

TEST(Shortfalls, BoundsAreChecked) {
    const RunRecord record = PausedRun();
    Scenario scenario;
    scenario.expectations = {{"completion-time", 2.0, std::nullopt},
                             {"goodput", std::nullopt, 0.001},
                             {"loss-realised-up", 0.0, std::nullopt}};
    EXPECT_THAT(
        Shortfalls(scenario, record, MetricsOf(record)),
        testing::ElementsAre(testing::HasSubstr("completion-time is 1.9, expected at least"),
                             testing::HasSubstr("goodput is"),
                             testing::HasSubstr("loss-realised-up has no value")));
}

TEST(Shortfalls, UnexpectedCompletionIsOne) {
    const RunRecord record = PausedRun();
    Scenario scenario;
    scenario.completes = false;
    EXPECT_EQ(Shortfalls(scenario, record, MetricsOf(record)).size(), 1u);
}

}  // namespace
}  // namespace crsp::lab
