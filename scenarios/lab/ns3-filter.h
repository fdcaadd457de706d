// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <vector>

#include "ns3/error-model.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/ptr.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Drops packets where they arrive, before anything there sees them: those that one of its rules
/// wants dropped.
class Ns3Filter : public ns3::ErrorModel {
  public:
    using Rule = std::function<bool(ns3::Ptr<const ns3::Packet>)>;

    static ns3::TypeId GetTypeId();
    /// Puts a filter at a device that has none yet, or adds to the one it has.
    static void Add(ns3::Ptr<ns3::PointToPointNetDevice> device, Rule rule);

  private:
    bool DoCorrupt(ns3::Ptr<ns3::Packet> packet) override;
    void DoReset() override {}

    std::vector<Rule> m_rules;
};

/// A token bucket: a rule that wants dropped what is beyond `policer`.
Ns3Filter::Rule PolicerRule(const PolicerSpec& policer);

}  // namespace crsp::lab
