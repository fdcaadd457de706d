// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <deque>
#include <vector>

#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/ptr.h"
#include "scenarios/lab/run-record.h"

namespace crsp::lab {

/// Watches the queue of one device: how long every packet waited in it. Lives as long as the
/// simulation.
class Ns3Probe {
  public:
    explicit Ns3Probe(ns3::Ptr<ns3::PointToPointNetDevice> device);
    Ns3Probe(const Ns3Probe&) = delete;
    Ns3Probe& operator=(const Ns3Probe&) = delete;

    /// In the order in which they left.
    const std::vector<Passage>& Passages() const { return m_passages; }

  private:
    std::deque<TimePoint> m_waiting;  ///< since when; a drop-tail queue keeps the order
    std::vector<Passage> m_passages;
};

}  // namespace crsp::lab
