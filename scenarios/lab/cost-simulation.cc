// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/cost-simulation.h"

#include <fmt/format.h>

#include <functional>
#include <utility>
#include <vector>

#include "apps/ns3/crsp-helper.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/config.h"
#include "ns3/data-rate.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/net-device-container.h"
#include "ns3/nstime.h"
#include "ns3/on-off-helper.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/queue.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/tcp-cubic.h"
#include "ns3/udp-client-server-helper.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/bench-cell.h"
#include "scenarios/lab/bench-flow.h"
#include "scenarios/lab/ns3-addresses.h"
#include "scenarios/lab/ns3-node.h"
#include "scenarios/lab/ns3-path.h"
#include "scenarios/lab/run-file.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

constexpr std::uint16_t kPort = 5001;
/// So long that nothing is lost in it.
constexpr const char* kQueue = "10000p";
/// Of TCP: more than the path holds and less than the queue.
constexpr std::uint32_t kTcpBuffer = 1024 * 1024;
/// IPv4, UDP and PPP.
constexpr std::uint32_t kUdpHeaders = 30;
/// Of the link's rate, what UDP sends: a queue that only grows would be another topology.
constexpr double kUdpShare = 0.95;
/// How often it is asked whether all is there; and when it is given up, in times of what the link
/// needs.
constexpr Duration kLook = milliseconds(50);
constexpr double kPatience = 20;

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

/// Of a dumbbell's outer links, in rates of the inner one.
constexpr std::uint64_t kAccessFactor = 10;

/// Between packets of UDP.
double PacketSeconds(const CostLoad& load) {
    return 8.0 * (kCostPayload + kUdpHeaders) / (kUdpShare * static_cast<double>(load.rate));
}

