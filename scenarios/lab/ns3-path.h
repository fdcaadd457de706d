// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

#include "apps/ns3/crsp-impaired-channel.h"
#include "ns3/ipv4-address.h"
#include "ns3/node.h"
#include "ns3/ptr.h"
#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// The two-hop path in ns-3: `server` - shared hop - `router` - clean hops - `renderer`,
/// `controller` and `neighbour`. With the controller on the server's side, it is `server`.
struct Ns3Path {
    ns3::Ptr<ns3::Node> server;
    ns3::Ptr<ns3::Node> router;
    ns3::Ptr<ns3::Node> renderer;
    ns3::Ptr<ns3::Node> controller;
    ns3::Ptr<ns3::Node> neighbour;  ///< client end of the cross traffic
    ns3::Ptr<ns3::CrspImpairedChannel> shared;
    ns3::Ptr<ns3::NetDevice> bottleneck;  ///< the server's end of the shared hop
};

/// Builds nodes, links and routes. Impairments draw from `seed`.
Ns3Path BuildNs3Path(const Scenario& scenario, std::uint64_t seed);

/// Address of a node's first interface.
ns3::Ipv4Address AddressOf(ns3::Ptr<ns3::Node> node);

/// What the shared hop's loss processes did.
LossCount LossDown(const Ns3Path& path);
LossCount LossUp(const Ns3Path& path);

}  // namespace crsp::lab
