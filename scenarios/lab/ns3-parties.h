// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "model/media/renderer-role.h"
#include "model/media/scripted-controller.h"
#include "model/media/server-role.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/ns3-node.h"
#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// The parties of a scenario in ns-3. Each lives as long as the simulation, begins at the instant
/// at which it is made, and may be killed: then it sends and hears nothing any more, as after a
/// power cut. What is started again has the place of the one before, and nothing of its memory.

/// A server on a node, with all entries of the scenario.
class Ns3Server {
  public:
    Ns3Server(const Scenario& scenario, ns3::Ptr<ns3::Node> node, std::uint16_t port, Tracer* log,
              KeyLog keyLog);

    void Kill() { m_nodes.back().Crash(); }
    void Start();
    /// Entry `content` of the scenario has other bytes from now on.
    void Replace(std::size_t content);
    void AddCounters(RunRecord& record);
    /// The counters of the one that runs, as they are now.
    const WatchedRole& Sampled();

  private:
    const Scenario& m_scenario;
    ns3::Ptr<ns3::Node> m_node;
    std::uint16_t m_port;
    Tracer* m_log;
    KeyLog m_keyLog;
    MemoryContentStore m_store;
    std::vector<std::unique_ptr<ServerRole>> m_roles;
    std::vector<Ns3Node> m_nodes;
};

/// A renderer on a node, which renders into a sink that outlives it.
class Ns3Renderer {
  public:
    struct Place {
        ns3::Ptr<ns3::Node> node;
        std::uint16_t port = 0;
    };
    /// `lasting`: whether it may be killed and started again.
    Ns3Renderer(RendererConfig config, const TransportConfig& transport, Place place, Sink& sink,
                bool lasting, KeyLog keyLog);

    void Kill();
    void Start();
    void End() { m_nodes.back().End(); }
    /// It is about to render, or does.
    bool Busy() const;

  private:
    RendererConfig m_config;
    TransportConfig m_transport;
    Place m_place;
    Sink& m_sink;
    bool m_lasting;
    KeyLog m_keyLog;
    bool m_alive = true;
    std::vector<std::unique_ptr<RendererRole>> m_roles;
    std::vector<Ns3Node> m_nodes;
};

/// A controller on a node that does what its script says.
class Ns3Controller {
  public:
    /// `finished` is called once, from an event of its own: also if it is killed.
    Ns3Controller(ScriptedControllerConfig config, const TransportConfig& transport,
                  ns3::Ptr<ns3::Node> node, std::uint16_t port, std::function<void()> finished,
                  KeyLog keyLog);
    Ns3Controller(const Ns3Controller&) = delete;
    Ns3Controller& operator=(const Ns3Controller&) = delete;

    void Kill();
    void End() { m_node.End(); }
    bool Finished() const { return m_noted; }
    std::span<const CommandResult> Results() const { return m_role.Results(); }
    std::span<const Notification> Notifications() const { return m_role.Notifications(); }

  private:
    void NoteEnd();
    void Finish();

    std::function<void()> m_finished;
    bool m_noted = false;
    ScriptedController m_role;
    Ns3Node m_node;
};

}  // namespace crsp::lab
