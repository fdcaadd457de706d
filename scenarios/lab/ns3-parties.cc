// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-parties.h"

#include <algorithm>
#include <utility>

#include "ns3/simulator.h"
#include "ns3/uinteger.h"

namespace crsp::lab {
namespace {

/// Renderers and controllers, also those that a session left behind; more than a deployed server
/// takes by default, if the scenario has them.
std::size_t ConnectionsIn(const Scenario& scenario) {
    std::size_t sessions = scenario.controllers.size();
    for (const FlowSpec& flow : scenario.flows) sessions += flow.sessions;
    return 2 * sessions;
}

ServerConfig ServerConfigFor(const Scenario& scenario, Tracer* log) {
    ServerConfig config{.tracer = log};
    config.maxSessions = std::max(config.maxSessions, ConnectionsIn(scenario));
    return config;
}

}  // namespace

Ns3Server::Ns3Server(const Scenario& scenario, ns3::Ptr<ns3::Node> node, std::uint16_t port,
                     Tracer* log, KeyLog keyLog)
    : m_scenario(scenario), m_node(node), m_port(port), m_log(log), m_keyLog(std::move(keyLog)) {
    FillStore(scenario, m_store);
    Start();
}

void Ns3Server::Start() {
    if (!m_nodes.empty()) Kill();
    const bool lasting =
        std::any_of(m_scenario.faults.begin(), m_scenario.faults.end(),
                    [](const FaultSpec& fault) { return fault.kind == FaultKind::kStart; });
    m_roles.push_back(std::make_unique<ServerRole>(ServerConfigFor(m_scenario, m_log), m_store));
    m_nodes.push_back(InstallNs3Node(m_node, m_port, *m_roles.back(), m_log, m_scenario.transport,
                                     {}, m_keyLog, {lasting, m_nodes.size()}));
    const auto connections = std::max(EndpointConfig{}.maxConnections, ConnectionsIn(m_scenario));
    m_nodes.back().application->SetAttribute("MaxConnections", ns3::UintegerValue(connections));
}

const WatchedRole& Ns3Server::Sampled() {
    m_nodes.back().Sample();
    return *m_nodes.back().role;
}

void Ns3Server::Replace(std::size_t content) {
    m_store.Replace(content + 1, ReplacedContent(m_scenario.content[content]));
}

void Ns3Server::AddCounters(RunRecord& record) {
    m_nodes.back().Sample();
    for (const Ns3Node& node : m_nodes) {
        for (const auto& [connection, stats] : node.role->Stats()) {
            record.streamBytesSent += stats.streamBytesSent;
            record.streamBytesRetransmitted += stats.streamBytesRetransmitted;
            record.pathChanges += stats.pathChanges;
        }
    }
}

Ns3Renderer::Ns3Renderer(RendererConfig config, const TransportConfig& transport, Place place,
                         Sink& sink, bool lasting, KeyLog keyLog)
    : m_config(std::move(config)),
      m_transport(transport),
      m_place(std::move(place)),
      m_sink(sink),
      m_lasting(lasting),
      m_keyLog(std::move(keyLog)) {
    Start();
}

void Ns3Renderer::Kill() {
    m_alive = false;
    m_nodes.back().Crash();
}

bool Ns3Renderer::Busy() const {
    const TransportState state = m_roles.back()->State();
    return m_alive && (state == TransportState::kConnecting ||
                       state == TransportState::kBuffering || state == TransportState::kPlaying);
}

void Ns3Renderer::Start() {
    if (!m_nodes.empty()) Kill();
    m_alive = true;
    m_roles.push_back(std::make_unique<RendererRole>(m_config, m_sink));
    m_nodes.push_back(InstallNs3Node(m_place.node, m_place.port, *m_roles.back(), m_config.tracer,
                                     m_transport, {}, m_keyLog, {m_lasting, m_nodes.size()}));
}

Ns3Controller::Ns3Controller(ScriptedControllerConfig config, const TransportConfig& transport,
                             ns3::Ptr<ns3::Node> node, std::uint16_t port,
                             std::function<void()> finished, KeyLog keyLog)
    : m_finished(std::move(finished)),
      m_role(config),
      m_node(InstallNs3Node(
          node, port, m_role, config.controller.tracer, transport, [this] { NoteEnd(); },
          std::move(keyLog))) {}

void Ns3Controller::Kill() {
    m_node.Crash();
    Finish();
}

void Ns3Controller::NoteEnd() {
    if (m_role.Finished()) Finish();
}

/// Called from within the controller's driver, which must not be entered again.
void Ns3Controller::Finish() {
    if (m_noted) return;
    m_noted = true;
    ns3::Simulator::ScheduleNow([this] { m_finished(); });
}

}  // namespace crsp::lab