/// One sender, one receiver, and how much has arrived.
class CostSimulation {
  public:
    explicit CostSimulation(const CostLoad& load) : m_load(load) {
        const bool dumbbell = load.topology == CostTopology::kDumbbell;
        std::vector<Ptr<ns3::Node>> nodes(dumbbell ? 4 : 2);
        for (auto& node : nodes) {
            node = ns3::CreateObject<ns3::Node>();
            ns3::InternetStackHelper().Install(node);
        }
        m_sender = nodes.front();
        m_receiver = nodes.back();
        Addresses addresses;
        for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
            const bool middle = !dumbbell || i == 1;
            Join(nodes[i], nodes[i + 1], middle ? 1 : kAccessFactor,
                 middle ? load.delay : Duration::zero(), addresses);
        }
        if (dumbbell) ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    }

    void Install(CostSubject subject) {
        switch (subject) {
            case CostSubject::kUdpOnOff:
                return InstallOnOff();
            case CostSubject::kUdpClient:
                return InstallUdpClient();
            case CostSubject::kTcp:
                return InstallTcp();
            case CostSubject::kCrsp:
                return InstallCrsp();
        }
    }

    CostRun Run() {
        Look();
        const double alone = 8.0 * static_cast<double>(m_load.bytes) / m_load.rate;
        ns3::Simulator::Stop(ns3::Seconds(1 + kPatience * alone));
        const double before = CpuSeconds();
        ns3::Simulator::Run();
        CostRun run;
        run.cpuSeconds = CpuSeconds() - before;
        run.packetsThere = SentBy(m_there);
        run.packetsBack = SentBy(m_back);
        run.events = ns3::Simulator::GetEventCount();
        run.bytesArrived = m_arrived();
        ns3::Simulator::Destroy();
        return run;
    }

  private:
    void Join(const Ptr<ns3::Node>& left, const Ptr<ns3::Node>& right, std::uint64_t factor,
              Duration delay, Addresses& addresses) {
        ns3::PointToPointHelper link;
        link.SetDeviceAttribute("DataRate",
                                ns3::DataRateValue(ns3::DataRate(factor * m_load.rate)));
        link.SetChannelAttribute("Delay", ns3::TimeValue(ToNs3(delay)));
        link.SetQueue("ns3::DropTailQueue", "MaxSize", ns3::StringValue(kQueue));
        const auto devices = link.Install(left, right);
        addresses.Assign(devices);
        if (left == m_sender) m_there = devices.Get(0);
        if (right == m_receiver) m_back = devices.Get(1);
    }

    ns3::InetSocketAddress There() const { return {AddressOf(m_receiver), kPort}; }

    void InstallSink(const char* protocol) {
        const auto any = ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), kPort);
        const auto sink = ns3::DynamicCast<ns3::PacketSink>(
            ns3::PacketSinkHelper(protocol, any).Install(m_receiver).Get(0));
        m_arrived = [sink] { return sink->GetTotalRx(); };
    }

    void InstallOnOff() {
        InstallSink("ns3::UdpSocketFactory");
        ns3::OnOffHelper helper("ns3::UdpSocketFactory", There());
        const double rate = 8.0 * kCostPayload / PacketSeconds(m_load);
        helper.SetConstantRate(ns3::DataRate(static_cast<std::uint64_t>(rate)), kCostPayload);
        helper.SetAttribute("MaxBytes", ns3::UintegerValue(m_load.bytes));
        helper.Install(m_sender);
    }

    void InstallUdpClient() {
        InstallSink("ns3::UdpSocketFactory");
        ns3::UdpClientHelper helper(There());
        const std::uint64_t packets = (m_load.bytes + kCostPayload - 1) / kCostPayload;
        helper.SetAttribute("MaxPackets", ns3::UintegerValue(packets));
        helper.SetAttribute("Interval", ns3::TimeValue(ns3::Seconds(PacketSeconds(m_load))));
        helper.SetAttribute("PacketSize", ns3::UintegerValue(kCostPayload));
        helper.Install(m_sender);
    }

    void InstallTcp() {
        InstallSink("ns3::TcpSocketFactory");
        ns3::BulkSendHelper helper("ns3::TcpSocketFactory", There());
        helper.SetAttribute("SendSize", ns3::UintegerValue(kCostPayload));
        helper.SetAttribute("MaxBytes", ns3::UintegerValue(m_load.bytes));
        helper.Install(m_sender);
    }

    void InstallCrsp() {
        ns3::CrspHelper helper;
        helper.SetAttribute("MaxDatagramSize", ns3::UintegerValue(kBenchDatagramBytes));
        helper.SetAttribute("PreSharedKey", ns3::StringValue(SimulationKey()));
        const auto at = [](const Ptr<ns3::Node>& node, std::uint16_t port) {
            return ns3::InetSocketAddress(AddressOf(node), port);
        };
        const auto server = at(m_sender, ns3::CrspHelper::kServerPort);
        helper.InstallServer(m_sender, {{"content", m_load.bytes}});
        const auto renderer = helper.InstallRenderer(m_receiver, server);
        helper.InstallController(m_receiver, server, at(m_receiver, ns3::CrspHelper::kRendererPort),
                                 "0 play content\n");
        m_arrived = [renderer] { return ns3::CrspHelper::GetBytesRendered(renderer); };
    }

    /// Every packet passes the queue of its device.
    static std::uint64_t SentBy(const Ptr<ns3::NetDevice>& device) {
        return ns3::DynamicCast<ns3::PointToPointNetDevice>(device)
            ->GetQueue()
            ->GetTotalReceivedPackets();
    }

    void Look() {
        if (m_arrived() >= m_load.bytes) return ns3::Simulator::Stop();
        ns3::Simulator::Schedule(ToNs3(kLook), &CostSimulation::Look, this);
    }

    CostLoad m_load;
    Ptr<ns3::Node> m_sender;
    Ptr<ns3::Node> m_receiver;
    Ptr<ns3::NetDevice> m_there;  ///< the sender's
    Ptr<ns3::NetDevice> m_back;   ///< the receiver's
    std::function<std::uint64_t()> m_arrived;
};

void ConfigureCostTcp() {
    using ns3::Config::SetDefault;
    ConfigureBenchTcp();
    SetDefault("ns3::TcpL4Protocol::SocketType", ns3::TypeIdValue(ns3::TcpCubic::GetTypeId()));
    SetDefault("ns3::TcpSocket::SegmentSize", ns3::UintegerValue(kCostPayload));
    SetDefault("ns3::TcpSocket::SndBufSize", ns3::UintegerValue(kTcpBuffer));
    SetDefault("ns3::TcpSocket::RcvBufSize", ns3::UintegerValue(kTcpBuffer));
}

}  // namespace

std::string_view CostName(CostSubject subject) {
    switch (subject) {
        case CostSubject::kUdpOnOff:
            return "UDP, OnOffApplication";
        case CostSubject::kUdpClient:
            return "UDP, UdpClient";
        case CostSubject::kTcp:
            return "TCP, TcpCubic";
        case CostSubject::kCrsp:
            return "CRSP";
    }
    return {};
}

CostRun SimulateForCost(CostSubject subject, const CostLoad& load) {
    ns3::RngSeedManager::SetSeed(1);
    ns3::RngSeedManager::SetRun(1);
    ConfigureCostTcp();
    CostSimulation simulation(load);
    simulation.Install(subject);
    return simulation.Run();
}

}  // namespace crsp::lab
