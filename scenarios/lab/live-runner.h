// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

struct LiveRunOptions {
    std::uint64_t seed = 1;
    std::string folder;    ///< exists; contents, logs, timeline, statistics and qlog go here
    std::string programs;  ///< where crsp-server, crsp-renderer, crsp-controller, crsp-relay are
    bool qlog = true;
    bool keyLog = false;  ///< `keys.log`, and a `PROGRAM.pcap` of each node
};

/// Why a scenario cannot run live, in one sentence; empty if it can.
std::string LiveObstacle(const Scenario& scenario);

/// Runs a scenario once with the deployed programs over loopback, through a relay for each path
/// that the shared hop is part of. Cross traffic has no live counterpart and is left out. Uses only
/// the programs' command lines and the files they write. A program that cannot be started or dies
/// becomes the record's failure.
RunRecord RunLive(const Scenario& scenario, const LiveRunOptions& options);

}  // namespace crsp::lab
