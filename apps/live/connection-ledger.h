// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "model/host/role.h"

namespace crsp {

/// Connections remembered after their end; older ones survive in the totals only.
inline constexpr std::size_t kMaxLedgerHistory = 256;
/// How old the last counters of a connection may be when it ends without warning.
inline constexpr Duration kLedgerInterval = milliseconds(50);

/// What one connection did, as far as the host could see.
struct LedgerEntry {
    ConnectionHandle connection = 0;
    SocketAddress remote;
    Side side = Side::kResponder;
    TimePoint begunAt;
    TimePoint endedAt;
    bool ended = false;
    TransportErrorCode code = TransportErrorCode::kNoError;
    std::uint64_t applicationCode = 0;
    bool closedByPeer = false;
    ConnectionStats stats;
};

/// Stands between driver and role, passes everything on, and keeps the books of the connections
/// for the statistics at the end.
class ConnectionLedger final : public Role {
  public:
    /// `role` must outlive this.
    explicit ConnectionLedger(Role& role) : m_role(role) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// Takes fresh counters of all connections if the last ones are older than kLedgerInterval.
    void Sample(TimePoint now, const Endpoint& endpoint);

    const std::deque<LedgerEntry>& Ended() const { return m_ended; }
    const std::map<ConnectionHandle, LedgerEntry>& Open() const { return m_open; }
    /// How the last connection to `remote` ended; nullptr if none has.
    const LedgerEntry* LastEnded(const SocketAddress& remote) const;
    /// Sums over all connections ever; gauges and RTTs are zero.
    ConnectionStats Totals() const;
    std::uint64_t Count() const { return m_count; }
    /// When this node last ended a connection with CONNECTION_CLOSE of its own, which the peer may
    /// need to hear again.
    std::optional<TimePoint> LastOwnClose() const { return m_lastOwnClose; }

  private:
    void Note(TimePoint now, const Event& event, const Endpoint& endpoint);
    void SampleAll(const Endpoint& endpoint);

    Role& m_role;
    std::map<ConnectionHandle, LedgerEntry> m_open;
    std::deque<LedgerEntry> m_ended;
    ConnectionStats m_endedTotals;
    std::uint64_t m_count = 0;
    TimePoint m_nextSample;
    std::optional<TimePoint> m_lastOwnClose;
};

}  // namespace crsp
