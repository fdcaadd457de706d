// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "model/connection/endpoint-config.h"
#include "ns3/node.h"
#include "ns3/ptr.h"
#include "scenarios/lab/message-roles.h"
#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Messages with deadlines from one node to another, until `end` if the traffic has no stop. Lives
/// as long as the simulation.
class Ns3Messages {
  public:
    /// Takes `port` at the receiver's node and the next one at the sender's.
    Ns3Messages(const TrafficSpec& traffic, const TransportConfig& transport,
                ns3::Ptr<ns3::Node> sender, ns3::Ptr<ns3::Node> receiver, std::uint16_t port,
                Duration end);
    Ns3Messages(const Ns3Messages&) = delete;
    Ns3Messages& operator=(const Ns3Messages&) = delete;

    /// Adds what has become of each message so far.
    void Collect(RunRecord& record) const;

  private:
    MessageLoad m_load;
    MessageTarget m_target;
    MessageSource m_source;
};

}  // namespace crsp::lab
