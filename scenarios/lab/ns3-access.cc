// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-access.h"

#include "ns3/csma-helper.h"
#include "ns3/data-rate.h"
#include "ns3/neighbor-cache-helper.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/string.h"
#include "scenarios/lab/ns3-lte.h"

namespace crsp::lab {
namespace {

/// Random streams of a segment, whatever else was simulated before in the same process.
constexpr std::int64_t kCsmaStreams = 1'000'000;

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

ns3::DataRateValue RateOf(double rate) {
    return ns3::DataRateValue(ns3::DataRate(static_cast<std::uint64_t>(rate)));
}

}  // namespace

void BuildCleanHop(double rate, Duration delay, ns3::Ptr<ns3::Node> router,
                   ns3::Ptr<ns3::Node> node, Addresses& addresses) {
    ns3::PointToPointHelper helper;
    helper.SetDeviceAttribute("DataRate", RateOf(rate));
    helper.SetChannelAttribute("Delay", ns3::TimeValue(ToNs3(delay)));
    helper.SetQueue("ns3::DropTailQueue", "MaxSize", ns3::StringValue("1000p"));
    addresses.Assign(helper.Install(node, router));
}

void Ns3Access::Build(Addresses& addresses) {
    if (m_spec.kind == AccessKind::kPointToPoint) {
        for (const Member& member : m_nodes) {
            BuildCleanHop(m_spec.rate, member.delay, m_router, member.node, addresses);
        }
        return;
    }
    if (m_spec.kind == AccessKind::kLte) {
        return BuildLteCells(m_spec, m_router, Nodes(), addresses);
    }
    const auto devices = BuildShared();
    addresses.Assign(devices);
    // ns-3 asks for an address three times, and then not for 100 s; broadcasts get lost in the air.
    ns3::NeighborCacheHelper().PopulateNeighborCache(devices);
}

std::vector<ns3::Ptr<ns3::Node>> Ns3Access::Nodes() const {
    std::vector<ns3::Ptr<ns3::Node>> nodes;
    for (const Member& member : m_nodes) nodes.push_back(member.node);
    return nodes;
}

ns3::NetDeviceContainer Ns3Access::BuildShared() const {
    if (m_spec.kind == AccessKind::kWifi) return BuildWifiCell(m_spec.wifi, m_router, Nodes());
    ns3::NodeContainer nodes(m_router);
    for (const auto& node : Nodes()) nodes.Add(node);
    ns3::CsmaHelper helper;
    helper.SetChannelAttribute("DataRate", RateOf(m_spec.rate));
    helper.SetChannelAttribute("Delay", ns3::TimeValue(ToNs3(m_spec.delay)));
    helper.SetQueue("ns3::DropTailQueue", "MaxSize", ns3::StringValue("1000p"));
    const auto devices = helper.Install(nodes);
    helper.AssignStreams(devices, kCsmaStreams);
    return devices;
}

}  // namespace crsp::lab
