// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/cubic.h"

#include <algorithm>

#include "model/recovery/new-reno.h"

namespace crsp {
namespace {

/// beta_cubic of RFC 9438 §4.6.
constexpr std::uint64_t kBetaPercent = 70;
/// (1 + beta_cubic) / 2: where the plateau goes when the window had not reached the last one
/// (RFC 9438 §4.7).
constexpr std::uint64_t kFastConvergencePercent = 85;
/// alpha_cubic = 3 (1 - beta) / (1 + beta) of RFC 9438 §4.3 is 9/17, about 0.529.
constexpr std::uint64_t kAlphaNumerator = 9;
constexpr std::uint64_t kAlphaDenominator = 17;
/// The window grows by at most half of itself in one round trip (RFC 9438 §4.2).
constexpr std::uint64_t kMaxTargetPercent = 150;
/// RFC 9002 §7.7 suggests 1.25; slow start doubles the window in a round trip, so it gets 2.
constexpr std::uint64_t kPacingGainPercent = 125;
constexpr std::uint64_t kSlowStartPacingGainPercent = 200;

constexpr std::uint64_t Percent(std::uint64_t bytes, std::uint64_t percent) {
    return bytes * percent / 100;
}

}  // namespace

void Cubic::Growing::Add(std::uint64_t dividend, std::uint64_t divisor) {
    remainder += dividend;
    bytes = std::min(bytes + remainder / divisor, CubicCurve::kMaxWindow);
    remainder %= divisor;
}

Cubic::Cubic(std::size_t maxDatagramSize) : m_datagramSize(maxDatagramSize) {
    m_state.window = NewReno::InitialWindow(maxDatagramSize);
}

void Cubic::ContinueFrom(std::uint64_t window) {
    m_state = {};
    SetWindow(std::max(window, NewReno::MinimumWindow(m_datagramSize)));
    m_state.threshold = m_state.window;
    m_undo.reset();
    m_recoveryStart.reset();
    m_inRecovery = false;
}

void Cubic::OnPacketSent(TimePoint, std::uint64_t, std::uint64_t) {}

void Cubic::OnAck(const AckEvent& event) {
    std::uint64_t ackedBytes = 0;
    TimePoint newest{};
    for (const auto* packet : event.packets) {
        if (!packet->inFlight || InRecovery(packet->sentAt)) continue;
        ackedBytes += packet->bytes;
        newest = packet->sentAt;
    }
    if (ackedBytes == 0) return;
    m_inRecovery = false;
    if (InFirstSlowStart()) WatchRoundTrip(event.now, newest);
    if (event.appLimited) return PauseEpoch(event.now);
    InSlowStart() ? GrowInSlowStart(ackedBytes) : GrowInAvoidance(event, ackedBytes);
}

void Cubic::WatchRoundTrip(TimePoint now, TimePoint sentAt) {
    m_hystart.OnAck(now, sentAt);
    if (m_hystart.Finished()) m_state.threshold = m_state.window;
}

void Cubic::GrowInSlowStart(std::uint64_t ackedBytes) {
    SetWindow(m_state.window + (InFirstSlowStart() ? m_hystart.Growth(ackedBytes) : ackedBytes));
}

void Cubic::GrowInAvoidance(const AckEvent& event, std::uint64_t ackedBytes) {
    Epoch& epoch = RunningEpoch(event.now);
    const Duration t = event.now - epoch.start;
    GrowReno(epoch, ackedBytes);
    if (epoch.curve.WindowAt(t) < epoch.reno.bytes) {
        return SetWindow(std::max(m_state.window, epoch.reno.bytes));
    }
    const std::uint64_t window = m_state.window;
    const std::uint64_t target = std::clamp(epoch.curve.WindowAt(t + event.rtt->Smoothed()), window,
                                            Percent(window, kMaxTargetPercent));
    epoch.cubic.bytes = window;
    epoch.cubic.Add((target - window) * ackedBytes, window);
    SetWindow(epoch.cubic.bytes);
}

void Cubic::GrowReno(Epoch& epoch, std::uint64_t ackedBytes) const {
    // Once Reno would be back at where it lost, it is simulated as it is (RFC 9438 §4.3).
    const bool recovered = epoch.reno.bytes >= m_state.previous;
    const std::uint64_t alpha = recovered ? kAlphaDenominator : kAlphaNumerator;
    epoch.reno.Add(alpha * ackedBytes * m_datagramSize, kAlphaDenominator * m_state.window);
}

void Cubic::PauseEpoch(TimePoint now) {
    if (m_state.epoch && !m_state.epoch->pausedAt) m_state.epoch->pausedAt = now;
}

Cubic::Epoch& Cubic::RunningEpoch(TimePoint now) {
    auto& epoch = m_state.epoch;
    if (!epoch) {
        epoch = Epoch{.start = now,
                      .curve = CubicCurve(m_datagramSize, m_state.window, m_state.plateau),
                      .reno = {.bytes = m_state.window}};
    }
    if (epoch->pausedAt) {
        epoch->start += now - *epoch->pausedAt;
        epoch->pausedAt.reset();
    }
    return *epoch;
}

void Cubic::OnLost(const LossEvent& event) {
    if (!InRecovery(event.lastSentAt)) {
        m_undo = m_state;
        Reduce(event.now);
    }
    if (event.persistentCongestion) Collapse();
}

void Cubic::OnEcnCe(const EcnEvent& event) {
    if (!InRecovery(event.newest->sentAt)) Reduce(event.now);
    // Whatever becomes of the losses, the marks stand.
    m_undo.reset();
}

void Cubic::Reduce(TimePoint now) {
    m_recoveryStart = now;
    m_inRecovery = true;
    const std::uint64_t window = m_state.window;
    const bool fellShort = window < m_state.plateau;
    m_state.plateau = fellShort ? Percent(window, kFastConvergencePercent) : window;
    m_state.previous = window;
    m_state.threshold =
        std::max(Percent(window, kBetaPercent), NewReno::MinimumWindow(m_datagramSize));
    m_state.epoch.reset();
    SetWindow(m_state.threshold);
}

void Cubic::Collapse() {
    SetWindow(NewReno::MinimumWindow(m_datagramSize));
    // The first avoidance after it starts from where slow start ends (RFC 9438 §4.8).
    m_state.plateau = 0;
    m_state.epoch.reset();
    m_undo.reset();
    m_recoveryStart.reset();
    m_inRecovery = false;
}

void Cubic::OnSpuriousLoss(const SpuriousLossEvent&) {
    if (!m_undo) return;
    if (m_state.window < m_undo->window) m_state = *m_undo;
    m_undo.reset();
    m_recoveryStart.reset();
    m_inRecovery = false;
}

void Cubic::SetWindow(std::uint64_t bytes) {
    m_state.window = std::min(bytes, CubicCurve::kMaxWindow);
}

void Cubic::OnDatagramSize(std::uint64_t bytes) {
    m_datagramSize = bytes;
    m_state.window = std::max(m_state.window, NewReno::MinimumWindow(bytes));
}

std::uint64_t Cubic::PacingRate(const RttEstimator& rtt) const {
    const bool doubling = InSlowStart() && !(InFirstSlowStart() && m_hystart.Conservative());
    return WindowPacingRate(m_state.window, rtt.Smoothed(),
                            doubling ? kSlowStartPacingGainPercent : kPacingGainPercent);
}

std::string_view Cubic::State() const {
    if (m_inRecovery) return "recovery";
    if (!InSlowStart()) return "congestion_avoidance";
    return InFirstSlowStart() && m_hystart.Conservative() ? "css" : "slow_start";
}

}  // namespace crsp
