// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "model/media/renderer-role.h"
#include "model/media/scripted-controller.h"
#include "scenarios/lab/hash-sink.h"
#include "scenarios/lab/ns3-node.h"

namespace crsp::lab {

/// Where the parties of a flow stand.
struct SessionPlaces {
    ns3::Ptr<ns3::Node> renderer;
    ns3::Ptr<ns3::Node> controller;
    std::uint16_t rendererPort = 0;
    std::uint16_t controllerPort = 0;
    SocketAddress server;
};

/// What of a session is the same in all of its flow.
struct SessionSetup {
    Script script;
    double renderRate = 0;  ///< bit/s; 0: no limit
    Duration limit{};
    Duration patience{};
    TransportConfig transport;
    Tracer* rendererLog = nullptr;
    Tracer* controllerLog = nullptr;
    KeyLog keyLog{};
};

/// One renderer and its controller in ns-3, from their first handshake to the end of the script.
/// Lives as long as the simulation.
class Ns3Session {
  public:
    /// Begins at the present instant. `sink` outlives the session. `finished` is called once, from
    /// an event of its own.
    Ns3Session(const SessionSetup& setup, const SessionPlaces& places, Sink& sink,
               std::function<void()> finished);
    Ns3Session(const Ns3Session&) = delete;
    Ns3Session& operator=(const Ns3Session&) = delete;

    std::span<const CommandResult> Results() const { return m_controllerRole.Results(); }
    /// Takes both nodes off the network.
    void End();

  private:
    void NoteEnd();

    std::function<void()> m_finished;
    bool m_noted = false;
    RendererRole m_rendererRole;
    ScriptedController m_controllerRole;
    Ns3Node m_renderer;
    Ns3Node m_controller;
};

}  // namespace crsp::lab
