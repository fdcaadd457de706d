// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/range-set.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {
namespace {

/// Room from the first range on: a path that loses some packets never needs more.
constexpr std::size_t kFirstCapacity = 32;

}  // namespace

void RangeSet::Add(Range range) {
    if (range.Empty()) return;
    if (m_ranges.capacity() == 0) m_ranges.reserve(kFirstCapacity);
    // The first range that `range` may merge with, found from the back: most adds are there.
    auto first = m_ranges.end();
    while (first != m_ranges.begin() && std::prev(first)->end >= range.begin) --first;
    auto last = first;
    while (last != m_ranges.end() && last->begin <= range.end) {
        range.begin = std::min(range.begin, last->begin);
        range.end = std::max(range.end, last->end);
        ++last;
    }
    if (first == last) {
        m_ranges.insert(first, range);
        return;
    }
    *first = range;
    m_ranges.erase(std::next(first), last);
}

void RangeSet::Remove(Range range) {
    if (range.Empty()) return;
    auto it = std::upper_bound(m_ranges.begin(), m_ranges.end(), range.begin,
                               [](std::uint64_t v, const Range& r) { return v < r.end; });
    while (it != m_ranges.end() && it->begin < range.end) {
        const Range tail{std::max(range.end, it->begin), it->end};
        it->end = std::max(it->begin, range.begin);
        const bool headEmpty = it->Empty();
        if (headEmpty && tail.Empty()) {
            it = m_ranges.erase(it);
        } else if (headEmpty) {
            *it++ = tail;
        } else if (tail.Empty()) {
            ++it;
        } else {
            m_ranges.insert(std::next(it), tail);
            return;
        }
    }
}

void RangeSet::PopFront() {
    CRSP_ASSERT(!m_ranges.empty());
    m_ranges.erase(m_ranges.begin());
}

bool RangeSet::Contains(std::uint64_t value) const {
    return ContainsAll({value, value + 1});
}

bool RangeSet::ContainsAll(Range range) const {
    return !FirstGap(range).has_value();
}

std::optional<Range> RangeSet::FirstGap(Range range) const {
    auto it = std::upper_bound(m_ranges.begin(), m_ranges.end(), range.begin,
                               [](std::uint64_t v, const Range& r) { return v < r.end; });
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
    for (const auto& range : m_ranges) total += range.Length();
    return total;
}

}  // namespace crsp
