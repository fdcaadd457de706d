// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/lab/bench-command.h"
#include "scenarios/lab/cost-simulation.h"

namespace crsp::lab {

/// Every subject once, one after the other: their ratio is taken within a round, as the machine is
/// not the same for long.
using CostRound = std::map<CostSubject, CostRun>;

/// One line of the verdict: CRSP's time for a simulated packet over that of another subject.
struct CostTarget {
    CostSubject beside;
    double most;
};

/// The medians of all rounds, none of which lacks a subject, are within the targets.
bool CostTargetsKept(const std::vector<CostRound>& rounds);

/// Tables in Markdown: what a packet takes, and the ratios with their targets.
std::string CostTables(const std::vector<CostRound>& rounds);

/// `crsp-lab bench simcost`: what simulating a packet of CRSP costs, beside ns-3's own UDP and TCP.
/// Returns the exit code.
int RunCostBench(const BenchCommand& command);

}  // namespace crsp::lab
