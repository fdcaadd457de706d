// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/message-log.h"

#include <algorithm>

namespace crsp {

void MessageLog::Add(Range range, TimePoint deadline) {
    m_lastDeadline = std::max(m_lastDeadline, deadline);
    m_live.Push({.range = range, .deadline = m_lastDeadline});
    m_allowance = std::min(m_allowance + 1, kMaxEarlyRepeatBurst * kMessagesPerEarlyRepeat);
}

std::optional<TimePoint> MessageLog::NextTimeout() const {
    if (m_live.Empty()) return std::nullopt;
    return std::min(m_live[0].deadline, m_nextRepeat);
}

/// The message that holds `offset`, or null if it is no longer of interest.
MessageLog::Message* MessageLog::Find(std::uint64_t offset) {
    std::size_t low = 0;
    std::size_t high = m_live.Size();
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (m_live[middle].range.end <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == m_live.Size() || m_live[low].range.begin > offset) return nullptr;
    return &m_live[low];
}

void MessageLog::OnSent(Range range, TimePoint ackDue) {
    // A chunk may span messages that wait for each other.
    while (Message* message = Find(range.begin)) {
        // Too late for a repeat: it would not go out.
        message->repeatAt = ackDue < message->deadline ? ackDue : TimePoint::max();
        m_nextRepeat = std::min(m_nextRepeat, message->repeatAt);
        range.begin = message->range.end;
        if (range.Empty()) return;
    }
}

bool MessageLog::MayRepeat(const Message& message, const SendBuffer& buffer) const {
    return message.repeats < kMaxEarlyRepeats && m_allowance >= kMessagesPerEarlyRepeat &&
           !buffer.Acked(message.range);
}

void MessageLog::RepeatOverdue(TimePoint now, SendBuffer& buffer) {
    if (now < m_nextRepeat) return;
    m_nextRepeat = TimePoint::max();
    for (std::size_t i = 0; i < m_live.Size(); ++i) {
        Message& message = m_live[i];
        if (message.repeatAt <= now) {
            message.repeatAt = TimePoint::max();
            if (!MayRepeat(message, buffer)) continue;
            ++message.repeats;
            m_allowance -= kMessagesPerEarlyRepeat;
            buffer.OnLost({message.range.begin, std::min(message.range.end, buffer.SentOffset())},
                          false);
        }
        m_nextRepeat = std::min(m_nextRepeat, message.repeatAt);
    }
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
