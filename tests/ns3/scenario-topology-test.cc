// SPDX-License-Identifier: GPL-2.0-only
//
// Paths of several hops, and what stands in place of clean hops, in ns-3.
#include <gtest/gtest.h>

#include "tests/ns3/one-megabyte.h"

namespace crsp::lab {
namespace {

/// A second hop behind the first, otherwise alike.
Scenario TwoHops() {
    Scenario scenario = OneMegabyte();
    scenario.hops = {scenario.link};
    scenario.flows[0].part = {0, 2};
    return scenario;
}

TEST(ScenarioTopology, HopsAddUpTheirDelays) {
    Scenario scenario = TwoHops();
    scenario.hops[0].down.delay = scenario.hops[0].up.delay = milliseconds(35);
    EXPECT_NEAR(LatenciesOfStatus(scenario, {seconds(1)})[0], 110, 1);
}

TEST(ScenarioTopology, SlowestHopSetsTheRate) {
    Scenario scenario = TwoHops();
    scenario.hops[0].down.rate = 2e6;
    EXPECT_NEAR(CompletionOf(scenario), 4.4, 0.3);
    EXPECT_EQ(Measure(scenario).at("hash-equal"), 1);
}

TEST(ScenarioTopology, FlowsThatUseDifferentHopsDoNotMeet) {
    Scenario scenario = TwoHops();
    scenario.flows[0].part = {0, 1};
    scenario.flows[0].name = "first";
    scenario.flows.push_back(scenario.flows[0]);
    scenario.flows[1].name = "second";
    scenario.flows[1].part = {1, 2};
    const auto apart = Measure(scenario);
    EXPECT_EQ(apart.at("hash-equal"), 1);
    EXPECT_LT(apart.at("completion-time"), 1.3);
    scenario.flows[0].part = scenario.flows[1].part = {0, 2};
    EXPECT_GT(Measure(scenario).at("completion-time"), 1.6);
}

TEST(ScenarioTopology, CrossTrafficTakesThePartOfThePathThatItIsGiven) {
    Scenario scenario = TwoHops();
    AddUdp(scenario, 5e6, seconds(3)).part = {1, 2};
    scenario.windows = {{"w", seconds(1), seconds(3)}};
    const auto metrics = Measure(scenario);
    EXPECT_NEAR(metrics.at("traffic-rate.w"), 5 * 0.972, 0.1);
    // The first hop carried nothing of it.
    EXPECT_FALSE(metrics.contains("utilisation.w"));
    EXPECT_EQ(metrics.at("hash-equal"), 1);
}

TEST(ScenarioTopology, UdpSwitchesOnAndOff) {
    Scenario scenario = OneMegabyte();
    TrafficSpec& udp = AddUdp(scenario, 8e6, seconds(40));
    udp.on = milliseconds(100);
    udp.off = milliseconds(300);
    scenario.windows = {{"w", seconds(0), seconds(40)}};
    EXPECT_NEAR(Measure(scenario).at("traffic-rate.w"), 2 * 0.972, 0.6);
}

TEST(ScenarioTopology, MessagesComeInTimeThatRepairSymbolsMakeGood) {
    Scenario scenario = OneMegabyte();
    for (LinkSpec* link : {&scenario.link.down, &scenario.link.up}) {
        link->delay = milliseconds(100);
        link->loss = 0.05;
    }
    scenario.transport.congestion = CongestionAlgorithm::kFixedRate;
    scenario.transport.fixedRate = 3'000'000;
    scenario.flows[0].script = {{seconds(20), Verb::kStatus, ""}};
    TrafficSpec traffic;
    traffic.kind = TrafficKind::kMessages;
    traffic.messages = {1000, milliseconds(8), milliseconds(180), 0};
    scenario.traffic = {traffic};
    scenario.windows = {{"w", seconds(3), seconds(18)}};
    // A repeat would come after 300 ms.
    EXPECT_NEAR(Measure(scenario).at("messages-in-time.w"), 95, 1.5);
    scenario.traffic[0].messages.repair = 25;
    EXPECT_GE(Measure(scenario).at("messages-in-time.w"), 99);
    scenario.traffic[0].stop = seconds(8);
    scenario.windows = {{"w", seconds(9), seconds(18)}};
    EXPECT_FALSE(Measure(scenario).contains("messages-in-time.w"));
}

TEST(ScenarioTopology, MessagesThatAreNotTakenDoNotShiftThoseThatAre) {
    Scenario scenario = OneMegabyte();
    scenario.link.down.blackouts = {{seconds(4), seconds(3), {}}};
    scenario.link.up.blackouts = scenario.link.down.blackouts;
    scenario.flows[0].script = {{seconds(12), Verb::kStatus, ""}};
    TrafficSpec traffic;
    traffic.kind = TrafficKind::kMessages;
    // More than the sender may buffer meanwhile, each with time to wait.
    traffic.messages = {8000, milliseconds(8), seconds(5), 0};
    scenario.link.down.rate = 100e6;
    scenario.traffic = {traffic};
    scenario.windows = {{"during", seconds(4), seconds(7)}, {"after", seconds(10), seconds(11)}};
    const auto metrics = Measure(scenario);
    EXPECT_LT(metrics.at("messages-in-time.during"), 100);
    EXPECT_EQ(metrics.at("messages-in-time.after"), 100);
}

TEST(ScenarioTopology, StarOfRenderersOnOneLanIsLimitedByTheLan) {
    Scenario scenario = OneMegabyte();
    scenario.link.down.rate = scenario.link.up.rate = 1e9;
    scenario.access = {10e6, Duration(microseconds(5)), AccessKind::kCsma, {}, {}};
    scenario.flows.resize(3, scenario.flows[0]);
    for (int i = 0; i < 3; ++i) scenario.flows[i].name = "r" + std::to_string(i);
    const auto metrics = Measure(scenario);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    // Three megabytes over 10 Mbit/s.
    EXPECT_GT(metrics.at("completion-time"), 2.4);
    EXPECT_LT(metrics.at("completion-time"), 4);
}

Scenario InACell(const WifiSpec& wifi) {
    Scenario scenario = OneMegabyte();
    scenario.link.down.rate = scenario.link.up.rate = 100e6;
    scenario.access = {0, Duration::zero(), AccessKind::kWifi, wifi, {}};
    scenario.flows[0].script[0].at = seconds(1);
    return scenario;
}

TEST(ScenarioTopology, WifiCarriesWhatItsModeAllows) {
    const double fast = CompletionOf(InACell({"HtMcs11", {5, 5, 0}}));
    const double slow = CompletionOf(InACell({"HtMcs0", {5, 5, 0}}));
    EXPECT_GT(fast, 0.15);
    EXPECT_LT(fast, 0.7);
    EXPECT_GT(slow, 1.2);
    EXPECT_LT(slow, 4);
}

TEST(ScenarioTopology, StationThatWalksAwayGetsLess) {
    Scenario near = InACell({"", {5, 5, 0}});
    near.content[0].size = 10'000'000;
    Scenario walking = InACell({"", {5, 200, 20}});
    walking.content[0].size = 10'000'000;
    const double there = CompletionOf(near);
    EXPECT_GT(there, 0);
    EXPECT_GT(CompletionOf(walking), 1.5 * there);
}

}  // namespace
}  // namespace crsp::lab
