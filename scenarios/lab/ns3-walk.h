// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>

#include "ns3/node.h"
#include "ns3/ptr.h"
#include "ns3/vector.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Puts a node somewhere. Its mobility model stays the same one.
void Stand(ns3::Ptr<ns3::Node> node, const ns3::Vector& where);

/// Lets station `index` of `count` stand or walk on its own line through `middle`, from now to the
/// end of the simulation.
void Walk(const WalkSpec& walk, const ns3::Vector& middle, ns3::Ptr<ns3::Node> station,
          std::size_t index, std::size_t count);

}  // namespace crsp::lab
