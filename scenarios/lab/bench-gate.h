// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/lab/bench-cell.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/report.h"

namespace crsp::lab {

/// By name of the cell: the metrics of each seed; empty ones for a run that failed.
using BenchResults = std::map<std::string, std::vector<Metrics>, std::less<>>;

/// Median, least and most over the seeds; nothing unless every seed has the metric.
std::optional<Spread> BenchSpread(const BenchResults& results, const std::string& cell,
                                  std::string_view metric);

struct GateVerdict {
    std::string target;   ///< as in `at most 0.5`
    bool judged = false;  ///< false if the cell was not run
    bool pass = false;
};

/// Holds the median against the gate. A metric that some seed did not give has failed; so has the
/// comparison with cells that were not run.
GateVerdict Judge(const BenchCell& cell, const BenchGate& gate, const BenchResults& results);

}  // namespace crsp::lab
