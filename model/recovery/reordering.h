// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/base/time.h"
#include "model/recovery/windowed-max.h"

namespace crsp {

/// Packets that a later one must overtake before they count as lost, unless the path is known to
/// change their order (RFC 9002 §6.1.1).
inline constexpr std::uint64_t kPacketThreshold = 3;

/// How far a path puts packets out of order: what arrives late is not lost, and the thresholds of
/// loss detection grow to what has been seen of late (RFC 9002 §6.1 allows it; RFC 8985 §6.2 does
/// the same by time alone).
///
/// A peer decides what it acknowledges, so time is bounded by kMaxShare of a round trip, and what
/// it lets us wait for is lost by then however many packets have overtaken it.
class Reordering {
  public:
    /// A packet was acknowledged after one sent `distance` packets later, and `delay` after the
    /// round trip as it was then estimated; negative if it took less.
    void OnLate(TimePoint now, std::uint64_t distance, Duration delay) {
        Update(now, distance, static_cast<std::uint64_t>(std::max(delay, Duration{}).count()));
    }
    /// Nothing was late: what was is forgotten after kMemorySeconds.
    void OnInOrder(TimePoint now) {
        if (m_distance.Get() > 0) Update(now, 0, 0);
    }

    std::uint64_t PacketThreshold() const {
        return std::max(kPacketThreshold, m_distance.Get() + 1);
    }
    /// What to wait for a late packet beyond the round trip of `rtt`.
    Duration Window(Duration rtt) const {
        const Duration seen = nanoseconds(m_delay.Get());
        return std::min(seen + seen / kMargin, rtt / kMaxShare);
    }

  private:
    static constexpr std::uint64_t kMemorySeconds = 10;
    static constexpr int kMargin = 8;
    static constexpr int kMaxShare = 2;

    void Update(TimePoint now, std::uint64_t distance, std::uint64_t delay) {
        const auto second = static_cast<std::uint64_t>(now.time_since_epoch() / seconds(1));
        m_distance.Update(distance, second, kMemorySeconds);
        m_delay.Update(delay, second, kMemorySeconds);
    }

    WindowedMax m_distance;
    WindowedMax m_delay;  ///< nanoseconds
};

}  // namespace crsp
