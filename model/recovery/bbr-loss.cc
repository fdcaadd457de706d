// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "model/recovery/bbr.h"
#include "model/recovery/rate.h"

namespace crsp {
namespace {

/// Startup ends by loss only after so many separate ranges in a round (draft §5.3.1.3).
constexpr std::uint32_t kStartupFullLossCount = 6;
constexpr std::uint64_t kStartupUndelayedPercent = 30;

}  // namespace

void Bbr::OnLost(const LossEvent& event) {
    m_now = event.now;
    m_bytesInFlight = event.bytesInFlight;
    const bool begins = !m_recoveryStart || event.lastSentAt > *m_recoveryStart;
    if (begins || event.persistentCongestion) {
        SaveStateUponLoss();
        m_recoveryStart = event.now;
    }
    std::uint64_t totalLost = event.totalLost - event.lostBytes;
    for (const auto* packet : event.packets) {
        if (!packet->inFlight) continue;
        totalLost += packet->bytes;
        HandleLostPacket(*packet, totalLost);
    }
    // What a path lost while it was not there says nothing about it.
    if (!event.persistentCongestion) JudgeOutcome(0, event.lostBytes);
    if (event.persistentCongestion) m_window = m_bytesInFlight + m_datagramSize;
}

void Bbr::SaveStateUponLoss() {
    SaveWindow();
    m_undo = {.phase = std::nullopt,
              .bandwidthShortterm = m_bandwidthShortterm,
              .inflightShortterm = m_inflightShortterm,
              .inflightLongterm = m_inflightLongterm};
}

void Bbr::NoteLoss() {
    // The draft saves the state here too. But what it does about the first loss clears
    // is_loss_in_round, so the second loss of a recovery would save what the first has changed, and
    // there would be nothing left to undo.
    if (!m_lossInRound) m_latest.StartRound(m_delivered);
    m_lossInRound = true;
}

void Bbr::OnEcnCe(const EcnEvent& event) {
    m_now = event.now;
    m_bytesInFlight = event.bytesInFlight;
    // A mark is a loss that was no loss (draft §3.7), and no later ACK makes it none.
    NoteLoss();
    m_markedInRound = true;
    m_undo = {};
    if (!m_probeSample) return;
    const auto& sent = event.newest->delivery;
    HandleInflightTooHigh(sent.inFlight, sent.appLimited || SentWhileProbingRtt(sent.delivered));
    m_undo.phase.reset();
}

void Bbr::HandleLostPacket(const SentPacket& packet, std::uint64_t totalLost) {
    NoteLoss();
    m_lostInRound += packet.bytes;
    if (!m_lastLost || packet.number != *m_lastLost + 1) ++m_lossRangesInRound;
    m_lastLost = packet.number;
    if (!m_probeSample) return;
    const std::uint64_t inflight = packet.delivery.inFlight;
    const std::uint64_t lost = totalLost - packet.delivery.lost;
    if (!IsInflightTooHigh(lost, inflight)) return;
    HandleInflightTooHigh(
        InflightAtLoss(inflight, lost, packet.bytes),
        packet.delivery.appLimited || SentWhileProbingRtt(packet.delivery.delivered));
}

bool Bbr::IsInflightTooHigh(std::uint64_t lost, std::uint64_t inFlight) const {
    if (JudgesLoss()) return m_judge.Excessive(lost, inFlight, m_queue.High());
    return lost > Percent(inFlight, kLossThresholdPercent);
}

std::uint64_t Bbr::InflightAtLoss(std::uint64_t inflight, std::uint64_t lost,
                                  std::uint64_t size) const {
    const std::uint64_t before = inflight - std::min(size, inflight);
    const std::uint64_t lostBefore = lost - std::min(size, lost);
    // Losses that the path makes anyway do not say how much of it was too much.
    if (JudgesLoss() && lostBefore >= Percent(before, kLossThresholdPercent)) return before;
    // inflight_prev + lost_prefix of the draft, simplified.
    return MulDiv(before - std::min(lostBefore, before), 100, 100 - kLossThresholdPercent);
}

void Bbr::HandleInflightTooHigh(std::uint64_t inflight, bool appLimited) {
    m_previousTooHigh = true;
    m_probeSample = false;  // react once for each probe
    if (!appLimited) {
        m_inflightLongterm = std::max(inflight, Percent(TargetInflight(), kBbrBetaPercent));
    }
    if (m_phase != Phase::kProbeUp) return;
    m_undo.phase = Phase::kProbeUp;
    StartProbeDown();
}

void Bbr::UpdateCongestionSignals(const RateSample& sample) {
    CheckStartupHighLoss(sample);
    if (m_lossInRound && !IsProbing() && RoundWasCongested()) LossLowerBounds();
    m_lossRounds = m_lossInRound ? m_lossRounds + 1 : 0;
    m_lossInRound = m_markedInRound = false;
    m_lostInRound = m_ackedInRound = 0;
    m_lossRangesInRound = 0;
    m_queueHighInRound = false;
}

bool Bbr::LossIsUnexplained() const {
    // Early in a round one loss would be a large share of little: what is in flight counts with it.
    const std::uint64_t sent = std::max(m_lostInRound + m_ackedInRound, m_bytesInFlight);
    const bool suspect = m_queue.High() || m_judge.Floor() == 0;
    return suspect && m_judge.Explained(m_lostInRound, sent) < m_lostInRound;
}

bool Bbr::RoundWasCongested() const {
    if (!JudgesLoss() || m_markedInRound) return true;
    // What the trial is about is not judged before it is over.
    if (m_trial.Running() && !m_queueHighInRound) return false;
    return m_judge.Excessive(m_lostInRound, m_lostInRound + m_ackedInRound, m_queueHighInRound);
}

bool Bbr::StartupRoundWasCongested() const {
    if (m_queueHighInRound) return RoundWasCongested();
    // What the path loses by itself is not known yet. Without delay it takes more loss than any
    // path has.
    const std::uint64_t sent = m_lostInRound + m_ackedInRound;
    return m_lostInRound > Percent(sent, kStartupUndelayedPercent);
}

void Bbr::CheckStartupHighLoss(const RateSample& sample) {
    // A round of loss begins with recovery, so at its end recovery has lasted for one (§5.3.1.3).
    if (m_phase != Phase::kStartup || !m_lossInRound) return;
    if (m_markedInRound) return EndStartup();
    if (JudgesLoss() && m_lossRounds == 0) return;
    if (m_lossRangesInRound < kStartupFullLossCount) return;
    const bool high = JudgesLoss() ? StartupRoundWasCongested()
                                   : IsInflightTooHigh(sample.lost, sample.inFlightAtSend);
    if (!high) return;
    m_undo.phase = Phase::kStartup;
    if (JudgesLoss() && !m_queueHighInRound) ForgetBurst(sample);
    EndStartup();
}

void Bbr::EndStartup() {
    m_pipe.Declare();
    m_inflightLongterm = std::max(Bdp(), m_latest.Volume());
}

void Bbr::ForgetBurst(const RateSample& sample) {
    if (sample.rate == 0) return;
    m_maxBandwidth = {};
    m_maxBandwidth.Update(sample.rate);
    m_bandwidth = sample.rate;
}

void Bbr::LossLowerBounds() {
    if (m_bandwidthShortterm == kUnbounded) m_bandwidthShortterm = m_maxBandwidth.Get();
    if (m_inflightShortterm == kUnbounded) m_inflightShortterm = m_window;
    const std::uint64_t least = Percent(m_bandwidthShortterm, kBbrBetaPercent);
    m_slowedToDelivery = m_latest.Rate() > least;
    m_bandwidthShortterm = std::max(m_latest.Rate(), least);
    m_inflightShortterm =
        std::max(m_latest.Volume(), Percent(m_inflightShortterm, kBbrBetaPercent));
}

void Bbr::ResetCongestionSignals() {
    m_lossInRound = m_markedInRound = false;
    m_latest.Reset();
}

void Bbr::ResetShortTermModel() {
    m_bandwidthShortterm = kUnbounded;
    m_inflightShortterm = kUnbounded;
    m_slowedToDelivery = false;
}

void Bbr::OnSpuriousLoss(const SpuriousLossEvent& event) {
    m_now = event.now;
    RestoreWindow();
    m_recoveryStart.reset();
    m_lossInRound = m_markedInRound;
    m_pipe.Reset();
    m_bandwidthShortterm = std::max(m_bandwidthShortterm, m_undo.bandwidthShortterm);
    m_inflightShortterm = std::max(m_inflightShortterm, m_undo.inflightShortterm);
    m_inflightLongterm = std::max(m_inflightLongterm, m_undo.inflightLongterm);
    if (m_undo.phase == Phase::kStartup && m_phase != Phase::kStartup) {
        m_pipe.Retract();
        if (m_phase != Phase::kProbeRtt) EnterStartup();
    } else if (m_undo.phase == Phase::kProbeUp && m_phase != Phase::kProbeUp) {
        if (m_phase != Phase::kProbeRtt) StartProbeRefill();
    }
    m_undo.phase.reset();
}

}  // namespace crsp
