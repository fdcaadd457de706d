// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/lab/selector.h"

namespace crsp::lab {

/// Runs of the same kind, to draw both sides of a comparison from: a row is a run, with one value
/// for each metric.
struct AlarmSource {
    std::string name;
    std::vector<std::string> metrics;
    std::vector<std::vector<double>> runs;
};

struct AlarmOptions {
    std::uint64_t comparisons = 1000;
    std::uint64_t pairs = 10;
    double alpha = 0.05;
    std::uint64_t seed = 1;
    std::size_t resamples = 1000;  ///< of each bootstrap
};

struct AlarmCounts {
    std::size_t comparisons = 0;
    std::size_t alarms = 0;     ///< comparisons in which a metric was said to differ
    std::size_t intervals = 0;  ///< of all metrics, that were told
    std::size_t excluding = 0;  ///< of these, that leave 0 out
};

/// Compares A with A: draws `pairs` runs for each side without replacement, compares as Compare
/// does, and counts. Needs 2 * pairs runs. The same seed gives the same counts.
AlarmCounts CountFalseAlarms(const AlarmSource& source, const AlarmOptions& options);

/// Runs made of random numbers: normal, heavy-tailed (log-normal) and rounded to a few values.
std::vector<AlarmSource> SyntheticSources(std::size_t runs, std::uint64_t seed);

/// `crsp-lab false-alarms`, as given on the command line.
struct AlarmCommand {
    AlarmOptions options;
    Selector where;
    std::string results = "out/results.sqlite";
};

void DeclareAlarmCommand(CLI::App& app, AlarmCommand& command);

/// Counts over synthetic runs and over stored ones of which there are enough. Returns the exit
/// code: kExitFailed if the rate is beyond alpha by more than chance.
int RunAlarmCommand(const AlarmCommand& command);

}  // namespace crsp::lab
