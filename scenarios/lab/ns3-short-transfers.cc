// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-short-transfers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "ns3/bulk-send-helper.h"
#include "ns3/callback.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/simulator.h"
#include "ns3/tcp-cubic.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-linux-reno.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/ns3-path.h"

namespace crsp::lab {
namespace {

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

Duration Now() {
    return nanoseconds(ns3::Simulator::Now().GetNanoSeconds());
}

}  // namespace

void ChooseTcpVariant(ns3::Ptr<ns3::Node> sender, TrafficKind kind, Duration start) {
    const auto tcp = sender->GetObject<ns3::TcpL4Protocol>();
    const ns3::TypeId type =
        kind == TrafficKind::kCubic ? ns3::TcpCubic::GetTypeId() : ns3::TcpLinuxReno::GetTypeId();
    ns3::Simulator::Schedule(ToNs3(start - std::min(start, Now())), [tcp, type] {
        tcp->SetAttribute("SocketType", ns3::TypeIdValue(type));
    });
}

Ns3ShortTransfers::Ns3ShortTransfers(const TrafficSpec& traffic, const TrafficEnds& ends,
                                     std::uint16_t firstPort, std::uint64_t seed)
    : m_traffic(traffic), m_ends(ends), m_port(firstPort) {
    for (std::size_t i = 0; i < traffic.flows; ++i) {
        m_flows.push_back({Random::Stream(seed, fmt::format("transfers-{}-{}", firstPort, i))});
        ns3::Simulator::Schedule(ToNs3(traffic.start), [this, i] {
            return i < m_traffic.transfers->busy ? Transfer(i) : Pause(i);
        });
    }
}

bool Ns3ShortTransfers::Over() const {
    return m_traffic.stop && Now() >= *m_traffic.stop;
}

void Ns3ShortTransfers::Pause(std::size_t flow) {
    const double mean = ToSeconds(m_traffic.transfers->idle);
    const double pause = -mean * std::log(1 - m_flows[flow].random.Uniform());
    ns3::Simulator::Schedule(ToNs3(FromSeconds(pause)), [this, flow] { Transfer(flow); });
}

void Ns3ShortTransfers::Transfer(std::size_t flow) {
    if (Over()) return;
    const ShortTransfers& spec = *m_traffic.transfers;
    const auto extra = static_cast<double>(spec.maxSize - spec.minSize);
    m_flows[flow].left =
        spec.minSize + static_cast<std::uint64_t>(extra * m_flows[flow].random.Uniform());
    const std::uint16_t port = m_port++;
    ns3::PacketSinkHelper sink("ns3::TcpSocketFactory",
                               ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), port));
    const std::function<void(ns3::Ptr<const ns3::Packet>, const ns3::Address&)> received =
        [this, flow](auto packet, const auto&) { OnReceived(flow, packet->GetSize()); };
    sink.Install(m_ends.receiver)
        .Get(0)
        ->TraceConnectWithoutContext(
            "Rx", ns3::Callback<void, ns3::Ptr<const ns3::Packet>, const ns3::Address&>(received));
    ChooseTcpVariant(m_ends.sender, m_traffic.kind, Now());
    ns3::BulkSendHelper bulk("ns3::TcpSocketFactory",
                             ns3::InetSocketAddress(AddressOf(m_ends.receiver), port));
    bulk.SetAttribute("MaxBytes", ns3::UintegerValue(m_flows[flow].left));
    bulk.Install(m_ends.sender);
}

void Ns3ShortTransfers::OnReceived(std::size_t flow, std::uint64_t bytes) {
    m_received += bytes;
    m_flows[flow].left -= std::min(m_flows[flow].left, bytes);
    if (m_flows[flow].left == 0) Pause(flow);
}

}  // namespace crsp::lab
