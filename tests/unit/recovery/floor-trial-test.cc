// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/floor-trial.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

class FloorTrialTest : public ::testing::Test {
  protected:
    static constexpr Duration kRoundTrip = milliseconds(50);
    static constexpr std::uint64_t kTenPercent = 100'000;
    static constexpr std::uint64_t kArriving = 900'000;

    /// A packet each millisecond, of which `percent` are lost.
    std::optional<std::uint64_t> Send(int packets, int percent) {
        for (int i = 0; i < packets; ++i) {
            m_now += milliseconds(1);
            const bool lost = i % 100 < percent;
            m_trial.Note(lost ? 0 : kPacketBytes, lost ? kPacketBytes : 0);
            const auto share =
                m_trial.OnAcked(m_now, lost ? 0 : kPacketBytes, kRoundTrip, kPacketBytes);
            if (share) return share;
        }
        return std::nullopt;
    }
    void Begin(std::uint64_t share, std::uint64_t floor) {
        m_trial.OnCycle(m_now, share, floor, kArriving);
        ASSERT_TRUE(m_trial.Running());
    }

    TimePoint m_now = At(10'000);
    FloorTrial m_trial;
};

TEST_F(FloorTrialTest, SmallSharesNeedNone) {
    m_trial.OnCycle(m_now, FloorTrial::kLeastFloor, FloorTrial::kLeastFloor, kArriving);
    EXPECT_FALSE(m_trial.Running());
    EXPECT_EQ(m_trial.Slowed(1'000'000), 1'000'000u);
}

TEST_F(FloorTrialTest, NoMoreIsSentThanWhatArrives) {
    Begin(kTenPercent, kTenPercent);
    EXPECT_EQ(m_trial.Slowed(1'000'000), kArriving);
    EXPECT_EQ(m_trial.Slowed(800'000), 800'000u);
}

TEST_F(FloorTrialTest, NorThanWhatArrivedInThePartBefore) {
    Begin(400'000, 0);
    EXPECT_FALSE(Send(500, 40));
    EXPECT_EQ(m_trial.Slowed(1'000'000), 600 * kPacketBytes) << "of a packet each millisecond";
}

TEST_F(FloorTrialTest, NoneWhileItIsNotKnownWhatArrives) {
    m_trial.OnCycle(m_now, kTenPercent, kTenPercent, 0);
    EXPECT_FALSE(m_trial.Running());
}

TEST_F(FloorTrialTest, LossesThatStayAreThePaths) {
    Begin(kTenPercent, kTenPercent);
    const auto share = Send(1001, 10);
    ASSERT_TRUE(share);
    EXPECT_NEAR(static_cast<double>(*share), kTenPercent, 5000);
    EXPECT_FALSE(m_trial.Running());
}

TEST_F(FloorTrialTest, GoesOnWhileLossesBecomeFewer) {
    Begin(400'000, 25'000);
    for (const int percent : {40, 30, 20, 10, 5}) EXPECT_FALSE(Send(500, percent)) << percent;
    const auto share = Send(500, 5);
    ASSERT_TRUE(share);
    EXPECT_NEAR(static_cast<double>(*share), 50'000, 5000);
}

TEST_F(FloorTrialTest, EndsAtOnceWhereAlmostNothingIsLostAnyMore) {
    Begin(kTenPercent, kTenPercent);
    const auto share = Send(501, 1);
    ASSERT_TRUE(share);
    EXPECT_LE(*share, FloorTrial::kLeastFloor);
}

TEST_F(FloorTrialTest, ALongRoundTripMakesLongParts) {
    Begin(kTenPercent, kTenPercent);
    for (int i = 0; i < 3900; ++i) {
        m_now += milliseconds(1);
        m_trial.Note(i % 10 == 0 ? 0 : kPacketBytes, i % 10 == 0 ? kPacketBytes : 0);
        ASSERT_FALSE(m_trial.OnAcked(m_now, kPacketBytes, seconds(1), kPacketBytes)) << i;
    }
}

TEST_F(FloorTrialTest, AFewPacketsProveNothing) {
    Begin(kTenPercent, kTenPercent);
    for (int i = 0; i < 99; ++i) {
        m_now += milliseconds(30);
        m_trial.Note(kPacketBytes, kPacketBytes);
        ASSERT_FALSE(m_trial.OnAcked(m_now, kPacketBytes, kRoundTrip, kPacketBytes)) << i;
    }
    EXPECT_TRUE(m_trial.Running());
}

TEST_F(FloorTrialTest, AQueueThatIsNeverFarFromFullPutsItOff) {
    Begin(kTenPercent, kTenPercent);
    m_now += milliseconds(4000);
    EXPECT_FALSE(m_trial.OnAcked(m_now, kPacketBytes, kRoundTrip, kPacketBytes));
    EXPECT_TRUE(m_trial.Running());
    m_now += milliseconds(1);
    EXPECT_FALSE(m_trial.OnAcked(m_now, kPacketBytes, kRoundTrip, kPacketBytes));
    EXPECT_FALSE(m_trial.Running());
    m_now += FloorTrial::kInterval - milliseconds(1);
    m_trial.OnCycle(m_now, 2 * kTenPercent, kTenPercent, kArriving);
    EXPECT_FALSE(m_trial.Running()) << "whatever is lost";
    m_now += milliseconds(1);
    m_trial.OnCycle(m_now, 2 * kTenPercent, kTenPercent, kArriving);
    EXPECT_TRUE(m_trial.Running());
}

TEST_F(FloorTrialTest, AnApplicationThatPausesPutsItOff) {
    Begin(kTenPercent, kTenPercent);
    m_trial.Abandon(m_now);
    EXPECT_FALSE(m_trial.Running());
    EXPECT_EQ(m_trial.Slowed(1'000'000), 1'000'000u);
    EXPECT_FALSE(Send(2000, 10));
}

TEST_F(FloorTrialTest, TheNextComesLater) {
    Begin(kTenPercent, kTenPercent);
    ASSERT_TRUE(Send(1001, 10));
    m_now += FloorTrial::kInterval - milliseconds(10);
    m_trial.OnCycle(m_now, kTenPercent, kTenPercent, kArriving);
    EXPECT_FALSE(m_trial.Running());
    m_now += milliseconds(10);
    m_trial.OnCycle(m_now, kTenPercent, kTenPercent, kArriving);
    EXPECT_TRUE(m_trial.Running());
}

TEST_F(FloorTrialTest, SoonerIfMoreIsLostThanWasProven) {
    Begin(kTenPercent, kTenPercent);
    ASSERT_TRUE(Send(1001, 10));
    m_now += FloorTrial::kShortInterval;
    m_trial.OnCycle(m_now, 2 * kTenPercent, kTenPercent, kArriving);
    EXPECT_TRUE(m_trial.Running());
}

}  // namespace
}  // namespace crsp
