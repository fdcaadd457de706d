// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/rtt-estimator.h"

#include <algorithm>

namespace crsp {

void RttEstimator::OnSample(TimePoint now, Duration latest, Duration ackDelay) {
    m_latest = std::max(latest, Duration{});
    m_latestAckDelay = std::max(ackDelay, Duration{});
    if (!m_hasSample) {
        m_hasSample = true;
        m_firstSampleAt = now;
        m_min = m_latest;
        m_smoothed = m_latest;
        m_variance = m_latest / 2;
        return;
    }
    m_min = std::min(m_min, m_latest);
    // A peer cannot push the estimate below what the path was seen to do.
    const Duration delay = std::max(ackDelay, Duration{});
    const Duration adjusted = m_latest >= m_min + delay ? m_latest - delay : m_latest;
    const Duration deviation = std::chrono::abs(m_smoothed - adjusted);
    m_variance = (3 * m_variance + deviation) / 4;
    m_smoothed = (7 * m_smoothed + adjusted) / 8;
}

Duration RttEstimator::ProbeTimeout(Duration maxAckDelay) const {
    return m_smoothed + std::max(4 * m_variance, kGranularity) + maxAckDelay;
}

Duration RttEstimator::LossDelay() const {
    return std::max(9 * std::max(m_latest, m_smoothed) / 8, kGranularity);
}

}  // namespace crsp
