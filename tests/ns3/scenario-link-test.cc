// SPDX-License-Identifier: GPL-2.0-only
//
// Queues, traces, policers and losses of a link, in ns-3.
#include <gtest/gtest.h>

#include <string_view>

#include "tests/ns3/one-megabyte.h"

namespace crsp::lab {
namespace {

/// Greedy TCP from the start, a window that its queue has filled by, and our flow afterwards.
Scenario BehindTcp(QueueKind discipline) {
    Scenario scenario = OneMegabyte();
    TrafficSpec tcp;
    tcp.kind = TrafficKind::kCubic;
    tcp.stop = seconds(12);
    scenario.traffic = {tcp};
    for (LinkSpec* link : {&scenario.link.down, &scenario.link.up}) {
        link->discipline = discipline;
        link->queue.time = milliseconds(300);
    }
    scenario.flows[0].script[0].at = seconds(13);
    scenario.windows = {{"full", seconds(4), seconds(12)}};
    return scenario;
}

TEST(ScenarioLink, DisciplinesKeepTheQueueShortWhereDropTailDoesNot) {
    const auto tail = Measure(BehindTcp(QueueKind::kDropTail));
    EXPECT_GT(tail.at("queue-delay-p95.full"), 150);
    for (const QueueKind kind :
         {QueueKind::kCoDel, QueueKind::kFqCoDel, QueueKind::kPie, QueueKind::kRed}) {
        const auto metrics = Measure(BehindTcp(kind));
        EXPECT_LT(metrics.at("queue-delay-mean.full"), 60) << static_cast<int>(kind);
        EXPECT_GT(metrics.at("queue-delay-mean.full"), 0.1) << static_cast<int>(kind);
        EXPECT_GT(metrics.at("utilisation.full"), 75) << static_cast<int>(kind);
        EXPECT_EQ(metrics.at("hash-equal"), 1) << static_cast<int>(kind);
    }
}

TEST(ScenarioLink, DisciplineThatMarksDropsLess) {
    Scenario scenario = OneMegabyte();
    scenario.content[0].size = 4'000'000;
    scenario.transport.congestion = CongestionAlgorithm::kCubic;
    for (LinkSpec* link : {&scenario.link.down, &scenario.link.up}) {
        link->discipline = QueueKind::kCoDel;
        link->queue.time = milliseconds(300);
    }
    const auto dropping = Measure(scenario);
    scenario.link.down.marks = scenario.link.up.marks = true;
    const auto marking = Measure(scenario);
    EXPECT_GT(dropping.at("retransmitted-share"), 0);
    EXPECT_LT(marking.at("retransmitted-share"), dropping.at("retransmitted-share"));
}

TEST(ScenarioLink, TraceSetsThePace) {
    Scenario scenario = OneMegabyte();
    auto& link = scenario.link.down;
    link.trace = std::make_shared<const DeliveryTrace>(MakeBursts(milliseconds(3), 1));
    link.rate = link.trace->MeanRate();
    EXPECT_EQ(link.rate, 4e6);
    AddUdp(scenario, 8e6, seconds(6));
    scenario.windows = {{"w", seconds(2), seconds(5)}};
    const auto metrics = Measure(scenario);
    // Packets of 1,000 bytes share opportunities of 1,500.
    EXPECT_NEAR(metrics.at("traffic-rate.w"), 4 * 0.972, 0.05);
    EXPECT_NEAR(metrics.at("utilisation.w"), 100.2, 0.3);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
}

TEST(ScenarioLink, BurstsOfATraceHoldPacketsUntilTheyCome) {
    Scenario scenario = OneMegabyte();
    auto& link = scenario.link.up;
    link.trace = std::make_shared<const DeliveryTrace>(MakeBursts(milliseconds(200), 20));
    link.rate = link.trace->MeanRate();
    link.queue.bytes = 1'000'000;
    const auto latencies = LatenciesOfStatus(scenario, {milliseconds(210), milliseconds(250)});
    // There in 20 ms, until the next burst at 400 ms, and back in 20 ms.
    EXPECT_NEAR(latencies[0], 210, 1);
    EXPECT_NEAR(latencies[1], 170, 1);
}

TEST(ScenarioLink, PolicerPassesItsRateAndNoMore) {
    Scenario scenario = OneMegabyte();
    scenario.link.down.policer = PolicerSpec{2e6, 10'000};
    AddUdp(scenario, 6e6, seconds(5));
    scenario.windows = {{"w", seconds(2), seconds(5)}};
    const auto metrics = Measure(scenario);
    EXPECT_NEAR(metrics.at("traffic-rate.w"), 2 * 0.972, 0.02);
    EXPECT_EQ(metrics.at("loss-realised-down"), 0);
    EXPECT_GT(metrics.at("completion-time"), 3.9);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
}

TEST(ScenarioLink, FourParametersSayHowMuchIsLost) {
    Scenario scenario = OneMegabyte();
    scenario.content[0].size = 20'000'000;
    scenario.link.down.rate = 100e6;
    // A tenth of the time in the bad state, which loses half: 5 % and a little more.
    scenario.link.down.gilbertElliott = GilbertElliottLoss{0.02, 0.18, 0.001, 0.5};
    EXPECT_NEAR(Measure(scenario).at("loss-realised-down"), 5.09, 1);
}

TEST(ScenarioLink, CopiesComeBesideEachPacket) {
    Scenario scenario = OneMegabyte();
    scenario.link.up.duplicate = 1;
    scenario.link.up.duplicateCopies = 3;
    const auto metrics = Measure(scenario);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    EXPECT_LT(metrics.at("completion-time"), 1.5);
}

TEST(ScenarioLink, NormalJitterOnlyDelays) {
    Scenario scenario = OneMegabyte();
    for (LinkSpec* link : {&scenario.link.down, &scenario.link.up}) {
        link->jitter = milliseconds(5);
        link->jitterNormal = true;
    }
    std::vector<Duration> asked;
    for (int i = 0; i < 200; ++i) asked.push_back(seconds(1) + milliseconds(100 * i));
    const auto latencies = LatenciesOfStatus(scenario, asked);
    EXPECT_GE(Quantile(latencies, 0), 40);
    EXPECT_LE(Quantile(latencies, 1), 71);
    // Twice the mean of |N(0, 5 ms)|.
    EXPECT_NEAR(Quantile(latencies, 0.5), 48, 2);
}

}  // namespace
}  // namespace crsp::lab
