// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/bbr-lda.h"

#include <algorithm>

#include "model/recovery/rate.h"

namespace crsp {
namespace {

/// Probing cycles without an empty queue that mean competition.
constexpr std::uint32_t kFullCycles = 2;
/// If less than this part of the delay stays while we pause, the queue was ours.
constexpr int kOthersShare = 8;

}  // namespace

BbrLda::BbrLda(std::size_t maxDatagramSize, std::uint64_t seed)
    : m_bbr(maxDatagramSize, BbrVariant::kLossJudged, seed), m_cubic(maxDatagramSize) {}

void BbrLda::OnPacketSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight) {
    m_bbr.OnPacketSent(now, bytes, bytesInFlight);
    m_cubic.OnPacketSent(now, bytes, bytesInFlight);
}

void BbrLda::OnAck(const AckEvent& event) {
    // The ACK that shows how much is left of the queue may be the one that ends the probe.
    const bool paused = m_bbr.GetPhase() == Bbr::Phase::kProbeRtt;
    m_bbr.OnAck(event);
    if (m_competing && paused && QueueWasOurs()) Stop();
    if (!paused) m_delayBefore = m_bbr.Queue().Delay();
    WatchCompetition(event);
    if (m_competing) m_cubic.OnAck(event);
}

void BbrLda::WatchCompetition(const AckEvent& event) {
    if (!m_bbr.Pipe().Ever()) return;
    const bool high = m_bbr.Queue().High();
    m_sawEmpty = m_sawEmpty || !high;
    m_sawFull = m_sawFull || high;
    if (m_bbr.Cycles() == m_cyclesSeen) return;
    m_cyclesSeen = m_bbr.Cycles();
    m_fullCycles = m_sawEmpty ? 0 : m_fullCycles + 1;
    const bool alwaysEmpty = !m_sawFull;
    m_sawEmpty = m_sawFull = false;
    if (m_competing && alwaysEmpty) return Stop();
    if (m_competing || m_fullCycles < kFullCycles) return;
    m_competing = true;
    // A probe of the round trip may have just taken most of it out of flight.
    const std::uint64_t product = BytesIn(m_bbr.Bandwidth(), m_bbr.MinRtt().value_or(Duration{}));
    m_cubic.ContinueFrom(std::max(event.bytesInFlightBefore, product));
}

bool BbrLda::QueueWasOurs() const {
    const QueueSignal& queue = m_bbr.Queue();
    const bool empty = !queue.High() && queue.Empties();
    return empty || queue.Delay() < m_delayBefore / kOthersShare;
}

void BbrLda::Stop() {
    m_competing = false;
    m_fullCycles = 0;
}

void BbrLda::OnLost(const LossEvent& event) {
    m_bbr.OnLost(event);
    if (m_competing && m_bbr.LossIsUnexplained()) m_cubic.OnLost(event);
}

void BbrLda::OnEcnCe(const EcnEvent& event) {
    m_bbr.OnEcnCe(event);
    if (m_competing) m_cubic.OnEcnCe(event);
}

void BbrLda::OnSpuriousLoss(const SpuriousLossEvent& event) {
    m_bbr.OnSpuriousLoss(event);
    m_cubic.OnSpuriousLoss(event);
}

std::uint64_t BbrLda::CongestionWindow() const {
    if (!m_competing || m_bbr.GetPhase() == Bbr::Phase::kProbeRtt) return m_bbr.CongestionWindow();
    return m_cubic.CongestionWindow();
}

std::uint64_t BbrLda::PacingRate(const RttEstimator& rtt) const {
    return m_competing ? m_cubic.PacingRate(rtt) : m_bbr.PacingRate(rtt);
}

std::string_view BbrLda::State() const {
    return m_competing ? "competing" : m_bbr.State();
}

}  // namespace crsp
