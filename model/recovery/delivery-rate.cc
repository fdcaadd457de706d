// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/delivery-rate.h"

#include <algorithm>

#include "model/recovery/rate.h"

namespace crsp {

DeliverySnapshot DeliveryRate::OnSent(TimePoint now, std::uint64_t bytes,
                                      std::uint64_t bytesInFlight) {
    if (bytesInFlight <= bytes) m_firstSentAt = m_deliveredAt = now;
    return {.delivered = m_delivered,
            .lost = m_lost,
            .deliveredAt = m_deliveredAt,
            .firstSentAt = m_firstSentAt,
            .inFlight = bytesInFlight,
            .appLimited = AppLimited()};
}

void DeliveryRate::OnAcked(TimePoint now, const DeliverySnapshot& packet, TimePoint sentAt,
                           std::uint64_t bytes) {
    m_delivered += bytes;
    m_deliveredAt = now;
    // Packets sent at one instant come in ascending order, so the last of them is the newest.
    if (m_newest && sentAt < m_newest->sentAt) return;
    m_newest = Newest{packet, sentAt};
}

void DeliveryRate::OnSpuriousLoss(TimePoint now, std::uint64_t bytes) {
    m_delivered += bytes;
    m_deliveredAt = now;
    m_lost -= std::min(bytes, m_lost);
}

void DeliveryRate::OnAppLimited(std::uint64_t bytesInFlight) {
    m_appLimitedUntil = std::max<std::uint64_t>(m_delivered + bytesInFlight, 1);
}

std::optional<RateSample> DeliveryRate::Take(TimePoint now, Duration minRtt) {
    if (m_delivered > m_appLimitedUntil) m_appLimitedUntil = 0;
    if (!m_newest) return std::nullopt;
    const Newest newest = *m_newest;
    m_newest.reset();
    const Duration sending = newest.sentAt - newest.packet.firstSentAt;
    const Duration acknowledging = now - newest.packet.deliveredAt;
    m_firstSentAt = std::max(m_firstSentAt, newest.sentAt);
    RateSample sample{.delivered = m_delivered - newest.packet.delivered,
                      .interval = std::max(sending, acknowledging),
                      .priorDelivered = newest.packet.delivered,
                      .lost = m_lost - std::min(newest.packet.lost, m_lost),
                      .inFlightAtSend = newest.packet.inFlight,
                      .totalDelivered = m_delivered,
                      .rtt = now - newest.sentAt,
                      .appLimited = newest.packet.appLimited};
    if (sample.interval >= minRtt && sample.interval > Duration{}) {
        sample.rate = RateOf(sample.delivered, sample.interval);
    }
    return sample;
}

}  // namespace crsp
