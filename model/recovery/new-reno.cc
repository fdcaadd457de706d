// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/new-reno.h"

#include <algorithm>

namespace crsp {
namespace {

constexpr std::uint64_t kInitialWindowPackets = 10;
constexpr std::uint64_t kInitialWindowBytes = 14720;
constexpr std::uint64_t kMinimumWindowPackets = 2;
/// kLossReductionFactor of RFC 9002 §B.1 is 1/2.
constexpr std::uint64_t kLossReductionDivisor = 2;
/// RFC 9002 §7.7 suggests 1.25; slow start doubles the window in a round trip, so it gets 2.
constexpr std::uint64_t kPacingGainPercent = 125;
constexpr std::uint64_t kSlowStartPacingGainPercent = 200;

}  // namespace

NewReno::NewReno(std::size_t maxDatagramSize)
    : m_datagramSize(maxDatagramSize), m_window(InitialWindow(maxDatagramSize)) {}

std::uint64_t NewReno::InitialWindow(std::size_t maxDatagramSize) {
    const std::uint64_t size = maxDatagramSize;
    return std::min(kInitialWindowPackets * size, std::max(kInitialWindowBytes, 2 * size));
}

std::uint64_t NewReno::MinimumWindow(std::size_t maxDatagramSize) {
    return kMinimumWindowPackets * maxDatagramSize;
}

void NewReno::OnPacketSent(TimePoint, std::uint64_t, std::uint64_t) {}

void NewReno::OnAck(const AckEvent& event) {
    for (const auto* packet : event.packets) {
        if (!packet->inFlight || InRecovery(packet->sentAt)) continue;
        m_inRecovery = false;
        if (!event.appLimited) Grow(packet->bytes);
    }
}

void NewReno::Grow(std::uint64_t ackedBytes) {
    if (InSlowStart()) {
        m_window += ackedBytes;
        return;
    }
    // One datagram for each window acknowledged. Counting bytes loses nothing to rounding, where
    // datagram * acked / window would (RFC 9002 §B.5).
    m_ackedInAvoidance += ackedBytes;
    if (m_ackedInAvoidance < m_window) return;
    m_ackedInAvoidance -= m_window;
    m_window += m_datagramSize;
}

void NewReno::OnLost(const LossEvent& event) {
    if (!InRecovery(event.lastSentAt)) {
        m_undo = Undo{m_window, m_threshold};
        Reduce(event.now);
    }
    if (event.persistentCongestion) {
        m_window = MinimumWindow(m_datagramSize);
        m_ackedInAvoidance = 0;
        m_undo.reset();
        m_recoveryStart.reset();
        m_inRecovery = false;
    }
}

void NewReno::OnEcnCe(const EcnEvent& event) {
    if (!InRecovery(event.newest->sentAt)) Reduce(event.now);
    // Whatever becomes of the losses, the marks stand.
    m_undo.reset();
}

void NewReno::Reduce(TimePoint now) {
    m_recoveryStart = now;
    m_inRecovery = true;
    m_ackedInAvoidance = 0;
    m_threshold = m_window / kLossReductionDivisor;
    m_window = std::max(m_threshold, MinimumWindow(m_datagramSize));
}

void NewReno::OnSpuriousLoss(const SpuriousLossEvent&) {
    if (!m_undo) return;
    if (m_window < m_undo->window) {
        m_window = m_undo->window;
        m_threshold = m_undo->threshold;
        m_ackedInAvoidance = 0;
    }
    m_undo.reset();
    m_recoveryStart.reset();
    m_inRecovery = false;
}

void NewReno::OnDatagramSize(std::uint64_t bytes) {
    m_datagramSize = bytes;
    m_window = std::max(m_window, MinimumWindow(bytes));
}

std::uint64_t NewReno::PacingRate(const RttEstimator& rtt) const {
    const auto gain = InSlowStart() ? kSlowStartPacingGainPercent : kPacingGainPercent;
    return WindowPacingRate(m_window, rtt.Smoothed(), gain);
}

std::string_view NewReno::State() const {
    if (m_inRecovery) return "recovery";
    return InSlowStart() ? "slow_start" : "congestion_avoidance";
}

}  // namespace crsp
