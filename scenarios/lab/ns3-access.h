// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "ns3/node.h"
#include "ns3/ptr.h"
#include "scenarios/lab/ns3-addresses.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// A point-to-point link that changes nothing, with addresses.
void BuildCleanHop(double rate, Duration delay, ns3::Ptr<ns3::Node> router,
                   ns3::Ptr<ns3::Node> node, Addresses& addresses);

/// What joins the client side's nodes to the last router.
class Ns3Access {
  public:
    explicit Ns3Access(const AccessSpec& spec) : m_spec(spec) {}

    void SetRouter(ns3::Ptr<ns3::Node> router) { m_router = router; }
    /// `delay` is of a clean hop; where all share one medium it has its own.
    void Attach(ns3::Ptr<ns3::Node> node, Duration delay) { m_nodes.push_back({node, delay}); }
    /// Once, when all are attached. Networks are numbered in the order of attaching.
    void Build(Addresses& addresses);

  private:
    struct Member {
        ns3::Ptr<ns3::Node> node;
        Duration delay{};
    };

    std::vector<ns3::Ptr<ns3::Node>> Nodes() const;
    ns3::NetDeviceContainer BuildShared() const;

    AccessSpec m_spec;
    ns3::Ptr<ns3::Node> m_router;
    std::vector<Member> m_nodes;
};

/// A Wi-Fi cell: the devices of `router`, its access point, and of all stations, without addresses.
ns3::NetDeviceContainer BuildWifiCell(const WifiSpec& wifi, ns3::Ptr<ns3::Node> router,
                                      const std::vector<ns3::Ptr<ns3::Node>>& stations);

}  // namespace crsp::lab
