// SPDX-License-Identifier: GPL-2.0-only
//
// What befalls servers, renderers and controllers, in ns-3.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ns3/one-megabyte.h"

namespace crsp::lab {
namespace {

FaultSpec At(Duration at, FaultKind kind, Actor actor = Actor::kServer) {
    FaultSpec fault;
    fault.at = at;
    fault.kind = kind;
    fault.actor = actor;
    return fault;
}

/// 4 s of rendering, from 0 s on.
Scenario FourSeconds() {
    Scenario scenario = OneMegabyte();
    scenario.flows[0].renderRate = 2e6;
    scenario.transport.idleTimeout = seconds(5);
    TransportConfig& transport = scenario.transport;
    transport.keepAlive = seconds(2);
    transport.streamReceiveWindow = transport.maxStreamReceiveWindow = 64 * 1024;
    transport.streamSendBuffer = transport.maxStreamSendBuffer = 64 * 1024;
    return scenario;
}

const CommandRecord* Find(const RunRecord& record, Verb verb) {
    const auto& commands = record.flows[0].commands;
    const auto found = std::find_if(commands.begin(), commands.end(),
                                    [&](const CommandRecord& c) { return c.verb == verb; });
    return found == commands.end() ? nullptr : &*found;
}

TEST(ScenarioActors, KilledServerEndsTheRenderingInAnError) {
    Scenario scenario = FourSeconds();
    scenario.faults = {At(seconds(2), FaultKind::kKill)};
    const RunRecord record = Simulate(scenario);
    const auto metrics = ComputeMetrics(scenario, record);
    EXPECT_EQ(record.failure, "");
    EXPECT_FALSE(metrics.contains("completion-time"));
    EXPECT_GT(metrics.at("rendering-error"), 0);
    EXPECT_NEAR(metrics.at("bytes-rendered"), 500'000, 120'000);
}

TEST(ScenarioActors, ServerThatComesBackIsAskedForTheRest) {
    Scenario scenario = FourSeconds();
    scenario.faults = {At(seconds(2), FaultKind::kKill), At(seconds(3), FaultKind::kStart)};
    const RunRecord record = Simulate(scenario);
    const auto metrics = ComputeMetrics(scenario, record);
    EXPECT_EQ(record.failure, "");
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    EXPECT_EQ(metrics.at("bytes-rendered"), 1'000'000);
    // By its Reset, and not by the silence of 5 s.
    EXPECT_LT(metrics.at("completion-time"), 6.5);
}

TEST(ScenarioActors, RendererThatComesBackObeysAnotherController) {
    Scenario scenario = FourSeconds();
    FaultSpec kill = At({}, FaultKind::kKill, Actor::kRenderer);
    kill.at.reset();
    kill.share = 0.4;
    FaultSpec start = At({}, FaultKind::kStart, Actor::kRenderer);
    start.at.reset();
    start.after = milliseconds(500);
    scenario.faults = {kill, start};
    scenario.controllers = {{"second", 0, seconds(3), {}, {{seconds(0), Verb::kPlay, "song"}}}};
    const RunRecord record = Simulate(scenario);
    const auto metrics = ComputeMetrics(scenario, record);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    EXPECT_NEAR(metrics.at("bytes-rendered"), 1'400'000, 50'000);
    EXPECT_NEAR(metrics.at("completion-time"), 7.1, 0.5);
}

TEST(ScenarioActors, ControllerThatIsGoneIsFollowedByAnother) {
    Scenario scenario = FourSeconds();
    scenario.faults = {At(seconds(1), FaultKind::kKill, Actor::kController)};
    scenario.controllers = {{"second",
                             0,
                             seconds(2),
                             {},
                             {{seconds(0), Verb::kPause, ""}, {seconds(2), Verb::kResume, ""}}}};
    const RunRecord record = Simulate(scenario);
    const auto metrics = ComputeMetrics(scenario, record);
    EXPECT_EQ(record.failure, "");
    EXPECT_EQ(metrics.at("commands-failed"), 0);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    ASSERT_TRUE(Find(record, Verb::kPause));
    EXPECT_GT(Find(record, Verb::kPause)->position, 400'000u);
    EXPECT_EQ(metrics.at("bytes-after-pause"), 0);
    EXPECT_NEAR(metrics.at("bytes-rendered"), 1'000'000, 1);
}

TEST(ScenarioActors, ControllerMayContinueWhereAnotherFlowWas) {
    Scenario scenario = FourSeconds();
    scenario.flows[0].name = "a";
    scenario.flows.push_back(scenario.flows[0]);
    scenario.flows[1].name = "b";
    scenario.flows[0].script.push_back({seconds(2), Verb::kStatus, ""});
    scenario.flows[0].script.push_back({milliseconds(2200), Verb::kStop, ""});
    scenario.flows[1].script = {{seconds(0), Verb::kStatus, ""}};
    ControllerSpec mover{"mover", 1, milliseconds(2200), 0, {{seconds(0), Verb::kPlay, "song"}}};
    scenario.controllers = {mover};
    const auto metrics = ComputeMetrics(scenario, Simulate(scenario));
    EXPECT_EQ(metrics.at("hash-equal.b"), 1);
    EXPECT_EQ(metrics.at("commands-failed"), 0);
    // Nothing is left out, and no more comes twice than a rendered since it was asked, and had.
    EXPECT_GE(metrics.at("bytes-rendered"), 1'000'000);
    EXPECT_LE(metrics.at("bytes-rendered"), 1'150'000);
    EXPECT_NEAR(metrics.at("completion-time.b"), 2.1, 0.3);
    scenario.controllers[0].continues.reset();
    EXPECT_EQ(Measure(scenario).at("bytes-rendered.b"), 1'000'000);
}

TEST(ScenarioActors, EntryThatIsReplacedIsNeverSpliced) {
    Scenario scenario = FourSeconds();
    scenario.faults = {At(seconds(2), FaultKind::kReplace)};
    RunRecord record = Simulate(scenario);
    auto metrics = ComputeMetrics(scenario, record);
    EXPECT_FALSE(metrics.contains("completion-time"));
    EXPECT_EQ(metrics.at("rendering-error"), static_cast<double>(MediaErrorCode::kVersionChanged));
    scenario.flows[0].script.push_back({milliseconds(100), Verb::kPlay, "song", true});
    record = Simulate(scenario);
    EXPECT_EQ(ComputeMetrics(scenario, record).at("hash-equal"), 1);
    EXPECT_EQ(record.flows[0].renderedHash, ReplacedContentHash(scenario.content[0]));
}

TEST(ScenarioActors, FirstPacketOfEachTypeIsLostAndComesAgain) {
    Scenario scenario = FourSeconds();
    scenario.nodes.firstOfTypeLost = true;
    scenario.flows[0].script = {{seconds(0), Verb::kList, ""},    {seconds(1), Verb::kPlay, "song"},
                                {seconds(2), Verb::kPause, ""},   {seconds(3), Verb::kResume, ""},
                                {seconds(4), Verb::kRestart, ""}, {seconds(5), Verb::kStatus, ""}};
    const auto metrics = Measure(scenario);
    EXPECT_EQ(metrics.at("commands-failed"), 0);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    // LIST, LISTING, RENDER, CONTENTS, begun, ended, pause, resume, restart and status with their
    // answers.
    EXPECT_GE(metrics.at("first-of-type-lost"), 12);
    EXPECT_LE(metrics.at("first-of-type-lost"), 14);
    scenario.nodes.firstOfTypeLost = false;
    EXPECT_LT(Measure(scenario).at("command-latency-p99"), metrics.at("command-latency-p99"));
}

TEST(ScenarioActors, HandshakesThatNobodyGoesOnWithDoNotKeepOthersOut) {
    Scenario scenario = OneMegabyte();
    TrafficSpec flood;
    flood.kind = TrafficKind::kHandshakes;
    flood.rate = 4e6;
    flood.down = false;
    scenario.traffic = {flood};
    scenario.flows[0].script[0].at = seconds(2);
    const RunRecord record = Simulate(scenario);
    const auto metrics = ComputeMetrics(scenario, record);
    EXPECT_EQ(metrics.at("hash-equal"), 1);
    EXPECT_LT(metrics.at("completion-time"), 5);
    // 400 a second or so.
    EXPECT_GT(record.up.offered, 1000u);
}

}  // namespace
}  // namespace crsp::lab
