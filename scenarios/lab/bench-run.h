// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "scenarios/lab/bench-cell.h"
#include "scenarios/lab/bench-record.h"
#include "scenarios/lab/run-pool.h"

namespace crsp::lab {

/// Runs one cell in ns-3. The same cell and seed give the same record. Uses the process's one
/// simulator, and leaves it destroyed.
BenchRecord RunBenchCell(const BenchCell& cell, std::uint64_t seed, RunProgress& progress);

}  // namespace crsp::lab
