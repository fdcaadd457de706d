// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/recovery/congestion-controller.h"
#include "model/recovery/cubic-curve.h"
#include "model/recovery/hystart.h"

namespace crsp {

/// CUBIC (RFC 9438) with HyStart++ in the first slow start (RFC 9406).
///
/// Counts in bytes and whole numbers, with the remainders kept, so that equal calls give equal
/// windows everywhere. Recovery is that of RFC 9002 §7.3.2.
class Cubic : public CongestionController {
  public:
    explicit Cubic(std::size_t maxDatagramSize);

    /// Goes on from a window that another controller found, in congestion avoidance.
    void ContinueFrom(std::uint64_t window);

    void OnPacketSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight) override;
    void OnAck(const AckEvent& event) override;
    void OnLost(const LossEvent& event) override;
    void OnEcnCe(const EcnEvent& event) override;
    void OnSpuriousLoss(const SpuriousLossEvent& event) override;
    void OnDatagramSize(std::uint64_t bytes) override;
    std::uint64_t CongestionWindow() const override { return m_state.window; }
    std::uint64_t SlowStartThreshold() const override { return m_state.threshold; }
    std::uint64_t PacingRate(const RttEstimator& rtt) const override;
    std::string_view State() const override;

  private:
    /// A window with what is left over from dividing its growth.
    struct Growing {
        std::uint64_t bytes = 0;
        std::uint64_t remainder = 0;

        /// Adds `dividend` / `divisor` bytes.
        void Add(std::uint64_t dividend, std::uint64_t divisor);
    };

    /// One stretch of congestion avoidance (RFC 9438 §4.1.2).
    struct Epoch {
        TimePoint start{};                    ///< moved on by pauses, so that they do not count
        std::optional<TimePoint> pausedAt{};  ///< application-limited since (RFC 9438 §5.8)
        CubicCurve curve{};
        Growing cubic{};
        Growing reno{};  ///< W_est
    };

    /// What a loss changes, and a spurious one gives back (RFC 9438 §4.9.2).
    struct Phase {
        std::uint64_t window = 0;
        std::uint64_t threshold = kNoSlowStartThreshold;
        std::uint64_t plateau = 0;   ///< W_max; 0 if no loss has set it
        std::uint64_t previous = 0;  ///< cwnd_prior; 0 if no loss has set it
        std::optional<Epoch> epoch{};
    };

    bool InSlowStart() const { return m_state.window < m_state.threshold; }
    /// The first, which HyStart++ watches (RFC 9406 §4.1).
    bool InFirstSlowStart() const { return m_state.threshold == kNoSlowStartThreshold; }
    bool InRecovery(TimePoint sentAt) const {
        return m_recoveryStart && sentAt <= *m_recoveryStart;
    }
    void WatchRoundTrip(TimePoint now, TimePoint sentAt);
    void GrowInSlowStart(std::uint64_t ackedBytes);
    void GrowInAvoidance(const AckEvent& event, std::uint64_t ackedBytes);
    void GrowReno(Epoch& epoch, std::uint64_t ackedBytes) const;
    void PauseEpoch(TimePoint now);
    Epoch& RunningEpoch(TimePoint now);
    void Reduce(TimePoint now);
    void Collapse();
    void SetWindow(std::uint64_t bytes);

    std::uint64_t m_datagramSize;
    Phase m_state;
    std::optional<Phase> m_undo;  ///< as before the latest loss
    HyStart m_hystart;
    std::optional<TimePoint> m_recoveryStart;
    bool m_inRecovery = false;  ///< no packet sent since m_recoveryStart is acknowledged yet
};

}  // namespace crsp
