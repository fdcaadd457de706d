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
            m_queue.OnSample(m_now, rtt, kShortest, m_packetTime);
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

TEST_F(QueueSignalTest, FlatOnlyWhereNothingShowsAboveTheShortestRoundTrip) {
    Sample(milliseconds(101), 100);
    EXPECT_TRUE(m_queue.Flat());
    Sample(milliseconds(110), 100);
    EXPECT_FALSE(m_queue.Flat());
    EXPECT_FALSE(m_queue.High());
}

}  // namespace
}  // namespace crsp
