// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/base/range-set.h"
#include "model/base/socket-address.h"
#include "model/host/role.h"

namespace crsp::lab {

/// Messages at an even pace.
struct MessageLoad {
    std::size_t bytes = 0;  ///< each, the first eight being its number
    Duration interval{0};
    std::uint64_t count = 0;
    Duration patience{0};  ///< from writing a message to its deadline
};

/// From the connection of a MessageSource to its first message.
inline constexpr Duration kMessagesSettle = seconds(1);

/// A message as its writer knows it.
struct WrittenMessage {
    TimePoint at;
    /// How many the connection had taken before this one; nothing if it took this one not.
    std::optional<std::uint64_t> number;
};

/// Connects, and writes messages at their pace: on a deadline stream, or as unreliable datagrams.
class MessageSource : public Role {
  public:
    /// `repair`: repair symbols on the stream, in % of the messages; 0 for none.
    MessageSource(const SocketAddress& to, const MessageLoad& load, std::uint8_t repair,
                  bool datagrams);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override { return m_next; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::optional<ConnectionHandle> Connection() const { return m_connection; }
    const std::vector<WrittenMessage>& Written() const { return m_written; }
    /// What went wrong last; empty if nothing did.
    const std::string& Failure() const { return m_failure; }

  private:
    SocketAddress m_to;
    MessageLoad m_load;
    std::uint8_t m_repair;
    bool m_datagrams;
    std::vector<std::byte> m_message;
    std::optional<ConnectionHandle> m_connection;
    StreamId m_stream = 0;
    std::optional<TimePoint> m_next;
    std::uint64_t m_taken = 0;
    std::vector<WrittenMessage> m_written;
    std::string m_failure;
};

/// Accepts, and notes when each message was complete.
class MessageTarget : public Role {
  public:
    explicit MessageTarget(const MessageLoad& load);

    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::optional<ConnectionHandle> Connection() const { return m_connection; }
    /// By number of the message; nothing for what is missing.
    const std::vector<std::optional<TimePoint>>& Complete() const { return m_complete; }
    std::uint64_t BytesRead() const { return m_read; }
    const std::string& Failure() const { return m_failure; }

  private:
    void ReadStream(TimePoint now, StreamId stream, Endpoint& endpoint);
    void ReadDatagrams(TimePoint now, Endpoint& endpoint);
    void Note(TimePoint now, Range range);

    MessageLoad m_load;
    std::optional<ConnectionHandle> m_connection;
    std::vector<std::uint64_t> m_bytes;  ///< by message
    std::vector<std::optional<TimePoint>> m_complete;
    std::uint64_t m_read = 0;
    std::vector<std::byte> m_buffer;
    std::string m_failure;
};

}  // namespace crsp::lab
