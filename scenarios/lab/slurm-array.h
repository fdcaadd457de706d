// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/results-merge.h"
#include "scenarios/lab/slurm-plan.h"
#include "scenarios/lab/slurm-queue.h"

namespace crsp::lab {

/// An array that was submitted: its folder, plan and job.
struct SlurmArray {
    std::string folder;
    SlurmPlan plan;
    std::string job;
};

/// A new folder for an array below `shared`, or why there can be none.
Expected<std::string, std::string> MakeArrayFolder(const std::string& shared);

/// Remembers in the folder which job the array is.
void SaveJob(const std::string& folder, const std::string& job);

/// The arrays below `shared` that nobody has merged yet and that are for the database `results`, by
/// the engine and laboratory that this program is.
std::vector<SlurmArray> OpenArrays(const std::string& shared, const std::string& results);

/// Adds what the tasks have stored to the database of the plan. What cannot be read is said on
/// stderr, and so are conflicts.
MergeCounts MergeArray(const SlurmArray& array);

/// Removes the folder, or, with `keep`, leaves it to look at; it is open no more.
void CloseArray(const SlurmArray& array, bool keep);

}  // namespace crsp::lab
