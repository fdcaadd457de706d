// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-session.h"

#include <utility>

#include "ns3/simulator.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {
namespace {

RendererConfig MakeRendererConfig(const SessionSetup& setup, const SessionPlaces& places) {
    RendererConfig config;
    config.servers = {{"server", {places.server}}};
    config.renderRate = static_cast<std::uint64_t>(setup.renderRate / 8);
    config.serverTimeout = setup.patience - kRendererAhead;
    config.tracer = setup.rendererLog;
    return config;
}

ScriptedControllerConfig MakeControllerConfig(const SessionSetup& setup,
                                              const SessionPlaces& places) {
    ScriptedControllerConfig config;
    config.controller.server = PeerTarget{places.server};
    config.controller.renderer = PeerTarget{AddressAt(places.renderer, places.rendererPort)};
    config.controller.instance = places.controllerPort;
    config.controller.commandTimeout = setup.patience;
    config.controller.tracer = setup.controllerLog;
    config.script = setup.script;
    config.limit = setup.limit;
    return config;
}

}  // namespace

Ns3Session::Ns3Session(const SessionSetup& setup, const SessionPlaces& places, Sink& sink,
                       std::function<void()> finished)
    : m_finished(std::move(finished)),
      m_rendererRole(MakeRendererConfig(setup, places), sink),
      m_controllerRole(MakeControllerConfig(setup, places)),
      m_renderer(InstallNs3Node(places.renderer, places.rendererPort, m_rendererRole,
                                setup.rendererLog, setup.transport, {}, setup.keyLog)),
      m_controller(InstallNs3Node(
          places.controller, places.controllerPort, m_controllerRole, setup.controllerLog,
          setup.transport, [this] { NoteEnd(); }, setup.keyLog)) {}

void Ns3Session::End() {
    m_controller.End();
    m_renderer.End();
}

/// Called from within the controller's driver, which must not be entered again.
void Ns3Session::NoteEnd() {
    if (m_noted || !m_controllerRole.Finished()) return;
    m_noted = true;
    ns3::Simulator::ScheduleNow([this] { m_finished(); });
}

}  // namespace crsp::lab
