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
/// How much of what a trial proved is believed. Of several flows that make up for what a manager
/// drops, each sees by its own trial what the others cause: all have to believe a little less.
constexpr std::uint64_t kProvenPercent = 90;
/// Standard deviations by which chance may exceed the floor.
constexpr std::uint64_t kDeviations = 3;

}  // namespace

void LossShare::Add(std::uint64_t acked, std::uint64_t lost, std::uint64_t datagramSize) {
    m_acked += acked;
    m_lost += lost;
    const std::uint64_t seen = m_acked + m_lost;
    if (seen < kMinPackets * datagramSize) return;
    m_share = std::min(MulDiv(m_lost, kMillion, seen), LossJudge::kMaxFloor);
    if (seen < kMemoryPackets * datagramSize) return;
    m_acked /= 2;
    m_lost /= 2;
}

void LossShare::Set(std::uint64_t share, std::uint64_t datagramSize) {
    const std::uint64_t seen = kMemoryPackets / 2 * datagramSize;
    m_share = std::min(share, LossJudge::kMaxFloor);
    m_lost = MulDiv(seen, m_share, kMillion);
    m_acked = seen - m_lost;
}

void LossJudge::Learn(std::uint64_t acked, std::uint64_t lost) {
    m_learned.Add(acked, lost, m_datagramSize);
}

void LossJudge::See(std::uint64_t acked, std::uint64_t lost) {
    m_seen.Add(acked, lost, m_datagramSize);
}

void LossJudge::Prove(std::uint64_t share) {
    m_most = std::min(std::max(Percent(share, kProvenPercent), kLeastProven), kMaxFloor);
    m_learned.Set(share, m_datagramSize);
}

std::uint64_t LossJudge::Tolerated(std::uint64_t sent) const {
    const std::uint64_t packets = sent / m_datagramSize;
    // The variance of a count of losses is packets * floor * (1 - floor); its root in millionths.
    const std::uint64_t deviation = SquareRoot(packets * Floor() * (kMillion - Floor()));
    const std::uint64_t chance = MulDiv(kDeviations * deviation, m_datagramSize, kMillion);
    return MulDiv(sent, Floor(), kMillion) + chance;
}

bool LossJudge::Excessive(std::uint64_t lost, std::uint64_t sent, bool queueHigh) const {
    if (lost == 0) return false;
    const bool suspect = queueHigh || sent < kMinTellingPackets * m_datagramSize;
    const std::uint64_t slack = suspect ? Percent(sent, kLossThresholdPercent)
                                        : MulDiv(sent, Floor(), kMillion) +
                                              Percent(sent, kUndelayedPercent) +
                                              kUndelayedPackets * m_datagramSize;
    return lost > Tolerated(sent) + slack;
}

std::uint64_t LossJudge::Explained(std::uint64_t lost, std::uint64_t sent) const {
    return lost == 0 ? 0 : std::min(lost, Tolerated(sent));
}

}  // namespace crsp
