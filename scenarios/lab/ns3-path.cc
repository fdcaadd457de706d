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
#include "ns3/queue-size.h"
#include "ns3/queue.h"
#include "ns3/string.h"
#include "scenarios/lab/link-impairment.h"
#include "scenarios/lab/ns3-addresses.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

/// Directions of the shared channel, by the order of its devices: the server's, then the router's.
constexpr std::uint32_t kDown = 0;
constexpr std::uint32_t kUp = 1;

void Configure(Ptr<ns3::NetDevice> netDevice, const LinkSpec& link, const AccessSpec& access) {
    const auto device = ns3::DynamicCast<ns3::PointToPointNetDevice>(netDevice);
    device->SetDataRate(ns3::DataRate(static_cast<std::uint64_t>(link.rate)));
    const auto bytes = fmt::format("{}B", QueueBytes(link, access));
    device->GetQueue()->SetMaxSize(ns3::QueueSize(bytes));
}

void BuildSharedHop(const Scenario& scenario, std::uint64_t seed, Ns3Path& path,
                    Addresses& addresses) {
    const SharedLink& link = scenario.link;
    const auto devices = ns3::PointToPointHelper().Install(path.server, path.router);
    Configure(devices.Get(kDown), link.down, scenario.access);
    Configure(devices.Get(kUp), link.up, scenario.access);
    path.shared = ns3::CrspImpairedChannel::Replace(devices);
    path.shared->SetImpairments(kDown, ChannelImpairment(link.down, scenario.stop), seed, "down");
    path.shared->SetImpairments(kUp, ChannelImpairment(link.up, scenario.stop), seed, "up");
    path.bottleneck = devices.Get(kDown);
    addresses.Assign(devices);
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

LossCount CountOf(const crsp::LinkCounters& counters) {
    const auto lost = counters.Dropped(crsp::DropReason::kLoss);
    return {counters.delivered + lost, lost};
}

}  // namespace

Ns3Path BuildNs3Path(const Scenario& scenario, std::uint64_t seed) {
    Ns3Path path;
    for (auto* node : {&path.server, &path.router, &path.renderer, &path.neighbour}) {
        *node = ns3::CreateObject<ns3::Node>();
        ns3::InternetStackHelper().Install(*node);
    }
    Addresses addresses;
    BuildSharedHop(scenario, seed, path, addresses);
    BuildAccessHop(scenario.access, path.router, path.renderer, addresses);
    BuildAccessHop(scenario.access, path.router, path.neighbour, addresses);
    path.controller = path.server;
    if (scenario.nodes.controller == PathSide::kClient) {
        path.controller = ns3::CreateObject<ns3::Node>();
        ns3::InternetStackHelper().Install(path.controller);
        BuildAccessHop(scenario.access, path.router, path.controller, addresses);
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
