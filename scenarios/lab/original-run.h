// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/base/time.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// What a run of either protocol left behind, by the same definitions.
struct ProtocolOutcome {
    /// From the first play until the renderer has what it takes for the last byte; nothing if that
    /// did not come.
    std::optional<Duration> completion;
    std::uint64_t bytesRendered = 0;  ///< of the last generation
    bool hashEqual = false;           ///< that generation is complete and is the entry
    std::uint64_t commandsGiven = 0;
    std::uint64_t commandsAnswered = 0;  ///< and not with an error
};

/// What in the scenario the original has no word for; empty if it can be run.
std::string OriginalObstacle(const Scenario& scenario);

/// Runs the first flow of a scenario, of which OriginalObstacle() says nothing, in ns-3 with the
/// original protocol in place of ours: same nodes, links, chances, content and script. Uses the
/// process's one simulator, and leaves it destroyed.
ProtocolOutcome RunOriginalInNs3(const Scenario& scenario, std::uint64_t seed);

/// The same with our protocol, by RunInNs3.
ProtocolOutcome RunOursInNs3(const Scenario& scenario, std::uint64_t seed);

}  // namespace crsp::lab
