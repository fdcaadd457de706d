// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "model/base/time.h"
#include "scenarios/lab/run-pool.h"
#include "scenarios/lab/slurm-options.h"
#include "scenarios/lab/sweep-plan.h"

namespace crsp::lab {

/// `crsp-lab sweep`, as given on the command line.
struct SweepCommand {
    std::vector<std::string> files;
    bool all = false;  ///< every file of the library
    std::string only;  ///< with `all`: those whose name matches this pattern
    std::vector<std::string> overrides;
    std::vector<Variation> vary;
    std::uint64_t seed = 1;
    std::uint64_t seeds = 0;             ///< 0: what the file says, or kDefaultSeeds
    std::uint64_t jobs = DefaultJobs();  ///< on Slurm: of each task
    Duration wallLimit{};                ///< of each run; zero: what the file says
    Shard shard;
    bool dryRun = false;
    bool traces = false;  ///< keep pcap, qlog and run.json of each run
    bool live = false;
    std::string programs;
    std::string out = "out";
    std::string results;  ///< the database; empty: OUT/results.sqlite
    std::string executor = "local";
    SlurmOptions slurm;  ///< with the executor slurm
};

/// Declares the command.
void DeclareSweepCommand(CLI::App& app, SweepCommand& command);

/// Runs what is missing of every combination of file, values and seed; prints one line for each
/// file with values. Returns the exit code: kExitFailed if a run of the sweep has failed, now or
/// before.
int RunSweepCommand(const SweepCommand& command);

}  // namespace crsp::lab
