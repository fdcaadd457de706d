// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-flow.h"

#include <algorithm>
#include <string>

#include "apps/ns3/address-conversion.h"
#include "apps/ns3/crsp-application.h"
#include "ns3/application-container.h"
#include "ns3/bulk-send-application.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/config.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/tcp-cubic.h"
#include "ns3/tcp-header.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-linux-reno.h"
#include "ns3/tcp-socket-base.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/bench-messages.h"
#include "scenarios/lab/bench-roles.h"
#include "scenarios/lab/ns3-node.h"
#include "scenarios/lab/ns3-path.h"
#include "scenarios/lab/ns3-traffic.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

constexpr std::uint16_t kSenderPort = 59001;
constexpr std::uint16_t kReceiverPort = 59002;
constexpr std::uint16_t kTcpPort = 5001;
constexpr std::uint32_t kSegmentBytes = 1448;
/// Room for the queue and the path of 100 Mbit/s and 300 ms, four times over.
constexpr std::uint32_t kBufferBytes = 32 * 1024 * 1024;
/// As a Linux host repeats before it gives a connection up.
constexpr std::uint32_t kTcpRetries = 15;

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

Duration SinceStart(TimePoint time) {
    return time.time_since_epoch();
}

class CrspFlow : public RunningFlow {
  public:
    CrspFlow(const BenchFlow& flow, Ptr<ns3::Node> sender, Ptr<ns3::Node> receiver)
        : m_start(flow.start) {
        auto reading = std::make_unique<BulkReceiver>();
        m_reading = reading.get();
        m_receiver = Install(flow, receiver, kReceiverPort, std::move(reading));
        const auto to = ns3::InetSocketAddress(AddressOf(receiver), kReceiverPort);
        auto sending = std::make_unique<BulkSender>(ns3::FromNs3Address(to), flow.bytes);
        m_sending = sending.get();
        m_sender = Install(flow, sender, kSenderPort, std::move(sending));
        m_sender->SetStartTime(ToNs3(flow.start));
    }

    std::uint64_t Arrived() const override {
        if (const auto stats = StatsAt(m_receiver, m_reading->Connection())) {
            return stats->streamBytesReceived;
        }
        return m_reading->BytesRead();
    }

    std::uint64_t Read() const override { return m_reading->BytesRead(); }

    FlowCounters Counters() const override {
        const auto stats = StatsAt(m_sender, m_sending->Connection());
        if (!stats) return {};
        return {stats->streamBytesSent + stats->streamBytesRetransmitted,
                stats->streamBytesRetransmitted, stats->packetsSent, stats->packetsLost,
                stats->packetsSpuriouslyLost};
    }

    FlowRecord Record() const override {
        FlowRecord record;
        record.start = m_start;
        if (const auto first = m_reading->FirstByte()) record.firstByte = SinceStart(*first);
        if (const auto last = m_reading->LastByte()) record.lastByte = SinceStart(*last);
        record.failure = m_sending->Failure();
        if (record.failure.empty()) record.failure = m_reading->Failure();
        return record;
    }

  private:
    static Ptr<ns3::CrspApplication> Install(const BenchFlow& flow, Ptr<ns3::Node> node,
                                             std::uint16_t port, std::unique_ptr<Role> role) {
        const auto application = ns3::CreateObject<ns3::CrspApplication>();
        application->SetRole(std::move(role));
        const auto set = [&](const char* name, std::uint64_t value) {
            application->SetAttribute(name, ns3::UintegerValue(value));
        };
        set("Port", port);
        // Peers that prove nothing would have to return a cookie: a round trip more.
        application->SetAttribute("PreSharedKey", ns3::StringValue(SimulationKey()));
        set("MaxDatagramSize", kBenchDatagramBytes);
        set("SocketReceiveBuffer", kBufferBytes);
        const auto controller = flow.variant.substr(flow.variant.find('/') + 1);
        application->SetAttribute("Congestion", ns3::StringValue(controller));
        node->AddApplication(application);
        return application;
    }

    static std::optional<ConnectionStats> StatsAt(
        const Ptr<ns3::CrspApplication>& application,
        const std::optional<ConnectionHandle>& connection) {
        if (!connection || !application->GetEndpoint()) return std::nullopt;
        const auto stats = application->GetEndpoint()->StatsOf(*connection);
        return stats ? std::optional(*stats) : std::nullopt;
    }

    Duration m_start;
    BulkReceiver* m_reading;
    BulkSender* m_sending;
    Ptr<ns3::CrspApplication> m_receiver;
    Ptr<ns3::CrspApplication> m_sender;
};

