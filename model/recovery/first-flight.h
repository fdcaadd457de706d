// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/base/time.h"
#include "model/recovery/delivery-rate.h"
#include "model/recovery/rate.h"

namespace crsp {

/// Estimates the capacity of the path from the spacing of the ACKs for the first flight, which
/// leaves as a burst: the bottleneck spreads a train of packets to its own rate (Dovrolis et al.,
/// "Packet-Dispersion Techniques", 2004). It bounds from above what can be had, so it is used only
/// to see how long startup can go on without danger (CRSP §6.5).
class FirstFlight {
  public:
    /// For each ACK of the first round trip.
    void OnAck(TimePoint now, const RateSample& sample) {
        if (sample.priorDelivered != 0) return;  // of a later flight
        if (!m_firstAt) {
            m_firstAt = now;
            m_firstDelivered = sample.totalDelivered;
            return;
        }
        if (now <= *m_firstAt) return;
        const std::uint64_t spread = sample.totalDelivered - m_firstDelivered;
        // The last ACK may have waited for a packet that never came, so it cannot lower the rate.
        m_capacity = std::max(m_capacity, RateOf(spread, now - *m_firstAt));
    }
    /// Bytes per second; 0 if unknown.
    std::uint64_t Capacity() const { return m_capacity; }

  private:
    std::optional<TimePoint> m_firstAt;
    std::uint64_t m_firstDelivered = 0;
    std::uint64_t m_capacity = 0;
};

}  // namespace crsp
