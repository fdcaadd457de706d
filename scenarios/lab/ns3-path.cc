// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-path.h"

#include <fmt/format.h>

#include "model/impair/link-emulator.h"
#include "ns3/data-rate.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/ipv4.h"
#include "ns3/net-device-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/string.h"
#include "scenarios/lab/link-impairment.h"
#include "scenarios/lab/ns3-addresses.h"
#include "scenarios/lab/ns3-filter.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

/// Directions of the shared channel, by the order of its devices: the server's, then the router's.
constexpr std::uint32_t kDown = 0;
constexpr std::uint32_t kUp = 1;

Ptr<ns3::Node> MakeNode() {
    const auto node = ns3::CreateObject<ns3::Node>();
    ns3::InternetStackHelper().Install(node);
    return node;
}

void BuildSharedHop(const Scenario& scenario, std::uint64_t seed, Ns3Path& path,
                    Addresses& addresses) {
    const auto devices = ns3::PointToPointHelper().Install(path.server, path.router);
    path.shared = ns3::CrspImpairedChannel::Replace(devices);
    for (const std::uint32_t direction : {kDown, kUp}) {
        const LinkSpec& link = direction == kDown ? scenario.link.down : scenario.link.up;
        path.shared->SetImpairments(direction, ChannelImpairment(link, scenario.stop), seed,
                                    direction == kDown ? "down" : "up");
        const auto device = ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(direction));
        path.lines[direction] =
            std::make_unique<Ns3Line>(scenario, link, device, path.shared, direction);
        const auto far = ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(1 - direction));
        if (link.policer) Ns3Filter::Add(far, PolicerRule(*link.policer));
    }
    path.bottleneck = ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(kDown));
    addresses.Assign(devices);
    for (const auto& line : path.lines) line->InstallDiscipline();
    if (scenario.nat) {
        path.nat = std::make_unique<Ns3Nat>(*scenario.nat, devices.Get(kDown), devices.Get(kUp));
    }
}

void BuildAccessHop(const AccessSpec& access, Ptr<ns3::Node> router, Ptr<ns3::Node> node,
                    Addresses& addresses) {
    ns3::PointToPointHelper helper;
    helper.SetDeviceAttribute(
        "DataRate", ns3::DataRateValue(ns3::DataRate(static_cast<std::uint64_t>(access.rate))));
    helper.SetChannelAttribute("Delay", ns3::TimeValue(ns3::NanoSeconds(access.delay.count())));
    helper.SetQueue("ns3::DropTailQueue", "MaxSize", ns3::StringValue("1000p"));
    addresses.Assign(helper.Install(node, router));
}

void BuildLeaf(const Scenario& scenario, std::size_t flow, Ns3Path& path, Addresses& addresses) {
    AccessSpec access = scenario.access;
    access.delay = scenario.flows[flow].accessDelay.value_or(access.delay);
    BuildAccessHop(access, path.router, path.leaves[flow], addresses);
}

LossCount CountOf(const crsp::LinkCounters& counters) {
    const auto lost = counters.Dropped(crsp::DropReason::kLoss);
    return {counters.delivered + lost, lost};
}

}  // namespace

Ns3Path BuildNs3Path(const Scenario& scenario, std::uint64_t seed) {
    Ns3Path path;
    path.leaves.resize(scenario.flows.size());
    for (auto* node : {&path.server, &path.router, &path.leaves[0], &path.neighbour}) {
        *node = MakeNode();
    }
    Addresses addresses;
    BuildSharedHop(scenario, seed, path, addresses);
    BuildLeaf(scenario, 0, path, addresses);
    BuildAccessHop(scenario.access, path.router, path.neighbour, addresses);
    path.controller = path.server;
    if (scenario.nodes.controller == PathSide::kClient) {
        path.controller = MakeNode();
        BuildAccessHop(scenario.access, path.router, path.controller, addresses);
    }
    for (std::size_t flow = 1; flow < scenario.flows.size(); ++flow) {
        path.leaves[flow] = MakeNode();
        BuildLeaf(scenario, flow, path, addresses);
    }
    ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    return path;
}

ns3::Ipv4Address AddressOf(Ptr<ns3::Node> node) {
    return node->GetObject<ns3::Ipv4>()->GetAddress(1, 0).GetLocal();
}

LossCount LossDown(const Ns3Path& path) {
    return CountOf(path.shared->GetCounters(kDown));
}

LossCount LossUp(const Ns3Path& path) {
    return CountOf(path.shared->GetCounters(kUp));
}

}  // namespace crsp::lab
