// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/circuit-breaker.h"

#include <algorithm>

namespace crsp {

std::optional<CircuitBreaker::Period> CircuitBreaker::OnFates(TimePoint now, std::uint64_t acked,
                                                              std::uint64_t lost,
                                                              std::uint64_t spurious, bool small) {
    if (!m_since) m_since = now;
    m_packets += acked + lost;
    m_lost += lost;
    m_lost -= std::min(m_lost, spurious);
    if (small) m_small += acked + lost;
    if (now - *m_since < kBreakerPeriod || m_packets < kBreakerMinPackets) return std::nullopt;
    const Period period{m_packets, m_lost, IsBad()};
    m_bad = period.bad ? m_bad + 1 : 0;
    m_since = now;
    m_packets = m_lost = m_small = 0;
    return period;
}

bool CircuitBreaker::IsBad() const {
    // A window hovers above its minimum, as it grows between losses.
    return m_lost * 100 >= m_packets * kBreakerLossPercent && 2 * m_small >= m_packets;
}

}  // namespace crsp
