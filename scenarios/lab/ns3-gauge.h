// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "model/base/time.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/ptr.h"
#include "scenarios/lab/self-check.h"

namespace crsp::lab {

/// Watches one direction of a hop from outside, at its two devices: what left, and when it arrived.
/// It does not ask what is between them. Lives as long as the simulation.
class Ns3Gauge {
  public:
    Ns3Gauge(ns3::Ptr<ns3::PointToPointNetDevice> from, ns3::Ptr<ns3::PointToPointNetDevice> to);
    Ns3Gauge(const Ns3Gauge&) = delete;
    Ns3Gauge& operator=(const Ns3Gauge&) = delete;

    /// In the order of leaving.
    const std::vector<Crossing>& Crossings() const { return m_crossings; }

  private:
    void OnBegin(ns3::Ptr<const ns3::Packet> packet);
    void OnLeft(ns3::Ptr<const ns3::Packet> packet);
    void OnArrived(ns3::Ptr<const ns3::Packet> packet);

    std::vector<Crossing> m_crossings;
};

}  // namespace crsp::lab
