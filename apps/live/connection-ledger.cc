// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/connection-ledger.h"

#include <algorithm>
#include <variant>

namespace crsp {
void ConnectionLedger::OnStart(TimePoint now, Endpoint& endpoint) {
    m_role.OnStart(now, endpoint);
}

void ConnectionLedger::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    Note(now, event, endpoint);
    m_role.OnEvent(now, event, endpoint);
}

void ConnectionLedger::OnTimeout(TimePoint now, Endpoint& endpoint) {
    m_role.OnTimeout(now, endpoint);
}

std::optional<TimePoint> ConnectionLedger::NextTimeout() const {
    return m_role.NextTimeout();
}

void ConnectionLedger::OnShutdown(TimePoint now, Endpoint& endpoint) {
    SampleAll(endpoint);
    m_role.OnShutdown(now, endpoint);
}

void ConnectionLedger::Sample(TimePoint now, const Endpoint& endpoint) {
    if (now < m_nextSample) return;
    m_nextSample = now + kLedgerInterval;
    SampleAll(endpoint);
}

const LedgerEntry* ConnectionLedger::LastEnded(const SocketAddress& remote) const {
    const auto found = std::find_if(m_ended.rbegin(), m_ended.rend(),
                                    [&](const auto& entry) { return entry.remote == remote; });
    return found == m_ended.rend() ? nullptr : &*found;
}

ConnectionStats ConnectionLedger::Totals() const {
    ConnectionStats sum = m_endedTotals;
    for (const auto& [handle, entry] : m_open) AddTo(sum, entry.stats);
    return sum;
}

void ConnectionLedger::Note(TimePoint now, const Event& event, const Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        LedgerEntry entry;
        entry.connection = connected->connection;
        entry.remote = connected->remote;
        entry.side = connected->side;
        entry.begunAt = now;
        m_open.emplace(connected->connection, std::move(entry));
        ++m_count;
        return;
    }
    const auto* closed = std::get_if<ClosedEvent>(&event);
    const auto found = closed ? m_open.find(closed->connection) : m_open.end();
    if (found == m_open.end()) return;
    auto& entry = found->second;
    if (const auto stats = endpoint.StatsOf(closed->connection)) entry.stats = *stats;
    entry.ended = true;
    entry.endedAt = now;
    entry.code = closed->code;
    entry.applicationCode = closed->applicationCode;
    entry.closedByPeer = closed->byPeer;
    const bool said = closed->code == TransportErrorCode::kNoError ||
                      closed->code == TransportErrorCode::kApplicationError;
    if (said && !closed->byPeer) m_lastOwnClose = now;
    AddTo(m_endedTotals, entry.stats);
    m_ended.push_back(entry);
    if (m_ended.size() > kMaxLedgerHistory) m_ended.pop_front();
    m_open.erase(found);
}

void ConnectionLedger::SampleAll(const Endpoint& endpoint) {
    for (auto& [handle, entry] : m_open) {
        if (const auto stats = endpoint.StatsOf(handle)) entry.stats = *stats;
    }
}

}  // namespace crsp
