// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "apps/ns3/crsp-impaired-channel.h"
#include "ns3/node.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/ptr.h"
#include "scenarios/lab/bench-cell.h"

namespace crsp::lab {

/// A dumbbell in ns-3: senders - router - bottleneck - router - receivers, one pair for each flow.
struct BenchNetwork {
    std::vector<ns3::Ptr<ns3::Node>> senders;
    std::vector<ns3::Ptr<ns3::Node>> receivers;
    ns3::Ptr<ns3::PointToPointNetDevice> bottleneck;  ///< the senders' side; queues what they send
    ns3::Ptr<ns3::CrspImpairedChannel> channel;
    /// Packets that the router dropped because the bottleneck's queue had no room: ns-3 stops a
    /// full device, and its traffic control layer drops what comes then, unseen by the queue.
    std::shared_ptr<std::uint64_t> droppedAhead = std::make_shared<std::uint64_t>(0);
};

/// Of what came to the bottleneck in the senders' direction, what its full queue turned away.
std::uint64_t BottleneckDrops(const BenchNetwork& network);
/// All that came, dropped or not.
std::uint64_t BottleneckOffered(const BenchNetwork& network);

/// Builds nodes, links, routes and the rate steps of the link. Losses draw from `seed`.
BenchNetwork BuildBenchNetwork(const BenchCell& cell, std::uint64_t seed);

}  // namespace crsp::lab