class TcpFlow : public RunningFlow {
  public:
    TcpFlow(const BenchFlow& flow, Ptr<ns3::Node> sender, Ptr<ns3::Node> receiver)
        : m_start(flow.start), m_size(flow.bytes) {
        const auto type =
            flow.variant == kTcpCubic ? ns3::TcpCubic::GetTypeId() : ns3::TcpLinuxReno::GetTypeId();
        sender->GetObject<ns3::TcpL4Protocol>()->SetAttribute("SocketType", ns3::TypeIdValue(type));
        const auto any = ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), kTcpPort);
        const auto sink = ns3::PacketSinkHelper("ns3::TcpSocketFactory", any).Install(receiver);
        m_sink = ns3::DynamicCast<ns3::PacketSink>(sink.Get(0));
        m_sink->TraceConnectWithoutContext("Rx", ns3::MakeCallback(&TcpFlow::OnRead, this));
        const auto to = ns3::InetSocketAddress(AddressOf(receiver), kTcpPort);
        ns3::BulkSendHelper bulk("ns3::TcpSocketFactory", to);
        bulk.SetAttribute("SendSize", ns3::UintegerValue(kSegmentBytes));
        bulk.SetAttribute("MaxBytes", ns3::UintegerValue(flow.bytes));
        auto source = bulk.Install(sender);
        source.Start(ToNs3(flow.start));
        m_source = ns3::DynamicCast<ns3::BulkSendApplication>(source.Get(0));
        ns3::Simulator::Schedule(ToNs3(flow.start) + ns3::NanoSeconds(1), &TcpFlow::Watch, this);
    }

    std::uint64_t Arrived() const override { return Read(); }
    std::uint64_t Read() const override { return m_sink->GetTotalRx(); }
    FlowCounters Counters() const override { return m_counters; }

    FlowRecord Record() const override {
        FlowRecord record;
        record.start = m_start;
        record.firstByte = m_first;
        record.lastByte = m_last;
        return record;
    }

  private:
    static Duration Now() { return nanoseconds(ns3::Simulator::Now().GetNanoSeconds()); }

    /// The socket exists from the application's start on.
    void Watch() {
        m_source->GetSocket()->TraceConnectWithoutContext(
            "Tx", ns3::MakeCallback(&TcpFlow::OnSent, this));
    }

    void OnRead(Ptr<const ns3::Packet>, const ns3::Address&) {
        if (!m_first) m_first = Now();
        if (m_size > 0 && !m_last && m_sink->GetTotalRx() >= m_size) m_last = Now();
    }

    void OnSent(Ptr<const ns3::Packet> packet, const ns3::TcpHeader& header,
                Ptr<const ns3::TcpSocketBase>) {
        const std::uint32_t bytes = packet->GetSize();
        if (bytes == 0) return;
        m_counters.bytesSent += bytes;
        ++m_counters.packetsSent;
        const ns3::SequenceNumber32 begin = header.GetSequenceNumber();
        if (m_anySent && begin < m_next) m_counters.bytesRetransmitted += bytes;
        if (!m_anySent || begin + bytes > m_next) m_next = begin + bytes;
        m_anySent = true;
    }

    Duration m_start;
    std::uint64_t m_size;
    Ptr<ns3::PacketSink> m_sink;
    Ptr<ns3::BulkSendApplication> m_source;
    FlowCounters m_counters;
    bool m_anySent = false;
    ns3::SequenceNumber32 m_next;
    std::optional<Duration> m_first;
    std::optional<Duration> m_last;
};

}  // namespace

void ConfigureBenchTcp() {
    ConfigureTcp();
    using ns3::Config::SetDefault;
    SetDefault("ns3::TcpSocket::SndBufSize", ns3::UintegerValue(kBufferBytes));
    SetDefault("ns3::TcpSocket::RcvBufSize", ns3::UintegerValue(kBufferBytes));
    SetDefault("ns3::TcpSocket::ConnTimeout", ns3::TimeValue(ns3::Seconds(1)));
    SetDefault("ns3::TcpSocket::DataRetries", ns3::UintegerValue(kTcpRetries));
}

std::unique_ptr<RunningFlow> StartBenchFlow(const BenchFlow& flow, Ptr<ns3::Node> sender,
                                            Ptr<ns3::Node> receiver) {
    if (flow.messages) return StartMessageFlow(flow, sender, receiver);
    if (IsTcp(flow.variant)) return std::make_unique<TcpFlow>(flow, sender, receiver);
    return std::make_unique<CrspFlow>(flow, sender, receiver);
}

}  // namespace crsp::lab
