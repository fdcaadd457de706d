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

TEST(Liveness, B5_APeerThatIsHeardAndAcknowledgesNothingIsGivenUp) {
    Liveness liveness(At(0), seconds(10), Duration{});
    EXPECT_FALSE(liveness.HeardInVain(At(100), true)) << "counted from the first word";
    EXPECT_FALSE(liveness.HeardInVain(At(129), true));
    EXPECT_TRUE(liveness.HeardInVain(At(130), true));
    EXPECT_FALSE(liveness.HeardInVain(At(131), false)) << "it has acknowledged";
    EXPECT_FALSE(liveness.HeardInVain(At(200), true));
    Liveness patient(At(0), seconds(100), Duration{});
    EXPECT_FALSE(patient.HeardInVain(At(0), true));
    EXPECT_FALSE(patient.HeardInVain(At(99), true));
    EXPECT_TRUE(patient.HeardInVain(At(100), true));
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

constexpr TimePoint AtMs(int ms) {
    return TimePoint{} + milliseconds(ms);
}

/// Has heard data every `gap` from the start, a hundred times.
Liveness Flowing(Duration gap) {
    Liveness liveness(At(0), seconds(10), seconds(5));
    for (int i = 1; i <= 100; ++i) {
        liveness.OnPacketReceived(At(0) + i * gap);
        liveness.OnDataReceived(At(0) + i * gap);
    }
    return liveness;
}

// CRSP §8.3.
TEST(Liveness, APeerThatOwesNoDataIsNotAskedBeforeTheKeepAlive) {
    Liveness liveness(At(0), seconds(10), seconds(5));
    liveness.OnPacketReceived(At(1));
    EXPECT_FALSE(liveness.QuietDeadline(kShortPto));
}

TEST(Liveness, APauseThatIsLongBesideTheUsualOnesAsks) {
    const auto dense = Flowing(milliseconds(2));
    EXPECT_GT(*dense.QuietDeadline(kShortPto), AtMs(200 + 10));
    EXPECT_LT(*dense.QuietDeadline(kShortPto), AtMs(200 + 20));
    // A slow flow is not asked in each of its pauses: never before a probe timeout.
    EXPECT_EQ(Flowing(milliseconds(50)).QuietDeadline(kShortPto), AtMs(5000 + 100));
}

TEST(Liveness, APeerThatAnswersWithoutDataIsAskedEverMoreRarelyAndAtLastNoMore) {
    auto liveness = Flowing(milliseconds(50));
    Duration last{};
    for (std::uint32_t i = 0; i < kMaxQuietPings; ++i) {
        const auto deadline = *liveness.QuietDeadline(kShortPto);
        EXPECT_GT(deadline - At(5 + static_cast<int>(i)), last);
        last = deadline - At(5 + static_cast<int>(i));
        EXPECT_TRUE(liveness.OnQuiet(true));
        EXPECT_FALSE(liveness.QuietDeadline(kShortPto)) << "the PING is repeated by recovery";
        liveness.OnPacketReceived(At(6 + static_cast<int>(i)));
    }
    EXPECT_FALSE(liveness.QuietDeadline(kShortPto));
    liveness.OnDataReceived(At(20));
    EXPECT_TRUE(liveness.QuietDeadline(kShortPto));
}

TEST(Liveness, AFinishedStreamOwesNothing) {
    auto liveness = Flowing(milliseconds(50));
    EXPECT_FALSE(liveness.OnQuiet(false));
    EXPECT_FALSE(liveness.QuietDeadline(kShortPto));
    EXPECT_TRUE(liveness.KeepAliveDeadline());
}

}  // namespace
}  // namespace crsp
