// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <optional>

#include "model/base/time.h"

namespace crsp {

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
    /// The keep-alive PING is on its way: loss recovery repeats it, not this timer.
    void OnKeepAlive() { m_pinged = true; }

    /// `probeTimeout` keeps a slow path from being taken for a dead one: at least three of them.
    std::optional<TimePoint> IdleDeadline(Duration probeTimeout) const {
        if (m_idleTimeout == Duration{}) return std::nullopt;
        return m_idleFrom + std::max(m_idleTimeout, 3 * probeTimeout);
    }
    std::optional<TimePoint> KeepAliveDeadline() const {
        if (m_keepAlive == Duration{} || m_pinged) return std::nullopt;
        return m_heardAt + m_keepAlive;
    }

  private:
    Duration m_idleTimeout;
    Duration m_keepAlive;
    TimePoint m_heardAt;
    TimePoint m_idleFrom;
    bool m_sentSinceHeard = false;
    bool m_pinged = false;
};

}  // namespace crsp
