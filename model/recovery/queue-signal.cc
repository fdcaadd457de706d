// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/queue-signal.h"

#include <algorithm>
#include <limits>

namespace crsp {
namespace {

std::uint64_t SecondOf(TimePoint now) {
    return static_cast<std::uint64_t>(now.time_since_epoch() / seconds(1));
}

}  // namespace

void QueueSignal::OnSample(TimePoint now, const RoundTripSample& sample) {
    m_clumps.OnSample(now, sample);
    UpdateTolerance(sample);
    m_rtt = sample.rtt;
    m_delay = std::max(sample.rtt - sample.shortest, Duration{});
    m_meanDelay += (m_delay - m_meanDelay) / kJitterSmoothing;
    // A clump was late once, however many packets are in it.
    const std::uint32_t more = m_clumps.Begins() ? 1 : 0;
    m_highStreak = High() ? m_highStreak + more : 0;
    m_halfStreak = m_delay > m_lingering ? m_halfStreak + more : 0;
    m_lowStreak = High() ? 0 : m_lowStreak + 1;
    UpdateRange(now, sample.rtt);
}

void QueueSignal::UpdateTolerance(const RoundTripSample& sample) {
    if (m_rtt > Duration{} && m_clumps.Begins()) {
        const Duration change = std::max(sample.rtt - m_rtt, m_rtt - sample.rtt);
        m_jitter += (change - m_jitter) / kJitterSmoothing;
    }
    const Duration heldBack = m_clumps.AtMost();
    const Duration steady =
        std::max(sample.shortest / kShareOfRtt, kSlackPackets * sample.packetTime);
    const Duration quiet = std::max(steady, kJitterMultiple * m_jitter);
    m_holdsBack = heldBack > kTellingMultiple * steady;
    m_tolerance = std::max(quiet, heldBack);
    m_lingering = std::max(quiet / 2, heldBack);
}

void QueueSignal::UpdateRange(TimePoint now, Duration rtt) {
    m_blockLeast = m_blockSamples == 0 ? rtt : std::min(m_blockLeast, rtt);
    if (++m_blockSamples < kStandingSamples) return;
    m_blockSamples = 0;
    constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t second = SecondOf(now);
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
