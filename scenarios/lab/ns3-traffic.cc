// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-traffic.h"

#include "ns3/boolean.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/config.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/simulator.h"
#include "ns3/tcp-cubic.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-linux-reno.h"
#include "ns3/uinteger.h"

namespace crsp::lab {
namespace {

constexpr std::uint16_t kFirstTcpPort = 5001;
constexpr std::uint32_t kSegmentBytes = 1448;
constexpr std::uint32_t kInitialWindow = 10;
constexpr std::uint32_t kBufferBytes = 4 * 1024 * 1024;

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

ns3::TypeId VariantType(TcpVariant variant) {
    return variant == TcpVariant::kCubic ? ns3::TcpCubic::GetTypeId()
                                         : ns3::TcpLinuxReno::GetTypeId();
}

/// ns-3 chooses the congestion control per node, when a socket is made: so it is set just before
/// the sender starts, by an event of the same instant that was scheduled earlier.
void ChooseVariant(ns3::Ptr<ns3::Node> sender, const TrafficSpec& traffic) {
    const auto tcp = sender->GetObject<ns3::TcpL4Protocol>();
    ns3::Simulator::Schedule(ToNs3(traffic.start), [tcp, type = VariantType(traffic.variant)] {
        tcp->SetAttribute("SocketType", ns3::TypeIdValue(type));
    });
}

void InstallFlow(const TrafficSpec& traffic, const Ns3Path& path, std::uint16_t port) {
    const auto sender = traffic.down ? path.server : path.neighbour;
    const auto receiver = traffic.down ? path.neighbour : path.server;
    ChooseVariant(sender, traffic);
    const ns3::Address to = ns3::InetSocketAddress(AddressOf(receiver), port);
    ns3::BulkSendHelper bulk("ns3::TcpSocketFactory", to);
    bulk.SetAttribute("SendSize", ns3::UintegerValue(kSegmentBytes));
    auto source = bulk.Install(sender);
    source.Start(ToNs3(traffic.start));
    if (traffic.stop) source.Stop(ToNs3(*traffic.stop));
    ns3::PacketSinkHelper sink("ns3::TcpSocketFactory",
                               ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), port));
    sink.Install(receiver).Start(ns3::Seconds(0));
}

}  // namespace

void ConfigureTcp() {
    using ns3::Config::SetDefault;
    SetDefault("ns3::TcpSocket::SegmentSize", ns3::UintegerValue(kSegmentBytes));
    SetDefault("ns3::TcpSocket::InitialCwnd", ns3::UintegerValue(kInitialWindow));
    SetDefault("ns3::TcpSocket::DelAckTimeout", ns3::TimeValue(ns3::MilliSeconds(40)));
    SetDefault("ns3::TcpSocket::SndBufSize", ns3::UintegerValue(kBufferBytes));
    SetDefault("ns3::TcpSocket::RcvBufSize", ns3::UintegerValue(kBufferBytes));
    SetDefault("ns3::TcpSocketBase::MinRto", ns3::TimeValue(ns3::MilliSeconds(200)));
    SetDefault("ns3::TcpSocketBase::ClockGranularity", ns3::TimeValue(ns3::MilliSeconds(200)));
    SetDefault("ns3::TcpSocketBase::Sack", ns3::BooleanValue(true));
}

void InstallTraffic(const Scenario& scenario, const Ns3Path& path) {
    std::uint16_t port = kFirstTcpPort;
    for (const TrafficSpec& traffic : scenario.traffic) InstallFlow(traffic, path, port++);
}

}  // namespace crsp::lab
