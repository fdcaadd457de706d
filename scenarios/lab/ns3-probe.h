// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <deque>
#include <vector>

#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/ptr.h"
#include "ns3/queue-disc.h"
#include "scenarios/lab/run-record.h"

namespace crsp::lab {

/// Watches the queue of one device, and the discipline in front of it: how long every packet waited
/// in them. Lives as long as the simulation.
class Ns3Probe {
  public:
    /// `discipline` may be null.
    Ns3Probe(ns3::Ptr<ns3::PointToPointNetDevice> device, ns3::Ptr<ns3::QueueDisc> discipline);
    Ns3Probe(const Ns3Probe&) = delete;
    Ns3Probe& operator=(const Ns3Probe&) = delete;

    /// In the order in which they left.
    const std::vector<Passage>& Passages() const { return m_passages; }

  private:
    std::deque<TimePoint> m_waiting;  ///< in the device, since when; it keeps the order
    Duration m_before{};              ///< what the packet that enters the device has waited already
    std::vector<Passage> m_passages;
};

}  // namespace crsp::lab
