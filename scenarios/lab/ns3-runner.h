// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/lab/extra-traces.h"
#include "scenarios/lab/run-pool.h"
#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

struct Ns3RunOptions {
    std::uint64_t seed = 1;
    std::string folder;  ///< exists; empty writes no files
    bool pcap = true;
    bool qlog = true;
    ExtraTraces extra{};
    /// For tests of the self-check: what to build in place of the scenario's link.
    std::optional<SharedLink> realised{};
};

/// Runs a scenario once in ns-3, from nothing to what the run left behind. The same scenario and
/// seed give the same record. Uses the process's one simulator, and leaves it destroyed.
RunRecord RunInNs3(const Scenario& scenario, const Ns3RunOptions& options, RunProgress& progress);

}  // namespace crsp::lab
