// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/render-clock.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {
namespace {

/// Nothing is due later than this after the anchor, which keeps the arithmetic within 64 bits.
constexpr std::uint64_t kMaxSeconds = 1'000'000'000;

}  // namespace

void RenderClock::Anchor(TimePoint now, std::uint64_t position) {
    m_anchor = now;
    m_position = position;
}

TimePoint RenderClock::DueAt(std::uint64_t position) const {
    CRSP_ASSERT(position >= m_position);
    if (!Paced()) return m_anchor;
    const std::uint64_t bytes = position - m_position;
    const std::uint64_t whole = std::min(bytes / m_rate, kMaxSeconds);
    const double rest = static_cast<double>(bytes % m_rate) / static_cast<double>(m_rate);
    return m_anchor + seconds(static_cast<std::int64_t>(whole)) + FromSeconds(rest);
}

}  // namespace crsp
