// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "apps/ns3/crsp-impaired-channel.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/ptr.h"
#include "scenarios/lab/link-impairment.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// One direction of the shared hop in ns-3: sets its device and its channel up, and changes them as
/// the link's steps say. Lives as long as the simulation.
class Ns3Line {
  public:
    Ns3Line(const Scenario& scenario, const LinkSpec& link,
            ns3::Ptr<ns3::PointToPointNetDevice> device, ns3::Ptr<ns3::CrspImpairedChannel> channel,
            std::uint32_t direction);
    Ns3Line(const Ns3Line&) = delete;
    Ns3Line& operator=(const Ns3Line&) = delete;

  private:
    void SetRate(double rate);
    void Take(const LinkStep& step);
    void OnTransmission(ns3::Ptr<const ns3::Packet> packet);
    Duration PauseEnd(Duration now) const;

    const LinkSpec& m_link;
    AccessSpec m_access;
    std::vector<RateFrom> m_rates;
    Duration m_delay;
    Duration m_jitter;
    ns3::Ptr<ns3::PointToPointNetDevice> m_device;
    ns3::Ptr<ns3::CrspImpairedChannel> m_channel;
    std::uint32_t m_direction;
};

}  // namespace crsp::lab
