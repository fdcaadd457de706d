// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "apps/ns3/crsp-impaired-channel.h"
#include "ns3/ipv4-address.h"
#include "ns3/node.h"
#include "ns3/ptr.h"
#include "scenarios/lab/ns3-line.h"
#include "scenarios/lab/ns3-nat.h"
#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// The path in ns-3: `server` - shared hop - `router` - clean hops - one leaf for each flow,
/// `controller` and `neighbour`. With the controller on the server's side, it is `server`. Lives as
/// long as the simulation.
struct Ns3Path {
    ns3::Ptr<ns3::Node> server;
    ns3::Ptr<ns3::Node> router;
    std::vector<ns3::Ptr<ns3::Node>> leaves;  ///< client-side end of each flow of the scenario
    ns3::Ptr<ns3::Node> controller;
    ns3::Ptr<ns3::Node> neighbour;  ///< client end of the cross traffic
    ns3::Ptr<ns3::CrspImpairedChannel> shared;
    ns3::Ptr<ns3::PointToPointNetDevice> bottleneck;  ///< the server's end of the shared hop
    std::array<std::unique_ptr<Ns3Line>, 2> lines;
    std::unique_ptr<Ns3Nat> nat;
};

/// Builds nodes, links and routes. Impairments draw from `seed`.
Ns3Path BuildNs3Path(const Scenario& scenario, std::uint64_t seed);

/// Address of a node's first interface.
ns3::Ipv4Address AddressOf(ns3::Ptr<ns3::Node> node);

/// What the shared hop's loss processes did.
LossCount LossDown(const Ns3Path& path);
LossCount LossUp(const Ns3Path& path);

}  // namespace crsp::lab
