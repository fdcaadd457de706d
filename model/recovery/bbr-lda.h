// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/recovery/bbr.h"
#include "model/recovery/congestion-controller.h"
#include "model/recovery/cubic.h"

namespace crsp {

/// BBR with loss differentiation, and with CUBIC's manners where CUBIC is (CRSP §6.5).
///
/// Alone, or among its like, it is Bbr in its loss-judged variant, which keeps the queue short.
/// A flow that fills every queue until it overflows would push such a flow aside. It gives itself
/// away: the queue does not empty though we drain our part of it. While that lasts, the window is
/// CUBIC's, cut by those losses only that the path does not explain.
class BbrLda : public CongestionController {
  public:
    BbrLda(std::size_t maxDatagramSize, std::uint64_t seed);

    void OnPacketSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight) override;
    void OnAck(const AckEvent& event) override;
    void OnLost(const LossEvent& event) override;
    void OnEcnCe(const EcnEvent& event) override;
    void OnSpuriousLoss(const SpuriousLossEvent& event) override;
    void OnDatagramSize(std::uint64_t bytes) override {
        m_bbr.OnDatagramSize(bytes);
        m_cubic.OnDatagramSize(bytes);
    }
    std::uint64_t CongestionWindow() const override;
    std::uint64_t SlowStartThreshold() const override { return m_bbr.SlowStartThreshold(); }
    std::uint64_t PacingRate(const RttEstimator& rtt) const override;
    std::string_view State() const override;

    bool Competing() const { return m_competing; }

  private:
    void WatchCompetition(const AckEvent& event);
    /// A probe of the round trip has paused us, and with us the queue went.
    bool QueueWasOurs() const;
    /// Nobody competes any more.
    void Stop();

    Bbr m_bbr;
    Cubic m_cubic;
    bool m_competing = false;
    std::uint64_t m_cyclesSeen = 0;
    std::uint32_t m_fullCycles = 0;  ///< probing cycles in a row in which the queue never emptied
    Duration m_delayBefore{};        ///< the probe of the round trip
    bool m_sawEmpty = false;         ///< in this cycle
    bool m_sawFull = false;          ///< the same
};

}  // namespace crsp
