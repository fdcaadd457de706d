// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-messages.h"

#include <optional>
#include <string>
#include <vector>

#include "apps/ns3/address-conversion.h"
#include "apps/ns3/crsp-application.h"
#include "model/base/bytes.h"
#include "model/host/role.h"
#include "model/wire/frames.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/ns3-node.h"
#include "scenarios/lab/ns3-path.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

constexpr std::uint16_t kSenderPort = 59001;
constexpr std::uint16_t kReceiverPort = 59002;
constexpr std::uint8_t kRepairPercent = 25;
constexpr std::uint64_t kDatagramFrameBytes = 1200;
/// From the connection to the first message.
constexpr Duration kSettling = seconds(1);
constexpr std::uint64_t kUdpAndIpBytes = 28;
constexpr std::size_t kReadBytes = 64 * 1024;

std::string FailureOf(const ClosedEvent& closed) {
    return closed.reason.empty() ? "closed" : closed.reason;
}

/// Connects, and writes messages at their pace.
class MessageSource : public Role {
  public:
    MessageSource(SocketAddress to, const BenchFlow& flow)
        : m_to(to),
          m_load(*flow.messages),
          m_datagrams(flow.variant == kDatagramVariant),
          m_percent(flow.variant == kFecVariant ? kRepairPercent : std::uint8_t{0}),
          m_message(m_load.bytes) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override {
        if (!endpoint.Connect(now, m_to)) m_failure = "cannot connect";
    }
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
            m_connection = connected->connection;
            m_next = now + kSettling;
            if (m_datagrams) return;
            const auto stream = endpoint.OpenStream(*m_connection, StreamDirection::kUnidirectional,
                                                    StreamMode::kDeadline, {m_percent});
            if (!stream) m_failure = ToString(stream.error());
            m_stream = stream.value_or(0);
        } else if (const auto* closed = std::get_if<ClosedEvent>(&event)) {
            m_failure = FailureOf(*closed);
            m_connection.reset();
            m_next.reset();
        }
    }
    void OnTimeout(TimePoint now, Endpoint& endpoint) override {
        if (!m_next || now < *m_next) return;
        ByteWriter(m_message).U64(m_written.size());
        const auto written = m_datagrams ? endpoint.SendDatagram(*m_connection, m_message)
                                         : endpoint.WriteMessage(*m_connection, m_stream, m_message,
                                                                 now + m_load.patience);
        if (!written) m_failure = ToString(written.error());
        m_written.push_back(now);
        m_next = *m_next + m_load.interval;
        if (m_written.size() == m_load.count) m_next.reset();
    }
    std::optional<TimePoint> NextTimeout() const override { return m_next; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::optional<ConnectionHandle> Connection() const { return m_connection; }
    const std::vector<TimePoint>& Written() const { return m_written; }
    const std::string& Failure() const { return m_failure; }

  private:
    SocketAddress m_to;
    MessageLoad m_load;
    bool m_datagrams;
    std::uint8_t m_percent;
    std::vector<std::byte> m_message;
    std::optional<ConnectionHandle> m_connection;
    StreamId m_stream = 0;
    std::optional<TimePoint> m_next;
    std::vector<TimePoint> m_written;
    std::string m_failure;
};

/// Accepts, and notes when each message was complete.
class MessageTarget : public Role {
  public:
    explicit MessageTarget(const MessageLoad& load)
        : m_load(load), m_bytes(load.count), m_complete(load.count), m_buffer(kReadBytes) {}

    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
            m_connection = connected->connection;
        } else if (const auto* opened = std::get_if<StreamOpenedEvent>(&event)) {
            ReadStream(now, opened->stream, endpoint);
        } else if (const auto* readable = std::get_if<StreamReadableEvent>(&event)) {
            ReadStream(now, readable->stream, endpoint);
        } else if (std::holds_alternative<DatagramReceivedEvent>(event)) {
            ReadDatagrams(now, endpoint);
        } else if (const auto* closed = std::get_if<ClosedEvent>(&event)) {
            m_failure = FailureOf(*closed);
            m_connection.reset();
        }
    }
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::optional<ConnectionHandle> Connection() const { return m_connection; }
    const std::vector<std::optional<TimePoint>>& Complete() const { return m_complete; }
    std::uint64_t BytesRead() const { return m_read; }
    const std::string& Failure() const { return m_failure; }

  private:
    void ReadStream(TimePoint now, StreamId stream, Endpoint& endpoint) {
        while (const auto read = endpoint.ReadUnordered(*m_connection, stream, m_buffer)) {
            if (read->bytes == 0 && read->skipped.Empty()) return;
            Note(now, {read->offset, read->offset + read->bytes});
            if (read->finished) return;
        }
    }

    void ReadDatagrams(TimePoint now, Endpoint& endpoint) {
        while (const auto length = endpoint.ReadDatagram(*m_connection, m_buffer)) {
            if (!*length) return;
            const auto index = ByteReader(ConstByteSpan(m_buffer).first(**length)).U64();
            if (index) Note(now, {*index * m_load.bytes, (*index + 1) * m_load.bytes});
        }
    }

    void Note(TimePoint now, Range range) {
        m_read += range.Length();
        while (!range.Empty()) {
            const std::size_t message = range.begin / m_load.bytes;
            const std::uint64_t end = std::min(range.end, (message + 1) * m_load.bytes);
            m_bytes[message] += end - range.begin;
            if (m_bytes[message] == m_load.bytes) m_complete[message] = now;
            range.begin = end;
        }
    }

    MessageLoad m_load;
    std::optional<ConnectionHandle> m_connection;
    std::vector<std::uint64_t> m_bytes;  ///< by message
    std::vector<std::optional<TimePoint>> m_complete;
    std::uint64_t m_read = 0;
    std::vector<std::byte> m_buffer;
    std::string m_failure;
};

