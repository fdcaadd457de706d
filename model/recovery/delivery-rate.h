// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/base/time.h"

namespace crsp {

/// What a packet in flight remembers of the connection at the moment it was sent
/// (draft-ietf-ccwg-bbr §4.1.2.1.2). Bytes count whole datagrams.
struct DeliverySnapshot {
    std::uint64_t delivered = 0;  ///< bytes delivered before it was sent
    std::uint64_t lost = 0;       ///< bytes lost before it was sent
    TimePoint deliveredAt{};      ///< when `delivered` last grew
    TimePoint firstSentAt{};      ///< when the packet was sent that was delivered last
    std::uint64_t inFlight = 0;   ///< bytes in flight, itself included
    bool appLimited = false;      ///< there was less to send than the window allowed
};

/// What one ACK tells of the rate at which the path delivers (draft-ietf-ccwg-bbr §4.1.2.1.3).
struct RateSample {
    std::uint64_t rate = 0;            ///< bytes per second; 0 if none could be measured
    std::uint64_t delivered = 0;       ///< bytes delivered over `interval`
    Duration interval{};               ///< the longer of sending and acknowledging
    std::uint64_t priorDelivered = 0;  ///< DeliverySnapshot::delivered of the newest packet
    std::uint64_t lost = 0;            ///< bytes lost since the newest packet was sent
    std::uint64_t inFlightAtSend = 0;  ///< DeliverySnapshot::inFlight of the newest packet
    std::uint64_t totalDelivered = 0;  ///< bytes delivered since the connection began
    Duration rtt{};                    ///< of the newest packet, the peer's delay included
    bool appLimited = false;           ///< what was measured is the sender, not the path
};

/// Delivery-rate sampling (draft-ietf-ccwg-bbr §4.1): per ACK, how fast the path delivered what was
/// in flight. Whole numbers only, so that equal calls give equal samples everywhere.
class DeliveryRate {
  public:
    /// For a packet that goes out now; `bytesInFlight` includes its `bytes`.
    DeliverySnapshot OnSent(TimePoint now, std::uint64_t bytes, std::uint64_t bytesInFlight);
    /// For each packet acknowledged for the first time, in ascending order.
    void OnAcked(TimePoint now, const DeliverySnapshot& packet, TimePoint sentAt,
                 std::uint64_t bytes);
    void OnLost(std::uint64_t bytes) { m_lost += bytes; }
    /// A packet that was counted as lost has arrived.
    void OnSpuriousLoss(TimePoint now, std::uint64_t bytes);
    /// The application has no more to send while the window has room: what is in flight, and what
    /// is sent until it has been delivered, measures the application.
    void OnAppLimited(std::uint64_t bytesInFlight);

    /// The sample of the packets given to OnAcked since the last call; nothing if there were none.
    /// An interval below `minRtt` measures no rate.
    std::optional<RateSample> Take(TimePoint now, Duration minRtt);

    std::uint64_t Delivered() const { return m_delivered; }
    std::uint64_t Lost() const { return m_lost; }
    bool AppLimited() const { return m_appLimitedUntil != 0; }

  private:
    struct Newest {
        DeliverySnapshot packet;
        TimePoint sentAt{};
    };

    std::uint64_t m_delivered = 0;
    std::uint64_t m_lost = 0;
    std::uint64_t m_appLimitedUntil = 0;  ///< of m_delivered; 0: not limited
    TimePoint m_deliveredAt{};
    TimePoint m_firstSentAt{};
    std::optional<Newest> m_newest;
};

}  // namespace crsp
