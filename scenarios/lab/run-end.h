// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "scenarios/lab/results-store.h"
#include "scenarios/lab/run-pool.h"

namespace crsp::lab {

/// How the process of a run ended, by its exit code: kExitOk and kExitFailed are those of a run
/// that has left its file.
RunEnd EndOf(const JobResult& result);

/// Why a run has failed, one sentence or more; empty if it has not.
std::string ProblemOf(const RunFile& file, const JobResult& result);

/// Stores the run, and says whether it did. One that is not what the same run was before is not
/// stored, and has failed; nor is one that was killed or crashed where that came to its end.
bool Store(ResultsStore& store, StoredRun& run);

}  // namespace crsp::lab
