// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "scenarios/lab/metrics.h"

namespace crsp::lab {

/// The metrics of one flow.
Metrics FlowMetrics(const FlowRun& record);

/// Latencies of its answered commands, ms.
std::vector<double> LatenciesOf(const FlowRun& record);

/// Bytes that its renderer rendered in [from, until), over all generations.
std::uint64_t BytesRendered(const FlowRun& record, TimePoint from, TimePoint until);

}  // namespace crsp::lab
