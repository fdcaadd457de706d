// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace crsp::lab {

/// How a sweep is put on a cluster, as given on the command line.
struct SlurmOptions {
    std::string partition;          ///< empty: the cluster's default
    std::uint64_t arrayLimit = 0;   ///< tasks at a time; 0: as many as the cluster has room for
    std::uint64_t runsPerTask = 0;  ///< 0: as few as make kMostTasks tasks
    std::string shared;             ///< folder that every node sees; empty: OUT/slurm
    std::vector<std::string> more;  ///< options of sbatch, with or without `--` before them
};

/// Tasks of one array, unless the command line says how long one is. Slurm takes 1,000 by default.
inline constexpr std::size_t kMostTasks = 100;

/// Declares the options of `sweep` that are about Slurm; each needs the executor slurm.
void DeclareSlurmOptions(CLI::App& sub, SlurmOptions& options);

/// Refuses options of the command that do not go with the executor.
void CheckSlurmOptions(const CLI::App& sub, const std::string& executor);

}  // namespace crsp::lab
