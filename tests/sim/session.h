// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/media/memory-content-store.h"
#include "model/media/renderer-role.h"
#include "model/media/scripted-controller.h"
#include "model/media/server-role.h"
#include "model/media/sink.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {

/// Checks every rendered byte where it is rendered, and the order of generations.
class CheckingSink : public Sink {
  public:
    explicit CheckingSink(std::uint64_t contentSeed) : m_contentSeed(contentSeed) {}

    Expected<void, MediaErrorCode> Begin(TimePoint now, Generation generation,
                                         const ContentInfo& info) override;
    Expected<std::size_t, MediaErrorCode> Render(TimePoint now, Generation generation,
                                                 std::uint64_t offset,
                                                 ConstByteSpan bytes) override;
    Expected<void, MediaErrorCode> End(TimePoint now, Generation generation,
                                       bool complete) override;

    /// Bytes that differ from the server's, came at the wrong place, or were of an old generation.
    std::uint64_t Wrong() const { return m_wrong; }
    /// Bytes rendered in all generations together.
    std::uint64_t Rendered() const { return m_rendered; }
    std::uint64_t Position() const { return m_position; }
    Generation Current() const { return m_generation; }
    /// The newest generation has been rendered to its last byte.
    bool Complete() const { return m_complete; }
    TimePoint LastRenderAt() const { return m_lastRenderAt; }

  private:
    std::uint64_t m_contentSeed;
    std::uint64_t m_size = 0;
    std::uint64_t m_position = 0;
    std::uint64_t m_rendered = 0;
    std::uint64_t m_wrong = 0;
    Generation m_generation = 0;
    bool m_open = false;
    bool m_complete = false;
    TimePoint m_lastRenderAt{};
    std::vector<std::byte> m_expected;
};

/// What one simulated session is made of.
struct SessionConfig {
    std::uint64_t seed = 1;
    ImpairmentConfig link = {};
    std::uint64_t size = 256 * 1024;
    Script script = {};
    TransportConfig transport = {};
    std::uint64_t renderRate = 0;
};

/// A server, a renderer and a controller on one network. The entry is called `film`.
class Session {
  public:
    explicit Session(const SessionConfig& config);

    /// Runs until the script is answered and what it began has ended, or `limit`.
    bool Run(Duration limit);
    /// Everything the script asked for was answered with success.
    bool AllSucceeded() const;
    /// Each command and how it ended, and each notification, one a line.
    std::string Describe() const;

    Network& Net() { return m_network; }
    CheckingSink& Rendered() { return m_sink; }
    const ScriptedController& Controller() const { return *m_controller; }
    RendererRole& Renderer() { return *m_renderer; }
    Node& ServerNode() { return *m_serverNode; }
    Node& RendererNode() { return *m_rendererNode; }
    Node& ControllerNode() { return *m_controllerNode; }

  private:
    MemoryContentStore m_store;
    CheckingSink m_sink;
    Network m_network;
    RendererRole* m_renderer = nullptr;
    ScriptedController* m_controller = nullptr;
    Node* m_serverNode = nullptr;
    Node* m_rendererNode = nullptr;
    Node* m_controllerNode = nullptr;
};

}  // namespace crsp::sim
