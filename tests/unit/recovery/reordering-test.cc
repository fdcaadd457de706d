// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/reordering.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

constexpr Duration kRtt = milliseconds(100);

TEST(Reordering, APathThatKeepsTheOrderHasTheThresholdsOfTheRfc) {
    Reordering order;
    order.OnInOrder(At(0));
    EXPECT_EQ(order.PacketThreshold(), kPacketThreshold);
    EXPECT_EQ(order.Window(kRtt), Duration{});
}

TEST(Reordering, WhatWasSeenOfLateIsWaitedForAndSomeMore) {
    Reordering order;
    order.OnLate(At(0), 20, milliseconds(8));
    order.OnLate(At(1), 5, milliseconds(2));
    EXPECT_EQ(order.PacketThreshold(), 21u);
    EXPECT_EQ(order.Window(kRtt), Duration{milliseconds(9)});
}

TEST(Reordering, ASmallDistanceLeavesTheThresholdOfTheRfc) {
    Reordering order;
    order.OnLate(At(0), 1, -milliseconds(3));
    EXPECT_EQ(order.PacketThreshold(), kPacketThreshold);
    EXPECT_EQ(order.Window(kRtt), Duration{});
}

TEST(Reordering, APeerCannotMakeUsWaitLongerThanHalfARoundTrip) {
    Reordering order;
    order.OnLate(At(0), 1'000'000, seconds(100));
    EXPECT_EQ(order.Window(kRtt), kRtt / 2);
}

TEST(Reordering, IsForgottenAfterSomeTimeInOrder) {
    Reordering order;
    order.OnLate(At(0), 20, milliseconds(8));
    for (int second = 1; second < 10; ++second) order.OnInOrder(At(second * 1000));
    EXPECT_EQ(order.PacketThreshold(), 21u);
    for (int second = 10; second < 25; ++second) order.OnInOrder(At(second * 1000));
    EXPECT_EQ(order.PacketThreshold(), kPacketThreshold);
    EXPECT_EQ(order.Window(kRtt), Duration{});
}

}  // namespace
}  // namespace crsp
