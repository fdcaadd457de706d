// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "model/base/random.h"
#include "scenarios/lab/metrics.h"

namespace crsp::lab {
namespace {

std::vector<double> Samples(std::size_t count) {
    Random random(7);
    std::vector<double> samples;
    for (std::size_t i = 0; i < count; ++i) samples.push_back(10 * random.Exponential());
    return samples;
}

TEST(Distribution, FewSamplesAreKeptAsTheyAre) {
    const auto samples = Samples(1000);
    const Distribution distribution(samples);
    EXPECT_TRUE(distribution.Exact());
    for (const double share : {0.0, 0.5, 0.9, 0.999, 1.0}) {
        EXPECT_DOUBLE_EQ(distribution.Quantile(share), Quantile(samples, share)) << share;
    }
}

TEST(Distribution, ManyAreAHistogramWithinOnePercent) {
    const auto samples = Samples(100'000);
    const Distribution distribution(samples);
    EXPECT_FALSE(distribution.Exact());
    EXPECT_LT(distribution.Values().size(), 2000u);
    for (const double share : {0.5, 0.75, 0.9, 0.99, 0.999}) {
        const double exact = Quantile(samples, share);
        EXPECT_NEAR(distribution.Quantile(share), exact, 0.01 * exact) << share;
    }
    EXPECT_EQ(distribution.Quantile(0), *std::min_element(samples.begin(), samples.end()));
    EXPECT_EQ(distribution.Quantile(1), *std::max_element(samples.begin(), samples.end()));
}

TEST(Distribution, JoinedIsAsIfAllHadBeenAddedToOne) {
    const auto samples = Samples(3000);
    Distribution whole(samples);
    Distribution first(std::vector<double>(samples.begin(), samples.begin() + 500));
    const Distribution second(std::vector<double>(samples.begin() + 500, samples.end()));
    first.Join(second);
    EXPECT_EQ(first.Values(), whole.Values());
    EXPECT_EQ(first.Count(), 3000u);
    EXPECT_EQ(first.Most(), whole.Most());
    EXPECT_NEAR(first.Mean(), whole.Mean(), 1e-9);
}

TEST(Distribution, ZeroAndNegativeHaveBinsOfTheirOwn) {
    Distribution distribution;
    for (int i = 0; i < 600; ++i) {
        distribution.Add(0);
        distribution.Add(-4);
    }
    EXPECT_FALSE(distribution.Exact());
    EXPECT_EQ(distribution.Values().at(0), 600u);
    EXPECT_EQ(distribution.Quantile(0), -4);
    EXPECT_EQ(distribution.Quantile(1), 0);
}

}  // namespace
}  // namespace crsp::lab
