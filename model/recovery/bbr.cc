// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/bbr.h"

#include <algorithm>

#include "model/recovery/new-reno.h"
#include "model/recovery/rate.h"

namespace crsp {
namespace {

// draft-ietf-ccwg-bbr §5.6.1, percent.
constexpr std::uint64_t kStartupPacingGain = 277;
constexpr std::uint64_t kDrainPacingGain = 50;
constexpr std::uint64_t kProbeDownPacingGain = 90;
constexpr std::uint64_t kProbeUpPacingGain = 125;
constexpr std::uint64_t kUnityGain = 100;
constexpr std::uint64_t kDefaultWindowGain = 200;
constexpr std::uint64_t kProbeUpWindowGain = 225;
constexpr std::uint64_t kProbeRttWindowGain = 50;
/// Pacing stays this much below the bandwidth (PacingMarginPercent).
constexpr std::uint64_t kPacingMargin = 1;
constexpr std::uint64_t kHeadroomPercent = 15;
/// Rounds of the aggregation filter once the pipe has been full (ExtraAckedFilterLen).
constexpr std::uint64_t kExtraAckedRounds = 10;
constexpr std::uint64_t kMinPipePackets = 4;
/// A send quantum is what leaves in this time (draft-ietf-ccwg-bbr §5.6.3).
constexpr Duration kQuantumTime = milliseconds(1);
constexpr std::uint64_t kMaxQuantum = 64 * 1024;
constexpr std::uint64_t kMinQuantumPackets = 2;
/// Of the pacing rate before the first round trip is known (InitPacingRate).
constexpr Duration kNominalRtt = milliseconds(1);

// The loss-judged variant. It keeps no more in flight than a probe needs, so that the queue stays a
// quarter of the bandwidth-delay product.
constexpr std::uint64_t kJudgedWindowGain = 130;
/// With fewer packets in flight, when a loss is noticed has little to do with when it happened.
constexpr std::uint64_t kMinLearningPackets = 12;
/// Startup quadruples its window in a round while that is below this share of what the first flight
/// says that the path holds, and then doubles it until it is so much more. Where a round takes
/// several times as long as this, it grows by as many times more: as much in a second as elsewhere
/// (Caini and Firrincieli, "TCP Hybla", 2004).
constexpr std::uint64_t kStartupSafeShare = 50;
constexpr std::int64_t kStartupGrowth = 3;
constexpr Duration kReferenceRtt = milliseconds(100);
constexpr std::int64_t kMaxRttScale = 6;
constexpr std::uint64_t kStartupReach = 130;
/// Its pace, of that capacity: what the pacer lets out at once can drain.
constexpr std::uint64_t kStartupPaceShare = 90;
/// Over a satellite a round of waiting costs more than a queue that is seen a round later: there it
/// asks at once for what would refute the estimate.
constexpr Duration kLongRoundTrip = milliseconds(400);
/// A bandwidth of this much refutes it.
constexpr std::uint64_t kStartupRefuted = 150;
/// So does this much without any queue: ACKs that come through a narrow path tell of that one.
constexpr std::uint64_t kStartupRefutedFlat = 105;
/// Where others share the queue, a probe asks for this much of the geometric mean of what the flow
/// has and what the path holds.
constexpr std::uint64_t kSharedProbePercent = 12;
constexpr std::uint64_t kMaxSharedProbe = 100;

}  // namespace

Bbr::Bbr(std::size_t maxDatagramSize, BbrVariant variant, std::uint64_t seed)
    : m_datagramSize(maxDatagramSize),
      m_variant(variant),
      m_random(Random::Stream(seed, "bbr")),
      m_judge(maxDatagramSize),
      m_window(NewReno::InitialWindow(maxDatagramSize)) {}

void Bbr::OnDatagramSize(std::uint64_t bytes) {
    m_datagramSize = bytes;
    m_judge.OnDatagramSize(bytes);
    m_window = std::max(m_window, MinPipeWindow());
}

void Bbr::OnPacketSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight) {
    m_now = now;
    m_bytesInFlight = bytesInFlight;
    const bool limited = m_appLimited || m_phase == Phase::kProbeRtt;
    if (bytesInFlight <= bytes && limited) HandleRestartFromIdle();
    if (bytesInFlight + m_datagramSize > m_window) m_windowLimited = true;
}

void Bbr::HandleRestartFromIdle() {
    m_idleRestart = true;
    m_aggregation.Restart(m_now);
    if (InProbeBandwidth()) SetPacingRate(kUnityGain);
    if (m_phase == Phase::kProbeRtt) CheckProbeRttDone();
}

