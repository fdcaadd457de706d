// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "model/host/role.h"

namespace crsp::lab {

/// Stands between driver and role, passes everything on, keeps the counters of all connections, and
/// calls a hook after each call of the role.
class WatchedRole : public Role {
  public:
    explicit WatchedRole(Role& role, std::function<void()> hook = {})
        : m_role(role), m_hook(std::move(hook)) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// Refreshes the counters of the connections that are open.
    void Sample(const Endpoint& endpoint);
    /// Of every connection so far, by handle.
    const std::map<ConnectionHandle, ConnectionStats>& Stats() const { return m_stats; }
    /// Whom every connection so far was with when it began.
    const std::map<ConnectionHandle, SocketAddress>& Remotes() const { return m_remotes; }

  private:
    void Note(const Event& event, const Endpoint& endpoint);
    void CallHook() const;

    Role& m_role;
    std::function<void()> m_hook;
    std::map<ConnectionHandle, ConnectionStats> m_stats;
    std::map<ConnectionHandle, SocketAddress> m_remotes;
};

}  // namespace crsp::lab
