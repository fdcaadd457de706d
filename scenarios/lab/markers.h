// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// What a scenario does at an instant, as a `simulation:marker` of qlog tells it
/// (model/trace/QLOG.md).
struct Marker {
    Duration at{};
    std::string type;
    std::string message;
};

/// Of one run; steps that come again and again may be many more.
inline constexpr std::size_t kMaxMarkers = 10'000;

/// Commands, steps and blackouts whose instants the scenario says, in order of time, kMaxMarkers at
/// most. Commands that wait for an end are not among them, and neither are those of flows from
/// kMaxFlowsApart on.
std::vector<Marker> PlannedMarkers(const Scenario& scenario);

/// As `kill server`.
std::string FaultText(const FaultSpec& fault);

}  // namespace crsp::lab