void Bbr::OnAck(const AckEvent& event) {
    m_now = event.now;
    m_bytesInFlight = event.bytesInFlight;
    m_appLimited = event.appLimited;
    if (m_recoveryStart && event.packets.back()->sentAt > *m_recoveryStart) {
        m_recoveryStart.reset();
        RestoreWindow();
    }
    if (!event.rate) return;
    m_sample = *event.rate;
    UpdateModelAndState(event);
    SetPacingRate(PacingGain());
    SetWindow(event.ackedBytes);
}

void Bbr::UpdateModelAndState(const AckEvent& event) {
    m_delivered = m_sample.totalDelivered;
    m_ackedInRound += event.ackedBytes;
    m_sample.appLimited = m_sample.appLimited || SentWhileProbingRtt(m_sample.priorDelivered);
    m_sampleRate = SampleRate();
    m_arriving = std::max(m_arriving, m_sample.rate);
    if (JudgesLoss()) UpdateQueue(event);
    const bool lossRoundEnded = m_latest.OnSample(m_sample, m_sampleRate);
    UpdateMaxBandwidth(m_sample);
    if (lossRoundEnded) UpdateCongestionSignals(m_sample);
    m_aggregation.OnAck(m_now, event.ackedBytes, m_bandwidth, m_window, m_round.Count(),
                        m_pipe.Ever() ? kExtraAckedRounds : 1);
    CheckFullPipe(m_sample);
    CheckStartupDone();
    CheckDrainDone();
    UpdateProbeCycle(event);
    UpdateMinRtt();
    CheckProbeRtt(event);
    m_latest.Advance(m_sample, m_sampleRate);
    m_bandwidth = std::min(m_maxBandwidth.Get(), m_bandwidthShortterm);
}

std::uint64_t Bbr::SampleRate() const {
    if (!JudgesLoss() || m_sample.rate == 0) return m_sample.rate;
    const std::uint64_t passed =
        m_sample.delivered + m_judge.Explained(m_sample.lost, m_sample.delivered + m_sample.lost);
    return RateOf(passed, m_sample.interval);
}

bool Bbr::SentWhileProbingRtt(std::uint64_t delivered) const {
    return m_limitedFrom <= delivered && delivered <= m_limitedTo;
}

void Bbr::UpdateMaxBandwidth(const RateSample& sample) {
    m_round.OnSample(sample);
    if (m_round.Started()) {
        ++m_roundsSinceUp;
        m_wasWindowLimited = m_windowLimited;
        m_windowLimited = false;
    }
    if (m_sampleRate == 0) return;
    if (m_sampleRate >= m_maxBandwidth.Get() || !sample.appLimited) {
        m_maxBandwidth.Update(m_sampleRate);
    }
}

void Bbr::UpdateQueue(const AckEvent& event) {
    const Duration rtt = event.rtt->Latest();
    const auto timeFor = [this](std::uint64_t bytes) {
        return m_bandwidth > 0 ? TimeFor(bytes, m_bandwidth) : Duration{};
    };
    m_queue.OnSample(m_now, {.rtt = rtt,
                             .ackDelay = event.rtt->LatestAckDelay(),
                             .shortest = m_minRtt.Get().value_or(rtt),
                             .packetTime = timeFor(m_datagramSize),
                             .ackedTime = timeFor(event.ackedBytes),
                             .appLimited = m_sample.appLimited,
                             .roundStart = m_round.Started()});
    if (m_queue.High()) m_queueHighInRound = true;
    JudgeOutcome(event.ackedBytes, 0);
    if (m_sample.appLimited) m_trial.Abandon(m_now);
    if (const auto share = m_trial.OnAcked(m_now, event.ackedBytes, rtt, m_datagramSize))
        m_judge.Prove(*share);
    m_firstFlight.OnAck(m_now, m_sample);
}

void Bbr::JudgeOutcome(std::uint64_t acked, std::uint64_t lost) {
    if (m_phase == Phase::kStartup || m_phase == Phase::kProbeUp) return;
    m_judge.See(acked, lost);
    if (m_queue.FarFromFull() || m_queue.Flat()) m_trial.Note(acked, lost);
    if (LearnsFloor()) m_judge.Learn(acked, lost);
}

bool Bbr::LearnsFloor() const {
    if (m_markedInRound || m_window < kMinLearningPackets * m_datagramSize) return false;
    if (m_queue.FarFromFull()) return true;
    // We have become much slower, down to what arrives, there is no queue, and still it loses: then
    // it is not us. A policer would stop to lose there.
    const bool slowed = m_bandwidthShortterm <= Percent(m_maxBandwidth.Get(), kBbrBetaPercent);
    return slowed && m_slowedToDelivery && m_queue.Flat();
}

