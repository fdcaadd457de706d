// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/base/random.h"
#include "model/recovery/bbr-model.h"
#include "model/recovery/congestion-controller.h"
#include "model/recovery/first-flight.h"
#include "model/recovery/floor-trial.h"
#include "model/recovery/full-pipe.h"
#include "model/recovery/loss-judge.h"
#include "model/recovery/queue-signal.h"

namespace crsp {

/// Which BBR it is.
enum class BbrVariant : std::uint8_t {
    kDraft,      ///< draft-ietf-ccwg-bbr (BBR version 3) to the letter
    kLossJudged  ///< as it, but losses count only if the LossJudge says so, and delay as well
};

/// BBR: a model of the path, its bandwidth and its shortest round trip, says how fast to send and
/// how much to keep in flight (draft-ietf-ccwg-bbr, CRSP §6.5).
///
/// Functions carry the names of the draft's pseudocode. bbr.cc holds the events and the control
/// parameters, bbr-states.cc the state machine, bbr-loss.cc what loss does to the model.
class Bbr : public CongestionController {
  public:
    /// `maxDatagramSize` in bytes; `seed` of the times between probes.
    Bbr(std::size_t maxDatagramSize, BbrVariant variant, std::uint64_t seed);

    void OnPacketSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight) override;
    void OnAck(const AckEvent& event) override;
    void OnLost(const LossEvent& event) override;
    void OnEcnCe(const EcnEvent& event) override;
    void OnSpuriousLoss(const SpuriousLossEvent& event) override;
    void OnDatagramSize(std::uint64_t bytes) override;
    std::uint64_t CongestionWindow() const override { return m_window; }
    std::uint64_t SlowStartThreshold() const override { return kNoSlowStartThreshold; }
    std::uint64_t PacingRate(const RttEstimator& rtt) const override;
    std::string_view State() const override;

    enum class Phase : std::uint8_t {
        kStartup,
        kDrain,
        kProbeDown,
        kProbeCruise,
        kProbeRefill,
        kProbeUp,
        kProbeRtt
    };
    Phase GetPhase() const { return m_phase; }
    std::uint64_t MaxBandwidth() const { return m_maxBandwidth.Get(); }  ///< bytes per second
    std::uint64_t Bandwidth() const { return m_bandwidth; }  ///< bounded by the short-term model
    std::optional<Duration> MinRtt() const { return m_minRtt.Get(); }
    std::uint64_t InflightLongterm() const { return m_inflightLongterm; }
    std::uint64_t InflightShortterm() const { return m_inflightShortterm; }
    std::uint64_t BandwidthShortterm() const { return m_bandwidthShortterm; }
    std::uint64_t Rounds() const { return m_round.Count(); }  ///< packet-timed round trips
    std::uint64_t ExtraAcked() const { return m_aggregation.Extra(); }
    const FullPipe& Pipe() const { return m_pipe; }
    const QueueSignal& Queue() const { return m_queue; }
    std::uint64_t Cycles() const { return m_cycles; }  ///< probes for bandwidth that have ended
    /// Whether this round has lost more than the path explains, however little.
    bool LossIsUnexplained() const;
    const LossJudge& Judge() const { return m_judge; }

  private:
    /// What the ACKs that arrive tell about the probe (ack_phase of the draft).
    enum class AckPhase : std::uint8_t { kInit, kRefilling, kStarting, kFeedback, kStopping };

    /// State to go back to if a loss was spurious (draft-ietf-ccwg-bbr §2.12).
    struct Undo {
        std::optional<Phase> phase;
        std::uint64_t bandwidthShortterm = 0;
        std::uint64_t inflightShortterm = 0;
        std::uint64_t inflightLongterm = 0;
    };

    bool JudgesLoss() const { return m_variant == BbrVariant::kLossJudged; }

    // bbr.cc: events, model updates on ACK, control parameters
    void UpdateModelAndState(const AckEvent& event);
    bool SentWhileProbingRtt(std::uint64_t delivered) const;
    void UpdateMaxBandwidth(const RateSample& sample);
    std::uint64_t SampleRate() const;
    void UpdateQueue(const AckEvent& event);
    void UpdateMinRtt();
    void HandleRestartFromIdle();
    void SetPacingRate(std::uint64_t gainPercent);
    void SetWindow(std::uint64_t newlyAcked);
    void BoundWindow();
    void SaveWindow();
    void RestoreWindow();
    /// The shortest, and what the path holds packets back by itself.
    Duration RoundTrip() const;
    std::uint64_t Bdp() const;
    std::uint64_t BdpMultiple(std::uint64_t gainPercent) const;
    std::uint64_t QuantizationBudget(std::uint64_t inflight) const;
    std::uint64_t Inflight(std::uint64_t gainPercent) const;
    std::uint64_t InflightWithHeadroom() const;
    std::uint64_t TargetInflight() const { return std::min(Bdp(), m_window); }
    std::uint64_t ProbeRttWindow() const;
    std::uint64_t MinPipeWindow() const;
    std::uint64_t PacingGain() const;
    std::uint64_t WindowGain() const;
    std::uint64_t MostInFlight() const;
    bool StartsByCapacity() const;
    std::uint64_t StartupPaceShare() const;  ///< percent of the first flight's capacity
    std::uint64_t StartupSafeWindow() const;
    std::uint64_t StartupWindow(std::uint64_t newlyAcked) const;
    std::uint64_t ProbeUpGain(std::uint64_t usual) const;
    /// Bytes that met their fate.
    void JudgeOutcome(std::uint64_t acked, std::uint64_t lost);
    bool LearnsFloor() const;

