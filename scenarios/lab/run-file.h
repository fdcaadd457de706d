// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/metrics.h"

namespace crsp::lab {

/// What a run's process leaves for the laboratory in its folder, as `run.json`.
struct RunFile {
    Metrics metrics;
    std::vector<double> latencies;
    std::vector<std::string> shortfalls;
};

/// Throws std::system_error if it cannot be written.
void SaveRunFile(const std::string& folder, const RunFile& file);

/// What SaveRunFile wrote; empty if the process died before.
RunFile LoadRunFile(const std::string& folder);

}  // namespace crsp::lab
