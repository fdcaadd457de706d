// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/rtt-estimator.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

TEST(RttEstimator, AssumesTheInitialRttBeforeAnySample) {
    const RttEstimator rtt;
    EXPECT_FALSE(rtt.HasSample());
    EXPECT_EQ(rtt.Smoothed(), milliseconds(333));
    EXPECT_EQ(rtt.Variance(), microseconds(166500));
    EXPECT_EQ(rtt.ProbeTimeout(milliseconds(25)), milliseconds(333 + 666 + 25));
}

TEST(RttEstimator, FirstSampleSetsEverythingAndIgnoresTheAckDelay) {
    RttEstimator rtt;
    rtt.OnSample(At(7), milliseconds(100), milliseconds(20));
    EXPECT_TRUE(rtt.HasSample());
    EXPECT_EQ(rtt.FirstSampleAt(), At(7));
    EXPECT_EQ(rtt.Latest(), milliseconds(100));
    EXPECT_EQ(rtt.Min(), milliseconds(100));
    EXPECT_EQ(rtt.Smoothed(), milliseconds(100));
    EXPECT_EQ(rtt.Variance(), milliseconds(50));
}

TEST(RttEstimator, LaterSamplesAreSmoothedWithoutTheAckDelay) {
    RttEstimator rtt;
    rtt.OnSample(At(0), milliseconds(100), Duration{});
    rtt.OnSample(At(9), milliseconds(130), milliseconds(10));
    // adjusted 120: variance 3/4 * 50 + 1/4 * |100 - 120|, smoothed 7/8 * 100 + 1/8 * 120.
    EXPECT_EQ(rtt.Variance(), microseconds(42500));
    EXPECT_EQ(rtt.Smoothed(), microseconds(102500));
    EXPECT_EQ(rtt.Latest(), milliseconds(130));
    EXPECT_EQ(rtt.FirstSampleAt(), At(0));
}

TEST(RttEstimator, AckDelayNeverTakesASampleBelowTheMinimum) {
    RttEstimator rtt;
    rtt.OnSample(At(0), milliseconds(100), Duration{});
    rtt.OnSample(At(1), milliseconds(108), milliseconds(10));
    EXPECT_EQ(rtt.Smoothed(), milliseconds(101));
    rtt = {};
    rtt.OnSample(At(0), milliseconds(100), Duration{});
    rtt.OnSample(At(1), milliseconds(110), milliseconds(10));
    EXPECT_EQ(rtt.Smoothed(), milliseconds(100));
}

TEST(RttEstimator, MinimumTakesNoNoticeOfTheAckDelay) {
    RttEstimator rtt;
    rtt.OnSample(At(0), milliseconds(100), Duration{});
    rtt.OnSample(At(1), milliseconds(80), milliseconds(50));
    EXPECT_EQ(rtt.Min(), milliseconds(80));
    rtt.OnSample(At(2), milliseconds(300), milliseconds(0));
    EXPECT_EQ(rtt.Min(), milliseconds(80));
}

TEST(RttEstimator, SteadySamplesLeaveTheGranularityInTheProbeTimeout) {
    RttEstimator rtt;
    for (int i = 0; i < 200; ++i) rtt.OnSample(At(i), milliseconds(40), Duration{});
    EXPECT_EQ(rtt.Smoothed(), milliseconds(40));
    EXPECT_EQ(rtt.ProbeTimeout(milliseconds(25)), milliseconds(40 + 1 + 25));
}

TEST(RttEstimator, LossDelayIsNineEighthsOfTheLargerOfLatestAndSmoothed) {
    RttEstimator rtt;
    rtt.OnSample(At(0), milliseconds(80), Duration{});
    EXPECT_EQ(rtt.LossDelay(), milliseconds(90));
    rtt.OnSample(At(1), milliseconds(160), Duration{});
    EXPECT_EQ(rtt.LossDelay(), milliseconds(180));
    rtt.OnSample(At(2), milliseconds(80), Duration{});
    EXPECT_EQ(rtt.LossDelay(), 9 * rtt.Smoothed() / 8);
}

TEST(RttEstimator, LossDelayIsAtLeastTheGranularity) {
    RttEstimator rtt;
    rtt.OnSample(At(0), microseconds(10), Duration{});
    EXPECT_EQ(rtt.LossDelay(), kGranularity);
}

TEST(RttEstimator, NegativeInputsCountAsZero) {
    RttEstimator rtt;
    rtt.OnSample(At(0), milliseconds(-5), Duration{});
    EXPECT_EQ(rtt.Smoothed(), Duration{});
    rtt.OnSample(At(1), milliseconds(8), milliseconds(-100));
    EXPECT_EQ(rtt.Smoothed(), milliseconds(1));
}

}  // namespace
}  // namespace crsp
