// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/host/role.h"

namespace crsp::lab {

/// Connects when it starts, and fills one stream.
class BulkSender : public Role {
  public:
    /// `bytes` 0: without end.
    BulkSender(SocketAddress to, std::uint64_t bytes);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::optional<ConnectionHandle> Connection() const { return m_connection; }
    /// Why the connection ended; empty while it has not.
    const std::string& Failure() const { return m_failure; }

  private:
    void WriteMore(Endpoint& endpoint);

    SocketAddress m_to;
    std::uint64_t m_left;
    bool m_endless;
    std::optional<ConnectionHandle> m_connection;
    StreamId m_stream = 0;
    std::vector<std::byte> m_chunk;
    std::string m_failure;
};

/// Accepts one connection, and reads all it can at once.
class BulkReceiver : public Role {
  public:
    BulkReceiver();

    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::optional<ConnectionHandle> Connection() const { return m_connection; }
    std::uint64_t BytesRead() const { return m_bytes; }
    std::optional<TimePoint> FirstByte() const { return m_first; }
    /// When the end of the stream was read.
    std::optional<TimePoint> LastByte() const { return m_last; }
    const std::string& Failure() const { return m_failure; }

  private:
    void ReadAll(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint);

    std::optional<ConnectionHandle> m_connection;
    std::uint64_t m_bytes = 0;
    std::optional<TimePoint> m_first;
    std::optional<TimePoint> m_last;
    std::vector<std::byte> m_buffer;
    std::string m_failure;
};

}  // namespace crsp::lab
