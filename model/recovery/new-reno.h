// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/recovery/congestion-controller.h"

namespace crsp {

/// NewReno as RFC 9002 §7 and appendix B have it. A reduction for losses that were none is taken
/// back, as in CUBIC (RFC 9438 §4.9; the idea is that of RFC 4015).
class NewReno : public CongestionController {
  public:
    explicit NewReno(std::size_t maxDatagramSize);

    void OnPacketSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight) override;
    void OnAck(const AckEvent& event) override;
    void OnLost(const LossEvent& event) override;
    void OnEcnCe(const EcnEvent& event) override;
    void OnSpuriousLoss(const SpuriousLossEvent& event) override;
    void OnDatagramSize(std::uint64_t bytes) override;
    std::uint64_t CongestionWindow() const override { return m_window; }
    std::uint64_t SlowStartThreshold() const override { return m_threshold; }
    std::uint64_t PacingRate(const RttEstimator& rtt) const override;
    std::string_view State() const override;

    /// min(10 * size, max(14720, 2 * size)) bytes (RFC 9002 §7.2).
    static std::uint64_t InitialWindow(std::size_t maxDatagramSize);
    /// 2 * size bytes (RFC 9002 §7.2).
    static std::uint64_t MinimumWindow(std::size_t maxDatagramSize);

  private:
    /// As before the latest loss.
    struct Undo {
        std::uint64_t window = 0;
        std::uint64_t threshold = 0;
    };

    bool InSlowStart() const { return m_window < m_threshold; }
    bool InRecovery(TimePoint sentAt) const {
        return m_recoveryStart && sentAt <= *m_recoveryStart;
    }
    void Grow(std::uint64_t ackedBytes);
    void Reduce(TimePoint now);

    std::uint64_t m_datagramSize;
    std::uint64_t m_window;
    std::uint64_t m_threshold = kNoSlowStartThreshold;
    std::uint64_t m_ackedInAvoidance = 0;  ///< bytes toward the next step of the window
    std::optional<Undo> m_undo;
    std::optional<TimePoint> m_recoveryStart;
    bool m_inRecovery = false;  ///< no packet sent since m_recoveryStart is acknowledged yet
};

}  // namespace crsp
