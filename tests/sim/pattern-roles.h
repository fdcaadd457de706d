// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/host/role.h"
#include "tests/support/pattern.h"

namespace crsp::sim {

/// What both pattern roles remember.
class PatternRole : public Role {
  public:
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    const std::optional<ClosedEvent>& Closed() const { return m_closed; }
    bool Connected() const { return m_connection.has_value(); }
    ConnectionHandle Connection() const { return *m_connection; }

  protected:
    std::optional<ConnectionHandle> m_connection;
    std::optional<ClosedEvent> m_closed;
};

/// Connects to `remote` and sends `size` pattern bytes on one unidirectional stream.
class PatternSender : public PatternRole {
  public:
    PatternSender(SocketAddress remote, std::uint64_t size) : m_remote(remote), m_size(size) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;

  private:
    void WriteMore(Endpoint& endpoint);

    SocketAddress m_remote;
    std::uint64_t m_size;
    std::uint64_t m_written = 0;
    StreamId m_stream = 0;
};

/// Accepts, and checks each byte against the pattern.
class PatternReceiver : public PatternRole {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;

    std::uint64_t Received() const { return m_received; }
    std::uint64_t WrongBytes() const { return m_wrong; }
    bool Finished() const { return m_finished; }
    /// While set, nothing is read, so no credit is granted.
    void Hold(bool hold) { m_hold = hold; }
    void ReadAll(Endpoint& endpoint);

  private:
    std::optional<StreamId> m_stream;
    std::uint64_t m_received = 0;
    std::uint64_t m_wrong = 0;
    bool m_finished = false;
    bool m_hold = false;
    std::vector<std::byte> m_buffer = std::vector<std::byte>(16 * 1024);
};

}  // namespace crsp::sim
