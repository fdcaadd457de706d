// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/windowed-max.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "model/base/random.h"

namespace crsp {
namespace {

constexpr std::uint64_t kWindow = 10;

TEST(WindowedMax, IsZeroBeforeTheFirstSampleAndThenTheLargest) {
    WindowedMax max;
    EXPECT_EQ(max.Get(), 0u);
    max.Update(5, 0, kWindow);
    max.Update(9, 1, kWindow);
    max.Update(3, 2, kWindow);
    EXPECT_EQ(max.Get(), 9u);
}

TEST(WindowedMax, ForgetsASampleOnceTheWindowHasPassed) {
    WindowedMax max;
    max.Update(9, 0, kWindow);
    for (std::uint64_t time = 1; time <= kWindow; ++time) max.Update(5, time, kWindow);
    EXPECT_EQ(max.Get(), 9u);
    max.Update(5, kWindow + 1, kWindow);
    EXPECT_EQ(max.Get(), 5u);
}

TEST(WindowedMax, FallsBackToTheBestOfWhatCameLater) {
    WindowedMax max;
    max.Update(9, 0, kWindow);
    max.Update(7, 4, kWindow);
    max.Update(2, 8, kWindow);
    max.Update(1, 11, kWindow);
    EXPECT_EQ(max.Get(), 7u);
    max.Update(1, 15, kWindow);
    EXPECT_EQ(max.Get(), 2u);
}

TEST(WindowedMax, ALongPauseForgetsEverything) {
    WindowedMax max;
    max.Update(9, 0, kWindow);
    max.Update(4, 100, kWindow);
    EXPECT_EQ(max.Get(), 4u);
}

TEST(WindowedMax, NeverBelowTheRecentQuarterNorAboveTheWindow) {
    WindowedMax max;
    Random random(1);
    std::deque<std::uint64_t> seen;  // newest first
    for (std::uint64_t time = 0; time < 2000; ++time) {
        const std::uint64_t value = random.Below(1000);
        max.Update(value, time, kWindow);
        seen.push_front(value);
        if (seen.size() > kWindow + 1) seen.pop_back();
        ASSERT_LE(max.Get(), *std::max_element(seen.begin(), seen.end())) << time;
        const auto quarter = std::min<std::size_t>(seen.size(), kWindow / 4);
        ASSERT_GE(max.Get(),
                  *std::max_element(seen.begin(), seen.begin() + static_cast<long>(quarter)))
            << time;
    }
}

}  // namespace
}  // namespace crsp
