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
    const std::uint64_t heldEnd = m_arrived.Empty() ? m_readOffset : m_arrived.Back().end;
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

std::size_t ReceiveBuffer::Read(ByteSpan out) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(Readable(), out.size()));
    m_ring.Get(m_readOffset, out.first(length));
    m_arrived.Remove({m_readOffset, m_readOffset + length});
    m_readOffset += length;
    return length;
}

void ReceiveBuffer::Release() {
    m_ring.Release();
    m_arrived = {};
}

std::uint64_t ReceiveBuffer::Readable() const {
    if (m_arrived.Empty() || m_arrived.Front().begin != m_readOffset) return 0;
    return m_arrived.Front().Length();
}

bool ReceiveBuffer::CompleteTo(std::uint64_t finalSize) const {
    return InOrderEnd() >= finalSize;
}

}  // namespace crsp
