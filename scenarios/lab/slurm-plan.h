// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/base/result.h"
#include "model/base/time.h"
#include "scenarios/lab/sweep-runs.h"

namespace crsp::lab {

/// One run of a task: which variant of the plan, and its seed.
struct PlannedRun {
    std::size_t variant = 0;
    std::uint64_t seed = 0;
};

/// What a task needs of a variant to run it.
struct PlannedVariant {
    std::string file;
    std::vector<std::string> assignments;
    std::string hash;        ///< of what was asked; the task refuses to run anything else
    std::string parameters;  ///< as ParametersText
    std::string branch;
    std::string command;  ///< that repeats a run, without its seed
};

/// What an array of tasks is to do; a file in the folder that all machines see.
struct SlurmPlan {
    std::string engine;   ///< hash of the engine that the runs are to be made by
    std::string lab;      ///< and of the laboratory
    std::string results;  ///< the database that the runs are for
    std::string out;      ///< where traces go, if they are kept
    bool traces = false;
    std::uint64_t jobs = 1;  ///< runs at a time, of each task
    Duration wallLimit{};    ///< zero: what the files say
    std::vector<PlannedVariant> variants;
    std::vector<std::vector<PlannedRun>> tasks;  ///< task number 1 is the first
};

/// The missing runs of the sweep, in its order and cut into tasks.
SlurmPlan PlanArray(const SweepCommand& command, const Sweep& sweep);

/// Where the plan is in the folder of its array, and what task number `task`, from 1, leaves there.
std::string PlanPath(const std::string& folder);
std::string TaskResults(const std::string& folder, std::size_t task);
std::string TaskLog(const std::string& folder, std::size_t task);

/// Writes the plan into `folder`. Throws std::system_error.
void SavePlan(const std::string& folder, const SlurmPlan& plan);

/// The plan at `path`, or why it cannot be read.
Expected<SlurmPlan, std::string> LoadPlan(const std::string& path);

/// The script that sbatch gets: its tasks run `program` with the plan of `folder`.
std::string ArrayScript(const std::string& program, const std::string& folder);

}  // namespace crsp::lab
