// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/clumps.h"

#include <algorithm>

namespace crsp {

void Clumps::OnSample(TimePoint now, const RoundTripSample& sample) {
    m_largestFall = std::max(m_largestFall, FallWithinClump(now, sample));
    if (sample.roundStart) EndRound();
    const Duration seen = std::max(m_largestFall, m_most);
    const Duration trusted = sample.shortest / kTrustedShare;
    m_atMost = kDirections * std::max(std::min(seen, trusted), m_sure);
    m_usual = std::max(std::min(kDirections * m_often, trusted), kDirections * m_sure);
}

Duration Clumps::FallWithinClump(TimePoint now, const RoundTripSample& sample) {
    const Duration rtt = sample.rtt - std::min(sample.ackDelay, sample.rtt);
    const bool within = !sample.appLimited && now - m_sampledAt < sample.ackedTime / kSpeed;
    m_longest = within ? std::max(m_longest, rtt) : rtt;
    m_samples = within ? m_samples + 1 : 1;
    m_sampledAt = now;
    return m_samples < kMinSamples ? Duration{} : m_longest - rtt;
}

void Clumps::EndRound() {
    m_falls[m_rounds++ % kRounds] = m_largestFall;
    m_largestFall = Duration{};
    const std::size_t seen = std::min(m_rounds, kRounds);
    std::array<Duration, kRounds> sorted = m_falls;
    std::sort(sorted.begin(), sorted.begin() + seen);
    m_sure = seen == kRounds ? sorted.front() : Duration{};
    m_often = sorted[seen / kUsualShare];
    m_most = sorted[seen - 1];
}

}  // namespace crsp
