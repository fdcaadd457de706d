// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-messages.h"

#include <optional>
#include <string>
#include <vector>

#include "apps/ns3/address-conversion.h"
#include "apps/ns3/crsp-application.h"
#include "model/host/role.h"
#include "model/wire/frames.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/message-roles.h"
#include "scenarios/lab/ns3-node.h"
#include "scenarios/lab/ns3-path.h"

namespace crsp::lab {
namespace {

using ns3::Ptr;

constexpr std::uint16_t kSenderPort = 59001;
constexpr std::uint16_t kReceiverPort = 59002;
constexpr std::uint8_t kRepairPercent = 25;
constexpr std::uint64_t kDatagramFrameBytes = 1200;
constexpr std::uint64_t kUdpAndIpBytes = 28;

class MessageFlow : public RunningFlow {
  public:
    MessageFlow(const BenchFlow& flow, Ptr<ns3::Node> sender, Ptr<ns3::Node> receiver)
        : m_start(flow.start) {
        auto target = std::make_unique<MessageTarget>(*flow.messages);
        m_target = target.get();
        m_receiver = Install(receiver, kReceiverPort, std::move(target));
        const auto to = ns3::InetSocketAddress(AddressOf(receiver), kReceiverPort);
        const std::uint8_t repair = flow.variant == kFecVariant ? kRepairPercent : 0;
        auto source = std::make_unique<MessageSource>(ns3::FromNs3Address(to), *flow.messages,
                                                      repair, flow.variant == kDatagramVariant);
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
        for (const WrittenMessage& message : m_source->Written()) {
            if (!message.number) continue;
            const auto complete = m_target->Complete()[*message.number];
            if (!complete) continue;
            record.deliveries.push_back(ToMilliseconds(*complete - message.at));
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
