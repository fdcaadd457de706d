// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/watched-role.h"

namespace crsp::lab {

void WatchedRole::OnStart(TimePoint now, Endpoint& endpoint) {
    m_role.OnStart(now, endpoint);
    CallHook();
}

void WatchedRole::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    Note(event, endpoint);
    m_role.OnEvent(now, event, endpoint);
    CallHook();
}

void WatchedRole::OnTimeout(TimePoint now, Endpoint& endpoint) {
    m_role.OnTimeout(now, endpoint);
    CallHook();
}

std::optional<TimePoint> WatchedRole::NextTimeout() const {
    return m_role.NextTimeout();
}

void WatchedRole::OnShutdown(TimePoint now, Endpoint& endpoint) {
    Sample(endpoint);
    m_role.OnShutdown(now, endpoint);
}

void WatchedRole::Sample(const Endpoint& endpoint) {
    for (auto& [connection, stats] : m_stats) {
        if (const auto fresh = endpoint.StatsOf(connection)) stats = *fresh;
    }
}

void WatchedRole::Note(const Event& event, const Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        m_stats[connected->connection] = {};
        m_remotes[connected->connection] = connected->remote;
    } else if (std::holds_alternative<ClosedEvent>(event)) {
        Sample(endpoint);
    }
}

void WatchedRole::CallHook() const {
    if (m_hook) m_hook();
}

}  // namespace crsp::lab
