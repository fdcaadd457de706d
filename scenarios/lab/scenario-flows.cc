// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace crsp::lab {
namespace {

constexpr std::size_t kMaxFlows = 1000;
/// Of one segment or cell, which is a network of 254 addresses; or behind several hops, where ns-3
/// computes the routes, which takes the square of the nodes.
constexpr std::size_t kMaxFlowsOffStar = 64;
/// Each takes a port of its own: see ns3-runner.cc.
constexpr std::uint64_t kMaxSessions = 1000;
/// The least that a render clock counts in: bytes per second.
constexpr double kMinRenderRate = 8;

bool IsPlainName(const std::string& name) {
    constexpr std::size_t kMaxName = 32;
    return name.size() <= kMaxName &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

void ReadTime(TomlTable& table, ScriptStep& step) {
    step.afterEnd = table.Has("after-end");
    if (step.afterEnd && table.Has("at")) {
        table.Refuse("at", "expected no after-end beside it");
    }
    step.at = table.Unit(step.afterEnd ? "after-end" : "at", ParseDuration);
}

ScriptStep ReadStep(TomlTable table, const Scenario& scenario) {
    ScriptStep step;
    ReadTime(table, step);
    step.verb = static_cast<Verb>(table.Choice(
        "do", {"list", "play", "pause", "resume", "restart", "stop", "status", "take-over"}));
    if (step.verb == Verb::kPlay) {
        step.argument = table.Text("entry");
        if (!HoldsContent(scenario, step.argument)) {
            table.Refuse(
                "entry",
                fmt::format("expected the name of a [[content]] entry, got \"{}\"", step.argument));
        }
    }
    table.Finish();
    return step;
}

/// Adds a flow; `key` of its table has made its name.
void AddFlow(const FlowSpec& flow, const TomlTable& table, const char* key, Scenario& scenario) {
    const bool used = std::any_of(scenario.flows.begin(), scenario.flows.end(),
                                  [&](const FlowSpec& other) { return other.name == flow.name; });
    if (used) {
        table.Refuse(key,
                     fmt::format("expected a name not used above, got \"{}\" again", flow.name));
    }
    scenario.flows.push_back(flow);
}

void ReadFlowKeys(TomlTable& table, const Scenario& scenario, FlowSpec& flow) {
    if (table.Has("direction")) flow.down = table.Choice("direction", {"down", "up"}) == 0;
    if (table.Has("access-delay")) {
        flow.accessDelay = table.Unit("access-delay", ParseDuration);
        if (scenario.access.kind != AccessKind::kPointToPoint) {
            table.Refuse("access-delay", "expected access.kind = \"point-to-point\" beside it");
        }
    }
    if (table.Has("render-rate")) {
        flow.renderRate = table.Unit("render-rate", ParseRate);
        if (flow.renderRate < kMinRenderRate) {
            table.Refuse("render-rate", "expected at least 8 bit/s");
        }
    }
    flow.part = ReadPart(table, scenario);
    if (table.Has("sessions")) flow.sessions = table.Count("sessions", 1, kMaxSessions);
}

FlowSpec ReadFlow(TomlTable& table, const Scenario& scenario) {
    FlowSpec flow;
    flow.name = table.Text("name");
    if (!IsPlainName(flow.name)) table.Refuse("name", "expected at most 32 of a-z, 0-9 and '-'");
    ReadFlowKeys(table, scenario, flow);
    flow.script = ReadScript(table, scenario);
    table.Finish();
    return flow;
}

/// A flow's table stands for `copies` of it, NAME-1 and so on, each `copies-every` later.
void ReadFlowAndCopies(TomlTable table, Scenario& scenario) {
    const std::uint64_t copies = table.Has("copies") ? table.Count("copies", 1, kMaxFlows) : 0;
    Duration every{};
    ReadUnit(table, "copies-every", every, ParseDuration);
    if (every > Duration::zero() && copies < 2) {
        table.Refuse("copies-every", "expected at least 2 copies beside it");
    }
    FlowSpec flow = ReadFlow(table, scenario);
    const std::string name = flow.name;
    for (std::uint64_t copy = 1; copy <= copies; ++copy) {
        flow.name = fmt::format("{}-{}", name, copy);
        AddFlow(flow, table, "copies", scenario);
        for (ScriptStep& step : flow.script) {
            if (!step.afterEnd) step.at += every;
        }
    }
    if (copies == 0) AddFlow(flow, table, "name", scenario);
}

}  // namespace

Script ReadScript(TomlTable& table, const Scenario& scenario) {
    const auto steps = table.Tables("script");
    if (steps.empty()) table.Refuse("script", "expected at least one [[script]] step");
    if (steps.size() > kMaxScriptSteps) table.Refuse("script", "expected at most 10000 steps");
    Script script;
    Duration latest{};
    for (const TomlTable& step : steps) {
        script.push_back(ReadStep(step, scenario));
        if (script.back().afterEnd) continue;
        if (script.back().at < latest) {
            step.Refuse("at", "expected a time not before the step above");
        }
        latest = script.back().at;
        if (latest >= scenario.stop) step.Refuse("at", "expected a time before scenario.stop");
    }
    return script;
}

void ReadFlows(TomlTable& root, Scenario& scenario) {
    const auto tables = root.Tables("flow");
    if (tables.empty()) {
        scenario.flows[0].part.to = scenario.hops.size() + 1;
        scenario.flows[0].script = ReadScript(root, scenario);
        return;
    }
    if (root.Has("script")) root.Refuse("script", "expected [[flow.script]] beside [[flow]]");
    scenario.flows.clear();
    std::uint64_t sessions = 0;
    for (const TomlTable& table : tables) {
        ReadFlowAndCopies(table, scenario);
    }
    const bool star = scenario.access.kind == AccessKind::kPointToPoint && scenario.hops.empty();
    if (!star && scenario.flows.size() > kMaxFlowsOffStar) {
        root.Refuse("flow", "expected at most 64 flows with [[hop]], or with an access.kind");
    }
    for (const FlowSpec& flow : scenario.flows) sessions += flow.sessions;
    if (scenario.flows.size() > kMaxFlows) root.Refuse("flow", "expected at most 1000 flows");
    if (sessions > kMaxSessions) root.Refuse("flow", "expected at most 1000 sessions of all flows");
}

void ReadNodes(TomlTable table, NodesSpec& nodes) {
    if (table.Has("controller")) {
        const bool far = table.Choice("controller", {"client-side", "server-side"}) == 1;
        nodes.controller = far ? PathSide::kServer : PathSide::kClient;
    }
    if (table.Has("catalogue")) {
        nodes.catalogueAsked = table.Choice("catalogue", {"asked", "known"}) == 0;
    }
    ReadUnit(table, "patience", nodes.patience, ParseDuration);
    if (table.Has("lose-first-of-type")) nodes.firstOfTypeLost = table.Flag("lose-first-of-type");
    if (nodes.patience <= kRendererAhead) table.Refuse("patience", "expected more than 2 s");
    table.Finish();
}

}  // namespace crsp::lab
