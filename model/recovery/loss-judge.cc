// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/loss-judge.h"

#include <algorithm>

#include "model/recovery/rate.h"

namespace crsp {
namespace {

/// Packets that the floor remembers; the older half fades each time it is reached.
constexpr std::uint64_t kMemoryPackets = 2048;
/// Fewer packets than this tell nothing.
constexpr std::uint64_t kMinPackets = 32;
/// Of so few packets in flight the delay tells nothing either: each loss is suspect.
constexpr std::uint64_t kMinTellingPackets = 20;
/// Losses without delay are congestion only if they are so much more than the floor: a policer, or
/// a queue of a few packets.
constexpr std::uint64_t kUndelayedPercent = 10;
constexpr std::uint64_t kUndelayedPackets = 2;
/// Standard deviations by which chance may exceed the floor.
constexpr std::uint64_t kDeviations = 3;

}  // namespace

void LossJudge::Learn(std::uint64_t acked, std::uint64_t lost) {
    m_acked += acked;
    m_lost += lost;
    const std::uint64_t seen = m_acked + m_lost;
    if (seen < kMinPackets * m_datagramSize) return;
    m_floor = std::min(MulDiv(m_lost, kMillion, seen), kMaxFloor);
    if (seen < kMemoryPackets * m_datagramSize) return;
    m_acked /= 2;
    m_lost /= 2;
}

std::uint64_t LossJudge::Tolerated(std::uint64_t sent) const {
    const std::uint64_t packets = sent / m_datagramSize;
    // The variance of a count of losses is packets * floor * (1 - floor); its root in millionths.
    const std::uint64_t deviation = SquareRoot(packets * m_floor * (kMillion - m_floor));
    const std::uint64_t chance = MulDiv(kDeviations * deviation, m_datagramSize, kMillion);
    return MulDiv(sent, m_floor, kMillion) + chance;
}

bool LossJudge::Excessive(std::uint64_t lost, std::uint64_t sent, bool queueHigh) const {
    const bool suspect = queueHigh || sent < kMinTellingPackets * m_datagramSize;
    const std::uint64_t slack = suspect ? Percent(sent, kLossThresholdPercent)
                                        : MulDiv(sent, m_floor, kMillion) +
                                              Percent(sent, kUndelayedPercent) +
                                              kUndelayedPackets * m_datagramSize;
    return lost > Tolerated(sent) + slack;
}

std::uint64_t LossJudge::Explained(std::uint64_t lost, std::uint64_t sent) const {
    return std::min(lost, Tolerated(sent));
}

}  // namespace crsp
