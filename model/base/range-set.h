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
/// A sorted vector: in transport use it holds a few ranges and changes at one end, and its capacity
/// is kept, so steady state allocates nothing. Callers that hold peer-controlled values bound
/// Count() themselves.
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
    void Clear() { m_ranges.clear(); }

    bool Contains(std::uint64_t value) const;
    /// True if every value of `range` is present.
    bool ContainsAll(Range range) const;
    /// The part of `range` that is not in the set and begins first, if any.
    std::optional<Range> FirstGap(Range range) const;

    bool Empty() const { return m_ranges.empty(); }
    std::size_t Count() const { return m_ranges.size(); }
    std::span<const Range> Ranges() const { return m_ranges; }
    const Range& Front() const { return m_ranges.front(); }
    const Range& Back() const { return m_ranges.back(); }
    /// How many integers the set holds.
    std::uint64_t TotalLength() const;

  private:
    std::vector<Range> m_ranges;
};

}  // namespace crsp
