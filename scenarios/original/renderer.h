// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "model/media/sink.h"
#include "scenarios/original/party.h"

namespace crsp::original {

/// Hears its controller on its first port and its server on its second. Renders each portion as it
/// comes: what is lost is missing, and nobody is told.
class Renderer : public Party {
  public:
    /// `sink` gets what is rendered, without a size, as the original announces none; it outlives
    /// this.
    Renderer(const SocketAddress& server, Sink& sink) : m_server(server), m_sink(sink) {}

    std::size_t Ports() const override { return 2; }
    bool Finished() const override { return m_finished; }

  protected:
    Expected<void, std::string> OnMessage(TimePoint now, std::size_t port,
                                          const SocketAddress& from,
                                          const Message& message) override;

  private:
    Expected<void, std::string> OnCommand(TimePoint now, const SocketAddress& from,
                                          const Message& message);
    Expected<void, std::string> OnAnswer(TimePoint now, const Message& message);
    void Render(TimePoint now, const Message& portion);
    void Begin(TimePoint now);
    void End(TimePoint now, bool complete);

    SocketAddress m_server;
    Sink& m_sink;
    SocketAddress m_controller;  ///< Family::kNone before the first RENDER
    Generation m_generation = 0;
    std::uint64_t m_position = 0;
    bool m_rendering = false;
    bool m_finished = false;
};

}  // namespace crsp::original
