// SPDX-License-Identifier: GPL-2.0-only
//
// LTE cells in place of clean hops, in ns-3.
#include <gtest/gtest.h>

#include "scenarios/lab/ns3-lte.h"
#include "tests/ns3/one-megabyte.h"

namespace crsp::lab {
namespace {

class ScenarioLte : public testing::Test {
  protected:
    void SetUp() override {
        if (!HasLte()) GTEST_SKIP() << "this ns-3 has no lte module";
    }

    /// The renderer alone in a cell, 100 m from its base station.
    static Scenario InACell() {
        Scenario scenario = OneMegabyte();
        scenario.link.down.rate = scenario.link.up.rate = 1e9;
        scenario.link.down.delay = scenario.link.up.delay = milliseconds(5);
        scenario.nodes.controller = PathSide::kServer;
        scenario.access.kind = AccessKind::kLte;
        scenario.access.rate = 1e9;
        scenario.flows[0].script[0].at = seconds(1);
        return scenario;
    }

    /// Mbit/s of UDP in one direction, of which there is more than fits.
    static double CapacityOf(Scenario scenario, bool down) {
        AddUdp(scenario, 50e6, seconds(4)).down = down;
        scenario.windows = {{"w", seconds(2), seconds(4)}};
        scenario.flows[0].script = {{seconds(4), Verb::kStatus, ""}};
        return Measure(scenario).at("traffic-rate.w");
    }
};

TEST_F(ScenarioLte, CellCarriesWhatItsResourceBlocksAllow) {
    Scenario scenario = InACell();
    // 36.7 Mbit/s of 50 blocks without MIMO, less headers.
    EXPECT_NEAR(CapacityOf(scenario, true), 34, 2);
    EXPECT_NEAR(CapacityOf(scenario, false), 35, 2);
    scenario.access.lte.resourceBlocks = 6;
    EXPECT_NEAR(CapacityOf(scenario, true), 3.7, 0.7);
    scenario.content[0].size = 2'000'000;
    scenario.access.lte.resourceBlocks = 50;
    EXPECT_LT(CompletionOf(scenario), 1.5);
    scenario.access.lte.resourceBlocks = 6;
    EXPECT_GT(CompletionOf(scenario), 3.5);
}

TEST_F(ScenarioLte, DistanceCostsTheUplinkFirst) {
    Scenario scenario = InACell();
    scenario.access.lte.walk = {400, 400, 0};
    EXPECT_GT(CapacityOf(scenario, true), 20);
    EXPECT_NEAR(CapacityOf(scenario, false), 3.5, 1);
    scenario.access.lte.pathLoss = PathLoss::kFreeSpace;
    EXPECT_GT(CapacityOf(scenario, false), 30);
}

TEST_F(ScenarioLte, WireToTheGatewayHasItsRateAndDelay) {
    Scenario scenario = InACell();
    scenario.access.rate = 4e6;
    EXPECT_NEAR(CapacityOf(scenario, true), 4 * 0.972, 0.2);
    scenario.access.rate = 1e9;
    const double before = LatenciesOfStatus(scenario, {seconds(1)})[0];
    scenario.access.delay = milliseconds(30);
    EXPECT_NEAR(LatenciesOfStatus(scenario, {seconds(1)})[0], before + 60, 4);
}

TEST_F(ScenarioLte, StationThatWalksAwayIsHandedOver) {
    Scenario scenario = InACell();
    scenario.content[0].size = 20'000'000;
    scenario.flows[0].renderRate = 4e6;
    scenario.flows[0].script.push_back({seconds(10), Verb::kStop, ""});
    // From 100 m to 900 m: there it can be reached from the second cell only.
    scenario.access.lte.walk = {100, 900, 100};
    scenario.access.lte.cellDistance = 1000;
    scenario.windows = {{"far", milliseconds(7500), milliseconds(9500)}};
    scenario.transport.streamReceiveWindow = scenario.transport.maxStreamReceiveWindow = 65536;
    EXPECT_LT(Measure(scenario).at("rate.far"), 0.5);
    scenario.access.lte.cells = 2;
    EXPECT_GT(Measure(scenario).at("rate.far"), 3.5);
}

TEST_F(ScenarioLte, LoadedNeighbourDisturbs) {
    Scenario scenario = InACell();
    scenario.access.lte.cells = 2;
    scenario.access.lte.cellDistance = 300;
    scenario.content[0].size = 6'000'000;
    scenario.access.lte.walk = {140, 140, 0};
    const double alone = CompletionOf(scenario);
    EXPECT_NEAR(alone, 1.8, 0.5);
    // The neighbour is dealt to the second cell.
    AddUdp(scenario, 50e6, seconds(40)).start = seconds(0);
    scenario.flows[0].script[0].at = seconds(1);
    EXPECT_GT(CompletionOf(scenario), 1.5 * alone);
}

TEST_F(ScenarioLte, AcknowledgedBearerLosesLess) {
    Scenario scenario = InACell();
    scenario.content[0].size = 8'000'000;
    scenario.access.lte.resourceBlocks = 15;
    scenario.access.lte.walk = {450, 500, 1};
    scenario.access.lte.fading = true;
    const double lossy = Measure(scenario).at("retransmitted-share");
    scenario.access.lte.acknowledged = true;
    EXPECT_LT(Measure(scenario).at("retransmitted-share"), lossy / 1.5);
}

TEST_F(ScenarioLte, BufferBoundsWhatWaitsForTheRadio) {
    Scenario scenario = InACell();
    AddUdp(scenario, 50e6, seconds(4));
    scenario.access.lte.resourceBlocks = 6;
    scenario.flows[0].part = {0, 1};
    scenario.flows[0].script = {{seconds(1), Verb::kPlay, "song"}, {seconds(6), Verb::kStop, ""}};
    scenario.access.lte.buffer = 10'000;
    const double shallow = Measure(scenario).at("retransmitted-share");
    scenario.access.lte.buffer = 1'000'000;
    EXPECT_LT(Measure(scenario).at("retransmitted-share"), shallow);
}

TEST_F(ScenarioLte, ControllerAndServersMayBeStations) {
    Scenario scenario = InACell();
    scenario.nodes.controller = PathSide::kClient;
    scenario.flows[0].down = false;
    const auto metrics = Measure(scenario);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    EXPECT_EQ(metrics.at("commands-failed"), 0);
    EXPECT_LT(metrics.at("completion-time"), 2);
}

TEST_F(ScenarioLte, EqualSeedsGiveEqualDigestsWhateverRanBefore) {
    Scenario scenario = InACell();
    scenario.access.lte.cells = 2;
    scenario.access.lte.fading = true;
    scenario.access.lte.walk = {400, 420, 3};
    AddUdp(scenario, 1e6, seconds(2));
    scenario.flows[0].script[0].at = seconds(1);
    const auto first = Simulate(scenario).digest;
    Scenario other = InACell();
    other.access.lte.acknowledged = true;
    other.access.lte.buffer = 20'000;
    Simulate(other);
    EXPECT_EQ(Simulate(scenario).digest, first);
    EXPECT_NE(Simulate(scenario, 2).digest, first);
}

}  // namespace
}  // namespace crsp::lab
