// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-path.h"

#include <fmt/format.h>

#include "model/impair/link-emulator.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv4.h"
#include "ns3/net-device-container.h"
#include "ns3/node-list.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/point-to-point-net-device.h"
#include "scenarios/lab/link-impairment.h"
#include "scenarios/lab/ns3-access.h"
#include "scenarios/lab/ns3-addresses.h"
#include "scenarios/lab/ns3-filter.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

Ptr<ns3::Node> MakeNode() {
    const auto node = ns3::CreateObject<ns3::Node>();
    ns3::InternetStackHelper().Install(node);
    return node;
}

/// Builds one path, in an order that gives nodes and networks the same numbers whatever else a
/// scenario has: random streams of nodes follow from them.
class PathBuilder {
  public:
    PathBuilder(const Scenario& scenario, std::uint64_t seed)
        : m_scenario(scenario), m_seed(seed), m_access(scenario.access) {}

    Ns3Path Build() {
        MakePlaces();
        BuildHops();
        AttachAt(m_scenario.flows[0].part.to, m_path.leaves[0], LeafDelay(0));
        if (NeedsNeighbour()) m_access.Attach(m_path.neighbour, m_scenario.access.delay);
        m_path.controller = m_path.server;
        if (m_scenario.nodes.controller == PathSide::kClient) {
            m_path.controller = MakeNode();
            m_access.Attach(m_path.controller, m_scenario.access.delay);
        }
        BuildLeaves();
        BuildRoots();
        BuildNeighbours();
        m_access.Build(m_addresses);
        Route();
        return std::move(m_path);
    }

  private:
    std::size_t Last() const { return m_scenario.hops.size() + 1; }

    /// A station that nobody uses costs an LTE cell as much to simulate as any.
    bool NeedsNeighbour() const {
        return m_scenario.access.kind != AccessKind::kLte || !m_scenario.traffic.empty();
    }

    void MakePlaces() {
        m_path.leaves.resize(m_scenario.flows.size());
        for (auto* node : {&m_path.server, &m_path.router, &m_path.leaves[0], &m_path.neighbour}) {
            *node = MakeNode();
        }
        m_path.places = {m_path.server};
        for (std::size_t i = 0; i < m_scenario.hops.size(); ++i) {
            m_path.places.push_back(MakeNode());
        }
        m_path.places.push_back(m_path.router);
        m_access.SetRouter(m_path.router);
    }

