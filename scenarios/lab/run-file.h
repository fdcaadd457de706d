// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/lab/distribution.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/run-record.h"

namespace crsp::lab {

/// What a run is told by, as in the database.
struct RunIdentity {
    std::string scenarioHash;
    std::string parameters;  ///< as ParametersText
    std::string world;
    std::uint64_t seed = 0;
    std::string engine;
    std::string lab;

    bool operator==(const RunIdentity&) const = default;
};

/// What a run's process leaves for the laboratory in its folder, as `run.json`.
struct RunFile {
    RunIdentity identity;  ///< empty where the folder is nobody else's
    Metrics metrics;
    std::vector<double> latencies;  ///< of commands, ms
    std::vector<std::string> shortfalls;
    std::string invalid;                          ///< as in RunRecord
    std::string digest;                           ///< as in RunRecord
    std::map<std::string, Distribution> samples;  ///< as queue-delay, ms
    std::vector<Series> series;
    double simulatedSeconds = 0;
    double cpuSeconds = 0;  ///< of the run's process, so far
    std::uint64_t packets = 0;
};

/// What is kept of a record, with the cost of this process.
RunFile RunFileOf(const Scenario& scenario, const RunRecord& record);

/// Throws std::system_error if it cannot be written.
void SaveRunFile(const std::string& folder, const RunFile& file);

/// What SaveRunFile wrote; empty if the process died before.
RunFile LoadRunFile(const std::string& folder);

/// User and system time of this process.
double CpuSeconds();

}  // namespace crsp::lab
