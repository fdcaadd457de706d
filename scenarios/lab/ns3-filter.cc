// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-filter.h"

#include <algorithm>
#include <utility>

#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"

namespace crsp::lab {
namespace {

/// Of a point-to-point link.
constexpr std::uint32_t kPppHeader = 2;

}  // namespace

ns3::TypeId Ns3Filter::GetTypeId() {
    static ns3::TypeId tid =
        ns3::TypeId("crsp::lab::Ns3Filter").SetParent<ns3::ErrorModel>().SetGroupName("Crsp");
    return tid;
}

void Ns3Filter::Add(ns3::Ptr<ns3::PointToPointNetDevice> device, Rule rule) {
    ns3::PointerValue present;
    device->GetAttribute("ReceiveErrorModel", present);
    auto filter = ns3::DynamicCast<Ns3Filter>(present.Get<ns3::ErrorModel>());
    if (!filter) {
        filter = ns3::Create<Ns3Filter>();
        device->SetReceiveErrorModel(filter);
    }
    filter->m_rules.push_back(std::move(rule));
}

bool Ns3Filter::DoCorrupt(ns3::Ptr<ns3::Packet> packet) {
    return std::any_of(m_rules.begin(), m_rules.end(),
                       [&](const Rule& rule) { return rule(packet); });
}

Ns3Filter::Rule PolicerRule(const PolicerSpec& policer) {
    const auto burst = static_cast<double>(policer.burst);
    return [policer, burst, tokens = burst, last = ns3::Time()](auto packet) mutable {
        const ns3::Time now = ns3::Simulator::Now();
        tokens = std::min(burst, tokens + policer.rate / 8 * (now - last).GetSeconds());
        last = now;
        const double bytes = packet->GetSize() - kPppHeader;
        if (tokens < bytes) return true;
        tokens -= bytes;
        return false;
    };
}

}  // namespace crsp::lab
