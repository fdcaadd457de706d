// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/spurious-loss.h"

#include <algorithm>

namespace crsp {

void SpuriousLossDetector::OnLost(const LossEvent& event) {
    if (event.persistentCongestion) {
        m_beganAt.reset();
        return;
    }
    if (!m_beganAt || event.lastSentAt > *m_beganAt) {
        m_beganAt = event.now;
        m_first = event.packets.front()->number;
        m_stillLost = 0;
    }
    m_stillLost += static_cast<std::uint64_t>(
        std::count_if(event.packets.begin(), event.packets.end(),
                      [](const SentPacket* packet) { return packet->inFlight; }));
}

std::optional<SpuriousLossEvent> SpuriousLossDetector::OnSpurious(TimePoint now,
                                                                  SentPacketRefs packets) {
    if (!m_beganAt) return std::nullopt;
    const auto ofThisEvent = std::count_if(
        packets.begin(), packets.end(),
        [&](const SentPacket* packet) { return packet->inFlight && packet->number >= m_first; });
    if (ofThisEvent == 0) return std::nullopt;
    m_stillLost -= static_cast<std::uint64_t>(ofThisEvent);
    if (m_stillLost > 0) return std::nullopt;
    const SpuriousLossEvent event{.now = now, .beganAt = *m_beganAt};
    m_beganAt.reset();
    return event;
}

}  // namespace crsp
