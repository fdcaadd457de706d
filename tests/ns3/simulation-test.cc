// SPDX-License-Identifier: GPL-2.0-only
//
// The roles and the engine on the two-hop path in ns-3, in virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "scenarios/lab/content.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/scenario.h"
#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

/// 200 kB over 10 Mbit/s and 50 ms, played at 0.5 s.
Scenario Basic() {
    Scenario scenario;
    scenario.name = "simulation-test";
    scenario.stop = seconds(120);
    scenario.link.down.delay = milliseconds(49);
    scenario.link.up.delay = milliseconds(49);
    scenario.nodes.controller = PathSide::kServer;
    scenario.content = {{"song", "", 200'000}};
    scenario.flows[0].script = {{milliseconds(500), Verb::kPlay, "song"}};
    return scenario;
}

Scenario Lossy() {
    Scenario scenario = Basic();
    scenario.link.down.loss = scenario.link.up.loss = 0.05;
    return scenario;
}

/// Play, pause, resume, restart.
Scenario Commanded() {
    Scenario scenario = Lossy();
    scenario.flows[0].script.push_back({milliseconds(1000), Verb::kPause, ""});
    scenario.flows[0].script.push_back({milliseconds(3000), Verb::kResume, ""});
    scenario.flows[0].script.push_back({milliseconds(3300), Verb::kRestart, ""});
    return scenario;
}

RunRecord Simulate(const Scenario& scenario, std::uint64_t seed = 1,
                   const std::string& folder = "") {
    RunProgress progress;
    return RunInNs3(scenario, {seed, folder, true, true}, progress);
}

double Metric(const RunRecord& record, std::string_view name) {
    const auto metrics = ComputeMetrics(Scenario(), record);
    const auto found = metrics.find(name);
    return found == metrics.end() ? -1 : found->second;
}

/// A folder for the files of one run, gone at the end.
class Folder {
  public:
    const std::string& Path() const { return m_temporary.Path(); }
    std::string DigestOf(const std::string& file) const {
        const std::string text = ReadFile(m_temporary.Path(file));
        EXPECT_FALSE(text.empty()) << file;
        return HashOf(text);
    }

  private:
    TempDir m_temporary;
};

TEST(Simulation, CleanPathCarriesTheFileUnchanged) {
    const RunRecord record = Simulate(Basic());
    EXPECT_EQ(record.failure, "");
    EXPECT_EQ(record.flows[0].renderedHash, record.flows[0].expectedHash);
    EXPECT_EQ(record.flows[0].expectedHash.size(), 64u);
    EXPECT_EQ(record.streamBytesRetransmitted, 0u);
    // The request crosses the path, and 200 kB need 160 ms at 10 Mbit/s.
    EXPECT_GT(Metric(record, metric::kCompletionTime), 0.1 + 0.16);
}

TEST(Simulation, LossyPathCarriesTheFileUnchanged) {
    const RunRecord record = Simulate(Lossy());
    EXPECT_EQ(record.failure, "");
    EXPECT_EQ(record.flows[0].renderedHash, record.flows[0].expectedHash);
    EXPECT_GT(record.streamBytesRetransmitted, 0u);
    EXPECT_NEAR(Metric(record, metric::kLossDown), 5, 4);
}

TEST(Simulation, CrossTrafficSharesTheHop) {
    Scenario scenario = Basic();
    const double alone = Metric(Simulate(scenario), metric::kCompletionTime);
    TrafficSpec tcp;
    scenario.traffic = {tcp};
    const RunRecord record = Simulate(scenario);
    EXPECT_EQ(record.flows[0].renderedHash, record.flows[0].expectedHash);
    EXPECT_GT(Metric(record, metric::kCompletionTime), alone);
}

TEST(Simulation, PauseHoldsAndRestartBeginsAnew) {
    const RunRecord record = Simulate(Commanded());
    EXPECT_EQ(record.failure, "");
    ASSERT_EQ(record.flows[0].commands.size(), 4u);
    for (const CommandRecord& command : record.flows[0].commands) EXPECT_EQ(command.error, "");
    EXPECT_EQ(Metric(record, metric::kPausedBytes), 0);
    EXPECT_EQ(record.flows[0].timeline.back().kind, TimelineRow::Kind::kEnd);
    EXPECT_EQ(record.flows[0].timeline.back().generation,
              record.flows[0].commands.back().generation);
    EXPECT_GT(Metric(record, metric::kRendered), 200'000);
    EXPECT_EQ(record.flows[0].renderedHash, record.flows[0].expectedHash);
}

TEST(Simulation, BlackoutIsSurvived) {
    Scenario scenario = Lossy();
    scenario.link.down.blackouts = {{milliseconds(800), seconds(2), std::nullopt}};
    scenario.link.up.blackouts = scenario.link.down.blackouts;
    const RunRecord record = Simulate(scenario);
    EXPECT_EQ(record.failure, "");
    EXPECT_EQ(record.flows[0].renderedHash, record.flows[0].expectedHash);
    EXPECT_GT(Metric(record, metric::kCompletionTime), 2.3);
}

TEST(Simulation, RunThatCannotFinishSaysSo) {
    Scenario scenario = Basic();
    scenario.stop = seconds(30);
    scenario.link.down.blackouts = {{milliseconds(600), seconds(600), std::nullopt}};
    const RunRecord record = Simulate(scenario);
    EXPECT_LT(Metric(record, metric::kCompletionTime), 0);
}

TEST(Simulation, SameSeedGivesTheSameRun) {
    const Folder first;
    const Folder second;
    const RunRecord a = Simulate(Commanded(), 7, first.Path());
    const RunRecord b = Simulate(Commanded(), 7, second.Path());
    EXPECT_EQ(ComputeMetrics(Scenario(), a), ComputeMetrics(Scenario(), b));
    EXPECT_EQ(a.flows[0].timeline, b.flows[0].timeline);
    for (const char* file :
         {"server.sqlog", "renderer.sqlog", "controller.sqlog", "bottleneck.pcap"}) {
        EXPECT_EQ(first.DigestOf(file), second.DigestOf(file)) << file;
    }
}

TEST(Simulation, OtherSeedGivesAnotherRun) {
    EXPECT_NE(Simulate(Lossy(), 1).flows[0].timeline, Simulate(Lossy(), 2).flows[0].timeline);
}

TEST(Simulation, ControllerOnTheClientSideIsHeardFaster) {
    Scenario scenario = Basic();
    scenario.flows[0].script.push_back({seconds(2), Verb::kStatus, ""});
    const auto far = CommandLatencies(Simulate(scenario));
    scenario.nodes.controller = PathSide::kClient;
    const auto near = CommandLatencies(Simulate(scenario));
    ASSERT_EQ(far.size(), 2u);
    ASSERT_EQ(near.size(), 2u);
    EXPECT_GE(far[1], 100);
    EXPECT_NEAR(near[1], 4, 2);
}

TEST(Simulation, CongestionControlIsTheScenarios) {
    Scenario scenario = Basic();
    scenario.transport.congestion = CongestionAlgorithm::kFixedRate;
    scenario.transport.fixedRate = 1'000'000;
    const RunRecord slow = Simulate(scenario);
    // 200 kB of payload at 1 Mbit/s with headers, of a link of 10.
    EXPECT_GT(Metric(slow, "completion-time"), 1.6);
    EXPECT_LT(Metric(slow, "completion-time"), 2.2);

    Scenario lossy = Lossy();
    lossy.content[0].size = 1'000'000;
    const RunRecord reno = Simulate(lossy);
    lossy.transport.congestion = CongestionAlgorithm::kCubic;
    const RunRecord cubic = Simulate(lossy);
    EXPECT_EQ(cubic.flows[0].renderedHash, cubic.flows[0].expectedHash);
    EXPECT_NE(Metric(cubic, "completion-time"), Metric(reno, "completion-time"));
}

}  // namespace
}  // namespace crsp::lab
