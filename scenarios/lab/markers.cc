// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/markers.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/media/command.h"
#include "scenarios/lab/link-impairment.h"

namespace crsp::lab {
namespace {

void AddScript(const Script& script, Duration from, const std::string& who,
               std::vector<Marker>& markers) {
    for (const ScriptStep& step : script) {
        if (step.afterEnd) continue;
        markers.push_back(
            {from + step.at, "command", fmt::format("{}: {}", who, ToString(step.verb))});
    }
}

std::string StepText(const LinkStep& step) {
    std::string text;
    const auto add = [&text](const std::string& what) {
        text += (text.empty() ? "" : ", ") + what;
    };
    if (step.rate) add(fmt::format("{:g} Mbit/s", *step.rate / 1e6));
    if (step.delay) add(fmt::format("{:g} ms one way", ToMilliseconds(*step.delay)));
    if (step.jitter) add(fmt::format("jitter {:g} ms", ToMilliseconds(*step.jitter)));
    return text;
}

void AddLink(const LinkSpec& link, Duration until, const std::string& where,
             std::vector<Marker>& markers) {
    for (const LinkStep& step : StepsUntil(link, until)) {
        markers.push_back({step.at, "link", fmt::format("{}: {}", where, StepText(step))});
    }
    for (const Interval& blackout : BlackoutIntervals(link, until)) {
        const double length = ToSeconds(blackout.end - blackout.begin);
        markers.push_back(
            {blackout.begin, "link", fmt::format("{}: blackout for {:g} s", where, length)});
    }
}

void AddHop(const SharedLink& hop, std::size_t index, Duration until,
            std::vector<Marker>& markers) {
    AddLink(hop.down, until, fmt::format("hop {} down", index), markers);
    AddLink(hop.up, until, fmt::format("hop {} up", index), markers);
}

}  // namespace

std::vector<Marker> PlannedMarkers(const Scenario& scenario) {
    std::vector<Marker> markers;
    const std::size_t flows = std::min(scenario.flows.size(), kMaxFlowsApart);
    for (std::size_t i = 0; i < flows; ++i) {
        AddScript(scenario.flows[i].script, Duration{}, scenario.flows[i].name, markers);
    }
    for (const ControllerSpec& controller : scenario.controllers) {
        AddScript(controller.script, controller.start, controller.name, markers);
    }
    AddHop(scenario.link, 0, scenario.stop, markers);
    for (std::size_t i = 0; i < scenario.hops.size(); ++i) {
        AddHop(scenario.hops[i], i + 1, scenario.stop, markers);
    }
    std::stable_sort(markers.begin(), markers.end(),
                     [](const Marker& a, const Marker& b) { return a.at < b.at; });
    if (markers.size() > kMaxMarkers) markers.resize(kMaxMarkers);
    return markers;
}

std::string FaultText(const FaultSpec& fault) {
    if (fault.kind == FaultKind::kReplace) return "replace contents";
    static constexpr const char* kActors[] = {"server", "renderer", "controller"};
    return fmt::format("{} {}", fault.kind == FaultKind::kKill ? "kill" : "start",
                       kActors[static_cast<std::size_t>(fault.actor)]);
}

}  // namespace crsp::lab
