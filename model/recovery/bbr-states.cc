// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "model/recovery/bbr.h"
#include "model/recovery/rate.h"

namespace crsp {
namespace {

constexpr std::uint64_t kUnityGain = 100;
/// Longest stay in Drain (draft-ietf-ccwg-bbr §5.3.2).
constexpr std::uint64_t kMaxDrainRounds = 3;
/// Probing for bandwidth waits so long at least, and up to a second more (§5.3.3.9).
constexpr Duration kMinProbeWait = seconds(2);
constexpr std::uint64_t kProbeWaitSpread = kNanosecondsPerSecond;
/// Or so many rounds, as a Reno flow would (§5.3.3.7).
constexpr std::uint64_t kMaxRenoRounds = 63;
/// What a flow keeps when others' packets stand in the queue while it does not probe.
constexpr std::uint64_t kYieldPercent = 80;
constexpr std::uint64_t kSharedProbeRounds = 8;
constexpr std::uint64_t kMostOfCapacityPercent = 70;
/// A probe that found so much more, and no queue, goes on as fast as startup does.
constexpr std::uint64_t kMuchMorePercent = 150;
constexpr Duration kProbeRttDuration = milliseconds(200);
/// Where a round trip takes a second, a probe of the shortest one ends each cycle before it comes
/// to its probe for bandwidth, and the draft would believe an old rate for ever. So many cut short
/// are one.
constexpr std::uint32_t kCutCycles = 2;
/// With fewer packets in flight no trial begins.
constexpr std::uint64_t kMinTrialPackets = 12;
/// The step of inflight_longterm doubles each round, this often at most.
constexpr std::uint32_t kMaxUpRounds = 30;

}  // namespace

bool Bbr::InProbeBandwidth() const {
    return m_phase == Phase::kProbeDown || m_phase == Phase::kProbeCruise ||
           m_phase == Phase::kProbeRefill || m_phase == Phase::kProbeUp;
}

bool Bbr::IsProbing() const {
    return m_phase == Phase::kStartup || m_phase == Phase::kProbeRefill ||
           m_phase == Phase::kProbeUp;
}

void Bbr::CheckFullPipe(const RateSample& sample) {
    if (!m_round.Started() || sample.appLimited) return;
    m_pipe.OnRound(m_sampleRate);
}

void Bbr::CheckStartupDone() {
    if (m_phase != Phase::kStartup) return;
    // A standing queue says it earlier than a plateau of three rounds.
    if (JudgesLoss() && m_queue.Stands()) m_pipe.Declare();
    if (m_pipe.Ever()) EnterDrain();
}

bool Bbr::FoundMuchMore() const {
    return JudgesLoss() && m_ackPhase == AckPhase::kFeedback &&
           m_bandwidth >= Percent(m_upStartBandwidth, kMuchMorePercent);
}

void Bbr::EnterDrain() {
    m_phase = Phase::kDrain;
    m_drainStartRound = m_round.Count();
}

void Bbr::CheckDrainDone() {
    if (m_phase != Phase::kDrain) return;
    const bool drained = m_bytesInFlight <= Inflight(kUnityGain);
    if (!drained && m_round.Count() <= m_drainStartRound + kMaxDrainRounds) return;
    StartProbeDown();
    // With most of the capacity in hand, a queue that ended startup early may have been one of our
    // own bursts: look at once for the rest. With less of it, there is somebody else.
    const std::uint64_t most = Percent(m_firstFlight.Capacity(), kMostOfCapacityPercent);
    if (JudgesLoss() && m_bandwidth > most) m_probeWait = Duration{};
}

void Bbr::StartProbeDown() {
    ++m_cycles;
    m_shared = m_yielded;
    m_yielded = false;
    ResetCongestionSignals();
    m_upAckedPerStep = kUnbounded;
    PickProbeWait();
    m_cycleStamp = m_now;
    m_ackPhase = AckPhase::kStopping;
    StartRound();
    m_phase = Phase::kProbeDown;
    // Among many small flows whoever holds back falls behind, and an application that does not fill
    // the path has no use for it.
    const bool alone = !m_shared && m_window >= kMinTrialPackets * m_datagramSize;
    if (JudgesLoss() && alone && !m_sample.appLimited) {
        m_trial.OnCycle(m_now, m_judge.Seen(), m_judge.Floor(), m_arriving);
    }
    m_arriving = 0;
}

void Bbr::StartProbeRefill() {
    ResetShortTermModel();
    m_upRounds = 0;
    m_upAcked = 0;
    m_previousPrecautionary = false;
    m_ackPhase = AckPhase::kRefilling;
    StartRound();
    m_phase = Phase::kProbeRefill;
}

void Bbr::StartProbeUp() {
    m_ackPhase = AckPhase::kStarting;
    StartRound();
    m_pipe.Reset(m_sampleRate);
    m_phase = Phase::kProbeUp;
    m_upStartBandwidth = m_bandwidth;
    m_queue.Restart();
    RaiseInflightLongtermSlope();
}

void Bbr::PickProbeWait() {
    m_roundsSinceUp = m_random.Below(2);
    m_probeWait = kMinProbeWait + nanoseconds(m_random.Below(kProbeWaitSpread));
}

void Bbr::UpdateProbeCycle(const AckEvent& event) {
    if (!m_pipe.Ever() || AdaptLongTermModel(event)) return;
    switch (m_phase) {
        case Phase::kProbeDown:
        case Phase::kProbeCruise:
            YieldIfShared();
            if (IsTimeToProbe()) {
                StartProbeRefill();
            } else if (m_phase == Phase::kProbeDown && IsTimeToCruise()) {
                m_phase = Phase::kProbeCruise;
                m_cruiseStartRound = m_round.Count();
            }
            break;
        case Phase::kProbeRefill:
            if (!m_round.Started()) break;
            m_probeSample = true;
            StartProbeUp();
            break;
        case Phase::kProbeUp:
            if (FoundMuchMore()) {
                m_pipe.Reset(m_sampleRate);
                m_pipe.Retract();
                EnterStartup();
                break;
            }
            // Before this ACK: after it a window at the bound is never full.
            if (!IsTimeToGoDown(event.bytesInFlightBefore)) break;
            m_previousTooHigh = false;  // no high loss (yet)
            StartProbeDown();
            break;
        default:
            break;
    }
}

void Bbr::YieldIfShared() {
    if (!JudgesLoss() || m_phase != Phase::kProbeCruise || m_yielded) return;
    // What is acknowledged in the first round of cruising was sent while our own probe drained.
    if (m_round.Count() <= m_cruiseStartRound + 1) return m_queue.Restart();
    if (!m_queue.Lingers()) return;
    m_yielded = true;
    m_maxBandwidth.Yield(kYieldPercent);
}

bool Bbr::IsTimeToProbe() const {
    if (m_trial.Running()) return false;
    if (m_now > m_cycleStamp + m_probeWait) return true;
    const std::uint64_t most = m_shared || m_yielded ? kSharedProbeRounds : kMaxRenoRounds;
    return m_roundsSinceUp >= std::min(TargetInflight() / m_datagramSize, most);
}

bool Bbr::IsTimeToCruise() const {
    if (m_bytesInFlight > InflightWithHeadroom()) return false;
    const std::uint64_t bdp = BytesIn(m_maxBandwidth.Get(), RoundTrip());
    return m_bytesInFlight <= QuantizationBudget(bdp);
}

bool Bbr::IsTimeToGoDown(std::uint64_t inflight) {
    if (m_previousTooHigh && inflight >= m_inflightLongterm) {
        m_previousPrecautionary = true;
        return true;
    }
    if (JudgesLoss() && m_ackPhase == AckPhase::kFeedback && m_queue.Stands()) return true;
    if ((m_windowLimited || m_wasWindowLimited) && m_window >= m_inflightLongterm) {
        m_pipe.Reset(m_sampleRate);  // the bound limits the bandwidth, not the path
        return false;
    }
    return m_pipe.Now();
}

bool Bbr::AdaptLongTermModel(const AckEvent& event) {
    if (m_ackPhase == AckPhase::kStarting && m_round.Started()) m_ackPhase = AckPhase::kFeedback;
    if (m_ackPhase == AckPhase::kStopping && m_round.Started()) {
        m_probeSample = false;
        m_ackPhase = AckPhase::kInit;
        if (InProbeBandwidth() && (!m_sample.appLimited || WasCutShort())) {
            m_maxBandwidth.Advance();
            m_cutCycles = 0;
        }
        const bool again = m_previousPrecautionary && !m_previousTooHigh && !m_trial.Running();
        if (InProbeBandwidth() && again) {
            StartProbeRefill();
            return true;
        }
    }
    if (IsInflightTooHigh(m_sample.lost, m_sample.inFlightAtSend)) return false;
    if (m_inflightLongterm == kUnbounded) return false;
    m_inflightLongterm = std::max(m_inflightLongterm, m_sample.inFlightAtSend);
    if (m_phase == Phase::kProbeUp) ProbeInflightLongtermUpward(event.ackedBytes);
    return false;
}

bool Bbr::WasCutShort() const {
    return JudgesLoss() && m_cutCycles >= kCutCycles;
}

void Bbr::RaiseInflightLongtermSlope() {
    const std::uint64_t growth = std::uint64_t{1} << m_upRounds;
    m_upRounds = std::min(m_upRounds + 1, kMaxUpRounds);
    m_upAckedPerStep = std::max(m_window / growth, m_datagramSize);
}

void Bbr::ProbeInflightLongtermUpward(std::uint64_t newlyAcked) {
    const bool limited = m_windowLimited || m_wasWindowLimited;
    if (!limited || m_window < m_inflightLongterm) return;
    m_upAcked += newlyAcked;
    if (m_upAcked >= m_upAckedPerStep) {
        const std::uint64_t steps = m_upAcked / m_upAckedPerStep;
        m_upAcked -= steps * m_upAckedPerStep;
        m_inflightLongterm += steps * m_datagramSize;
    }
    if (m_round.Started()) RaiseInflightLongtermSlope();
}

void Bbr::CheckProbeRtt(const AckEvent& event) {
    if (m_phase != Phase::kProbeRtt && m_minRtt.ProbeDue() && !m_idleRestart) {
        m_phase = Phase::kProbeRtt;
        SaveWindow();
        m_probeRttDone.reset();
        m_ackPhase = AckPhase::kStopping;
        m_limitedFrom = m_delivered;
        StartRound();
    }
    if (m_phase == Phase::kProbeRtt) HandleProbeRtt();
    if (event.ackedBytes > 0) m_idleRestart = false;
}

void Bbr::HandleProbeRtt() {
    m_limitedTo = m_delivered + m_bytesInFlight;
    if (!m_probeRttDone) {
        if (m_bytesInFlight > ProbeRttWindow()) return;
        m_probeRttDone = m_now + kProbeRttDuration;
        m_probeRttRoundDone = false;
        StartRound();
        return;
    }
    if (m_round.Started()) m_probeRttRoundDone = true;
    if (m_probeRttRoundDone) CheckProbeRttDone();
}

void Bbr::CheckProbeRttDone() {
    if (!m_probeRttDone || m_now <= *m_probeRttDone) return;
    m_minRtt.OnProbed(m_now);
    RestoreWindow();
    ExitProbeRtt();
}

void Bbr::ExitProbeRtt() {
    ResetShortTermModel();
    if (!m_pipe.Ever()) return EnterStartup();
    ++m_cutCycles;
    StartProbeDown();
    m_phase = Phase::kProbeCruise;
    m_cruiseStartRound = m_round.Count();
}

}  // namespace crsp
