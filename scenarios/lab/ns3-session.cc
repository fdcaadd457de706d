// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-session.h"

#include <algorithm>
#include <utility>

#include "ns3/nstime.h"
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

/// How often a renderer is looked at whose end nobody waits for.
constexpr auto kLook = milliseconds(10);

}  // namespace

Ns3Session::Ns3Session(const SessionSetup& setup, const SessionPlaces& places, Sink& sink,
                       std::function<void()> finished)
    : m_setup(setup),
      m_places(places),
      m_finished(std::move(finished)),
      m_renderer(MakeRendererConfig(setup, places), setup.transport,
                 {places.renderer, places.rendererPort}, sink, setup.lasting, setup.keyLog) {
    Expect();
    AddController(setup.script, places.controllerPort);
}

void Ns3Session::AddController(const Script& script, std::uint16_t port) {
    m_setup.script = script;
    m_places.controllerPort = port;
    m_controllers.push_back(std::make_unique<Ns3Controller>(
        MakeControllerConfig(m_setup, m_places), m_setup.transport, m_places.controller, port,
        [this] { NoteEnd(); }, m_setup.keyLog));
    // Only one controller's qlog can be told apart.
    m_setup.controllerLog = nullptr;
}

void Ns3Session::NoteEnd() {
    const auto finished =
        std::count_if(m_controllers.begin(), m_controllers.end(),
                      [](const auto& controller) { return controller->Finished(); });
    if (static_cast<std::size_t>(finished) == m_expected) Conclude();
}

/// A controller waits for the end of what it began itself. One that was killed waits for nothing,
/// and neither does one that took over from it.
void Ns3Session::Conclude() {
    if (!m_renderer.Busy()) return m_finished();
    ns3::Simulator::Schedule(ns3::NanoSeconds(Duration(kLook).count()), &Ns3Session::Conclude,
                             this);
}

void Ns3Session::End() {
    for (const auto& controller : m_controllers) controller->End();
    m_renderer.End();
}

}  // namespace crsp::lab
