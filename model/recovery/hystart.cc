// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/hystart.h"

#include <algorithm>

namespace crsp {
namespace {

// The constants of RFC 9406 §4.3.
constexpr Duration kMinRttThreshold = milliseconds(4);
constexpr Duration kMaxRttThreshold = milliseconds(16);
constexpr int kMinRttDivisor = 8;
constexpr std::uint32_t kRttSamples = 8;
constexpr std::uint64_t kCssGrowthDivisor = 4;

}  // namespace

void HyStart::OnAck(TimePoint now, TimePoint sentAt) {
    if (Finished()) return;
    if (!m_roundStart || sentAt >= *m_roundStart) BeginRound(now);
    const Duration sample = now - sentAt;
    m_currentMin = std::min(m_currentMin.value_or(sample), sample);
    ++m_samples;
    if (m_samples < kRttSamples) return;
    if (Conservative()) {
        LookForFall();
    } else {
        LookForRise();
    }
}

void HyStart::BeginRound(TimePoint now) {
    if (Conservative()) ++m_cssRounds;
    m_roundStart = now;
    m_lastMin = m_currentMin;
    m_currentMin.reset();
    m_samples = 0;
}

void HyStart::LookForRise() {
    if (!m_lastMin) return;
    const Duration threshold =
        std::clamp(*m_lastMin / kMinRttDivisor, kMinRttThreshold, kMaxRttThreshold);
    if (*m_currentMin < *m_lastMin + threshold) return;
    m_baseline = m_currentMin;
    m_cssRounds = 0;
}

void HyStart::LookForFall() {
    if (*m_currentMin < *m_baseline) m_baseline.reset();
}

std::uint64_t HyStart::Growth(std::uint64_t ackedBytes) const {
    return Conservative() ? ackedBytes / kCssGrowthDivisor : ackedBytes;
}

}  // namespace crsp
