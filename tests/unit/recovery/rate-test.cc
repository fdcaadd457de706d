// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/rate.h"

#include <gtest/gtest.h>

#include <limits>

namespace crsp {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Rate, MulDivKeepsWhatOverflowsInBetweenAndSaturates) {
    EXPECT_EQ(MulDiv(7, 3, 2), 10u) << "rounds down";
    EXPECT_EQ(MulDiv(kMax, 50, 100), kMax / 2);
    EXPECT_EQ(MulDiv(kMax, 3, 2), kMax);
}

TEST(Rate, RateBytesAndTimeAreInverse) {
    EXPECT_EQ(RateOf(125'000, milliseconds(100)), 1'250'000u);
    EXPECT_EQ(BytesIn(1'250'000, milliseconds(100)), 125'000u);
    EXPECT_EQ(TimeFor(125'000, 1'250'000), Duration{milliseconds(100)});
}

TEST(Rate, RateOfManyBytesInANanosecondSaturates) {
    EXPECT_EQ(RateOf(kMax / 2, nanoseconds(1)), kMax);
}

TEST(Rate, SquareRootIsTheWholePart) {
    EXPECT_EQ(SquareRoot(0), 0u);
    EXPECT_EQ(SquareRoot(15), 3u);
    EXPECT_EQ(SquareRoot(16), 4u);
    EXPECT_EQ(SquareRoot(kMax), 0xffff'ffffu);
}

TEST(Rate, PercentMayExceedAHundred) {
    EXPECT_EQ(Percent(1000, 277), 2770u);
    EXPECT_EQ(Percent(kMax, 200), kMax);
}

}  // namespace
}  // namespace crsp
