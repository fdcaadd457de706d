// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "scenarios/lab/sweep-runs.h"

namespace crsp::lab {

/// Merges what earlier arrays for this database have made of the missing runs, waiting for those
/// that still run; submits the rest as one array of Slurm, waits for it, and merges. `store` must
/// be the command's database. On SIGINT or SIGTERM the array goes on without us.
SweepEnd RunOnSlurm(const SweepCommand& command, ResultsStore& store, Sweep& sweep);

}  // namespace crsp::lab
