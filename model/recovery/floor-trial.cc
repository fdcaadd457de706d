// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/floor-trial.h"

#include <algorithm>

#include "model/recovery/rate.h"

namespace crsp {
namespace {

/// A part of a trial lasts as long as all of these.
constexpr Duration kPartTime = milliseconds(500);
constexpr int kPartRoundTrips = 2;
constexpr std::uint64_t kPartPackets = 100;
/// And at most so many times that.
constexpr int kPatience = 8;
/// It goes on while a part loses less than this of what the one before it lost.
constexpr std::uint64_t kFallingPercent = 80;
constexpr int kMostParts = 8;
/// Chance makes less than that.
constexpr std::uint64_t kMuchMorePercent = 150;

}  // namespace

void FloorTrial::OnCycle(TimePoint now, std::uint64_t share, std::uint64_t floor,
                         std::uint64_t arriving) {
    if (m_running || share <= kLeastFloor || arriving == 0) return;
    const bool more = !m_abandoned && share > Percent(floor, kMuchMorePercent);
    const Duration interval = more ? kShortInterval : kInterval;
    if (m_endedAt && now < *m_endedAt + interval) return;
    m_running = true;
    m_abandoned = false;
    m_arriving = arriving;
    m_part = 0;
    BeginPart(now);
}

void FloorTrial::BeginPart(TimePoint now) {
    m_partStart = now;
    m_arrived = m_acked = m_lost = 0;
}

std::optional<std::uint64_t> FloorTrial::OnAcked(TimePoint now, std::uint64_t bytes,
                                                 Duration roundTrip, std::uint64_t datagramSize) {
    if (!m_running) return std::nullopt;
    m_arrived += bytes;
    const std::uint64_t noted = m_acked + m_lost;
    const Duration least = std::max(kPartTime, kPartRoundTrips * roundTrip);
    if (now - m_partStart > kPatience * least) Abandon(now);
    if (!m_running || now - m_partStart < least || noted < kPartPackets * datagramSize)
        return std::nullopt;
    const std::uint64_t share = MulDiv(m_lost, kMillion, noted);
    // The first part still sees what was sent before it.
    const bool falls = m_part == 0 || share < Percent(m_share, kFallingPercent);
    m_share = share;
    ++m_part;
    m_arriving = std::min(m_arriving, RateOf(m_arrived, now - m_partStart));
    BeginPart(now);
    if (falls && share > kLeastFloor && m_part < kMostParts) return std::nullopt;
    End(now);
    return share;
}

void FloorTrial::Abandon(TimePoint now) {
    if (!m_running) return;
    m_abandoned = true;
    End(now);
}

void FloorTrial::End(TimePoint now) {
    m_running = false;
    m_endedAt = now;
}

}  // namespace crsp
