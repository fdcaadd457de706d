// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/queue-signal.h"

#include <algorithm>
#include <limits>

namespace crsp {

void QueueSignal::OnSample(TimePoint now, Duration rtt, Duration shortest, Duration packetTime) {
    UpdateTolerance(rtt, shortest, packetTime);
    m_rtt = rtt;
    m_delay = std::max(rtt - shortest, Duration{});
    m_highStreak = High() ? m_highStreak + 1 : 0;
    m_halfStreak = m_delay > m_tolerance / 2 ? m_halfStreak + 1 : 0;
    m_lowStreak = High() ? 0 : m_lowStreak + 1;
    UpdateRange(now, rtt);
}

void QueueSignal::UpdateTolerance(Duration rtt, Duration shortest, Duration packetTime) {
    if (m_rtt > Duration{}) {
        const Duration change = std::max(rtt - m_rtt, m_rtt - rtt);
        m_jitter += (change - m_jitter) / kJitterSmoothing;
    }
    m_tolerance =
        std::max({shortest / kShareOfRtt, kSlackPackets * packetTime, kJitterMultiple * m_jitter});
}

void QueueSignal::UpdateRange(TimePoint now, Duration rtt) {
    m_blockLeast = m_blockSamples == 0 ? rtt : std::min(m_blockLeast, rtt);
    if (++m_blockSamples < kStandingSamples) return;
    m_blockSamples = 0;
    constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
    const auto second = static_cast<std::uint64_t>(now.time_since_epoch() / seconds(1));
    const auto least = static_cast<std::uint64_t>(m_blockLeast.count());
    m_longest.Update(least, second, kMemorySeconds);
    m_shortest.Update(kLargest - least, second, kMemorySeconds);
}

bool QueueSignal::FarFromFull() const {
    constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
    if (m_longest.Get() == 0) return false;
    const Duration longest = nanoseconds(m_longest.Get());
    const Duration shortest = nanoseconds(kLargest - m_shortest.Get());
    const bool seen = longest - shortest > m_tolerance / 2;
    return seen && m_rtt < shortest + (longest - shortest) / 2;
}

}  // namespace crsp
