// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/clumps.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

constexpr Duration kShortest = milliseconds(100);
constexpr int kRounds = Clumps::kRounds;

class ClumpsTest : public ::testing::Test {
  protected:
    /// A round trip whose packets, sent a millisecond apart, are held back for `held` milliseconds
    /// and then acknowledged together, at a bottleneck that takes a millisecond for each.
    void Round(int held) {
        m_now += kShortest;
        for (int i = 0; i <= held; ++i) {
            m_clumps.OnSample(m_now, {.rtt = kShortest + milliseconds(held - i),
                                      .shortest = kShortest,
                                      .packetTime = milliseconds(1),
                                      .ackedTime = milliseconds(1),
                                      .roundStart = i == 0});
        }
    }
    void Rounds(int count, int held) {
        for (int i = 0; i < count; ++i) Round(held);
    }

    TimePoint m_now = At(10'000);
    Clumps m_clumps;
};

TEST_F(ClumpsTest, AFallCountsForBothDirections) {
    Rounds(kRounds + 1, 20);
    EXPECT_EQ(m_clumps.AtMost(), Duration{milliseconds(40)});
    EXPECT_EQ(m_clumps.Usual(), Duration{milliseconds(40)});
}

TEST_F(ClumpsTest, OneFallIsTolerableAtOnceAndUsualOnlyIfItReturns) {
    Rounds(kRounds, 0);
    Round(20);
    EXPECT_EQ(m_clumps.AtMost(), Duration{milliseconds(40)});
    EXPECT_EQ(m_clumps.Usual(), Duration{});
    Rounds(kRounds, 20);
    EXPECT_EQ(m_clumps.Usual(), Duration{milliseconds(40)});
}

TEST_F(ClumpsTest, AUsualFallIsOneThatThreeRoundTripsOfFourExceed) {
    for (int i = 0; i < 3 * kRounds; ++i) Round(i % kRounds == 0 ? 0 : 20);
    EXPECT_EQ(m_clumps.Usual(), Duration{milliseconds(40)});
    for (int i = 0; i < 3 * kRounds; ++i) Round(i % 2 == 0 ? 5 : 20);
    EXPECT_EQ(m_clumps.Usual(), Duration{milliseconds(10)});
}

TEST_F(ClumpsTest, APathThatStandsStillForAMomentIsTrustedForHalfItsRoundTrip) {
    Rounds(kRounds, 10);
    Round(400);
    EXPECT_EQ(m_clumps.AtMost(), kShortest) << "twice the half: there are two directions";
    EXPECT_EQ(m_clumps.Usual(), Duration{milliseconds(20)});
}

TEST_F(ClumpsTest, WhatEveryRoundTripShowsCountsInFull) {
    Rounds(kRounds - 1, 400);
    EXPECT_EQ(m_clumps.Usual(), kShortest / 2);
    Rounds(2, 400);
    EXPECT_EQ(m_clumps.AtMost(), Duration{milliseconds(800)});
    EXPECT_EQ(m_clumps.Usual(), Duration{milliseconds(800)});
}

TEST_F(ClumpsTest, FallsAreForgottenWithTheirRoundTrips) {
    Rounds(kRounds + 1, 20);
    Rounds(kRounds + 1, 0);
    EXPECT_EQ(m_clumps.AtMost(), Duration{});
    EXPECT_EQ(m_clumps.Usual(), Duration{});
}

}  // namespace
}  // namespace crsp
