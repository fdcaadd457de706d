// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/range-set.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {
namespace {

/// Room from the first range on: a path that loses some packets never needs more.
constexpr std::size_t kFirstCapacity = 32;
/// The space in front is reclaimed rather than the vector grown when it is this part of the whole.
constexpr std::size_t kWorthMoving = 4;

}  // namespace

void RangeSet::Add(Range range) {
    if (range.Empty()) return;
    if (Empty() || Back().end < range.begin) {
        MakeRoom();
        m_ranges.push_back(range);
        return;
    }
    // The first range that `range` may merge with; most adds touch the last.
    auto first = std::prev(m_ranges.end());
    if (range.begin < first->begin) {
        first = std::lower_bound(Begin(), m_ranges.end(), range.begin,
                                 [](const Range& r, std::uint64_t v) { return r.end < v; });
    }
    auto last = first;
    while (last != m_ranges.end() && last->begin <= range.end) {
        range.begin = std::min(range.begin, last->begin);
        range.end = std::max(range.end, last->end);
        ++last;
    }
    if (first == last) return Insert(first, range);
    *first = range;
    Erase(std::next(first), last);
}

void RangeSet::Remove(Range range) {
    if (range.Empty()) return;
    auto it = Begin() + (EndingAfter(range.begin) - Begin());
    if (it == m_ranges.end() || it->begin >= range.end) return;
    if (it->begin < range.begin && it->end > range.end) {
        const Range head{it->begin, range.begin};
        it->begin = range.end;
        return Insert(it, head);
    }
    if (it->begin < range.begin) {
        it->end = range.begin;
        ++it;
    }
    auto last = it;
    while (last != m_ranges.end() && last->end <= range.end) ++last;
    if (last != m_ranges.end()) last->begin = std::max(last->begin, range.end);
    Erase(it, last);
}

void RangeSet::PopFront() {
    CRSP_ASSERT(!Empty());
    Erase(Begin(), std::next(Begin()));
}

void RangeSet::Clear() {
    m_ranges.clear();
    m_head = 0;
}

void RangeSet::Insert(Iterator at, Range range) {
    if (m_head > 0 && at - Begin() < m_ranges.end() - at) {
        std::move(Begin(), at, std::prev(Begin()));
        --m_head;
        *std::prev(at) = range;
        return;
    }
    const auto index = at - Begin();
    MakeRoom();
    m_ranges.insert(Begin() + index, range);
}

void RangeSet::Erase(Iterator first, Iterator last) {
    if (first - Begin() < m_ranges.end() - last) {
        std::move_backward(Begin(), first, last);
        m_head += static_cast<std::size_t>(last - first);
        return;
    }
    m_ranges.erase(first, last);
    if (Empty()) Clear();
}

/// Moves everything to the front when the space there is worth it and the end is reached.
void RangeSet::MakeRoom() {
    if (m_ranges.capacity() == 0) m_ranges.reserve(kFirstCapacity);
    if (m_ranges.size() < m_ranges.capacity() || m_head < m_ranges.size() / kWorthMoving) return;
    m_ranges.erase(m_ranges.begin(), Begin());
    m_head = 0;
}

RangeSet::ConstIterator RangeSet::EndingAfter(std::uint64_t value) const {
    return std::upper_bound(Begin(), m_ranges.end(), value,
                            [](std::uint64_t v, const Range& r) { return v < r.end; });
}

bool RangeSet::Contains(std::uint64_t value) const {
    return ContainsAll({value, value + 1});
}

bool RangeSet::ContainsAll(Range range) const {
    return !FirstGap(range).has_value();
}

std::optional<Range> RangeSet::FirstGap(Range range) const {
    auto it = EndingAfter(range.begin);
    if (it != m_ranges.end() && it->begin <= range.begin) {
        range.begin = it->end;
        ++it;
    }
    if (it != m_ranges.end()) range.end = std::min(range.end, it->begin);
    if (range.Empty()) return std::nullopt;
    return range;
}

std::uint64_t RangeSet::TotalLength() const {
    std::uint64_t total = 0;
    for (const auto& range : Ranges()) total += range.Length();
    return total;
}

}  // namespace crsp
