// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "apps/ns3/crsp-impaired-channel.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/ptr.h"
#include "ns3/queue-disc.h"
#include "scenarios/lab/delivery-trace.h"
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

    /// Puts the link's queue discipline, if it has one, in front of the device: once this has an
    /// address. All packets but the next wait in it then.
    void InstallDiscipline();
    /// Null without one.
    ns3::Ptr<ns3::QueueDisc> Discipline() const { return m_discipline; }
    ns3::Ptr<ns3::PointToPointNetDevice> Device() const { return m_device; }

  private:
    void SetRate(double rate);
    void SetQueue(double rate);
    void Take(const LinkStep& step);
    void OnTransmission(ns3::Ptr<const ns3::Packet> packet);
    void OnOpportunity(ns3::Ptr<const ns3::Packet> packet);
    void HoldUntil(Duration end);
    Duration PauseEnd(Duration now) const;

    const LinkSpec& m_link;
    AccessSpec m_access;
    std::vector<RateFrom> m_rates;
    Duration m_delay;
    Duration m_jitter;
    ns3::Ptr<ns3::PointToPointNetDevice> m_device;
    ns3::Ptr<ns3::CrspImpairedChannel> m_channel;
    std::uint32_t m_direction;
    ns3::Time m_heldUntil;
    std::optional<OpportunityClock> m_opportunities;
    ns3::Ptr<ns3::QueueDisc> m_discipline;
};

}  // namespace crsp::lab
