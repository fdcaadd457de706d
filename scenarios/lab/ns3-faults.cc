// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-faults.h"

#include <utility>

#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "scenarios/lab/content.h"

namespace crsp::lab {
namespace {

/// How often a flow is looked at whose share is waited for.
constexpr auto kLook = milliseconds(1);

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

}  // namespace

Ns3Faults::Ns3Faults(const Scenario& scenario, Ns3Server& server,
                     const std::vector<std::unique_ptr<Ns3Flow>>& flows,
                     std::function<void(const FaultSpec&)> told)
    : m_scenario(scenario), m_server(server), m_flows(flows), m_told(std::move(told)) {
    for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
        if (!scenario.faults[i].after) Await(i);
    }
}

void Ns3Faults::Await(std::size_t index) {
    const FaultSpec& fault = m_scenario.faults[index];
    if (fault.share > 0) return Look(index);
    const Duration wait = fault.at ? *fault.at : *fault.after;
    ns3::Simulator::Schedule(ToNs3(wait), &Ns3Faults::Happen, this, index);
}

void Ns3Faults::Look(std::size_t index) {
    const FaultSpec& fault = m_scenario.faults[index];
    const ContentSpec* content = PlayedLast(m_scenario, m_scenario.flows[fault.flow]);
    const double wanted = fault.share * (content ? static_cast<double>(content->size) : 1e18);
    if (static_cast<double>(m_flows[fault.flow]->Position()) >= wanted) return Happen(index);
    ns3::Simulator::Schedule(ToNs3(kLook), &Ns3Faults::Look, this, index);
}

void Ns3Faults::Happen(std::size_t index) {
    m_told(m_scenario.faults[index]);
    Befall(m_scenario.faults[index]);
    const std::size_t next = index + 1;
    if (next < m_scenario.faults.size() && m_scenario.faults[next].after) Await(next);
}

void Ns3Faults::Befall(const FaultSpec& fault) {
    if (fault.kind == FaultKind::kReplace) return m_server.Replace(fault.content);
    const bool kill = fault.kind == FaultKind::kKill;
    Ns3Session& session = m_flows[fault.flow]->Session();
    switch (fault.actor) {
        case Actor::kServer:
            return kill ? m_server.Kill() : m_server.Start();
        case Actor::kRenderer:
            return kill ? session.Renderer().Kill() : session.Renderer().Start();
        case Actor::kController:
            return session.Controller().Kill();
    }
}

}  // namespace crsp::lab
