// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "scenarios/lab/compare-command.h"
#include "scenarios/lab/false-alarms.h"

namespace crsp::lab {
namespace {

TEST(Statistics, SignFlipTestCountsAssignments) {
    // Of the 32 assignments only this one and its mirror image have so large a sum.
    EXPECT_DOUBLE_EQ(ComparePaired({1, 2, 3, 4, 5}, {}).p, 2.0 / 32);
    // Sums of 13 or more: all plus (15), or the 1 minus (13), and their mirror images.
    EXPECT_DOUBLE_EQ(ComparePaired({-1, 2, 3, 4, 5}, {}).p, 4.0 / 32);
    EXPECT_DOUBLE_EQ(ComparePaired({1, -1, 1, -1}, {}).p, 1);
    EXPECT_DOUBLE_EQ(ComparePaired({0, 0, 0}, {}).p, 1);
    for (std::size_t pairs : {2u, 5u, 14u, 15u, 30u}) {
        EXPECT_DOUBLE_EQ(ComparePaired(std::vector<double>(pairs, 1.5), {}).p,
                         std::ldexp(2.0, -static_cast<int>(pairs)));
    }
}

TEST(Statistics, SampledTestIsNearTheExactOne) {
    std::vector<double> values;
    for (int i = 0; i < 30; ++i) values.push_back(i % 3 == 0 ? -1.0 - i : 2.0 + i);
    const double exact = ComparePaired(values, {}).p;
    // Zeros change nothing but the number of pairs, which is then beyond the exact test.
    values.insert(values.end(), {0, 0, 0, 0});
    EXPECT_GT(exact, 0.01);
    EXPECT_NEAR(ComparePaired(values, {0.95, 100, 3, 20'000}).p, exact, 0.01);
}

std::vector<Comparison> Alike(std::size_t rows, std::size_t pairs, double alpha) {
    const std::size_t flips = FlipsFor(rows, alpha);
    Comparison row;
    row.metric = "completion-time";
    row.result = ComparePaired(std::vector<double>(pairs, 1.5), {0.95, 10, 1, flips});
    std::vector<Comparison> all(rows, row);
    Judge(all, alpha, flips);
    return all;
}

TEST(Statistics, ManyRowsOfManyPairsCanStillAlarm) {
    for (const std::size_t pairs : {15u, 20u, 40u}) {
        EXPECT_EQ(Alike(500, pairs, 0.05)[0].verdict, CompareVerdict::kWorse) << pairs;
    }
    EXPECT_EQ(Alike(50, 40, 0.0001)[0].verdict, CompareVerdict::kWorse);
}

TEST(Statistics, RowsThatNoDrawCouldTellAreNotPassed) {
    const auto rows = Alike(200, 31, 0.0001);
    EXPECT_EQ(rows[0].verdict, CompareVerdict::kNotEnough);
    EXPECT_EQ(VerdictText(rows[0]),
              "not enough: the test cannot tell so many rows; compare fewer, or raise alpha");
    EXPECT_EQ(CheckGates({*CompareGate::Parse("worse:completion-time")}, {rows, 31, "", {}})
                  .unjudged.size(),
              200u);
}

TEST(Statistics, IntervalHoldsTheMeanAndGrowsWithConfidence) {
    const std::vector<double> values{3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
    const auto narrow = ComparePaired(values, {0.8, 4000, 1});
    const auto wide = ComparePaired(values, {0.99, 4000, 1});
    EXPECT_DOUBLE_EQ(narrow.mean, 3.9);
    EXPECT_LT(wide.low, narrow.low);
    EXPECT_LT(narrow.low, 3.9);
    EXPECT_GT(narrow.high, 3.9);
    EXPECT_GT(wide.high, narrow.high);
    // Student's own, of which this is the bootstrap: 3.9 -+ 1.383 * 2.470 / sqrt(10).
    EXPECT_NEAR(narrow.low, 3.9 - 1.08, 0.35);
    EXPECT_NEAR(narrow.high, 3.9 + 1.08, 0.35);
    EXPECT_NEAR(narrow.effect, 3.9 / 2.4698, 0.001);
}

TEST(Statistics, StudentsIntervalIsThatOfTheTables) {
    // 2.776 * 1.5811 / sqrt(5), with four degrees of freedom.
    const auto interval = StudentInterval({1, 2, 3, 4, 5}, 0.95);
    EXPECT_NEAR(interval.low, 3 - 1.963, 0.001);
    EXPECT_NEAR(interval.high, 3 + 1.963, 0.001);
}

TEST(Statistics, SameSeedSameResult) {
    const std::vector<double> values{3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
    EXPECT_EQ(ComparePaired(values, {0.95, 500, 7}).low, ComparePaired(values, {0.95, 500, 7}).low);
    EXPECT_NE(ComparePaired(values, {0.95, 500, 7}).low, ComparePaired(values, {0.95, 500, 8}).low);
}

TEST(Statistics, HolmMultipliesBySmallerAndSmallerNumbers) {
    EXPECT_THAT(HolmCorrected({0.01, 0.04, 0.03}),
                testing::Pointwise(testing::DoubleEq(), {0.03, 0.06, 0.06}));
    EXPECT_THAT(HolmCorrected({0.6, 0.7}), testing::Each(1.0));
    EXPECT_TRUE(HolmCorrected({}).empty());
}

TEST(Statistics, ShareIntervalIsThatOfTheTables) {
    const auto interval = ClopperPearson(5, 100, 0.95);
    EXPECT_NEAR(interval.low, 0.0164, 0.0001);
    EXPECT_NEAR(interval.high, 0.1128, 0.0001);
    EXPECT_EQ(ClopperPearson(0, 10, 0.95).low, 0);
}

/// A with A, 1,000 times: the share of false alarms is what compare claims.
TEST(FalseAlarms, AreNoMoreThanClaimed) {
    AlarmOptions options;
    options.resamples = 50;  // of the intervals, which are not counted here
    for (const AlarmSource& source : SyntheticSources(400, 1)) {
        const AlarmCounts counts = CountFalseAlarms(source, options);
        EXPECT_EQ(counts.comparisons, 1000u);
        const auto interval = ClopperPearson(counts.alarms, 1000, 0.99);
        EXPECT_LE(interval.low, 0.05) << source.name << ": " << counts.alarms;
        // And it is not silent: but for ties the test is as sharp as it may be.
        if (source.name != "five values only") {
            EXPECT_GE(interval.high, 0.04) << source.name;
        }
    }
}

}  // namespace
}  // namespace crsp::lab
