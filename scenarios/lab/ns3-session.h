// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "scenarios/lab/ns3-parties.h"

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
    bool lasting = false;  ///< whether the renderer may be killed and started again
    Tracer* rendererLog = nullptr;
    Tracer* controllerLog = nullptr;
    KeyLog keyLog{};
};

/// One renderer and its controllers in ns-3, from their first handshake to the end of the scripts.
/// Lives as long as the simulation.
class Ns3Session {
  public:
    /// Begins at the present instant. `sink` outlives the session. `finished` is called when all
    /// controllers have finished, from an event of its own.
    Ns3Session(const SessionSetup& setup, const SessionPlaces& places, Sink& sink,
               std::function<void()> finished);
    Ns3Session(const Ns3Session&) = delete;
    Ns3Session& operator=(const Ns3Session&) = delete;

    /// One more controller is to come: the session is not finished before.
    void Expect() { ++m_expected; }
    /// Here it is; `port` is its own.
    void AddController(const Script& script, std::uint16_t port);
    Ns3Renderer& Renderer() { return m_renderer; }
    /// The first.
    Ns3Controller& Controller() { return *m_controllers.front(); }
    const std::vector<std::unique_ptr<Ns3Controller>>& Controllers() const { return m_controllers; }
    /// Takes all nodes off the network.
    void End();

  private:
    void NoteEnd();
    void Conclude();

    SessionSetup m_setup;
    SessionPlaces m_places;
    std::function<void()> m_finished;
    std::size_t m_expected = 0;
    Ns3Renderer m_renderer;
    std::vector<std::unique_ptr<Ns3Controller>> m_controllers;
};

}  // namespace crsp::lab