    void BuildHops() {
        m_path.hops.resize(Last());
        for (std::size_t i = 0; i < Last(); ++i) {
            const auto devices =
                ns3::PointToPointHelper().Install(m_path.places[i], m_path.places[i + 1]);
            const auto& spec = i == 0 ? m_scenario.link : m_scenario.hops[i - 1];
            BuildHop(spec, i == 0 ? "" : fmt::format("hop-{}-", i), devices, m_path.hops[i]);
            if (i > 0) continue;
            m_path.bottleneck = ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(kDown));
            if (m_scenario.nat) {
                m_path.nat =
                    std::make_unique<Ns3Nat>(*m_scenario.nat, devices.Get(kDown), devices.Get(kUp));
            }
        }
    }

    void BuildHop(const SharedLink& spec, const std::string& name,
                  const ns3::NetDeviceContainer& devices, Ns3Hop& hop) {
        hop.channel = ns3::CrspImpairedChannel::Replace(devices);
        for (const std::uint32_t direction : {kDown, kUp}) {
            const LinkSpec& link = direction == kDown ? spec.down : spec.up;
            hop.channel->SetImpairments(direction, ChannelImpairment(link, m_scenario.stop), m_seed,
                                        name + (direction == kDown ? "down" : "up"));
            const auto device =
                ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(direction));
            hop.lines[direction] =
                std::make_unique<Ns3Line>(m_scenario, link, device, hop.channel, direction);
            const auto far =
                ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(1 - direction));
            if (link.policer) Ns3Filter::Add(far, PolicerRule(*link.policer));
        }
        m_addresses.Assign(devices);
        for (const auto& line : hop.lines) line->InstallDiscipline();
    }

    /// With one hop every node is a neighbour of the router, and no routes have to be computed:
    /// with a thousand nodes ns-3 would take minutes, and hundreds of megabytes.
    void Route() {
        if (!m_scenario.hops.empty()) {
            return ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
        }
        const auto router = m_path.router->GetObject<ns3::Ipv4>();
        std::map<ns3::Ipv4Address, ns3::Ipv4Address> gateways;
        for (std::uint32_t i = 1; i < router->GetNInterfaces(); ++i) {
            const auto address = router->GetAddress(i, 0);
            gateways[address.GetLocal().CombineMask(address.GetMask())] = address.GetLocal();
        }
        for (std::uint32_t i = 0; i < ns3::NodeList::GetNNodes(); ++i) {
            if (ns3::NodeList::GetNode(i) != m_path.router) {
                SetGateway(ns3::NodeList::GetNode(i), gateways);
            }
        }
    }

    /// Those of an LTE cell are no neighbours of the router, and have their routes.
    static void SetGateway(Ptr<ns3::Node> node,
                           const std::map<ns3::Ipv4Address, ns3::Ipv4Address>& gateways) {
        const auto ip = node->GetObject<ns3::Ipv4>();
        if (ip->GetNInterfaces() < 2) return;
        const auto address = ip->GetAddress(1, 0);
        const auto gateway = gateways.find(address.GetLocal().CombineMask(address.GetMask()));
        if (gateway == gateways.end()) return;
        ns3::Ipv4StaticRoutingHelper().GetStaticRouting(ip)->SetDefaultRoute(gateway->second, 1);
    }

    Duration LeafDelay(std::size_t flow) const {
        return m_scenario.flows[flow].accessDelay.value_or(m_scenario.access.delay);
    }

    /// At the last router as one of its own, elsewhere by a clean hop.
    void AttachAt(std::size_t place, Ptr<ns3::Node> node, Duration delay) {
        if (place == Last()) return m_access.Attach(node, delay);
        BuildCleanHop(m_scenario.access.rate, delay, m_path.places[place], node, m_addresses);
    }

    void BuildLeaves() {
        for (std::size_t flow = 1; flow < m_scenario.flows.size(); ++flow) {
            m_path.leaves[flow] = MakeNode();
            AttachAt(m_scenario.flows[flow].part.to, m_path.leaves[flow], LeafDelay(flow));
        }
    }

    void BuildRoots() {
        for (const FlowSpec& flow : m_scenario.flows) {
            Ptr<ns3::Node> root = m_path.server;
            if (flow.part.from > 0) {
                root = MakeNode();
                AttachAt(flow.part.from, root, m_scenario.access.delay);
            }
            m_path.roots.push_back(root);
        }
    }

    void BuildNeighbours() {
        for (const TrafficSpec& traffic : m_scenario.traffic) {
            for (const std::size_t place : {traffic.part.from, traffic.part.to}) {
                if (place == 0 || place == Last() || m_path.neighbours.contains(place)) continue;
                m_path.neighbours[place] = MakeNode();
                AttachAt(place, m_path.neighbours[place], m_scenario.access.delay);
            }
        }
        m_path.neighbours[0] = m_path.server;
        m_path.neighbours[Last()] = m_path.neighbour;
    }

    const Scenario& m_scenario;
    std::uint64_t m_seed;
    Ns3Access m_access;
    Addresses m_addresses;
    Ns3Path m_path;
};

LossCount CountOf(const crsp::LinkCounters& counters) {
    const auto lost = counters.Dropped(crsp::DropReason::kLoss);
    return {counters.delivered + lost, lost};
}

}  // namespace

Ns3Path BuildNs3Path(const Scenario& scenario, std::uint64_t seed) {
    return PathBuilder(scenario, seed).Build();
}

ns3::Ipv4Address AddressOf(Ptr<ns3::Node> node) {
    return node->GetObject<ns3::Ipv4>()->GetAddress(1, 0).GetLocal();
}

ns3::Ptr<ns3::Node> TrafficEnd(const Ns3Path& path, std::size_t place) {
    return path.neighbours.at(place);
}

LossCount LossDown(const Ns3Path& path) {
    return CountOf(path.hops[0].channel->GetCounters(kDown));
}

LossCount LossUp(const Ns3Path& path) {
    return CountOf(path.hops[0].channel->GetCounters(kUp));
}

}  // namespace crsp::lab
