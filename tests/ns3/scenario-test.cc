// SPDX-License-Identifier: GPL-2.0-only
//
// What scenarios say beyond one flow over one steady link, in ns-3.
#include <gtest/gtest.h>

#include <string_view>

#include "tests/ns3/one-megabyte.h"

namespace crsp::lab {
namespace {

void SetSteps(Scenario& scenario, const std::vector<LinkStep>& steps) {
    scenario.link.down.steps = scenario.link.up.steps = steps;
}

TEST(ScenarioRun, LinkSendsAtTheRateOfTheStep) {
    Scenario scenario = OneMegabyte();
    AddUdp(scenario, 8e6, seconds(6));
    SetSteps(scenario, {{seconds(2), 4e6, {}, {}}, {seconds(4), 10e6, {}, {}}});
    scenario.windows = {{"before", seconds(1), seconds(2)},
                        {"low", milliseconds(2500), milliseconds(3500)},
                        {"after", seconds(5), seconds(6)}};
    const auto metrics = Measure(scenario);
    EXPECT_NEAR(metrics.at("traffic-rate.before"), 8 * 0.972, 0.1);
    EXPECT_NEAR(metrics.at("traffic-rate.low"), 4 * 0.972, 0.1);
    EXPECT_NEAR(metrics.at("utilisation.low"), 100, 0.5);
    EXPECT_NEAR(metrics.at("traffic-rate.after"), 8 * 0.972, 0.1);
}

TEST(ScenarioRun, RateOfZeroHoldsPacketsAndLosesNone) {
    Scenario scenario = OneMegabyte();
    scenario.link.down.queue.bdp = 10;
    const double plain = CompletionOf(scenario);
    SetSteps(scenario, {{milliseconds(400), 0, {}, {}}, {milliseconds(700), 10e6, {}, {}}});
    const RunRecord record = Simulate(scenario);
    EXPECT_EQ(record.down.lost, 0u);
    EXPECT_EQ(record.flows[0].renderedHash, record.flows[0].expectedHash);
    EXPECT_NEAR(ComputeMetrics(scenario, record).at("completion-time"), plain + 0.3, 0.1);
    for (const TimelineRow& row : record.flows[0].timeline) {
        const bool held =
            row.at > TimePoint(milliseconds(425)) && row.at < TimePoint(milliseconds(720));
        EXPECT_FALSE(held && row.kind == TimelineRow::Kind::kRender)
            << ToMilliseconds(row.at.time_since_epoch());
    }
}

TEST(ScenarioRun, DelayChangesOnTheWay) {
    Scenario scenario = OneMegabyte();
    SetSteps(scenario, {{seconds(2), {}, milliseconds(100), {}}});
    const auto latencies = LatenciesOfStatus(scenario, {seconds(1), seconds(3)});
    EXPECT_NEAR(latencies[0], 40, 1);
    EXPECT_NEAR(latencies[1], 200, 1);
}

TEST(ScenarioRun, FlowsShareTheHopAndEachHasItsWay) {
    Scenario scenario = OneMegabyte();
    scenario.flows.resize(2);
    scenario.flows[0].name = "one";
    scenario.flows[1] = scenario.flows[0];
    scenario.flows[1].name = "two";
    scenario.flows[1].accessDelay = milliseconds(50);
    const auto metrics = Measure(scenario);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    EXPECT_EQ(metrics.at("bytes-rendered"), 2'000'000);
    EXPECT_GT(metrics.at("completion-time"), 1.7);
    EXPECT_GT(metrics.at("completion-time.two"), metrics.at("completion-time.one"));
}

TEST(ScenarioRun, FlowsInBothDirectionsDoNotShareTheRate) {
    Scenario scenario = OneMegabyte();
    const double alone = CompletionOf(scenario);
    scenario.flows.resize(2);
    scenario.flows[1] = scenario.flows[0];
    scenario.flows[1].name = "back";
    scenario.flows[1].down = false;
    const auto metrics = Measure(scenario);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    EXPECT_LT(metrics.at("completion-time"), 1.5 * alone);
}

TEST(ScenarioRun, SessionsFollowEachOtherWithNewConnections) {
    Scenario scenario = OneMegabyte();
    scenario.content[0].size = 1000;
    scenario.flows[0].sessions = 5;
    const auto metrics = Measure(scenario);
    EXPECT_EQ(metrics.at("sessions-completed"), 5);
    EXPECT_EQ(metrics.at("bytes-rendered"), 5000);
    // Two round trips each: one for the handshake, one for the request.
    EXPECT_NEAR(metrics.at("completion-time"), 5 * 0.08, 0.02);
}

TEST(ScenarioRun, EntriesFollowEachOtherInOneConnection) {
    Scenario scenario = OneMegabyte();
    scenario.content.push_back({"film", "", 500'000});
    scenario.flows[0].script.push_back({milliseconds(100), Verb::kPlay, "film", true});
    const RunRecord record = Simulate(scenario);
    EXPECT_EQ(record.failure, "");
    const auto metrics = ComputeMetrics(scenario, record);
    EXPECT_EQ(metrics.at("bytes-rendered"), 1'500'000);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
}

TEST(ScenarioRun, RenderRateIsKept) {
    Scenario scenario = OneMegabyte();
    scenario.flows[0].renderRate = 2e6;
    scenario.windows = {{"w", seconds(1), seconds(3)}};
    const auto metrics = Measure(scenario);
    EXPECT_NEAR(metrics.at("completion-time"), 4, 0.3);
    EXPECT_NEAR(metrics.at("rate.w"), 2, 0.1);
}

TEST(ScenarioRun, NatIsSurvivedAndSeen) {
    for (const bool address : {false, true}) {
        Scenario scenario = OneMegabyte();
        scenario.content[0].size = 4'000'000;
        scenario.nat = NatSpec{milliseconds(500), seconds(1), address};
        const auto metrics = Measure(scenario);
        EXPECT_EQ(metrics.at("hash-equal"), 1) << address;
        EXPECT_GE(metrics.at("path-changes"), 2) << address;
    }
}

TEST(ScenarioRun, UdpTakesItsRate) {
    Scenario scenario = OneMegabyte();
    AddUdp(scenario, 4e6, seconds(3));
    scenario.windows = {{"on", seconds(1), seconds(3)}, {"off", milliseconds(3200), seconds(4)}};
    const auto metrics = Measure(scenario);
    EXPECT_NEAR(metrics.at("traffic-rate.on"), 4 * 0.972, 0.1);
    EXPECT_EQ(metrics.at("traffic-rate.off"), 0);
    EXPECT_NEAR(metrics.at("utilisation.on"), 40, 2);
}

TEST(ScenarioRun, ShortTransfersComeAndGo) {
    Scenario scenario = OneMegabyte();
    TrafficSpec tcp;
    tcp.flows = 4;
    tcp.transfers = ShortTransfers{30'000, 50'000, milliseconds(500), 2};
    scenario.traffic = {tcp};
    scenario.flows[0].script[0].at = seconds(10);
    scenario.windows = {{"w", seconds(0), seconds(10)}};
    const RunRecord record = Simulate(scenario);
    // Four flows of about 40 kB every 0.7 s.
    EXPECT_GT(ComputeMetrics(scenario, record).at("traffic-rate.w"), 0.8);
    EXPECT_LT(ComputeMetrics(scenario, record).at("traffic-rate.w"), 4);
    EXPECT_NE(record.trafficBytes, Simulate(scenario, 2).trafficBytes);
}

TEST(ScenarioRun, DropListTakesExactlyWhatItNames) {
    Scenario scenario = OneMegabyte();
    scenario.link.down.drop = {5, 6};
    const RunRecord record = Simulate(scenario);
    EXPECT_EQ(record.down.lost, 2u);
    EXPECT_EQ(record.up.lost, 0u);
    EXPECT_EQ(record.flows[0].renderedHash, record.flows[0].expectedHash);
}

}  // namespace
}  // namespace crsp::lab
