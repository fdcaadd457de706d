// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/stream-events.h"

namespace crsp {

std::optional<StreamEvent> StreamEventQueue::Poll() {
    if (m_head == m_events.size()) return std::nullopt;
    const StreamEvent event = m_events[m_head++];
    if (m_head == m_events.size()) {
        m_events.clear();
        m_head = 0;
    }
    return event;
}

}  // namespace crsp
