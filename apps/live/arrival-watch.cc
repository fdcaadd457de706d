// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/arrival-watch.h"

namespace crsp {

std::optional<TimePoint> ArrivalWatch::LastFrom(const SocketAddress& address) const {
    for (const auto& watched : m_watched) {
        if (watched.address == address) return watched.last;
    }
    return std::nullopt;
}

void ArrivalWatch::OnInputDatagram(TimePoint now, const Datagram& datagram) {
    for (auto& watched : m_watched) {
        if (watched.address == datagram.source) watched.last = now;
    }
    if (m_next) m_next->OnInputDatagram(now, datagram);
}

void ArrivalWatch::OnInputAlarm(TimePoint now) {
    if (m_next) m_next->OnInputAlarm(now);
}

void ArrivalWatch::OnInputPump(TimePoint now) {
    if (m_next) m_next->OnInputPump(now);
}

void ArrivalWatch::OnOutput(TimePoint now, const Transmit& transmit, ConstByteSpan bytes) {
    if (m_next) m_next->OnOutput(now, transmit, bytes);
}

}  // namespace crsp
