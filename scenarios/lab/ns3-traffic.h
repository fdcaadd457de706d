// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "scenarios/lab/ns3-path.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Sets ns-3's TCP up so that it is a fair competitor: without these its defaults cripple it (40 ms
/// delayed ACK, RTO floor, SACK, initial window of 10, 4 MiB buffers). Call before nodes are made.
void ConfigureTcp();

/// Installs every flow of the scenario between `path.server` and `path.neighbour`.
void InstallTraffic(const Scenario& scenario, const Ns3Path& path);

}  // namespace crsp::lab
