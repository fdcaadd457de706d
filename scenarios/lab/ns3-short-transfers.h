// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "model/base/random.h"
#include "ns3/address.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Who sends cross traffic to whom.
struct TrafficEnds {
    ns3::Ptr<ns3::Node> sender;
    ns3::Ptr<ns3::Node> receiver;
};

/// Makes the node's TCP sockets of one variant from `start` on. ns-3 chooses the congestion control
/// per node, when a socket is made: so it is set by an event of the instant at which the sender
/// starts, scheduled before it.
void ChooseTcpVariant(ns3::Ptr<ns3::Node> sender, TrafficKind kind, Duration start);

/// TCP flows that each transfer something, pause, and transfer something again: by a new connection
/// each time. Lives as long as the simulation.
class Ns3ShortTransfers {
  public:
    Ns3ShortTransfers(const TrafficSpec& traffic, const TrafficEnds& ends, std::uint16_t firstPort,
                      std::uint64_t seed);
    Ns3ShortTransfers(const Ns3ShortTransfers&) = delete;
    Ns3ShortTransfers& operator=(const Ns3ShortTransfers&) = delete;

    std::uint64_t BytesReceived() const { return m_received; }

  private:
    struct Flow {
        Random random;
        std::uint64_t left = 0;  ///< bytes of the transfer under way
    };

    void Pause(std::size_t flow);
    void Transfer(std::size_t flow);
    void OnReceived(std::size_t flow, std::uint64_t bytes);
    bool Over() const;

    TrafficSpec m_traffic;
    TrafficEnds m_ends;
    std::uint16_t m_port;
    std::uint64_t m_received = 0;
    std::vector<Flow> m_flows;
};

}  // namespace crsp::lab
