// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/base/time.h"

namespace crsp {

/// A peer that owes data and falls silent is asked this often in a row; then the keep-alive is
/// left.
inline constexpr std::uint32_t kMaxQuietPings = 6;

/// Unless the idle timeout is longer.
inline constexpr Duration kMaxTimeInVain = seconds(30);

/// Idle timeout and keep-alive of one connection (CRSP §8.2, §8.3; RFC 9000 §10.1).
class Liveness {
  public:
    /// A zero `idleTimeout` never ends the connection, a zero `keepAlive` never sends a PING.
    Liveness(TimePoint now, Duration idleTimeout, Duration keepAlive)
        : m_idleTimeout(idleTimeout), m_keepAlive(keepAlive), m_heardAt(now), m_idleFrom(now) {}

    void OnPacketReceived(TimePoint now) {
        m_heardAt = m_idleFrom = now;
        m_sentSinceHeard = false;
        m_pinged = false;
    }
    /// Only the first after a packet received restarts the idle timeout.
    void OnAckElicitingSent(TimePoint now) {
        if (!m_sentSinceHeard) m_idleFrom = now;
        m_sentSinceHeard = true;
    }
    /// After each packet of the peer: `probing` if timeouts have fired since it last acknowledged
    /// anything. Whether it has been heard so long without doing so that the connection is to end:
    /// it would hold what is buffered for it for ever (RFC 793's user timeout).
    bool HeardInVain(TimePoint now, bool probing) {
        if (!probing || m_idleTimeout == Duration{}) {
            m_inVainFrom.reset();
            return false;
        }
        if (!m_inVainFrom) m_inVainFrom = now;
        return now - *m_inVainFrom >= std::max(kMaxTimeInVain, m_idleTimeout);
    }
    /// The keep-alive PING is on its way: loss recovery repeats it, not this timer.
    void OnKeepAlive() { m_pinged = true; }

    /// `probeTimeout` keeps a slow path from being taken for a dead one: at least three of them.
    std::optional<TimePoint> IdleDeadline(Duration probeTimeout) const {
        if (m_idleTimeout == Duration{}) return std::nullopt;
        return m_idleFrom + std::max(m_idleTimeout, 3 * probeTimeout);
    }
    /// Data came in on a stream: more is expected. Call after OnPacketReceived.
    void OnDataReceived(TimePoint now) {
        if (m_expecting && m_quietPings == 0) m_gap += (now - m_dataAt - m_gap) / kGapSmoothing;
        m_dataAt = now;
        m_expecting = true;
        m_quietPings = 0;
    }
    /// When to ask a peer that falls silent though it owes data: once the pause is long beside
    /// those before it, but no later than after one probe timeout; then after twice, four times as
    /// long and so on, while it answers without sending any. It may have lost sight of us: a
    /// receiver behind a NAT that forgot it hears nothing until it speaks (CRSP §8.3).
    std::optional<TimePoint> QuietDeadline(Duration probeTimeout) const {
        if (!m_expecting || m_pinged || m_quietPings >= kMaxQuietPings) return std::nullopt;
        const Duration pause = std::max(kLongPause * m_gap, kMinPause);
        return m_heardAt + std::min(pause, probeTimeout) * (1 << m_quietPings);
    }
    /// The quiet deadline has come. Returns whether to send a PING, which is if `owed` says that
    /// data is still to come.
    bool OnQuiet(bool owed) {
        m_expecting = m_pinged = owed;
        ++m_quietPings;
        return owed;
    }
    std::optional<TimePoint> KeepAliveDeadline() const {
        if (m_keepAlive == Duration{} || m_pinged) return std::nullopt;
        return m_heardAt + m_keepAlive;
    }

  private:
    static constexpr int kGapSmoothing = 8;
    static constexpr int kLongPause = 8;  ///< times the usual
    static constexpr Duration kMinPause = milliseconds(10);

    Duration m_idleTimeout;
    Duration m_keepAlive;
    TimePoint m_heardAt;
    TimePoint m_idleFrom;
    std::optional<TimePoint> m_inVainFrom;
    bool m_sentSinceHeard = false;
    bool m_pinged = false;
    bool m_expecting = false;
    TimePoint m_dataAt{};  ///< when data last came in
    Duration m_gap{};      ///< usual time between data
    std::uint32_t m_quietPings = 0;
};

}  // namespace crsp
