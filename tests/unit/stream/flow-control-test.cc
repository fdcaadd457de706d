// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/flow-control.h"

#include <gtest/gtest.h>

#include "model/base/varint.h"

namespace crsp {
namespace {

TEST(SendCredit, OnlyAHigherLimitCounts) {
    SendCredit credit(100);
    credit.Use(60);
    EXPECT_EQ(credit.Available(), 40u);
    EXPECT_FALSE(credit.Raise(100));
    EXPECT_FALSE(credit.Raise(50));
    EXPECT_EQ(credit.Available(), 40u);
    EXPECT_TRUE(credit.Raise(101));
    EXPECT_EQ(credit.Available(), 41u);
}

TEST(SendCredit, TellsThatItIsBlockedOncePerLimit) {
    SendCredit credit(100);
    credit.NoteBlocked();
    EXPECT_FALSE(credit.BlockedDue()) << "there is credit left";
    credit.Use(100);
    credit.NoteBlocked();
    EXPECT_TRUE(credit.BlockedDue());
    credit.OnBlockedSent();
    credit.NoteBlocked();
    EXPECT_FALSE(credit.BlockedDue());
    credit.Raise(200);
    credit.Use(100);
    credit.NoteBlocked();
    EXPECT_TRUE(credit.BlockedDue());
}

TEST(SendCredit, RepeatsALostNotificationOnlyWhileItIsTrue) {
    SendCredit credit(100);
    credit.Use(100);
    credit.NoteBlocked();
    credit.OnBlockedSent();
    credit.OnBlockedLost(100);
    EXPECT_TRUE(credit.BlockedDue());
    credit.OnBlockedSent();
    credit.Raise(200);
    credit.OnBlockedLost(100);
    EXPECT_FALSE(credit.BlockedDue());
}

TEST(SendCredit, ANewLimitMakesAWaitingNotificationPointless) {
    SendCredit credit(100);
    credit.Use(100);
    credit.NoteBlocked();
    credit.Raise(200);
    EXPECT_FALSE(credit.BlockedDue());
}

TEST(ReceiveCredit, RefusesWhatIsBeyondTheLimitItHasTold) {
    ReceiveCredit credit(100);
    EXPECT_TRUE(credit.ReceiveTo(100));
    EXPECT_FALSE(credit.ReceiveTo(101));
    credit.Consume(60);
    EXPECT_FALSE(credit.ReceiveTo(101)) << "not told yet";
    credit.OnGrantSent();
    EXPECT_TRUE(credit.ReceiveTo(160));
    EXPECT_FALSE(credit.ReceiveTo(161));
    EXPECT_EQ(credit.Received(), 160u);
}

TEST(ReceiveCredit, GrantsWhenHalfTheWindowHasBeenConsumed) {
    ReceiveCredit credit(100);
    credit.ReceiveTo(100);
    credit.Consume(49);
    EXPECT_FALSE(credit.GrantDue());
    credit.Consume(1);
    ASSERT_TRUE(credit.GrantDue());
    EXPECT_EQ(credit.NextLimit(), 150u);
    credit.OnGrantSent();
    EXPECT_FALSE(credit.GrantDue());
    EXPECT_TRUE(credit.ReceiveTo(150));
    EXPECT_FALSE(credit.ReceiveTo(151));
}

TEST(ReceiveCredit, RepeatsTheNewestValueOfALostGrant) {
    ReceiveCredit credit(100);
    credit.ReceiveTo(100);
    credit.Consume(50);
    credit.OnGrantSent();
    credit.Consume(10);
    credit.OnGrantLost(150);
    ASSERT_TRUE(credit.GrantDue());
    EXPECT_EQ(credit.NextLimit(), 160u);
    credit.OnGrantSent();
    credit.OnGrantLost(150);
    EXPECT_FALSE(credit.GrantDue()) << "a higher one is on its way";
}

TEST(ReceiveCredit, AWindowOfOneGrantsOneByOne) {
    ReceiveCredit credit(1);
    credit.ReceiveTo(1);
    EXPECT_FALSE(credit.GrantDue());
    credit.Consume(1);
    ASSERT_TRUE(credit.GrantDue());
    EXPECT_EQ(credit.NextLimit(), 2u);
}

constexpr Duration kRtt = milliseconds(100);

TimePoint At(int ms) {
    return TimePoint{} + milliseconds(ms);
}

/// A credit of 100 that may grow, whose peer began to send at 0, and of which a quarter was read.
ReceiveCredit QuarterRead(std::uint64_t maximum = 1000) {
    auto credit = ReceiveCredit::Growing(100, maximum);
    credit.Start(At(0));
    credit.ReceiveTo(100);
    credit.Consume(25);
    return credit;
}

TEST(ReceiveCredit, IsHungryIfAQuarterOfTheWindowLastsLessThanTwoRoundTrips) {
    auto fast = QuarterRead();
    EXPECT_TRUE(fast.TakeHungry({At(199), kRtt, 0}));
    EXPECT_FALSE(fast.TakeHungry({At(199), kRtt, 0})) << "once for each grant";
    auto slow = QuarterRead();
    EXPECT_FALSE(slow.TakeHungry({At(200), kRtt, 0}));
    auto largest = QuarterRead(100);
    largest.Consume(25);
    EXPECT_TRUE(largest.GrantDue());
    EXPECT_FALSE(largest.TakeHungry({At(1), kRtt, 0}));
}

TEST(ReceiveCredit, IsHungryIfThePeerUsesItUpWhileSomethingIsMissing) {
    auto credit = ReceiveCredit::Growing(100, 1000);
    credit.Start(At(0));
    credit.ReceiveTo(24);
    credit.OnHeldUp({At(10), kRtt, 0});
    EXPECT_FALSE(credit.GrantDue()) << "there is plenty left";
    credit.ReceiveTo(25);
    credit.OnHeldUp({At(200), kRtt, 0});
    EXPECT_FALSE(credit.GrantDue()) << "it took its time";
    credit.OnHeldUp({At(199), kRtt, 0});
    EXPECT_TRUE(credit.GrantDue());
    EXPECT_TRUE(credit.TakeHungry({At(99), kRtt, 0}));
}

TEST(ReceiveCredit, AFixedOneIsNeverHungry) {
    ReceiveCredit credit(100);
    credit.Start(At(0));
    credit.ReceiveTo(100);
    credit.OnHeldUp({At(1), kRtt, 0});
    credit.OnStarved(100);
    EXPECT_FALSE(credit.GrantDue());
    credit.Consume(100);
    EXPECT_FALSE(credit.TakeHungry({At(1), kRtt, 0}));
}

TEST(ReceiveCredit, CountsTheTimeFromGrantToGrant) {
    auto credit = QuarterRead();
    credit.Start(At(950));
    EXPECT_FALSE(credit.TakeHungry({At(1000), kRtt, 0})) << "a second Start changes nothing";
    credit.OnGrantSent();
    EXPECT_FALSE(credit.TakeHungry({At(1010), kRtt, 0})) << "nothing was read since";
    credit.Consume(25);
    EXPECT_TRUE(credit.TakeHungry({At(1099), kRtt, 0}));
}

TEST(ReceiveCredit, ALargerWindowIsToldAtOnceAndGrantedByQuarters) {
    auto credit = QuarterRead();
    credit.GrowTo(200);
    ASSERT_TRUE(credit.GrantDue());
    EXPECT_EQ(credit.NextLimit(), 225u);
    credit.OnGrantSent();
    EXPECT_TRUE(credit.ReceiveTo(225));
    credit.Consume(49);
    EXPECT_FALSE(credit.GrantDue());
    credit.Consume(1);
    EXPECT_TRUE(credit.GrantDue());
}

TEST(ReceiveCredit, AGrowthThatAddsLittleIsToldAllTheSame) {
    auto credit = ReceiveCredit::Growing(100, 110);
    credit.GrowTo(110);
    EXPECT_TRUE(credit.GrantDue());
}

TEST(ReceiveCredit, AStarvedPeerMakesItHungryHoweverSlowlyItIsRead) {
    auto credit = ReceiveCredit::Growing(100, 1000);
    credit.Start(At(0));
    credit.ReceiveTo(100);
    credit.OnStarved(99);
    EXPECT_FALSE(credit.GrantDue()) << "old news";
    credit.OnStarved(100);
    EXPECT_TRUE(credit.GrantDue());
    EXPECT_TRUE(credit.TakeHungry({At(9000), kRtt, 0}));
    credit.OnGrantSent();
    EXPECT_FALSE(credit.GrantDue());
}

TEST(ReceiveCredit, StopsAtTheLargestValueOfTheWire) {
    ReceiveCredit credit(kVarintMax);
    credit.ReceiveTo(kVarintMax);
    credit.Consume(kVarintMax);
    EXPECT_FALSE(credit.GrantDue());
    EXPECT_EQ(credit.NextLimit(), kVarintMax);
}

}  // namespace
}  // namespace crsp