    // bbr-states.cc: the state machine
    void CheckFullPipe(const RateSample& sample);
    void CheckStartupDone();
    void CheckDrainDone();
    void UpdateProbeCycle(const AckEvent& event);
    bool AdaptLongTermModel(const AckEvent& event);
    bool WasCutShort() const;
    void ProbeInflightLongtermUpward(std::uint64_t newlyAcked);
    void RaiseInflightLongtermSlope();
    void CheckProbeRtt(const AckEvent& event);
    void HandleProbeRtt();
    void CheckProbeRttDone();
    void ExitProbeRtt();
    void EnterStartup() { m_phase = Phase::kStartup; }
    void EnterDrain();
    void StartProbeDown();
    void StartProbeRefill();
    void StartProbeUp();
    void PickProbeWait();
    bool IsTimeToProbe() const;
    bool IsTimeToCruise() const;
    bool IsTimeToGoDown(std::uint64_t inflight);
    bool FoundMuchMore() const;
    void YieldIfShared();
    bool InProbeBandwidth() const;
    bool IsProbing() const;
    void StartRound() { m_round.Restart(m_delivered); }

    // bbr-loss.cc: what loss does to the model
    void NoteLoss();
    void SaveStateUponLoss();
    void HandleLostPacket(const SentPacket& packet, std::uint64_t totalLost);
    bool IsInflightTooHigh(std::uint64_t lost, std::uint64_t inFlight) const;
    void HandleInflightTooHigh(std::uint64_t inflight, bool appLimited);
    std::uint64_t InflightAtLoss(std::uint64_t inflight, std::uint64_t lost,
                                 std::uint64_t size) const;
    void UpdateCongestionSignals(const RateSample& sample);
    void CheckStartupHighLoss(const RateSample& sample);
    void EndStartup();
    bool RoundWasCongested() const;
    bool StartupRoundWasCongested() const;
    /// Startup ended by loss without delay: what it measured before, a policer's bucket or
    /// others' packets gave way for once, so only the newest sample counts.
    void ForgetBurst(const RateSample& sample);
    void LossLowerBounds();
    void ResetCongestionSignals();
    void ResetShortTermModel();

    std::uint64_t m_datagramSize;
    const BbrVariant m_variant;
    Random m_random;
    TimePoint m_now{};
    std::uint64_t m_delivered = 0;      ///< C.delivered
    std::uint64_t m_bytesInFlight = 0;  ///< C.inflight
    Phase m_phase = Phase::kStartup;

    // The model of the path.
    RoundCounter m_round;
    crsp::MaxBandwidth m_maxBandwidth;
    std::uint64_t m_bandwidth = 0;
    MinRttFilter m_minRtt;
    AckAggregation m_aggregation;
    FullPipe m_pipe;
    LossJudge m_judge;
    FloorTrial m_trial;
    RateSample m_sample;
    std::uint64_t m_arriving = 0;    ///< most in this cycle, bytes per second
    std::uint64_t m_sampleRate = 0;  ///< of m_sample, what the path loses by itself included
    QueueSignal m_queue;
    FirstFlight m_firstFlight;

    // Reaction to loss.
    LatestDelivery m_latest;
    std::uint64_t m_inflightLongterm = kUnbounded;
    std::uint64_t m_inflightShortterm = kUnbounded;
    std::uint64_t m_bandwidthShortterm = kUnbounded;
    bool m_slowedToDelivery = false;  ///< m_bandwidthShortterm is what arrived
    Undo m_undo;
    bool m_lossInRound = false;
    bool m_markedInRound = false;  ///< a queue has marked packets: its word needs no judgement
    std::uint64_t m_lostInRound = 0;
    std::uint64_t m_ackedInRound = 0;
    std::uint32_t m_lossRangesInRound = 0;
    std::uint32_t m_lossRounds = 0;  ///< in a row
    bool m_queueHighInRound = false;
    std::optional<PacketNumber> m_lastLost;
    std::optional<TimePoint> m_recoveryStart;

    // Probing for bandwidth.
    AckPhase m_ackPhase = AckPhase::kInit;
    bool m_probeSample = false;
    bool m_previousTooHigh = false;
    bool m_previousPrecautionary = false;
    std::uint64_t m_upAcked = 0;
    std::uint64_t m_upAckedPerStep = kUnbounded;
    std::uint32_t m_upRounds = 0;
    std::uint64_t m_roundsSinceUp = 0;
    Duration m_probeWait{};
    TimePoint m_cycleStamp{};
    std::uint64_t m_drainStartRound = 0;
    std::uint64_t m_cycles = 0;
    std::uint32_t m_cutCycles = 0;  ///< by probes of the round trip, since a whole one
    std::uint64_t m_cruiseStartRound = 0;
    bool m_shared = false;   ///< others put packets into the queue in the last cycle
    bool m_yielded = false;  ///< in this cycle
    std::uint64_t m_upStartBandwidth = 0;

    // Probing for the round trip.
    std::optional<TimePoint> m_probeRttDone;
    bool m_probeRttRoundDone = false;
    std::uint64_t m_limitedFrom = kUnbounded;  ///< samples sent from here to m_limitedTo are low
    std::uint64_t m_limitedTo = 0;
    bool m_idleRestart = false;
    bool m_appLimited = true;  ///< at the last ACK; nothing had been written before the first

    // Control parameters.
    std::uint64_t m_window;
    std::uint64_t m_priorWindow = 0;
    bool m_windowLimited = false;  ///< in this round
    bool m_wasWindowLimited = false;
    std::uint64_t m_pacingRate = 0;
};

}  // namespace crsp
