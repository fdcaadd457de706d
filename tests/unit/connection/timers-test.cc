// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/timers.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

constexpr TimePoint At(int ms) {
    return TimePoint{} + milliseconds(ms);
}

TEST(Timers, NextIsTheEarliestOfThoseThatRun) {
    Timers timers;
    EXPECT_FALSE(timers.Next());
    timers.Set(Timer::kIdle, At(30));
    timers.Set(Timer::kPacing, At(10));
    timers.Set(Timer::kKeepAlive, At(20));
    EXPECT_EQ(timers.Next(), At(10));
    timers.Stop(Timer::kPacing);
    EXPECT_EQ(timers.Next(), At(20));
    timers.Set(Timer::kKeepAlive, std::nullopt);
    EXPECT_EQ(timers.Next(), At(30));
    timers.StopAll();
    EXPECT_FALSE(timers.Next());
}

TEST(Timers, ExpiresOnceAndNotBeforeItsTime) {
    Timers timers;
    timers.Set(Timer::kIdle, At(10));
    EXPECT_FALSE(timers.Expire(Timer::kIdle, At(9)));
    EXPECT_TRUE(timers.IsSet(Timer::kIdle));
    EXPECT_TRUE(timers.Expire(Timer::kIdle, At(10)));
    EXPECT_FALSE(timers.IsSet(Timer::kIdle));
    EXPECT_FALSE(timers.Expire(Timer::kIdle, At(11)));
    EXPECT_FALSE(timers.Next());
}

TEST(Timers, SettingAgainMovesTheDeadline) {
    Timers timers;
    timers.Set(Timer::kHandshake, At(10));
    timers.Set(Timer::kHandshake, At(50));
    EXPECT_FALSE(timers.Expire(Timer::kHandshake, At(10)));
    EXPECT_EQ(timers.Next(), At(50));
}

TEST(Timers, EachTimerHasItsOwnDeadline) {
    Timers timers;
    for (std::size_t i = 0; i < kTimerCount; ++i) {
        timers.Set(static_cast<Timer>(i), At(static_cast<int>(i)));
    }
    for (std::size_t i = 0; i < kTimerCount; ++i) {
        EXPECT_EQ(timers.Next(), At(static_cast<int>(i)));
        EXPECT_TRUE(timers.Expire(static_cast<Timer>(i), At(static_cast<int>(i))));
    }
}

}  // namespace
}  // namespace crsp
