// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace crsp {

/// Half-open interval [begin, end) of packet numbers or stream offsets.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    std::uint64_t Length() const { return end - begin; }
    bool Empty() const { return begin >= end; }
    bool operator==(const Range&) const = default;
};

/// Set of 64-bit integers kept as ascending, disjoint, non-adjacent ranges.
///
/// A sorted vector with room at its front: in transport use it holds few ranges, or hundreds on a
/// lossy path, and changes near one of its ends; a change moves what lies on its shorter side. Its
/// capacity is kept, so steady state allocates nothing. Callers that hold peer-controlled values
/// bound Count() themselves.
class RangeSet {
  public:
    /// Adds [range.begin, range.end), merging with what it touches. Empty ranges are ignored.
    void Add(Range range);
    /// Removes [range.begin, range.end) wherever present.
    void Remove(Range range);
    /// Drops the lowest range, as when an ACK list is cut to its limit. Must not be empty.
    void PopFront();
    /// Makes room for `count` ranges, so that up to so many need no allocation.
    void Reserve(std::size_t count) { m_ranges.reserve(count); }
    void Clear();

    bool Contains(std::uint64_t value) const;
    /// True if every value of `range` is present.
    bool ContainsAll(Range range) const;
    /// The part of `range` that is not in the set and begins first, if any.
    std::optional<Range> FirstGap(Range range) const;

    bool Empty() const { return Count() == 0; }
    std::size_t Count() const { return m_ranges.size() - m_head; }
    std::span<const Range> Ranges() const { return std::span(m_ranges).subspan(m_head); }
    const Range& Front() const { return m_ranges[m_head]; }
    const Range& Back() const { return m_ranges.back(); }
    /// How many integers the set holds.
    std::uint64_t TotalLength() const;

  private:
    using Iterator = std::vector<Range>::iterator;
    using ConstIterator = std::vector<Range>::const_iterator;

    Iterator Begin() { return m_ranges.begin() + static_cast<std::ptrdiff_t>(m_head); }
    ConstIterator Begin() const { return m_ranges.begin() + static_cast<std::ptrdiff_t>(m_head); }
    /// The first range that ends beyond `value`.
    ConstIterator EndingAfter(std::uint64_t value) const;
    void Insert(Iterator at, Range range);
    void Erase(Iterator first, Iterator last);
    void MakeRoom();

    std::vector<Range> m_ranges;
    std::size_t m_head = 0;  ///< elements of m_ranges before the first range
};

}  // namespace crsp
