// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/queue-signal.h"

#include <gtest/gtest.h>

#include "model/base/random.h"
#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

constexpr Duration kShortest = milliseconds(100);

class QueueSignalTest : public ::testing::Test {
  protected:
    void Sample(Duration rtt, int times = 1) {
        for (int i = 0; i < times; ++i) {
            m_now += milliseconds(1);
            m_queue.OnSample(m_now,
                             {.rtt = rtt, .shortest = kShortest, .packetTime = m_packetTime});
        }
    }
    /// Packets sent a millisecond apart are held back for `held` and then acknowledged together, at
    /// a bottleneck that takes a millisecond for each.
    void Clump(int held, int packets, Duration ackDelay = {}, bool appLimited = false) {
        m_now += milliseconds(50);
        for (int i = 0; i < packets; ++i) {
            m_queue.OnSample(m_now, {.rtt = kShortest + milliseconds(held - i) +
                                            (i == 0 ? ackDelay : Duration{}),
                                     .ackDelay = i == 0 ? ackDelay : Duration{},
                                     .shortest = kShortest,
                                     .packetTime = milliseconds(1),
                                     .ackedTime = milliseconds(1),
                                     .appLimited = appLimited,
                                     .roundStart = i == 0});
        }
    }
    TimePoint m_now = At(10'000);
    Duration m_packetTime{};
    QueueSignal m_queue;
};

constexpr int kBlock = QueueSignal::kStandingSamples;

TEST_F(QueueSignalTest, AQueueStandsAfterEightHighSamplesInARow) {
    Sample(kShortest);
    Sample(milliseconds(150), 500);  // until the jump has left the estimate of jitter
    m_queue.Restart();
    Sample(milliseconds(150), kBlock - 1);
    EXPECT_TRUE(m_queue.High());
    EXPECT_FALSE(m_queue.Stands());
    Sample(milliseconds(150));
    EXPECT_TRUE(m_queue.Stands());
    Sample(kShortest);
    EXPECT_FALSE(m_queue.Stands()) << "a single low sample shows that it emptied";
}

TEST_F(QueueSignalTest, ASingleOutlierIsNoQueue) {
    Sample(kShortest, 50);
    Sample(milliseconds(200));
    Sample(kShortest);
    EXPECT_FALSE(m_queue.Stands());
    EXPECT_FALSE(m_queue.High());
}

TEST_F(QueueSignalTest, UpToAnEighthOfTheRoundTripIsNoQueue) {
    Sample(milliseconds(112), 100);
    EXPECT_FALSE(m_queue.High());
    Sample(milliseconds(113), 100);
    EXPECT_TRUE(m_queue.Stands());
}

TEST_F(QueueSignalTest, AFewPacketsOfASlowLinkAreNoQueue) {
    m_packetTime = milliseconds(10);
    Sample(milliseconds(130), 100);
    EXPECT_FALSE(m_queue.High());
    Sample(milliseconds(131), 100);
    EXPECT_TRUE(m_queue.Stands());
}

TEST_F(QueueSignalTest, JitterWidensTheTolerance) {
    for (int i = 0; i < 200; ++i) Sample(milliseconds(i % 2 == 0 ? 100 : 120));
    EXPECT_GE(m_queue.Tolerance(), Duration{milliseconds(60)});
    EXPECT_FALSE(m_queue.High());
    Sample(milliseconds(120), 500);
    EXPECT_EQ(m_queue.Tolerance(), kShortest / 8) << "and its end narrows it again";
}

TEST_F(QueueSignalTest, EmptiesAfterARowOfLowSamples) {
    Sample(milliseconds(150), 500);
    EXPECT_FALSE(m_queue.Empties());
    Sample(kShortest, kBlock / 2 - 1);
    EXPECT_FALSE(m_queue.Empties());
    Sample(kShortest);
    EXPECT_TRUE(m_queue.Empties());
}

TEST_F(QueueSignalTest, FarFromFullNeedsALongerQueueSeenBefore) {
    Sample(kShortest, 100);
    EXPECT_FALSE(m_queue.FarFromFull()) << "a queue that is always full looks the same";
    Sample(milliseconds(200), 10 * kBlock);
    EXPECT_FALSE(m_queue.FarFromFull());
    Sample(kShortest, 100);
    EXPECT_TRUE(m_queue.FarFromFull());
}

TEST_F(QueueSignalTest, OneLateAckIsNotALongerQueue) {
    Sample(kShortest, 100);
    Sample(milliseconds(400));
    Sample(kShortest, 500);
    EXPECT_FALSE(m_queue.FarFromFull());
}

TEST_F(QueueSignalTest, ALongQueueIsForgottenAfterSomeTime) {
    Sample(milliseconds(200), 10 * kBlock);
    Sample(kShortest, 100);
    ASSERT_TRUE(m_queue.FarFromFull());
    for (int second = 0; second < 25; ++second) {
        m_now += seconds(1);
        Sample(kShortest, 20);
    }
    EXPECT_FALSE(m_queue.FarFromFull());
}

TEST_F(QueueSignalTest, DelayThatVanishesWithinAClumpIsNoQueue) {
    for (int i = 0; i < 200; ++i) Clump(40, 40);
    EXPECT_FALSE(m_queue.Stands());
    EXPECT_FALSE(m_queue.Lingers());
    EXPECT_GE(m_queue.Tolerance(), Duration{milliseconds(78)});
    EXPECT_TRUE(m_queue.HoldsBack());
    EXPECT_GT(m_queue.HeldBack(), Duration{milliseconds(5)});
    EXPECT_LT(m_queue.HeldBack(), Duration{milliseconds(40)}) << "the mean, and not the most";
}

TEST_F(QueueSignalTest, TheSameDelayWithoutClumpsIsAQueue) {
    Sample(kShortest + milliseconds(40), 500);
    EXPECT_TRUE(m_queue.Stands());
    EXPECT_FALSE(m_queue.HoldsBack());
    EXPECT_EQ(m_queue.HeldBack(), Duration{});
}

TEST_F(QueueSignalTest, AClumpIsLateOnceHoweverManyPacketsAreInIt) {
    Clump(50, kBlock + 4);
    EXPECT_TRUE(m_queue.High());
    EXPECT_FALSE(m_queue.Stands());
}

TEST_F(QueueSignalTest, TwoAcksThatMeetAreNoClump) {
    for (int i = 0; i < 50; ++i) Clump(40, 2);
    EXPECT_FALSE(m_queue.HoldsBack());
}

TEST_F(QueueSignalTest, WhatThePeerHeldBackIsNoneOfThePath) {
    for (int i = 0; i < 50; ++i) Clump(3, 3, milliseconds(25));
    EXPECT_LT(m_queue.HeldBack(), Duration{milliseconds(5)});
    EXPECT_FALSE(m_queue.HoldsBack());
}

TEST_F(QueueSignalTest, ARateThatTheApplicationLimitsShowsNoClump) {
    for (int i = 0; i < 50; ++i) Clump(40, 40, {}, true);
    EXPECT_FALSE(m_queue.HoldsBack());
}

TEST_F(QueueSignalTest, FlatOnlyWhereNothingShowsAboveTheShortestRoundTrip) {
    Sample(milliseconds(101), 100);
    EXPECT_TRUE(m_queue.Flat());
    Sample(milliseconds(110), 100);
    EXPECT_FALSE(m_queue.Flat());
    EXPECT_FALSE(m_queue.High());
}

}  // namespace
}  // namespace crsp
