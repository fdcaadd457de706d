// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/stream-scheduler.h"

#include <algorithm>
#include <iterator>

namespace crsp {

void StreamQueue::Rotate() {
    std::rotate(m_ids.begin(), std::next(m_ids.begin()), m_ids.end());
}

void StreamQueue::Set(StreamId id, bool wanted, bool& member) {
    if (wanted == member) return;
    member = wanted;
    if (wanted) {
        m_ids.push_back(id);
    } else {
        m_ids.erase(std::find(m_ids.begin(), m_ids.end(), id));
    }
}

void UrgencyQueues::Set(StreamId id, Urgency urgency, bool wanted, bool& member) {
    if (wanted == member) return;
    m_levels[urgency].Set(id, wanted, member);
    wanted ? ++m_waiting : --m_waiting;
}

void StreamScheduler::Update(Stream& stream) {
    const bool control = (stream.send && stream.send->HasControl()) ||
                         (stream.receive && stream.receive->HasControl());
    const bool repeat = stream.send && stream.send->HasRepeat();
    const bool newData = stream.send && stream.send->HasNew();
    m_control.Set(stream.id, control, stream.queuedControl);
    if (stream.id == kControlStream) {
        m_controlStreamReady = repeat || newData;
        return;
    }
    m_repeats.Set(stream.id, stream.urgency, repeat, stream.queuedRepeat);
    m_newData.Set(stream.id, stream.urgency, newData, stream.queuedNew);
}

void StreamScheduler::Forget(Stream& stream) {
    m_control.Set(stream.id, false, stream.queuedControl);
    m_repeats.Set(stream.id, stream.urgency, false, stream.queuedRepeat);
    m_newData.Set(stream.id, stream.urgency, false, stream.queuedNew);
    if (stream.id == kControlStream) m_controlStreamReady = false;
}

}  // namespace crsp
