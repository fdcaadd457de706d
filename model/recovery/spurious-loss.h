// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/recovery/congestion-controller.h"

namespace crsp {

/// Finds congestion events that were none: every packet whose loss made up the event has been
/// acknowledged after all, so the path reordered or delayed them (CRSP §6.5; RFC 9438 §4.9, with
/// the idea of RFC 3522).
///
/// A congestion event is one response of a controller: losses of packets sent before it began
/// belong to it (RFC 9002 §7.3.2). Persistent congestion is never taken back.
class SpuriousLossDetector {
  public:
    void OnLost(const LossEvent& event);
    /// `packets` were acknowledged after they had been declared lost. Returns the congestion event
    /// that this leaves without a single loss.
    std::optional<SpuriousLossEvent> OnSpurious(TimePoint now, SentPacketRefs packets);

  private:
    std::optional<TimePoint> m_beganAt;  ///< of the latest congestion event
    /// Its first loss. Packets are lost in the order of sending, so it has all from here on.
    PacketNumber m_first = 0;
    std::uint64_t m_stillLost = 0;  ///< packets in flight that it lost and nobody acknowledged
};

}  // namespace crsp
