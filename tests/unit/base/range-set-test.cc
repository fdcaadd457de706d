// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/range-set.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "model/base/random.h"

namespace crsp {

void PrintTo(const Range& range, std::ostream* out) {
    *out << '[' << range.begin << ", " << range.end << ')';
}

namespace {

std::vector<Range> Ranges(const RangeSet& set) {
    return {set.Ranges().begin(), set.Ranges().end()};
}

RangeSet Of(std::initializer_list<Range> ranges) {
    RangeSet set;
    for (const Range& range : ranges) set.Add(range);
    return set;
}

TEST(RangeSet, StartsEmpty) {
    const RangeSet set;
    EXPECT_TRUE(set.Empty());
    EXPECT_EQ(set.TotalLength(), 0u);
    EXPECT_FALSE(set.Contains(0));
}

TEST(RangeSet, KeepsSeparateRangesInOrder) {
    const auto set = Of({{20, 30}, {0, 5}, {10, 12}});
    EXPECT_EQ(Ranges(set), (std::vector<Range>{{0, 5}, {10, 12}, {20, 30}}));
    EXPECT_EQ(set.Front(), (Range{0, 5}));
    EXPECT_EQ(set.Back(), (Range{20, 30}));
    EXPECT_EQ(set.TotalLength(), 17u);
}

TEST(RangeSet, MergesWhatTouchesOrOverlaps) {
    EXPECT_EQ(Ranges(Of({{0, 5}, {5, 9}})), (std::vector<Range>{{0, 9}}));
    EXPECT_EQ(Ranges(Of({{5, 9}, {0, 5}})), (std::vector<Range>{{0, 9}}));
    EXPECT_EQ(Ranges(Of({{0, 5}, {3, 4}})), (std::vector<Range>{{0, 5}}));
    EXPECT_EQ(Ranges(Of({{3, 4}, {0, 9}})), (std::vector<Range>{{0, 9}}));
    EXPECT_EQ(Ranges(Of({{0, 2}, {4, 6}, {8, 10}, {20, 21}, {2, 8}})),
              (std::vector<Range>{{0, 10}, {20, 21}}));
}

TEST(RangeSet, IgnoresEmptyRanges) {
    auto set = Of({{5, 5}, {9, 3}});
    EXPECT_TRUE(set.Empty());
    set.Add({0, 10});
    set.Remove({4, 4});
    set.Remove({8, 2});
    EXPECT_EQ(Ranges(set), (std::vector<Range>{{0, 10}}));
}

TEST(RangeSet, RemovesInsideAcrossAndWhole) {
    auto set = Of({{0, 10}, {20, 30}, {40, 50}});
    set.Remove({3, 5});
    EXPECT_EQ(Ranges(set), (std::vector<Range>{{0, 3}, {5, 10}, {20, 30}, {40, 50}}));
    set.Remove({8, 42});
    EXPECT_EQ(Ranges(set), (std::vector<Range>{{0, 3}, {5, 8}, {42, 50}}));
    set.Remove({3, 5});
    EXPECT_EQ(set.Count(), 3u);
    set.Remove({0, 100});
    EXPECT_TRUE(set.Empty());
}

TEST(RangeSet, PopFrontDropsTheLowest) {
    auto set = Of({{0, 1}, {2, 3}});
    set.PopFront();
    EXPECT_EQ(Ranges(set), (std::vector<Range>{{2, 3}}));
    set.Clear();
    EXPECT_TRUE(set.Empty());
}

TEST(RangeSetDeathTest, PopFrontOfNothingIsOurBug) {
    RangeSet set;
    EXPECT_DEATH(set.PopFront(), "Empty");
}

TEST(RangeSet, FindsTheFirstGap) {
    const auto set = Of({{2, 4}, {6, 8}});
    EXPECT_EQ(set.FirstGap({0, 10}), (Range{0, 2}));
    EXPECT_EQ(set.FirstGap({2, 10}), (Range{4, 6}));
    EXPECT_EQ(set.FirstGap({3, 5}), (Range{4, 5}));
    EXPECT_EQ(set.FirstGap({6, 20}), (Range{8, 20}));
    EXPECT_EQ(set.FirstGap({6, 8}), std::nullopt);
    EXPECT_EQ(set.FirstGap({5, 5}), std::nullopt);
}

TEST(RangeSet, ContainsTheLastNumberToo) {
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    const auto set = Of({{0, 1}, {kMax - 3, kMax}});
    EXPECT_TRUE(set.Contains(kMax - 1));
    EXPECT_TRUE(set.ContainsAll({kMax - 3, kMax}));
    EXPECT_FALSE(set.ContainsAll({kMax - 4, kMax}));
    EXPECT_TRUE(set.ContainsAll({7, 7})) << "nothing is missing of nothing";
}

std::set<std::uint64_t> Numbers(const RangeSet& set) {
    std::set<std::uint64_t> numbers;
    for (const Range& range : set.Ranges()) {
        for (auto n = range.begin; n < range.end; ++n) numbers.insert(n);
    }
    return numbers;
}

void ExpectCanonical(const RangeSet& set) {
    const auto ranges = set.Ranges();
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        ASSERT_FALSE(ranges[i].Empty());
        if (i == 0) continue;
        ASSERT_LT(ranges[i - 1].end, ranges[i].begin) << "disjoint and not adjacent";
    }
}

std::optional<Range> FirstGapOf(const std::set<std::uint64_t>& numbers, Range range) {
    while (!range.Empty() && numbers.contains(range.begin)) ++range.begin;
    if (range.Empty()) return std::nullopt;
    const auto next = numbers.lower_bound(range.begin);
    if (next != numbers.end()) range.end = std::min(range.end, *next);
    return range;
}

TEST(RangeSet, AgreesWithAStdSetOverRandomOperations) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        Random random(seed);
        RangeSet set;
        std::set<std::uint64_t> model;
        const bool popping = seed % 2 == 1;
        for (int step = 0; step < 400; ++step) {
            const std::uint64_t begin = random.Below(120);
            const Range range{begin, begin + random.Below(12)};
            if (random.Chance(0.6)) {
                set.Add(range);
                for (auto n = range.begin; n < range.end; ++n) model.insert(n);
            } else {
                set.Remove(range);
                for (auto n = range.begin; n < range.end; ++n) model.erase(n);
            }
            if (popping && !model.empty() && random.Chance(0.3)) {
                for (auto n = set.Front().begin; n < set.Front().end; ++n) model.erase(n);
                set.PopFront();
            }
            ASSERT_NO_FATAL_FAILURE(ExpectCanonical(set)) << "seed " << seed << " step " << step;
            ASSERT_EQ(Numbers(set), model) << "seed " << seed << " step " << step;
            ASSERT_EQ(set.TotalLength(), model.size());
            const std::uint64_t at = random.Below(130);
            const Range probe{at, at + random.Below(20)};
            ASSERT_EQ(set.Contains(at), model.contains(at));
            ASSERT_EQ(set.FirstGap(probe), FirstGapOf(model, probe)) << "seed " << seed;
        }
    }
}

/// What an ACK list does on a lossy path: ranges come at the back and go at the front.
TEST(RangeSet, SlidesForever) {
    RangeSet set;
    constexpr std::uint64_t kHeld = 100;
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        set.Add({2 * i, 2 * i + 1});
        if (set.Count() > kHeld) set.PopFront();
        ASSERT_EQ(set.Front().begin, i < kHeld ? 0 : 2 * (i + 1 - kHeld));
    }
    EXPECT_EQ(set.Count(), kHeld);
    EXPECT_EQ(set.Back(), (Range{199'998, 199'999}));
}

}  // namespace
}  // namespace crsp
