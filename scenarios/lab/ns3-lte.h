// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "ns3/node.h"
#include "ns3/ptr.h"
#include "scenarios/lab/ns3-addresses.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Whether the ns-3 that this was built with has its lte module.
bool HasLte();

/// Joins `stations`, which have the address of their radio as their first, to `router`: base
/// stations, packet core and the wire between the packet gateway and the router, with addresses and
/// routes. Only if HasLte().
void BuildLteCells(const AccessSpec& access, ns3::Ptr<ns3::Node> router,
                   const std::vector<ns3::Ptr<ns3::Node>>& stations, Addresses& addresses);

}  // namespace crsp::lab
