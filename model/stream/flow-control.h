// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

namespace crsp {

/// What the peer lets us send, on one stream or on all data streams together (RFC 9000 §4.1).
class SendCredit {
  public:
    explicit SendCredit(std::uint64_t limit) : m_limit(limit) {}

    /// Takes a new limit; a lower one than before is old news. Returns whether it grew.
    bool Raise(std::uint64_t limit);
    /// `amount` is at most Available().
    void Use(std::uint64_t amount);
    std::uint64_t Available() const { return m_limit - m_used; }
    std::uint64_t Limit() const { return m_limit; }

    /// There is more to send than the limit allows: once per limit, the peer is to be told.
    void NoteBlocked();
    /// Whether a notification of Limit() is due.
    bool BlockedDue() const { return m_blockedDue; }
    void OnBlockedSent() { m_blockedDue = false; }
    /// A notification of `limit` was lost; it is repeated only if it is still true.
    void OnBlockedLost(std::uint64_t limit);

  private:
    std::uint64_t m_limit;
    std::uint64_t m_used = 0;
    std::optional<std::uint64_t> m_blockedAt;  ///< the limit last told
    bool m_blockedDue = false;
};

/// What we let the peer send: bytes of a stream, bytes of all data streams, or streams.
///
/// The limit stands a fixed window above what has been consumed. A new one is granted whenever
/// `step` has been consumed since the last, so that updates stay few.
class ReceiveCredit {
  public:
    ReceiveCredit(std::uint64_t window, std::uint64_t step);
    /// Grants by half windows: the usual choice for bytes.
    explicit ReceiveCredit(std::uint64_t window) : ReceiveCredit(window, window / 2) {}

    /// Counts up to `total` as received. False, and nothing has changed, if that is beyond the
    /// limit.
    bool ReceiveTo(std::uint64_t total);
    /// Takes `amount` more as consumed, which was received before.
    void Consume(std::uint64_t amount);
    /// What the peer may still send.
    std::uint64_t Available() const { return m_limit - m_received; }
    std::uint64_t Received() const { return m_received; }
    std::uint64_t Consumed() const { return m_consumed; }
    /// Whether NextLimit() is worth telling, or a lost announcement has to be repeated.
    bool GrantDue() const;
    std::uint64_t NextLimit() const;
    /// NextLimit() is on its way: from now on the peer may use it.
    void OnGrantSent();
    /// An announcement of `limit` was lost; it is repeated, with the newest value, unless a higher
    /// one is on its way.
    void OnGrantLost(std::uint64_t limit);

  private:
    std::uint64_t m_window;
    std::uint64_t m_step;
    std::uint64_t m_limit;
    std::uint64_t m_received = 0;
    std::uint64_t m_consumed = 0;
    bool m_repeat = false;
};

}  // namespace crsp
