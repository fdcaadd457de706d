// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/lab/run-pool.h"

namespace crsp::lab {

/// Scenario, seed, and by their names the values of its metrics and its digest, as text that is
/// equal exactly if they are.
using BaselineRun = std::map<std::string, std::string>;
using Baseline = std::map<std::string, std::map<std::string, BaselineRun>>;

/// Sorted JSON of one value a line.
std::string BaselineText(const Baseline& baseline);
/// Throws std::exception on what is not a baseline.
Baseline ParseBaseline(const std::string& text);

/// What moved from where to where, one sentence each.
std::vector<std::string> BaselineMoves(const Baseline& before, const Baseline& now);

/// `crsp-lab baseline`, as given on the command line.
struct BaselineCommand {
    bool write = false;
    std::uint64_t jobs = DefaultJobs();
    std::string file = CRSP_SOURCE_DIR "/results/baseline/metrics.json";
};

void DeclareBaselineCommand(CLI::App& app, BaselineCommand& command);

/// Runs a small fixed matrix and compares it with the kept results, or keeps it. Returns the exit
/// code: kExitFailed if something moved.
int RunBaselineCommand(const BaselineCommand& command);

}  // namespace crsp::lab
