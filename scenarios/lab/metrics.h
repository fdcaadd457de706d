// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Metrics by name (metric-names.h). A metric that the run gives no value for is left out: no
/// completion time without completion.
using Metrics = std::map<std::string, double, std::less<>>;

/// Computes every metric, by definitions that do not know which world the record is from.
Metrics ComputeMetrics(const Scenario& scenario, const RunRecord& record);

/// Latencies of the answered commands of all flows, ms, flow by flow in the order of issuing.
std::vector<double> CommandLatencies(const RunRecord& record);

/// The value below which `share` (0 to 1) of `samples` lie, interpolated between neighbours (type 7
/// of Hyndman and Fan, 1996). `samples` must not be empty.
double Quantile(std::vector<double> samples, double share);

/// What the scenario expected and the run did not keep, one sentence each; empty if all is well.
std::vector<std::string> Shortfalls(const Scenario& scenario, const RunRecord& record,
                                    const Metrics& metrics);

}  // namespace crsp::lab
