// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/hystart.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

class HyStartTest : public ::testing::Test {
  protected:
    /// A round of `acks` packets, sent one a millisecond from now on, each acknowledged `roundTrip`
    /// after it was sent.
    void Round(Duration roundTrip, int acks = 10) {
        const TimePoint begin = m_now;
        for (int i = 0; i < acks; ++i) {
            const TimePoint sentAt = begin + milliseconds(i);
            m_now = sentAt + roundTrip;
            m_hystart.OnAck(m_now, sentAt);
        }
    }
    void Rounds(int count, Duration roundTrip) {
        for (int i = 0; i < count; ++i) Round(roundTrip);
    }

    TimePoint m_now = At(1000);
    HyStart m_hystart;
};

TEST_F(HyStartTest, SteadyRoundTripLeavesSlowStartAlone) {
    Rounds(50, milliseconds(80));
    EXPECT_FALSE(m_hystart.Conservative());
    EXPECT_EQ(m_hystart.Growth(1200), 1200u);
}

TEST_F(HyStartTest, RiseByAnEighthBeginsConservativeSlowStart) {
    Rounds(2, milliseconds(80));
    Round(milliseconds(90) - nanoseconds(1));
    EXPECT_FALSE(m_hystart.Conservative());
    Round(milliseconds(102));
    EXPECT_TRUE(m_hystart.Conservative());
    EXPECT_EQ(m_hystart.Growth(1200), 300u);
}

TEST_F(HyStartTest, RiseMustBeAtLeastFourMillisecondsAndNeedNotBeMoreThanSixteen) {
    Round(milliseconds(8));
    Round(milliseconds(8) + microseconds(3999));
    EXPECT_FALSE(m_hystart.Conservative());

    HyStart far;
    m_hystart = far;
    Round(milliseconds(400));
    Round(milliseconds(416));
    EXPECT_TRUE(m_hystart.Conservative());
}

TEST_F(HyStartTest, FewerThanEightSamplesDecideNothing) {
    Rounds(2, milliseconds(80));
    Round(milliseconds(160), 7);
    EXPECT_FALSE(m_hystart.Conservative());
    Round(milliseconds(320), 8);
    EXPECT_TRUE(m_hystart.Conservative());
}

TEST_F(HyStartTest, OneFastPacketInARoundIsNoRise) {
    Rounds(2, milliseconds(80));
    const TimePoint begin = m_now;
    m_hystart.OnAck(begin + milliseconds(80), begin);
    for (int i = 1; i < 20; ++i) {
        const TimePoint sentAt = begin + milliseconds(i);
        m_hystart.OnAck(sentAt + milliseconds(150), sentAt);
    }
    EXPECT_FALSE(m_hystart.Conservative());
}

TEST_F(HyStartTest, FiveRoundsOfCssEndSlowStartAndTheFirstIsTheOneItBeganIn) {
    Rounds(2, milliseconds(80));
    Round(milliseconds(100));
    ASSERT_TRUE(m_hystart.Conservative());
    Rounds(4, milliseconds(105));
    EXPECT_FALSE(m_hystart.Finished());
    Round(milliseconds(105), 1);
    EXPECT_TRUE(m_hystart.Finished());
}

TEST_F(HyStartTest, RoundTripBelowTheRiseResumesSlowStart) {
    Rounds(2, milliseconds(80));
    Round(milliseconds(100));
    ASSERT_TRUE(m_hystart.Conservative());
    Round(milliseconds(99));
    EXPECT_FALSE(m_hystart.Conservative()) << "the rise was jitter";
    EXPECT_EQ(m_hystart.Growth(1200), 1200u);
    Rounds(10, milliseconds(99));
    EXPECT_FALSE(m_hystart.Finished());
    Round(milliseconds(120));
    Rounds(4, milliseconds(120));
    EXPECT_FALSE(m_hystart.Finished()) << "rounds of the first CSS do not count";
    Round(milliseconds(120), 1);
    EXPECT_TRUE(m_hystart.Finished());
}

}  // namespace
}  // namespace crsp
