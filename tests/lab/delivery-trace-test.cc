// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/delivery-trace.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace crsp::lab {
namespace {

TEST(DeliveryTraceFile, IsReadAndRepeats) {
    const auto trace = ParseTrace("0\n2\n2\r\n5\n");
    ASSERT_TRUE(trace) << trace.error();
    EXPECT_EQ(trace->Period(), milliseconds(5));
    EXPECT_EQ(trace->At(3), milliseconds(5));
    EXPECT_EQ(trace->At(4), milliseconds(5));
    EXPECT_EQ(trace->At(6), milliseconds(7));
    EXPECT_DOUBLE_EQ(trace->MeanRate(), 4 * 12000 / 0.005);
    EXPECT_EQ(FormatTrace(*trace), "0\n2\n2\n5\n");
}

TEST(DeliveryTraceFile, CountsWhatLiesBefore) {
    const DeliveryTrace trace{{1, 3, 3}};
    const std::uint64_t before[] = {0, 0, 1, 1, 3, 4, 4, 6};
    for (int ms = 0; ms < 8; ++ms) EXPECT_EQ(trace.Before(milliseconds(ms)), before[ms]) << ms;
}

TEST(DeliveryTraceFile, MistakesNameTheirLine) {
    EXPECT_EQ(ParseTrace("1\n2 \n").error(),
              "line 2: expected a whole number of milliseconds and nothing else");
    EXPECT_EQ(ParseTrace("1\n\n2\n").error().substr(0, 7), "line 2:");
    EXPECT_EQ(ParseTrace("5\n4\n").error(),
              "line 2: expected a time not before that of the line above");
    EXPECT_FALSE(ParseTrace("-1\n"));
    EXPECT_FALSE(ParseTrace(""));
    EXPECT_FALSE(ParseTrace("0\n0\n"));
    EXPECT_FALSE(ParseTrace("99999999999\n"));
}

TEST(DeliveryTraceModel, SameSeedSameTrace) {
    const auto a = MakeCellular(5e6, kDefaultWander, seconds(20), 7);
    EXPECT_EQ(a.at, MakeCellular(5e6, kDefaultWander, seconds(20), 7).at);
    EXPECT_NE(a.at, MakeCellular(5e6, kDefaultWander, seconds(20), 8).at);
}

TEST(DeliveryTraceModel, MeanIsThatAskedFor) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        // 10,000 opportunities: a standard deviation of 1 %.
        EXPECT_NEAR(MakePoisson(2e6, seconds(60), seed).MeanRate(), 2e6, 1e5);
        EXPECT_NEAR(MakeCellular(2e6, kDefaultWander, seconds(60), seed).MeanRate(), 2e6, 1e5);
    }
    EXPECT_DOUBLE_EQ(MakeBursts(milliseconds(200), 10).MeanRate(), 0.6e6);
}

/// Variance of the opportunities in a second, over their mean: 1 for a Poisson process.
double Dispersion(const DeliveryTrace& trace) {
    const auto parts = static_cast<std::uint64_t>(trace.Period() / seconds(1));
    double sum = 0;
    double squares = 0;
    for (std::uint64_t i = 0; i < parts; ++i) {
        const Duration from = seconds(static_cast<std::int64_t>(i));
        const auto count =
            static_cast<double>(trace.Before(from + seconds(1)) - trace.Before(from));
        sum += count;
        squares += count * count;
    }
    const double mean = sum / static_cast<double>(parts);
    return (squares / static_cast<double>(parts) - mean * mean) / mean;
}

TEST(DeliveryTraceModel, CellularWandersAndPoissonDoesNot) {
    EXPECT_NEAR(Dispersion(MakePoisson(6e6, seconds(300), 1)), 1, 0.5);
    EXPECT_GT(Dispersion(MakeCellular(6e6, kDefaultWander, seconds(300), 1)), 20);
}

TEST(OpportunityClock, PacketsShareAnOpportunityOnlyWhileTheyQueue) {
    const DeliveryTrace trace{{10}};
    OpportunityClock clock(trace);
    EXPECT_EQ(clock.Deliver(Duration::zero(), 1000), milliseconds(10));
    // The next waits already: 500 bytes of it go at once, the rest at the next opportunity.
    EXPECT_EQ(clock.Deliver(milliseconds(10), 1000), milliseconds(20));
    EXPECT_EQ(clock.Deliver(milliseconds(20), 1000), milliseconds(20));
    // One that comes later finds nothing left.
    EXPECT_EQ(clock.Deliver(milliseconds(21), 10), milliseconds(30));
    EXPECT_EQ(clock.Deliver(milliseconds(55), 3000), milliseconds(70));
}

}  // namespace
}  // namespace crsp::lab
