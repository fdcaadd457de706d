// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "scenarios/lab/metrics.h"

namespace crsp::lab {

/// Adds the metrics of one window, named after it.
void AddWindowMetrics(const Scenario& scenario, const WindowSpec& window, const RunRecord& record,
                      Metrics& metrics);

}  // namespace crsp::lab
