// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/lab/bench-cell.h"
#include "scenarios/lab/bench-gate.h"

namespace crsp::lab {

/// A Markdown table of one metric: a line for each row of cells, a column for each variant with
/// median (least to most) over the seeds, and the targets with what became of them. Empty if no
/// cell has it.
std::string BenchMetricTable(const std::vector<BenchCell>& cells, const BenchResults& results,
                             std::string_view metric);

/// As above for cells of different kinds: a line for each row and metric.
std::string BenchListTable(const std::vector<BenchCell>& cells, const BenchResults& results);

/// How many targets were kept, and one line for each that was not.
std::string BenchVerdicts(const std::vector<BenchCell>& cells, const BenchResults& results);

/// Transfers in which a TCP was faster than ours, one line each.
std::string BenchFasterTcps(const std::vector<BenchCell>& cells, const BenchResults& results);

/// Whether every target that could be judged was kept.
bool AllGatesPass(const std::vector<BenchCell>& cells, const BenchResults& results);

/// All of it, suite by suite.
std::string BenchTables(const std::vector<BenchCell>& cells, const BenchResults& results);

}  // namespace crsp::lab
