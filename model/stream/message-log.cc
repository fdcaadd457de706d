// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/message-log.h"

#include <algorithm>

namespace crsp {

void MessageLog::Add(Range range, TimePoint deadline) {
    m_lastDeadline = std::max(m_lastDeadline, deadline);
    m_live.Push({range, m_lastDeadline});
}

std::optional<TimePoint> MessageLog::NextDeadline() {
    if (m_live.Empty()) return std::nullopt;
    return m_live.Front().deadline;
}

void MessageLog::OnAcked(const SendBuffer& buffer) {
    while (!m_live.Empty() && buffer.Acked(m_live.Front().range)) m_live.Pop();
}

std::uint64_t MessageLog::DropLate(TimePoint now, SendBuffer& buffer) {
    std::uint64_t dropped = 0;
    while (!m_live.Empty() && m_live.Front().deadline <= now) {
        const Range range = m_live.Pop().range;
        if (buffer.Acked(range)) continue;
        dropped += range.Length();
        AddLate(range, buffer.SentOffset());
        buffer.GiveUp(range);
    }
    return dropped;
}

void MessageLog::AddLate(Range range, std::uint64_t sentOffset) {
    m_lateEnd = range.end;
    // Of what was never sent nothing can have arrived, so that one frame tells all of it.
    const bool joins = !m_late.empty() && m_late.back().range.end == range.begin &&
                       m_late.back().range.begin >= sentOffset;
    if (joins) {
        m_late.back().range.end = range.end;
    } else {
        m_late.push_back({range, true});
    }
}

void MessageLog::OnSkipped(Range range) {
    if (range.Empty()) return;
    for (auto& late : m_late) {
        late.due |= late.range.begin < range.end && range.begin < late.range.end;
    }
}

bool MessageLog::HasSkip(std::uint64_t sentOffset) const {
    return std::any_of(m_late.begin(), m_late.end(),
                       [&](const Late& late) { return late.due && late.range.begin < sentOffset; });
}

bool MessageLog::WriteSkips(StreamId stream, std::uint64_t sentOffset, PacketBuilder& out) {
    for (auto& late : m_late) {
        if (!late.due || late.range.begin >= sentOffset) continue;
        const std::uint64_t end = std::min(late.range.end, sentOffset);
        if (!out.Write(DataSkippedFrame{stream, late.range.begin, end})) return false;
        late.due = false;
    }
    return true;
}

void MessageLog::OnFrameAcked(const SentDataSkipped& sent) {
    std::erase_if(m_late, [&](const Late& late) {
        return late.range.begin == sent.begin && late.range.end == sent.end;
    });
}

void MessageLog::OnFrameLost(const SentDataSkipped& sent) {
    for (auto& late : m_late) late.due |= late.range.begin == sent.begin;
}

void MessageLog::Clear() {
    m_late.clear();
    while (!m_live.Empty()) m_live.Pop();
}

}  // namespace crsp
