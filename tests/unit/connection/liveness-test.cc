// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/liveness.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

constexpr TimePoint At(int s) {
    return TimePoint{} + seconds(s);
}
constexpr Duration kShortPto = milliseconds(100);

TEST(Liveness, IdleTimeoutStartsAnewWithEachPacketReceived) {
    Liveness liveness(At(0), seconds(10), Duration{});
    EXPECT_EQ(liveness.IdleDeadline(kShortPto), At(10));
    liveness.OnPacketReceived(At(4));
    EXPECT_EQ(liveness.IdleDeadline(kShortPto), At(14));
}

// RFC 9000 §10.1: otherwise a sender would keep a dead connection for ever.
TEST(Liveness, OnlyTheFirstPacketSentAfterOneReceivedRestartsTheIdleTimeout) {
    Liveness liveness(At(0), seconds(10), Duration{});
    liveness.OnPacketReceived(At(1));
    liveness.OnAckElicitingSent(At(3));
    EXPECT_EQ(liveness.IdleDeadline(kShortPto), At(13));
    liveness.OnAckElicitingSent(At(5));
    EXPECT_EQ(liveness.IdleDeadline(kShortPto), At(13));
    liveness.OnPacketReceived(At(6));
    liveness.OnAckElicitingSent(At(7));
    EXPECT_EQ(liveness.IdleDeadline(kShortPto), At(17));
}

TEST(Liveness, IdleTimeoutLeavesRoomForThreeProbes) {
    const Liveness liveness(At(0), seconds(1), Duration{});
    EXPECT_EQ(liveness.IdleDeadline(seconds(2)), At(6));
}

TEST(Liveness, ZeroMeansNever) {
    const Liveness liveness(At(0), Duration{}, Duration{});
    EXPECT_FALSE(liveness.IdleDeadline(kShortPto));
    EXPECT_FALSE(liveness.KeepAliveDeadline());
}

TEST(Liveness, KeepAliveCountsFromTheLastPacketReceived) {
    Liveness liveness(At(0), seconds(10), seconds(3));
    EXPECT_EQ(liveness.KeepAliveDeadline(), At(3));
    liveness.OnAckElicitingSent(At(1));
    EXPECT_EQ(liveness.KeepAliveDeadline(), At(3));
    liveness.OnPacketReceived(At(2));
    EXPECT_EQ(liveness.KeepAliveDeadline(), At(5));
}

TEST(Liveness, OnePingForEachSilence) {
    Liveness liveness(At(0), seconds(10), seconds(3));
    liveness.OnKeepAlive();
    EXPECT_FALSE(liveness.KeepAliveDeadline());
    liveness.OnPacketReceived(At(4));
    EXPECT_EQ(liveness.KeepAliveDeadline(), At(7));
}

}  // namespace
}  // namespace crsp