void Bbr::UpdateMinRtt() {
    const Duration tolerance = JudgesLoss() ? m_queue.Tolerance() / 2 : Duration{};
    m_minRtt.OnSample(m_now, m_sample.rtt, tolerance);
}

void Bbr::SetPacingRate(std::uint64_t gainPercent) {
    std::uint64_t rate =
        m_trial.Slowed(Percent(Percent(m_bandwidth, gainPercent), 100 - kPacingMargin));
    if (StartsByCapacity())
        rate = std::max(rate, Percent(m_firstFlight.Capacity(), StartupPaceShare()));
    if (m_pipe.Ever() || rate > m_pacingRate) m_pacingRate = rate;
}

std::uint64_t Bbr::PacingRate(const RttEstimator& rtt) const {
    const std::uint64_t initial =
        WindowPacingRate(NewReno::InitialWindow(m_datagramSize),
                         rtt.HasSample() ? rtt.Smoothed() : kNominalRtt, kStartupPacingGain);
    if (m_pipe.Ever()) return std::max<std::uint64_t>(m_pacingRate, 1);
    return std::max(m_pacingRate, initial);
}

std::uint64_t Bbr::PacingGain() const {
    switch (m_phase) {
        case Phase::kStartup:
            return StartsByCapacity() ? kStartupReach : kStartupPacingGain;
        case Phase::kDrain:
            return kDrainPacingGain;
        case Phase::kProbeDown:
            return kProbeDownPacingGain;
        case Phase::kProbeUp:
            return JudgesLoss() ? ProbeUpGain(kProbeUpPacingGain) : kProbeUpPacingGain;
        default:
            return kUnityGain;
    }
}

std::uint64_t Bbr::WindowGain() const {
    if (m_phase == Phase::kProbeRtt) return kProbeRttWindowGain;
    // More room while it drains would let out at once what the pacer had saved up, and while it
    // cruises all that a link which suddenly slows down would have to drop. A path that holds
    // packets back needs the room.
    const bool alone = JudgesLoss() && !m_shared && InProbeBandwidth();
    if (alone && m_phase == Phase::kProbeDown) return kJudgedWindowGain;
    if (alone && m_phase != Phase::kProbeUp && !m_queue.HoldsBack()) return kJudgedWindowGain;
    if (m_phase != Phase::kProbeUp) return kDefaultWindowGain;
    return JudgesLoss() ? ProbeUpGain(kJudgedWindowGain) : kProbeUpWindowGain;
}

void Bbr::SetWindow(std::uint64_t newlyAcked) {
    const std::uint64_t most = QuantizationBudget(MostInFlight());
    if (m_pipe.Ever()) {
        m_window = std::min(m_window + newlyAcked, most);
    } else if (StartsByCapacity()) {
        m_window = std::max(m_window, StartupWindow(newlyAcked));
    } else if (m_window < most || m_delivered < NewReno::InitialWindow(m_datagramSize)) {
        m_window += newlyAcked;
    }
    m_window = std::max(m_window, MinPipeWindow());
    if (m_phase == Phase::kProbeRtt) m_window = std::min(m_window, ProbeRttWindow());
    BoundWindow();
}

std::uint64_t Bbr::MostInFlight() const {
    const std::uint64_t window = BdpMultiple(WindowGain());
    if (!JudgesLoss()) return window + ExtraAcked();
    if (m_phase != Phase::kProbeUp && m_phase != Phase::kProbeDown) return window + ExtraAcked();
    return std::max(window, Bdp() + ExtraAcked() + kMinQuantumPackets * m_datagramSize);
}

bool Bbr::StartsByCapacity() const {
    if (!JudgesLoss() || m_pipe.Ever() || m_cycles > 0) return false;
    if (m_firstFlight.Capacity() == 0 || m_queue.HoldsBack()) return false;
    const std::uint64_t refuted = m_queue.Flat() ? kStartupRefutedFlat : kStartupRefuted;
    return m_bandwidth < Percent(m_firstFlight.Capacity(), refuted);
}

std::uint64_t Bbr::StartupPaceShare() const {
    const bool soon = RoundTrip() < kLongRoundTrip || m_window < StartupSafeWindow();
    return soon || !m_queue.Flat() ? kStartupPaceShare : kStartupReach;
}

