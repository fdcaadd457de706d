// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-traffic.h"

#include <fmt/format.h>

#include "ns3/boolean.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/config.h"
#include "ns3/data-rate.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/on-off-helper.h"
#include "ns3/onoff-application.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

namespace crsp::lab {
namespace {

constexpr std::uint16_t kFirstPort = 5001;
/// Each [[traffic]] of messages takes two.
constexpr std::uint16_t kMessagesPort = 4001;
/// Short transfers take a port each; so many for each [[traffic]] of them.
constexpr std::uint16_t kPortsOfTransfers = 4000;
constexpr std::uint32_t kSegmentBytes = 1448;
constexpr std::uint32_t kInitialWindow = 10;
constexpr std::uint32_t kBufferBytes = 4 * 1024 * 1024;
/// Random streams of UDP, whatever else was simulated before in the same process.
constexpr std::int64_t kUdpStreams = 2'000'000;
/// Of a UDP packet of 1,000 bytes on the wire.
constexpr std::uint32_t kUdpPayload = 972;
constexpr double kUdpPacket = 1000;

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

ns3::Ptr<ns3::PacketSink> InstallSink(const char* protocol, ns3::Ptr<ns3::Node> node,
                                      std::uint16_t port) {
    ns3::PacketSinkHelper helper(protocol,
                                 ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), port));
    auto sink = helper.Install(node);
    sink.Start(ns3::Seconds(0));
    return ns3::DynamicCast<ns3::PacketSink>(sink.Get(0));
}

void Time(ns3::ApplicationContainer source, const TrafficSpec& traffic) {
    source.Start(ToNs3(traffic.start));
    if (traffic.stop) source.Stop(ToNs3(*traffic.stop));
}

TrafficEnds EndsOf(const TrafficSpec& traffic, const Ns3Path& path) {
    const auto from = TrafficEnd(path, traffic.part.from);
    const auto to = TrafficEnd(path, traffic.part.to);
    if (traffic.down) return {from, to};
    return {to, from};
}

std::string Spells(Duration mean) {
    return fmt::format("ns3::ExponentialRandomVariable[Mean={}]", ToSeconds(mean));
}

std::string OnTime(const TrafficSpec& traffic) {
    if (traffic.on > Duration::zero()) return Spells(traffic.on);
    return "ns3::ConstantRandomVariable[Constant=1000000]";
}

std::string OffTime(const TrafficSpec& traffic) {
    if (traffic.on > Duration::zero()) return Spells(traffic.off);
    return "ns3::ConstantRandomVariable[Constant=0]";
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

Ns3Traffic::Ns3Traffic(const Scenario& scenario, const Ns3Path& path, const SocketAddress& server,
                       std::uint64_t seed)
    : m_port(kFirstPort) {
    for (const TrafficSpec& traffic : scenario.traffic) {
        if (traffic.kind == TrafficKind::kHandshakes) {
            m_handshakes.push_back(std::make_unique<Ns3Handshakes>(
                traffic, TrafficEnd(path, traffic.part.to), server, seed));
            continue;
        }
        if (traffic.kind == TrafficKind::kMessages) {
            InstallMessages(scenario, traffic, path);
            continue;
        }
        m_flows += traffic.flows;
        if (traffic.kind == TrafficKind::kUdp) {
            InstallUdp(traffic, path);
        } else if (traffic.transfers) {
            m_transfers.push_back(
                std::make_unique<Ns3ShortTransfers>(traffic, EndsOf(traffic, path), m_port, seed));
            m_port = static_cast<std::uint16_t>(m_port + kPortsOfTransfers);
        } else {
            InstallGreedy(traffic, path);
        }
    }
    if (m_flows > 0) ns3::Simulator::Schedule(ToNs3(kTrafficTick), &Ns3Traffic::Tick, this);
}

void Ns3Traffic::InstallMessages(const Scenario& scenario, const TrafficSpec& traffic,
                                 const Ns3Path& path) {
    const auto [sender, receiver] = EndsOf(traffic, path);
    const auto port = static_cast<std::uint16_t>(kMessagesPort + 2 * m_messages.size());
    m_messages.push_back(std::make_unique<Ns3Messages>(traffic, scenario.transport, sender,
                                                       receiver, port, scenario.stop));
}

void Ns3Traffic::InstallGreedy(const TrafficSpec& traffic, const Ns3Path& path) {
    const auto [sender, receiver] = EndsOf(traffic, path);
    ChooseTcpVariant(sender, traffic.kind, traffic.start);
    for (std::uint64_t i = 0; i < traffic.flows; ++i) {
        const ns3::Address to = ns3::InetSocketAddress(AddressOf(receiver), m_port);
        ns3::BulkSendHelper bulk("ns3::TcpSocketFactory", to);
        bulk.SetAttribute("SendSize", ns3::UintegerValue(kSegmentBytes));
        Time(bulk.Install(sender), traffic);
        m_sinks.push_back(InstallSink("ns3::TcpSocketFactory", receiver, m_port++));
    }
}

void Ns3Traffic::InstallUdp(const TrafficSpec& traffic, const Ns3Path& path) {
    const auto [sender, receiver] = EndsOf(traffic, path);
    const ns3::Address to = ns3::InetSocketAddress(AddressOf(receiver), m_port);
    ns3::OnOffHelper source("ns3::UdpSocketFactory", to);
    const double payloadRate = traffic.rate * kUdpPayload / kUdpPacket;
    source.SetConstantRate(ns3::DataRate(static_cast<std::uint64_t>(payloadRate)), kUdpPayload);
    // Only now: what the line above sets would replace them.
    source.SetAttribute("OnTime", ns3::StringValue(OnTime(traffic)));
    source.SetAttribute("OffTime", ns3::StringValue(OffTime(traffic)));
    const auto application = source.Install(sender);
    ns3::DynamicCast<ns3::OnOffApplication>(application.Get(0))
        ->AssignStreams(kUdpStreams + 2 * m_port);
    Time(application, traffic);
    m_sinks.push_back(InstallSink("ns3::UdpSocketFactory", receiver, m_port++));
}

void Ns3Traffic::Tick() {
    std::uint64_t bytes = 0;
    for (const auto& sink : m_sinks) bytes += sink->GetTotalRx();
    for (const auto& transfers : m_transfers) bytes += transfers->BytesReceived();
    m_bytes.push_back(bytes);
    ns3::Simulator::Schedule(ToNs3(kTrafficTick), &Ns3Traffic::Tick, this);
}

void Ns3Traffic::Collect(RunRecord& record) const {
    record.trafficBytes = m_bytes;
    record.trafficFlows = m_flows;
    for (const auto& messages : m_messages) messages->Collect(record);
}

}  // namespace crsp::lab
