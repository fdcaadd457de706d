// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>

#include "scenarios/lab/bench-command.h"
#include "scenarios/lab/run-record.h"

namespace crsp::lab {

/// The most flows of which each had begun to render its last generation and had not ended it.
std::size_t MostAtOnce(const RunRecord& record);

/// `crsp-lab bench flows`: the scenario of a thousand flows, and what the same bytes cost in fewer.
/// Returns the exit code.
int RunManyFlows(const BenchCommand& command);

}  // namespace crsp::lab
