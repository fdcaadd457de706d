// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <map>
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

/// Directions of a hop, by the order of its devices: that of the server's side is the first.
inline constexpr std::uint32_t kDown = 0;
inline constexpr std::uint32_t kUp = 1;

/// A hop that is impaired.
struct Ns3Hop {
    ns3::Ptr<ns3::CrspImpairedChannel> channel;
    std::array<std::unique_ptr<Ns3Line>, 2> lines;
};

/// The path in ns-3: `server` - shared hop - `router` - clean hops - one leaf for each flow,
/// `controller` and `neighbour`. Further hops stand between the shared one and `router`. With the
/// controller on the server's side, it is `server`. Lives as long as the simulation.
struct Ns3Path {
    ns3::Ptr<ns3::Node> server;
    ns3::Ptr<ns3::Node> router;               ///< the last
    std::vector<ns3::Ptr<ns3::Node>> places;  ///< ends of the hops, as PathPart counts
    std::vector<ns3::Ptr<ns3::Node>> leaves;  ///< client-side end of each flow of the scenario
    std::vector<ns3::Ptr<ns3::Node>> roots;   ///< the other end
    ns3::Ptr<ns3::Node> controller;
    ns3::Ptr<ns3::Node> neighbour;                          ///< client end of the cross traffic
    std::map<std::size_t, ns3::Ptr<ns3::Node>> neighbours;  ///< its ends elsewhere, by place
    std::vector<Ns3Hop> hops;                               ///< the shared one first
    ns3::Ptr<ns3::PointToPointNetDevice> bottleneck;        ///< the server's end of the shared hop
    std::unique_ptr<Ns3Nat> nat;
};

/// Builds nodes, links and routes. Impairments draw from `seed`.
Ns3Path BuildNs3Path(const Scenario& scenario, std::uint64_t seed);

/// Address of a node's first interface.
ns3::Ipv4Address AddressOf(ns3::Ptr<ns3::Node> node);

/// Where cross traffic that ends or begins at `place` stands.
ns3::Ptr<ns3::Node> TrafficEnd(const Ns3Path& path, std::size_t place);

/// What the shared hop's loss processes did.
LossCount LossDown(const Ns3Path& path);
LossCount LossUp(const Ns3Path& path);

}  // namespace crsp::lab
