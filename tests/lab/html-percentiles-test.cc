// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-percentiles.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

namespace crsp::lab {
namespace {

std::vector<Distribution> SteppedRuns(int count) {
    std::vector<Distribution> runs;
    for (int i = 0; i < count; ++i) {
        std::vector<double> samples;
        for (int k = 0; k < 100; ++k) samples.push_back(0.01 * i + k);
        runs.emplace_back(samples);
    }
    return runs;
}

TEST(HtmlPercentiles, HaveAnIntervalWhereRunsAreEnough) {
    EXPECT_FALSE(PercentilesOf(SteppedRuns(7), {0.5})[0].told);
    const auto told = PercentilesOf(SteppedRuns(12), {0.5, 0.999});
    EXPECT_TRUE(told[0].told);
    EXPECT_LE(told[0].low, told[0].value);
    EXPECT_GE(told[0].high, told[0].value);
    EXPECT_LT(told[0].low, told[0].high);
    EXPECT_FALSE(told[1].told) << "one sample is beyond";
}

TEST(HtmlPercentiles, HaveNoIntervalWhereFewRunsMakeTheTail) {
    auto runs = SteppedRuns(30);
    for (int i = 0; i < 5; ++i) runs.emplace_back(std::vector<double>(100, 1000.0 + i));
    const auto told = PercentilesOf(runs, {0.5, 0.95});
    EXPECT_TRUE(told[0].told);
    EXPECT_FALSE(told[1].told);
}

/// Of the standard normal distribution, up to 0.5, 0.9 and 0.99.
constexpr std::array kNormal = {0.0, 1.2815515655446004, 2.3263478740408408};

struct Coverage {
    int told = 0;
    int wrong = 0;  ///< of those told: the true percentile is not in the interval
};
using Coverages = std::array<Coverage, kNormal.size()>;

constexpr int kReports = 100;
constexpr int kSamples = 140;

/// Of reports on so many runs, of samples whose logarithms are normal, with `ofRuns` of their
/// variance between runs.
Coverages CoverageOf(int runCount, double ofRuns) {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    Coverages coverages;
    for (int report = 0; report < kReports; ++report) {
        std::vector<Distribution> runs;
        for (int run = 0; run < runCount; ++run) {
            const double common = std::sqrt(ofRuns) * normal(random);
            std::vector<double> samples;
            for (int i = 0; i < kSamples; ++i) {
                samples.push_back(std::exp(common + std::sqrt(1 - ofRuns) * normal(random)));
            }
            runs.emplace_back(samples);
        }
        const auto percentiles = PercentilesOf(runs, {0.5, 0.9, 0.99});
        for (std::size_t k = 0; k < kNormal.size(); ++k) {
            const auto& [value, low, high, told] = percentiles[k];
            const double truth = std::exp(kNormal[k]);
            coverages[k].told += told;
            coverages[k].wrong += told && (truth < low || truth > high);
        }
    }
    return coverages;
}

TEST(HtmlPercentiles, IntervalsHoldWhatTheyClaim) {
    for (const int runs : {10, 20}) {
        for (const double ofRuns : {0.0, 0.1, 0.5}) {
            for (const Coverage& coverage : CoverageOf(runs, ofRuns)) {
                // 5 of 100 are claimed, and 10 or fewer come in 99 of 100 draws of 100 reports.
                EXPECT_LE(coverage.wrong, 10) << runs << " runs, " << ofRuns;
            }
        }
    }
    for (const Coverage& coverage : CoverageOf(20, 0)) {
        EXPECT_GE(coverage.told, 95);
        EXPECT_GE(coverage.wrong, 1) << "so wide that they say nothing";
    }
}

}  // namespace
}  // namespace crsp::lab
