// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/lab/scenario-tables.h"

namespace crsp::lab {
namespace {

constexpr std::size_t kMaxFaults = 100;
constexpr std::size_t kMaxControllers = 16;

/// The flow that `key` names.
std::size_t ReadFlowName(TomlTable& table, const char* key, const Scenario& scenario) {
    const std::string name = table.Text(key);
    const auto& flows = scenario.flows;
    const auto found = std::find_if(flows.begin(), flows.end(),
                                    [&](const FlowSpec& flow) { return flow.name == name; });
    if (found == flows.end()) {
        table.Refuse(key, fmt::format("expected the name of a [[flow]], got \"{}\"", name));
    }
    return static_cast<std::size_t>(found - flows.begin());
}

/// The first if it is left out.
std::size_t ReadFlowOrFirst(TomlTable& table, const Scenario& scenario) {
    return table.Has("flow") ? ReadFlowName(table, "flow", scenario) : 0;
}

std::size_t ReadEntry(TomlTable& table, const Scenario& scenario) {
    const std::string name = table.Text("entry");
    const auto& contents = scenario.content;
    const auto found =
        std::find_if(contents.begin(), contents.end(),
                     [&](const ContentSpec& content) { return content.name == name; });
    if (found == contents.end()) {
        table.Refuse("entry",
                     fmt::format("expected the name of a [[content]] entry, got \"{}\"", name));
    }
    return static_cast<std::size_t>(found - contents.begin());
}

void ReadWhen(TomlTable& table, const Scenario& scenario, FaultSpec& fault) {
    if (int{table.Has("at")} + int{table.Has("after")} + int{table.Has("at-share")} != 1) {
        table.Refuse("", "expected one of at, after and at-share");
    }
    if (table.Has("at")) {
        fault.at = table.Unit("at", ParseDuration);
        if (*fault.at >= scenario.stop) table.Refuse("at", "expected a time before scenario.stop");
    } else if (table.Has("after")) {
        fault.after = table.Unit("after", ParseDuration);
        if (scenario.faults.empty()) table.Refuse("after", "expected a [[fault]] above");
    } else {
        fault.share = table.Unit("at-share", ParseShare);
        if (fault.share <= 0) table.Refuse("at-share", "expected more than 0 %");
    }
}

FaultSpec ReadFault(TomlTable table, const Scenario& scenario) {
    FaultSpec fault;
    ReadWhen(table, scenario, fault);
    fault.kind = static_cast<FaultKind>(table.Choice("do", {"kill", "start", "replace"}));
    fault.flow = ReadFlowOrFirst(table, scenario);
    if (fault.kind == FaultKind::kReplace) {
        fault.content = ReadEntry(table, scenario);
    } else {
        fault.actor =
            static_cast<Actor>(table.Choice("node", {"server", "renderer", "controller"}));
    }
    if (fault.actor == Actor::kController && fault.kind == FaultKind::kStart) {
        table.Refuse("do", "expected \"kill\": one that comes after it is a [[controller]]");
    }
    if (scenario.flows[fault.flow].sessions > 1) {
        table.Refuse("flow", "expected a flow of one session");
    }
    table.Finish();
    return fault;
}

ControllerSpec ReadController(TomlTable table, const Scenario& scenario) {
    ControllerSpec controller;
    controller.name = table.Text("name");
    if (controller.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
        std::string::npos) {
        table.Refuse("name", "expected only a-z, 0-9 and '-'");
    }
    for (const ControllerSpec& other : scenario.controllers) {
        if (other.name == controller.name) table.Refuse("name", "expected a name not used above");
    }
    controller.flow = ReadFlowOrFirst(table, scenario);
    if (scenario.flows[controller.flow].sessions > 1) {
        table.Refuse("flow", "expected a flow of one session");
    }
    ReadUnit(table, "start", controller.start, ParseDuration);
    if (controller.start >= scenario.stop) {
        table.Refuse("start", "expected a time before scenario.stop");
    }
    if (table.Has("continues")) {
        controller.continues = ReadFlowName(table, "continues", scenario);
        if (controller.continues == controller.flow) {
            table.Refuse("continues", "expected another flow than its own");
        }
    }
    controller.script = ReadScript(table, scenario);
    table.Finish();
    return controller;
}

}  // namespace

void ReadActors(TomlTable& root, Scenario& scenario) {
    for (const TomlTable& table : root.Tables("fault")) {
        scenario.faults.push_back(ReadFault(table, scenario));
    }
    if (scenario.faults.size() > kMaxFaults) root.Refuse("fault", "expected at most 100");
    for (const TomlTable& table : root.Tables("controller")) {
        scenario.controllers.push_back(ReadController(table, scenario));
    }
    if (scenario.controllers.size() > kMaxControllers) {
        root.Refuse("controller", "expected at most 16");
    }
}

}  // namespace crsp::lab
