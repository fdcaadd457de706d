// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/bbr-model.h"

#include <algorithm>

#include "model/recovery/rate.h"

namespace crsp {

void MinRttFilter::OnSample(TimePoint now, Duration rtt, Duration tolerance) {
    m_probeDue = m_min && now > m_probeStamp + kProbeRttInterval;
    if (rtt < m_probeMin || m_probeDue) {
        m_probeMin = rtt;
        m_probeStamp = now;
    } else if (rtt < m_probeMin + tolerance) {
        m_probeStamp = now;
    }
    const bool expired = now > m_minStamp + kMinRttFilterLength;
    if (!m_min || m_probeMin < *m_min || expired) {
        m_min = m_probeMin;
        m_minStamp = m_probeStamp;
    } else if (rtt < *m_min + tolerance) {
        m_minStamp = now;
    }
}

void AckAggregation::OnAck(TimePoint now, std::uint64_t acked, std::uint64_t bandwidth,
                           std::uint64_t limit, std::uint64_t round, std::uint64_t windowRounds) {
    std::uint64_t expected = BytesIn(bandwidth, now - m_start);
    if (m_delivered <= expected) {
        Restart(now);
        expected = 0;
    }
    m_delivered += acked;
    m_extra.Update(std::min(m_delivered - expected, limit), round, windowRounds);
}

void AckAggregation::Restart(TimePoint now) {
    m_delivered = 0;
    m_start = now;
}

}  // namespace crsp
