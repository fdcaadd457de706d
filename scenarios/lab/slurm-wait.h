// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "scenarios/lab/slurm-array.h"

namespace crsp::lab {

/// From here on SIGINT and SIGTERM end waiting, in place of this program.
void WatchSignals();

/// Waits until all tasks of the array have ended, and says on stderr how far they are whenever that
/// changes. `states` becomes what was last known of each. Returns the code to exit with if it gave
/// up, which has been said then: after a signal, or because squeue keeps failing.
int AwaitArray(const SlurmQueue& queue, const SlurmArray& array, TaskStates& states);

}  // namespace crsp::lab