class MessageFlow : public RunningFlow {
  public:
    MessageFlow(const BenchFlow& flow, Ptr<ns3::Node> sender, Ptr<ns3::Node> receiver)
        : m_start(flow.start) {
        auto target = std::make_unique<MessageTarget>(*flow.messages);
        m_target = target.get();
        m_receiver = Install(receiver, kReceiverPort, std::move(target));
        const auto to = ns3::InetSocketAddress(AddressOf(receiver), kReceiverPort);
        auto source = std::make_unique<MessageSource>(ns3::FromNs3Address(to), flow);
        m_source = source.get();
        m_sender = Install(sender, kSenderPort, std::move(source));
        m_sender->SetStartTime(ns3::NanoSeconds(flow.start.count()));
    }

    std::uint64_t Arrived() const override { return m_target->BytesRead(); }
    std::uint64_t Read() const override { return m_target->BytesRead(); }

    FlowCounters Counters() const override {
        FlowCounters counters;
        if (const auto sent = StatsAt(m_sender, m_source->Connection())) {
            counters.bytesSent = sent->streamBytesSent + sent->streamBytesRetransmitted;
            counters.bytesRetransmitted = sent->streamBytesRetransmitted;
            counters.packetsSent = sent->packetsSent;
            counters.packetsLost = sent->packetsLost;
            counters.packetsSpurious = sent->packetsSpuriouslyLost;
            counters.repairBytes = sent->repairBytesSent;
            counters.wireBytes = WireBytesOf(*sent);
        }
        if (const auto back = StatsAt(m_receiver, m_target->Connection())) {
            counters.returnBytes = WireBytesOf(*back);
        }
        return counters;
    }

    FlowRecord Record() const override {
        FlowRecord record;
        record.start = m_start;
        record.failure = m_source->Failure();
        if (record.failure.empty()) record.failure = m_target->Failure();
        record.messages = m_source->Written().size();
        for (std::size_t i = 0; i < record.messages; ++i) {
            const auto complete = m_target->Complete()[i];
            if (!complete) continue;
            record.deliveries.push_back(ToMilliseconds(*complete - m_source->Written()[i]));
        }
        return record;
    }

  private:
    static Ptr<ns3::CrspApplication> Install(Ptr<ns3::Node> node, std::uint16_t port,
                                             std::unique_ptr<Role> role) {
        const auto application = ns3::CreateObject<ns3::CrspApplication>();
        application->SetRole(std::move(role));
        const auto set = [&](const char* name, std::uint64_t value) {
            application->SetAttribute(name, ns3::UintegerValue(value));
        };
        set("Port", port);
        // Peers that prove nothing would have to return a cookie: a round trip more.
        application->SetAttribute("PreSharedKey", ns3::StringValue(SimulationKey()));
        set("MaxDatagramSize", kBenchDatagramBytes);
        set("MaxRepairSymbol", kMaxRepairSymbol);
        set("MaxDatagramFrameSize", kDatagramFrameBytes);
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

    static std::uint64_t WireBytesOf(const ConnectionStats& stats) {
        return stats.bytesSent + kUdpAndIpBytes * stats.packetsSent;
    }

    Duration m_start;
    MessageTarget* m_target;
    MessageSource* m_source;
    Ptr<ns3::CrspApplication> m_receiver;
    Ptr<ns3::CrspApplication> m_sender;
};

}  // namespace

std::unique_ptr<RunningFlow> StartMessageFlow(const BenchFlow& flow, Ptr<ns3::Node> sender,
                                              Ptr<ns3::Node> receiver) {
    return std::make_unique<MessageFlow>(flow, sender, receiver);
}

}  // namespace crsp::lab
