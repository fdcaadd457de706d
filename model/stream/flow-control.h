// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/stream/path-view.h"

namespace crsp {

/// A window that may grow is granted by parts of this size, and one is too small if the peer uses
/// up such a part within so many round trips: it doubles. So it keeps ahead of a peer that begins
/// with many times as much in each round trip, and ends between eight and sixteen bandwidth-delay
/// products, so that the peer can go on while a packet is repeated more than once.
inline constexpr std::uint64_t kGrowingWindowPart = 4;
inline constexpr int kGrowingRoundTrips = 2;
/// A quarter of it holds more than ten packets.
inline constexpr std::uint64_t kLargeWindow = 64 * 1024;

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
/// The limit stands a window above what has been consumed. A new one is granted whenever `step` has
/// been consumed since the last, so that updates stay few. Whether the window should be larger it
/// says at each grant; its owner, who knows what that costs, makes it so.
class ReceiveCredit {
  public:
    ReceiveCredit(std::uint64_t window, std::uint64_t step);
    /// Of a fixed size in bytes: grants by half windows, or by quarters from kLargeWindow on, so
    /// that a window that is too small for its path is at least used.
    explicit ReceiveCredit(std::uint64_t window)
        : ReceiveCredit(window, window / (window < kLargeWindow ? 2 : kGrowingWindowPart)) {}

    /// For bytes, in a window that may grow up to `maximum`.
    static ReceiveCredit Growing(std::uint64_t window, std::uint64_t maximum);

    /// The peer begins to use the window: from here the time of the first grant counts.
    void Start(TimePoint now);
    /// Bytes came that cannot be read yet, as earlier ones are missing, while the reader had read
    /// all it could. If the peer uses up the window in the meantime, makes a grant due.
    void OnHeldUp(const PathView& path);
    /// The peer says that it has used all up to `limit`, and the reader has none of it left to
    /// read: a window that was larger would have kept the peer going. Makes a grant due.
    void OnStarved(std::uint64_t limit);
    /// Whether the window is too small for how fast it is used up. To be asked before each grant;
    /// true once at most for each, and never of a window that has its maximum.
    bool TakeHungry(const PathView& path);
    /// A larger window, announced at once.
    void GrowTo(std::uint64_t window);
    bool MayGrow() const { return m_window < m_maximum; }
    std::uint64_t Maximum() const { return m_maximum; }
    std::uint64_t Window() const { return m_window; }

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
    bool StepUsed() const { return NextLimit() - m_limit >= m_step; }
    bool Fast(const PathView& path, int roundTrips) const;

    std::uint64_t m_window;
    std::uint64_t m_maximum;
    std::uint64_t m_step;
    std::uint64_t m_limit;
    std::uint64_t m_received = 0;
    std::uint64_t m_consumed = 0;
    std::optional<TimePoint> m_since;  ///< of the last grant, or Start
    bool m_announce = false;           ///< NextLimit() goes out, however little it adds
    bool m_starved = false;
    bool m_judged = false;  ///< TakeHungry was asked since the last grant
};

}  // namespace crsp
