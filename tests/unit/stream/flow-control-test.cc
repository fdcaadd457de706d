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

TEST(ReceiveCredit, StopsAtTheLargestValueOfTheWire) {
    ReceiveCredit credit(kVarintMax);
    credit.ReceiveTo(kVarintMax);
    credit.Consume(kVarintMax);
    EXPECT_FALSE(credit.GrantDue());
    EXPECT_EQ(credit.NextLimit(), kVarintMax);
}

}  // namespace
}  // namespace crsp
