// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-network.h"

#include <fmt/format.h>

#include <functional>

#include "ns3/abort.h"
#include "ns3/callback.h"
#include "ns3/data-rate.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/net-device-container.h"
#include "ns3/nstime.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/queue-size.h"
#include "ns3/queue.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/traffic-control-layer.h"
#include "scenarios/lab/ns3-addresses.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

/// Access links: so much faster than the bottleneck that nothing queues for long, as between a
/// gigabit LAN and a line of 100 Mbit/s.
constexpr double kAccessFactor = 10;
constexpr const char* kAccessQueue = "100000p";
constexpr std::uint32_t kForward = 0;
constexpr std::uint32_t kBack = 1;

ns3::DataRate Rate(double bitsPerSecond) {
    return ns3::DataRate(static_cast<std::uint64_t>(bitsPerSecond));
}

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

Ptr<ns3::Node> MakeNode() {
    auto node = ns3::CreateObject<ns3::Node>();
    ns3::InternetStackHelper().Install(node);
    return node;
}

ImpairmentConfig Impairment(const BenchCell& cell) {
    const BenchLink& link = cell.link;
    ImpairmentConfig config;
    config.delay = link.rtt / 2;
    if (link.loss > 0 && link.lossBurst > 1) {
        config.loss.process = *GilbertFromMean(link.loss, link.lossBurst);
    } else if (link.loss > 0) {
        config.loss.process = BernoulliLoss{link.loss, 0};
    }
    if (link.deadFor > Duration::zero()) {
        config.blackout.on = link.deadEvery - link.deadFor;
        config.blackout.off = link.deadFor;
    }
    if (link.jitter > Duration::zero()) {
        config.jitter = {JitterConfig::Kind::kUniform, link.jitter, false};
    }
    config.reorder = {link.reordered, link.reorderedBy};
    return config;
}

/// The device keeps no more than the packet that it sends next: all others wait in the discipline.
void InstallFqCodel(const ns3::NetDeviceContainer& devices) {
    for (std::uint32_t i = 0; i < devices.GetN(); ++i) {
        const auto device = ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(i));
        device->GetQueue()->SetMaxSize(ns3::QueueSize("1p"));
    }
    ns3::TrafficControlHelper helper;
    helper.SetRootQueueDisc("ns3::FqCoDelQueueDisc");
    helper.Install(devices);
}

void BuildBottleneck(const BenchCell& cell, std::uint64_t seed, Ptr<ns3::Node> left,
                     Ptr<ns3::Node> right, BenchNetwork& network, Addresses& addresses) {
    const auto devices = ns3::PointToPointHelper().Install(left, right);
    const auto queue = ns3::QueueSize(fmt::format("{}B", BenchQueueBytes(cell.link)));
    for (std::uint32_t i = 0; i < devices.GetN(); ++i) {
        const auto device = ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(i));
        device->SetDataRate(Rate(cell.link.rate));
        device->GetQueue()->SetMaxSize(queue);
    }
    network.bottleneck = ns3::DynamicCast<ns3::PointToPointNetDevice>(devices.Get(kForward));
    network.channel = ns3::CrspImpairedChannel::Replace(devices);
    network.channel->SetImpairments(kForward, Impairment(cell), seed, "forward");
    network.channel->SetImpairments(kBack, Impairment(cell), seed, "back");
    addresses.Assign(devices);
    if (cell.link.fqCodel) InstallFqCodel(devices);
}

void ScheduleDelayStep(const BenchCell& cell, std::uint64_t seed,
                       Ptr<ns3::CrspImpairedChannel> channel) {
    if (cell.link.delayStep == Duration::zero()) return;
    auto config = Impairment(cell);
    config.delay += cell.link.delayStep;
    ns3::Simulator::Schedule(ToNs3(cell.link.delayStepAt), [channel, config, seed] {
        channel->SetImpairments(kForward, config, seed, "forward-later");
        channel->SetImpairments(kBack, config, seed, "back-later");
    });
}

Ptr<ns3::Node> BuildLeaf(double rate, Duration delay, Ptr<ns3::Node> router, Addresses& addresses) {
    const auto leaf = MakeNode();
    ns3::PointToPointHelper helper;
    helper.SetDeviceAttribute("DataRate", ns3::DataRateValue(Rate(rate)));
    helper.SetChannelAttribute("Delay", ns3::TimeValue(ToNs3(delay)));
    helper.SetQueue("ns3::DropTailQueue", "MaxSize", ns3::StringValue(kAccessQueue));
    addresses.Assign(helper.Install(leaf, router));
    return leaf;
}

void CountDropsAhead(Ptr<ns3::Node> router, BenchNetwork& network) {
    const std::function<void(Ptr<const ns3::Packet>)> count =
        [counter = network.droppedAhead](Ptr<const ns3::Packet>) { ++*counter; };
    const bool connected =
        router->GetObject<ns3::TrafficControlLayer>()->TraceConnectWithoutContext(
            "TcDrop", ns3::Callback<void, Ptr<const ns3::Packet>>(count));
    NS_ABORT_MSG_UNLESS(connected, "no trace source TcDrop");
}

void ScheduleSteps(const BenchLink& link, Ptr<ns3::PointToPointNetDevice> bottleneck) {
    for (const RateStep& step : link.steps) {
        ns3::Simulator::Schedule(ToNs3(step.at), [bottleneck, step] {
            bottleneck->SetDataRate(ns3::DataRate(step.bitsPerSecond));
        });
    }
}

}  // namespace

BenchNetwork BuildBenchNetwork(const BenchCell& cell, std::uint64_t seed) {
    BenchNetwork network;
    Addresses addresses;
    const auto left = MakeNode();
    const auto right = MakeNode();
    BuildBottleneck(cell, seed, left, right, network, addresses);
    CountDropsAhead(left, network);
    const double access = cell.link.rate * kAccessFactor;
    for (const BenchFlow& flow : cell.flows) {
        network.senders.push_back(BuildLeaf(access, Duration::zero(), left, addresses));
        network.receivers.push_back(BuildLeaf(access, flow.extraRtt / 2, right, addresses));
    }
    ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    ScheduleSteps(cell.link, network.bottleneck);
    ScheduleDelayStep(cell, seed, network.channel);
    return network;
}

std::uint64_t BottleneckDrops(const BenchNetwork& network) {
    const auto queue = network.bottleneck->GetQueue();
    return queue->GetTotalDroppedPacketsBeforeEnqueue() + *network.droppedAhead;
}

std::uint64_t BottleneckOffered(const BenchNetwork& network) {
    return network.bottleneck->GetQueue()->GetTotalReceivedPackets() + BottleneckDrops(network);
}

}  // namespace crsp::lab
