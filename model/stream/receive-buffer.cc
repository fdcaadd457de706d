// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/receive-buffer.h"

#include <algorithm>

namespace crsp {

bool ReceiveBuffer::Refuses(Range range) const {
    if (m_arrived.Count() < kMaxReceiveGaps) return false;
    if (range.Empty() || range.begin <= InOrderEnd()) return false;
    const auto held = m_arrived.Ranges();
    const auto next = std::lower_bound(held.begin(), held.end(), range.begin,
                                       [](const Range& r, std::uint64_t v) { return r.end < v; });
    const bool extends = next != held.end() && next->begin <= range.end;
    return !extends;
}

std::size_t ReceiveBuffer::Insert(std::uint64_t offset, ConstByteSpan data) {
    Range range{std::max(offset, m_readOffset), offset + data.size()};
    if (range.Empty()) return 0;
    const std::uint64_t heldEnd = ArrivedEnd();
    m_ring.Reserve({m_readOffset, heldEnd}, {m_readOffset, std::max(heldEnd, range.end)});
    std::size_t stored = 0;
    Range rest = range;
    while (const auto gap = m_arrived.FirstGap(rest)) {
        const auto length = static_cast<std::size_t>(gap->Length());
        m_ring.Put(gap->begin, data.subspan(static_cast<std::size_t>(gap->begin - offset), length));
        stored += length;
        rest.begin = gap->end;
    }
    m_arrived.Add(range);
    return stored;
}

bool ReceiveBuffer::RefusesSkip(Range range) const {
    const bool full = m_skipped.Count() >= kMaxReceiveGaps && range.begin > m_readOffset;
    return full || Refuses(range);
}

void ReceiveBuffer::Skip(Range range) {
    range.begin = std::max(range.begin, m_readOffset);
    if (range.Empty() || m_arrived.ContainsAll(range)) return;
    const std::uint64_t heldEnd = ArrivedEnd();
    m_ring.Reserve({m_readOffset, heldEnd}, {m_readOffset, std::max(heldEnd, range.end)});
    m_arrived.Add(range);
    m_skipped.Add(range);
}

Range ReceiveBuffer::PassSkipped() {
    if (m_skipped.Empty() || m_skipped.Front().begin != m_readOffset) return {};
    const Range range = m_skipped.Front();
    m_skipped.PopFront();
    m_arrived.Remove(range);
    m_readOffset = range.end;
    return range;
}

std::size_t ReceiveBuffer::Read(ByteSpan out) {
    std::uint64_t readable = Readable();
    if (!m_skipped.Empty()) readable = std::min(readable, m_skipped.Front().begin - m_readOffset);
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(readable, out.size()));
    m_ring.Get(m_readOffset, out.first(length));
    m_arrived.Remove({m_readOffset, m_readOffset + length});
    m_readOffset += length;
    return length;
}

Range ReceiveBuffer::TakeSkipped() {
    if (m_skipped.Empty()) return {};
    const Range range = m_skipped.Front();
    m_skipped.PopFront();
    MarkTaken(range);
    return range;
}

Range ReceiveBuffer::Take(ByteSpan out) {
    for (const Range& arrived : m_arrived.Ranges()) {
        auto fresh = m_taken.FirstGap(arrived);
        if (!fresh) continue;
        fresh->end = std::min<std::uint64_t>(fresh->end, fresh->begin + out.size());
        m_ring.Get(fresh->begin, out.first(static_cast<std::size_t>(fresh->Length())));
        MarkTaken(*fresh);
        return *fresh;
    }
    return {};
}

void ReceiveBuffer::MarkTaken(Range range) {
    m_taken.Add(range);
    if (m_taken.Empty() || m_taken.Front().begin > m_readOffset) return;
    const Range front = m_taken.Front();
    m_taken.PopFront();
    m_arrived.Remove(front);
    m_readOffset = front.end;
}

bool ReceiveBuffer::HasUntaken() const {
    return !m_skipped.Empty() || m_arrived.TotalLength() > m_taken.TotalLength();
}

void ReceiveBuffer::Release() {
    m_ring.Release();
    m_arrived = {};
    m_taken = {};
    m_skipped = {};
}

std::uint64_t ReceiveBuffer::Readable() const {
    if (m_arrived.Empty() || m_arrived.Front().begin != m_readOffset) return 0;
    return m_arrived.Front().Length();
}

bool ReceiveBuffer::CompleteTo(std::uint64_t finalSize) const {
    return InOrderEnd() >= finalSize;
}

}  // namespace crsp
