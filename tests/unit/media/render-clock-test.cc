// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/render-clock.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

const TimePoint kStart{seconds(100)};

TEST(RenderClock, FollowsTheRateFromTheAnchor) {
    RenderClock clock(1000);
    clock.Anchor(kStart, 500);
    EXPECT_EQ(clock.DueAt(500), kStart);
    EXPECT_EQ(clock.DueAt(501), kStart + milliseconds(1));
    EXPECT_EQ(clock.DueAt(3000), kStart + milliseconds(2500));
}

TEST(RenderClock, WithoutARateEverythingIsDueAtOnce) {
    RenderClock clock(0);
    EXPECT_FALSE(clock.Paced());
    clock.Anchor(kStart, 0);
    EXPECT_EQ(clock.DueAt(1'000'000'000'000u), kStart);
}

TEST(RenderClock, HoldsForTheLargestPositions) {
    RenderClock clock(1);
    clock.Anchor(kStart, 0);
    EXPECT_EQ(clock.DueAt(1'000'000), kStart + seconds(1'000'000));
    EXPECT_EQ(clock.DueAt(~std::uint64_t{0}), kStart + seconds(1'000'000'000));
    RenderClock fast(~std::uint64_t{0});
    fast.Anchor(kStart, 0);
    EXPECT_LE(fast.DueAt(~std::uint64_t{0} - 1), kStart + seconds(1));
}

}  // namespace
}  // namespace crsp
