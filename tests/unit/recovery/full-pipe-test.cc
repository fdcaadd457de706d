// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/full-pipe.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(FullPipe, ThreeRoundsWithoutAQuarterMoreAreFull) {
    FullPipe pipe;
    pipe.OnRound(1000);
    pipe.OnRound(1249);
    pipe.OnRound(1249);
    EXPECT_FALSE(pipe.Now());
    EXPECT_EQ(pipe.Count(), 2);
    pipe.OnRound(1249);
    EXPECT_TRUE(pipe.Now());
    EXPECT_TRUE(pipe.Ever());
}

TEST(FullPipe, GrowthByAQuarterBeginsAnew) {
    FullPipe pipe;
    pipe.OnRound(1000);
    pipe.OnRound(1000);
    pipe.OnRound(1000);
    pipe.OnRound(1250);
    EXPECT_EQ(pipe.Count(), 0);
    pipe.OnRound(1500);  // less than a quarter above 1250
    EXPECT_EQ(pipe.Count(), 1);
}

TEST(FullPipe, ResetForgetsNowButNotEver) {
    FullPipe pipe;
    pipe.Declare();
    pipe.Reset(1000);
    EXPECT_FALSE(pipe.Now());
    EXPECT_TRUE(pipe.Ever());
    pipe.OnRound(1100);
    EXPECT_EQ(pipe.Count(), 1) << "measured against the rate given";
}

TEST(FullPipe, OnceFullItStaysUntilReset) {
    FullPipe pipe;
    pipe.Declare();
    pipe.OnRound(1'000'000);
    EXPECT_TRUE(pipe.Now());
}

TEST(FullPipe, RetractTakesBackThatItEverWas) {
    FullPipe pipe;
    pipe.Declare();
    pipe.Retract();
    EXPECT_FALSE(pipe.Ever());
}

}  // namespace
}  // namespace crsp