std::uint64_t Bbr::StartupSafeWindow() const {
    return Percent(BytesIn(m_firstFlight.Capacity(), RoundTrip()), kStartupSafeShare);
}

std::uint64_t Bbr::StartupWindow(std::uint64_t newlyAcked) const {
    const Duration rtt = RoundTrip();
    const std::uint64_t product = BytesIn(m_firstFlight.Capacity(), rtt);
    const auto scale = std::clamp<std::int64_t>(rtt / kReferenceRtt, 1, kMaxRttScale);
    const bool safe = m_window < StartupSafeWindow();
    const auto growth = static_cast<std::uint64_t>(safe ? kStartupGrowth * scale : 1);
    const std::uint64_t most = Percent(std::max(product, Bdp()), kStartupReach);
    return std::min(m_window + growth * newlyAcked, most);
}

void Bbr::BoundWindow() {
    std::uint64_t cap = kUnbounded;
    if (m_phase == Phase::kProbeRtt || m_phase == Phase::kProbeCruise) {
        cap = InflightWithHeadroom();
    } else if (InProbeBandwidth()) {
        cap = m_inflightLongterm;
    }
    cap = std::max(std::min(cap, m_inflightShortterm), MinPipeWindow());
    m_window = std::min(m_window, cap);
}

std::uint64_t Bbr::ProbeUpGain(std::uint64_t usual) const {
    const std::uint64_t capacity = std::max(m_firstFlight.Capacity(), m_bandwidth);
    if (!m_shared || m_bandwidth == 0) return usual;
    // The root of the ratio: less than what all ask for together when they are many, and yet more,
    // for its size, the smaller the flow.
    const std::uint64_t ratio = SquareRoot(MulDiv(capacity, 10'000, m_bandwidth));  // percent
    return 100 + std::min(MulDiv(kSharedProbePercent, ratio, 100), kMaxSharedProbe);
}

void Bbr::SaveWindow() {
    const bool modulated = m_recoveryStart || m_phase == Phase::kProbeRtt;
    m_priorWindow = modulated ? std::max(m_priorWindow, m_window) : m_window;
}

void Bbr::RestoreWindow() {
    m_window = std::max(m_window, m_priorWindow);
}

Duration Bbr::RoundTrip() const {
    return m_minRtt.Get().value_or(Duration{}) + m_queue.HeldBack();
}

std::uint64_t Bbr::Bdp() const {
    return BytesIn(m_bandwidth, RoundTrip());
}

std::uint64_t Bbr::BdpMultiple(std::uint64_t gainPercent) const {
    if (!m_minRtt.Get()) return NewReno::InitialWindow(m_datagramSize);
    return Percent(Bdp(), gainPercent);
}

std::uint64_t Bbr::QuantizationBudget(std::uint64_t inflight) const {
    const std::uint64_t quantum =
        std::max(std::min(BytesIn(m_pacingRate, kQuantumTime), kMaxQuantum),
                 kMinQuantumPackets * m_datagramSize);
    inflight = std::max({inflight, quantum, MinPipeWindow()});
    if (m_phase == Phase::kProbeUp && !JudgesLoss())
        inflight += kMinQuantumPackets * m_datagramSize;
    return inflight;
}

std::uint64_t Bbr::Inflight(std::uint64_t gainPercent) const {
    return QuantizationBudget(BdpMultiple(gainPercent));
}

std::uint64_t Bbr::InflightWithHeadroom() const {
    if (m_inflightLongterm == kUnbounded) return kUnbounded;
    const std::uint64_t headroom =
        std::max(m_datagramSize, Percent(m_inflightLongterm, kHeadroomPercent));
    return std::max(m_inflightLongterm - std::min(headroom, m_inflightLongterm), MinPipeWindow());
}

std::uint64_t Bbr::ProbeRttWindow() const {
    return std::max(BdpMultiple(kProbeRttWindowGain), MinPipeWindow());
}

std::uint64_t Bbr::MinPipeWindow() const {
    return kMinPipePackets * m_datagramSize;
}

std::string_view Bbr::State() const {
    switch (m_phase) {
        case Phase::kStartup:
            return "startup";
        case Phase::kDrain:
            return "drain";
        case Phase::kProbeDown:
            return "probe_bw_down";
        case Phase::kProbeCruise:
            return "probe_bw_cruise";
        case Phase::kProbeRefill:
            return "probe_bw_refill";
        case Phase::kProbeUp:
            return "probe_bw_up";
        case Phase::kProbeRtt:
            return "probe_rtt";
    }
    return "unknown";
}

}  // namespace crsp
