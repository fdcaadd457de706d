// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/base/time.h"
#include "model/recovery/windowed-max.h"

namespace crsp {

/// Tells from round trips whether a queue stands at the bottleneck (CRSP §6.5).
///
/// A sample is high if it exceeds the shortest round trip by more than an eighth, by more than a
/// few packets take at the bottleneck, and by more than the path jitters anyway; the queue stands
/// once kStandingSamples in a row are high (the number of samples of HyStart++, RFC 9406 §4.3).
class QueueSignal {
  public:
    static constexpr std::uint32_t kStandingSamples = 8;

    /// `shortest`: of the path. `packetTime`: of one datagram at the bottleneck, zero if unknown.
    void OnSample(TimePoint now, Duration rtt, Duration shortest, Duration packetTime) {
        if (m_last > Duration{}) {
            const Duration change = std::max(rtt - m_last, m_last - rtt);
            m_jitter += (change - m_jitter) / kJitterSmoothing;
        }
        m_last = rtt;
        m_tolerance = std::max(
            {shortest / kShareOfRtt, kSlackPackets * packetTime, kJitterMultiple * m_jitter});
        m_delay = std::max(rtt - shortest, Duration{});
        m_streak = High() ? m_streak + 1 : 0;
        const auto second = static_cast<std::uint64_t>(now.time_since_epoch() / seconds(1));
        // Of a row of samples the least: a single late ACK is no queue.
        m_least = m_streak == 1 ? m_delay : std::min(m_least, m_delay);
        const Duration standing = Stands() ? m_least : Duration{};
        m_longest.Update(static_cast<std::uint64_t>(standing.count()), second, kMemorySeconds);
        m_lowStreak = High() ? 0 : m_lowStreak + 1;
    }

    bool High() const { return m_delay > m_tolerance; }
    bool Stands() const { return m_streak >= kStandingSamples; }
    /// The queue is empty, and a longer one was seen of late: so what is lost now is not lost to
    /// it. Without the second half a queue that is always full would look like a long path.
    bool SurelyEmpty() const {
        const auto longest = nanoseconds(m_longest.Get());
        return !High() && longest > kSeenMultiple * m_tolerance && m_delay < longest / 2;
    }
    Duration Tolerance() const { return m_tolerance; }
    /// A row of low samples: it is empty now.
    bool Empties() const { return m_lowStreak >= kStandingSamples / 2; }
    /// Forgets the samples in a row, so that only new ones count.
    void Restart() { m_streak = 0; }

  private:
    static constexpr int kShareOfRtt = 8;
    static constexpr int kSlackPackets = 3;
    static constexpr int kJitterMultiple = 4;
    static constexpr int kJitterSmoothing = 16;
    static constexpr int kSeenMultiple = 1;
    static constexpr std::uint64_t kMemorySeconds = 10;

    Duration m_last{};
    Duration m_jitter{};
    Duration m_delay{};
    Duration m_least{};  ///< of the samples in a row
    Duration m_tolerance{};
    std::uint32_t m_streak = 0;
    std::uint32_t m_lowStreak = 0;
    WindowedMax m_longest;  ///< delay in nanoseconds, by seconds
};

}  // namespace crsp
