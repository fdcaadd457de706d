// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/timeline-sink.h"

namespace crsp {

Expected<void, MediaErrorCode> TimelineSink::Begin(TimePoint now, Generation generation,
                                                   const ContentInfo& info) {
    m_position = info.offset;
    Record({now, generation, m_position, TimelineRow::Kind::kBegin});
    return m_next.Begin(now, generation, info);
}

Expected<std::size_t, MediaErrorCode> TimelineSink::Render(TimePoint now, Generation generation,
                                                           std::uint64_t offset,
                                                           ConstByteSpan bytes) {
    const auto taken = m_next.Render(now, generation, offset, bytes);
    if (!taken || *taken == 0) return taken;
    m_position = offset + *taken;
    Record({now, generation, m_position, TimelineRow::Kind::kRender});
    return taken;
}

Expected<void, MediaErrorCode> TimelineSink::End(TimePoint now, Generation generation,
                                                 bool complete) {
    Record({now, generation, m_position, TimelineRow::Kind::kEnd});
    return m_next.End(now, generation, complete);
}

void TimelineSink::Record(TimelineRow row) {
    if (m_rows.size() >= m_maxRows) {
        ++m_dropped;
        return;
    }
    m_rows.push_back(row);
}

}  // namespace crsp
