// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tests/sim/swarm/workload.h"
#include "tests/sim/swarm/world.h"

namespace crsp::sim {

/// Arranges everything that happens to nodes in the safety phase: they move, stop, crash, restart,
/// leap in time, or find their socket full. Returns the longest of their pauses and leaps, which a
/// node takes for the round trip of whatever it waited for.
Duration ArrangeNodeFaults(World& world, const Workload& workload, Verdict& verdict);

/// Gives nodes that others dial the address back at which they are dialled.
void EndMoves(World& world, const Workload& workload);

}  // namespace crsp::sim
