// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-messages.h"

#include <algorithm>

#include "model/wire/frames.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/ns3-node.h"

namespace crsp::lab {
namespace {

MessageLoad LoadOf(const TrafficSpec& traffic, Duration end) {
    const Duration length = traffic.stop.value_or(end) - traffic.start - kMessagesSettle;
    const auto count = std::max<std::int64_t>(length / traffic.messages.every, 1);
    return {static_cast<std::size_t>(traffic.messages.size), traffic.messages.every,
            static_cast<std::uint64_t>(count), traffic.messages.patience};
}

void Install(ns3::Ptr<ns3::Node> node, std::uint16_t port, Role& role,
             const TransportConfig& transport) {
    const Ns3Node installed = InstallNs3Node(node, port, role, nullptr, transport);
    installed.application->SetAttribute("MaxRepairSymbol", ns3::UintegerValue(kMaxRepairSymbol));
}

}  // namespace

Ns3Messages::Ns3Messages(const TrafficSpec& traffic, const TransportConfig& transport,
                         ns3::Ptr<ns3::Node> sender, ns3::Ptr<ns3::Node> receiver,
                         std::uint16_t port, Duration end)
    : m_load(LoadOf(traffic, end)),
      m_target(m_load),
      m_source(AddressAt(receiver, port), m_load, traffic.messages.repair, false) {
    Install(receiver, port, m_target, transport);
    const auto next = static_cast<std::uint16_t>(port + 1);
    ns3::Simulator::Schedule(
        ns3::NanoSeconds(traffic.start.count()),
        [this, sender, next, transport] { Install(sender, next, m_source, transport); });
}

void Ns3Messages::Collect(RunRecord& record) const {
    for (const WrittenMessage& message : m_source.Written()) {
        const auto complete = message.number ? m_target.Complete()[*message.number] : std::nullopt;
        record.messages.push_back({message.at, complete, m_load.patience});
    }
}

}  // namespace crsp::lab
