// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/recovery/congestion-controller.h"

namespace crsp {

/// Sends at one rate, whatever is lost: for paths that belong to nobody else, and for measuring.
///
/// It must be asked for by name and with a rate (RFC 8085 §3.1.2: uncontrolled modes are never a
/// default). Nothing ends it while loss lasts: there is no circuit breaker (RFC 8084) here. Only
/// missing acknowledgements do, since the window is two round trips' worth of the rate.
class FixedRate : public CongestionController {
  public:
    /// `bitsPerSecond` > 0.
    FixedRate(std::uint64_t bitsPerSecond, std::size_t maxDatagramSize);

    void OnPacketSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight) override;
    void OnAck(const AckEvent& event) override;
    void OnDatagramSize(std::uint64_t bytes) override { m_datagramSize = bytes; }
    void OnLost(const LossEvent& event) override;
    std::uint64_t CongestionWindow() const override { return m_window; }
    std::uint64_t SlowStartThreshold() const override { return kNoSlowStartThreshold; }
    std::uint64_t PacingRate(const RttEstimator& rtt) const override;
    /// `fixed_rate`, always.
    std::string_view State() const override;

  private:
    std::uint64_t WindowFor(Duration smoothedRtt) const;

    std::uint64_t m_rate;  ///< bytes per second
    std::uint64_t m_datagramSize;
    std::uint64_t m_window;
};

}  // namespace crsp
