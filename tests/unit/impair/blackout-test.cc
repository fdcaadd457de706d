// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/blackout.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

using namespace std::chrono_literals;

TEST(Blackout, NoneByDefault) {
    EXPECT_FALSE(InBlackout({}, 0s));
    EXPECT_FALSE(InBlackout({}, 1000s));
}

TEST(Blackout, IntervalsAreHalfOpen) {
    const BlackoutConfig config{.intervals = {{1s, 2s}, {2s, 3s}, {5s, 6s}}, .on = 0s, .off = 0s};
    EXPECT_FALSE(InBlackout(config, 1s - 1ns));
    EXPECT_TRUE(InBlackout(config, 1s));
    EXPECT_TRUE(InBlackout(config, 2s - 1ns));
    EXPECT_TRUE(InBlackout(config, 2s));
    EXPECT_FALSE(InBlackout(config, 3s));
    EXPECT_FALSE(InBlackout(config, 5s - 1ns));
    EXPECT_TRUE(InBlackout(config, 5s));
    EXPECT_FALSE(InBlackout(config, 6s));
}

TEST(Blackout, PeriodBeginsWithTheLinkOn) {
    const BlackoutConfig config{.intervals = {}, .on = 5s, .off = 2s};
    for (const auto cycle : {0s, 7s, 700s}) {
        EXPECT_FALSE(InBlackout(config, cycle));
        EXPECT_FALSE(InBlackout(config, cycle + 5s - 1ns));
        EXPECT_TRUE(InBlackout(config, cycle + 5s));
        EXPECT_TRUE(InBlackout(config, cycle + 7s - 1ns));
    }
}

}  // namespace
}  // namespace crsp
