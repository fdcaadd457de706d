// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "apps/live/line-limit.h"
#include "model/host/role.h"

namespace crsp {

/// Between two lines about handshakes that came to nothing.
inline constexpr Duration kRefusalInterval = seconds(10);
/// Retries in that time that are no news by themselves: where peers prove nothing by a key, each
/// newcomer gets one.
inline constexpr std::uint64_t kFewRetries = 100;

/// Stands between driver and role, passes everything on, and says who comes and goes: a line for
/// each connection that others open, one when it ends, and one in ten seconds at most about packets
/// that made no connection. However many there are, no kind has more than kLinesPerMinute lines;
/// how many were left out is one more.
class ConnectionLog final : public Role {
  public:
    using Naming = std::function<std::string(const PeerKey&)>;
    using Line = LimitedLines::Line;

    /// `role` must outlive this. `nameOf` says what to call the one with that key.
    ConnectionLog(Role& role, Naming nameOf, Line line)
        : m_role(role), m_nameOf(std::move(nameOf)), m_line(std::move(line)) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

  private:
    void OnConnected(TimePoint now, const ConnectedEvent& event);
    void OnClosed(TimePoint now, const ClosedEvent& event);
    void SayRefused(TimePoint now);
    /// Packets that made no connection, since that was looked at last.
    std::uint64_t Refused() const;

    Role& m_role;
    Naming m_nameOf;
    Line m_line;
    const EndpointStats* m_stats = nullptr;
    std::map<ConnectionHandle, std::string> m_open;  ///< who it is, and where
    LimitedLines m_connected{"connections", m_line};
    LimitedLines m_ended{"ends of connections", m_line};
    EndpointStats m_seen;
    TimePoint m_nextRefusal{};
};

}  // namespace crsp
