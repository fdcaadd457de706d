// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/send-buffer.h"

#include <algorithm>

#include "model/base/assert.h"
#include "model/base/planted.h"

namespace crsp {
namespace {

/// A writer that was cut short is woken when this part of the limit is free, so that it does not
/// come back for each acknowledged packet.
constexpr std::size_t kWakePart = 8;

}  // namespace

std::size_t SendBuffer::Write(ConstByteSpan data) {
    CRSP_ASSERT(!m_finished);
    const std::size_t taken = std::min(data.size(), Free());
    m_ring.Reserve({m_front, m_end}, {m_front, m_end + taken});
    m_ring.Put(m_end, data.first(taken));
    m_end += taken;
    if (taken < data.size()) m_cutShort = true;
    return taken;
}

void SendBuffer::Finish() {
    m_finished = true;
    m_finDue = true;
    m_cutShort = false;
}

std::optional<SendChunk> SendBuffer::NextRepeat() const {
    if (!HasRepeat()) return std::nullopt;
    const Range range = m_lost.Empty() ? Range{m_end, m_end} : m_lost.Front();
    return SendChunk{range, m_finDue && range.end == m_end, true};
}

std::optional<SendChunk> SendBuffer::NextNew(std::uint64_t credit) const {
    const Range range{m_next, m_next + std::min(credit, m_end - m_next)};
    if (range.Empty()) return std::nullopt;
    return SendChunk{range, m_finDue && range.end == m_end, false};
}

void SendBuffer::OnSent(Range range, bool fin) {
    if (range.begin == m_next) {
        CRSP_ASSERT(range.end <= m_end);
        m_next = range.end;
    } else {
        m_lost.Remove(range);
    }
    if (!fin) return;
    m_finDue = false;
    m_finSent = true;
}

void SendBuffer::OnAcked(Range range, bool fin) {
    CRSP_ASSERT(range.end <= m_next);
    if (fin) {
        m_finAcked = true;
        m_finDue = false;
    }
    AddAcked(range);
}

void SendBuffer::AddAcked(Range range) {
    m_lost.Remove(range);
    range.begin = std::max(range.begin, m_front);
    m_acked.Add(range);
    if (m_acked.Empty() || m_acked.Front().begin > m_front) return;
    m_front = m_acked.Front().end;
    m_acked.PopFront();
}

void SendBuffer::OnLost(Range range, bool fin) {
    if (fin && !m_finAcked && !CRSP_PLANTED(kLostEndNotRepeated)) m_finDue = true;
    range.begin = std::max(range.begin, m_front);
    while (const auto gap = m_acked.FirstGap(range)) {
        m_lost.Add(*gap);
        range.begin = gap->end;
    }
}

bool SendBuffer::Acked(Range range) const {
    range.begin = std::max(range.begin, m_front);
    return range.Empty() || m_acked.ContainsAll(range);
}

void SendBuffer::GiveUp(Range range) {
    AddAcked({range.begin, std::min(range.end, m_next)});
}

void SendBuffer::SkipNew(std::uint64_t count) {
    CRSP_ASSERT(count <= m_end - m_next);
    const Range range{m_next, m_next + count};
    m_next = range.end;
    AddAcked(range);
}

void SendBuffer::Abandon() {
    m_ring.Release();
    m_acked = {};
    m_lost = {};
    m_front = m_end = m_next;
    m_finDue = m_cutShort = false;
}

void SendBuffer::Rest() {
    m_ring.Shrink({m_front, m_end});
    if (m_acked.Empty()) m_acked = {};
    if (m_lost.Empty()) m_lost = {};
}

bool SendBuffer::TakeWritable() {
    if (!m_cutShort || Free() < std::max<std::size_t>(m_limit / kWakePart, 1)) return false;
    m_cutShort = false;
    return true;
}

}  // namespace crsp
