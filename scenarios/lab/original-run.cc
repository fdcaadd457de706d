// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/original-run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "model/media/timeline-sink.h"
#include "ns3/nstime.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/hash-sink.h"
#include "scenarios/lab/ns3-node.h"
#include "scenarios/lab/ns3-path.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/ns3-traffic.h"
#include "scenarios/lab/original-application.h"
#include "scenarios/original/controller.h"
#include "scenarios/original/renderer.h"
#include "scenarios/original/server.h"

namespace crsp::lab {
namespace {

namespace wire = crsp::original;
using Kind = TimelineRow::Kind;

/// The original gives its controller no port of its own.
constexpr std::uint16_t kControllerPort = 59004;

std::vector<wire::Entry> EntriesOf(const Scenario& scenario) {
    std::vector<wire::Entry> entries;
    for (const ContentSpec& content : scenario.content) {
        const auto bytes = LoadContent(content);
        entries.push_back({content.name, std::string(AsText(bytes))});
    }
    return entries;
}

void Install(ns3::Ptr<ns3::Node> node, wire::Party& party, std::vector<std::uint16_t> ports,
             std::function<void()> hook = {}) {
    const auto application = ns3::CreateObject<ns3::CrspOriginalApplication>();
    application->SetParty(party, std::move(ports), std::move(hook));
    node->AddApplication(application);
}

/// Of the last generation that the timeline tells of.
void ReadTimeline(std::span<const TimelineRow> rows, std::optional<TimePoint> played,
                  ProtocolOutcome& outcome) {
    if (rows.empty()) return;
    outcome.bytesRendered = rows.back().position;
    const bool ended = rows.back().kind == Kind::kEnd;
    if (ended && played) outcome.completion = rows.back().at - *played;
}

template <class Commands, class Given>
std::optional<TimePoint> FirstPlay(const Commands& commands, Given given) {
    const auto play = std::find_if(commands.begin(), commands.end(),
                                   [](const auto& command) { return command.verb == Verb::kPlay; });
    return play == commands.end() ? std::nullopt : std::optional(given(*play));
}

}  // namespace

std::string OriginalObstacle(const Scenario& scenario) {
    if (scenario.flows.size() != 1 || scenario.flows[0].sessions != 1) {
        return "several flows or sessions: expected one";
    }
    if (!scenario.flows[0].down) return "flow.direction: expected \"down\"";
    if (scenario.nat) return "nat: expected none";
    if (scenario.flows[0].part.from > 0) return "flow.from: expected 0";
    if (!scenario.faults.empty()) return "fault: expected none";
    if (!scenario.controllers.empty()) return "controller: expected none";
    if (scenario.nodes.firstOfTypeLost) return "nodes.lose-first-of-type: expected false";
    for (const TrafficSpec& traffic : scenario.traffic) {
        if (traffic.kind == TrafficKind::kHandshakes) return "traffic: expected no handshakes";
    }
    for (const ScriptStep& step : scenario.flows[0].script) {
        if (wire::HasVerb(step.verb)) continue;
        return fmt::format("script: the original has no '{}'", ToString(step.verb));
    }
    return {};
}

ProtocolOutcome RunOriginalInNs3(const Scenario& scenario, std::uint64_t seed) {
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(seed);
    ConfigureTcp();
    const Ns3Path path = BuildNs3Path(scenario, seed);
    Ns3Traffic traffic(scenario, path, {}, seed);
    HashSink hash;
    TimelineSink timeline(hash);
    const auto serverAddress = AddressAt(path.server, wire::kServerPort);
    const auto rendererAddress = AddressAt(path.leaves[0], wire::kRendererControlPort);
    wire::Server server(EntriesOf(scenario));
    wire::Renderer renderer(serverAddress, timeline);
    wire::Controller controller(
        {serverAddress, rendererAddress, scenario.flows[0].script, scenario.stop, false});
    Install(path.server, server, {wire::kServerPort});
    Install(path.leaves[0], renderer, {wire::kRendererControlPort, wire::kRendererContentsPort});
    Install(path.controller, controller, {kControllerPort}, [&controller] {
        if (controller.Finished()) ns3::Simulator::Stop();
    });
    ns3::Simulator::Stop(ns3::NanoSeconds(scenario.stop.count()));
    ns3::Simulator::Run();
    ProtocolOutcome outcome;
    const auto& commands = controller.Commands();
    outcome.commandsGiven = commands.size();
    outcome.commandsAnswered = static_cast<std::uint64_t>(std::count_if(
        commands.begin(), commands.end(), [](const auto& c) { return c.answered.has_value(); }));
    ReadTimeline(timeline.Rows(), FirstPlay(commands, [](auto& c) { return c.given; }), outcome);
    const ContentSpec* played = PlayedLast(scenario, scenario.flows[0]);
    outcome.hashEqual = played && outcome.completion && hash.LastHash() == ContentHash(*played);
    ns3::Simulator::Destroy();
    return outcome;
}

ProtocolOutcome RunOursInNs3(const Scenario& scenario, std::uint64_t seed) {
    RunProgress progress;
    const RunRecord record = RunInNs3(scenario, {seed, "", false, false}, progress);
    const FlowRun& flow = record.flows[0];
    ProtocolOutcome outcome;
    outcome.commandsGiven = flow.commands.size();
    outcome.commandsAnswered = static_cast<std::uint64_t>(
        std::count_if(flow.commands.begin(), flow.commands.end(),
                      [](const CommandRecord& c) { return c.error.empty(); }));
    ReadTimeline(flow.timeline, FirstPlay(flow.commands, [](auto& c) { return c.issued; }),
                 outcome);
    outcome.hashEqual = outcome.completion && flow.renderedHash == flow.expectedHash;
    return outcome;
}

}  // namespace crsp::lab
