// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/loss-judge.h"

#include <gtest/gtest.h>

#include "model/base/random.h"
#include "model/recovery/rate.h"
#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

constexpr std::uint64_t kPackets = kPacketBytes;  ///< times so many

class LossJudgeTest : public ::testing::Test {
  protected:
    void SetUp() override {
        m_judge.Prove(kMillion);
        LearnPercent(0);
    }
    void LearnPercent(std::uint64_t percent, int times = 200) {
        for (int i = 0; i < times; ++i) {
            m_judge.Learn((100 - percent) * kPackets, percent * kPackets);
        }
    }
    LossJudge m_judge{kPacketBytes};
};

TEST_F(LossJudgeTest, TheFloorIsTheShareLost) {
    EXPECT_EQ(m_judge.Floor(), 0u);
    LearnPercent(5);
    EXPECT_NEAR(static_cast<double>(m_judge.Floor()), 50'000, 100);
}

TEST_F(LossJudgeTest, AFewPacketsTellNothing) {
    LossJudge judge(kPacketBytes);
    judge.Learn(20 * kPackets, 5 * kPackets);
    EXPECT_EQ(judge.Floor(), 0u);
}

TEST_F(LossJudgeTest, BeyondTwoAndAHalfPercentTheFloorNeedsProof) {
    m_judge.Prove(0);
    LearnPercent(10);
    EXPECT_EQ(m_judge.Floor(), LossJudge::kLeastProven);
    m_judge.Prove(60'000);
    EXPECT_EQ(m_judge.Floor(), 54'000u) << "at once, and a tenth less";
    LearnPercent(10);
    EXPECT_EQ(m_judge.Floor(), 54'000u);
}

TEST_F(LossJudgeTest, WhatIsSeenIsNotLearned) {
    for (int i = 0; i < 100; ++i) m_judge.See(9 * kPackets, kPackets);
    EXPECT_NEAR(static_cast<double>(m_judge.Seen()), 100'000, 1000);
    EXPECT_EQ(m_judge.Floor(), 0u);
}

TEST_F(LossJudgeTest, NothingIsProvenAtFirst) {
    LossJudge judge(kPacketBytes);
    judge.Learn(900 * kPackets, 100 * kPackets);
    EXPECT_EQ(judge.Floor(), LossJudge::kLeastProven);
}

TEST_F(LossJudgeTest, TheFloorFollowsAPathThatHeals) {
    LearnPercent(10);
    LearnPercent(0, 40);
    EXPECT_LT(m_judge.Floor(), 20'000u) << "4000 packets later";
    LearnPercent(0);
    EXPECT_LT(m_judge.Floor(), 1'000u);
}

TEST_F(LossJudgeTest, TheFloorIsAtMostHalf) {
    LearnPercent(90);
    EXPECT_EQ(m_judge.Floor(), LossJudge::kMaxFloor);
}

TEST_F(LossJudgeTest, OnACleanPathTwoPercentAreExcessiveWithDelayOnly) {
    EXPECT_FALSE(m_judge.Excessive(20 * kPackets, 1000 * kPackets, true));
    EXPECT_TRUE(m_judge.Excessive(21 * kPackets, 1000 * kPackets, true));
    EXPECT_FALSE(m_judge.Excessive(21 * kPackets, 1000 * kPackets, false));
    EXPECT_FALSE(m_judge.Excessive(102 * kPackets, 1000 * kPackets, false));
    EXPECT_TRUE(m_judge.Excessive(103 * kPackets, 1000 * kPackets, false));
}

TEST_F(LossJudgeTest, WhatThePathLosesIsNotExcessiveButMuchMoreIs) {
    LearnPercent(5);
    EXPECT_FALSE(m_judge.Excessive(50 * kPackets, 1000 * kPackets, true));
    EXPECT_TRUE(m_judge.Excessive(100 * kPackets, 1000 * kPackets, true));
    EXPECT_TRUE(m_judge.Excessive(240 * kPackets, 1000 * kPackets, false));
}

TEST_F(LossJudgeTest, ChanceAloneIsHardlyEverExcessive) {
    LearnPercent(5);
    Random random(3);
    int excessive = 0;
    for (int round = 0; round < 2000; ++round) {
        std::uint64_t lost = 0;
        for (int packet = 0; packet < 100; ++packet) lost += random.Chance(0.05) ? kPackets : 0;
        excessive += m_judge.Excessive(lost, 100 * kPackets, true) ? 1 : 0;
    }
    EXPECT_LT(excessive, 10) << "of 2000; 5 % of a hundred packets vary by 2.2";
}

TEST_F(LossJudgeTest, ExplainsAtMostWhatWasLost) {
    LearnPercent(5);
    EXPECT_EQ(m_judge.Explained(3 * kPackets, 1000 * kPackets), 3 * kPackets);
    const std::uint64_t most = m_judge.Explained(500 * kPackets, 1000 * kPackets);
    EXPECT_GT(most, 50 * kPackets);
    EXPECT_LT(most, 80 * kPackets) << "three standard deviations above 50";
}

TEST_F(LossJudgeTest, ACleanPathExplainsNothing) {
    LearnPercent(0);
    EXPECT_EQ(m_judge.Explained(10 * kPackets, 1000 * kPackets), 0u);
}

}  // namespace
}  // namespace crsp
