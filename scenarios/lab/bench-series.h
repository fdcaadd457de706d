// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "scenarios/lab/bench-record.h"

namespace crsp::lab {

/// The samples of a run as CSV, to plot: seconds, bytes in the queue, packets offered to it and
/// dropped by it so far, and the bytes that each flow's receiver has got and handed on.
std::string SeriesCsv(const BenchRecord& record);

/// Writes it. Throws std::system_error.
void SaveSeries(const std::string& path, const BenchRecord& record);

}  // namespace crsp::lab
