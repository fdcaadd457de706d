// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>

namespace crsp {
namespace {

constexpr int kDraws = 200'000;

// Computed with an independent implementation of SplitMix64 and xoshiro256**.
TEST(Random, GivesThePublishedSequence) {
    Random zero(0);
    EXPECT_EQ(zero.Next(), 0x99ec5f36cb75f2b4u);
    EXPECT_EQ(zero.Next(), 0xbf6e1f784956452au);
    EXPECT_EQ(zero.Next(), 0x1a5f849d4933e6e0u);
    Random other(0x0123456789abcdef);
    EXPECT_EQ(other.Next(), 0xa2c2a42038d4ec3du);
    EXPECT_EQ(other.Next(), 0x05fc25d0738e7b0fu);
}

TEST(Random, EqualSeedsGiveEqualSequencesAndOthersDoNot) {
    Random a(42);
    Random b(42);
    Random c(43);
    EXPECT_EQ(a.Next(), b.Next());
    EXPECT_NE(a.Next(), c.Next());
}

TEST(Random, StreamsDependOnSeedAndLabelAlone) {
    auto loss = Random::Stream(7, "loss");
    auto again = Random::Stream(7, "loss");
    auto delay = Random::Stream(7, "delay");
    auto otherSeed = Random::Stream(8, "loss");
    for (int i = 0; i < 5; ++i) delay.Next();
    const auto first = loss.Next();
    EXPECT_EQ(first, again.Next());
    EXPECT_NE(first, Random::Stream(7, "delay").Next());
    EXPECT_NE(first, otherSeed.Next());
}

TEST(Random, UniformFillsTheUnitIntervalEvenly) {
    Random random(1);
    double sum = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double value = random.Uniform();
        ASSERT_GE(value, 0.0);
        ASSERT_LT(value, 1.0);
        sum += value;
    }
    EXPECT_NEAR(sum / kDraws, 0.5, 0.003);
}

TEST(Random, BelowIsEvenAndStaysBelow) {
    Random random(2);
    std::array<int, 7> counts{};
    for (int i = 0; i < kDraws; ++i) ++counts.at(random.Below(counts.size()));
    for (const int count : counts) EXPECT_NEAR(count, kDraws / 7.0, 700);
    EXPECT_EQ(random.Below(1), 0u);
}

TEST(Random, BelowIsUnbiasedForBoundsNearTheWholeRange) {
    // Three quarters of 2^64: a plain multiplication or modulo would favour a third of the values.
    Random random(3);
    const std::uint64_t bound = std::uint64_t{3} << 62;
    int lowThird = 0;
    for (int i = 0; i < kDraws; ++i) {
        const std::uint64_t value = random.Below(bound);
        ASSERT_LT(value, bound);
        if (value < bound / 3) ++lowThird;
    }
    EXPECT_NEAR(lowThird, kDraws / 3.0, 900);
}

TEST(RandomDeathTest, BelowZeroIsOurBug) {
    Random random(1);
    EXPECT_DEATH(random.Below(0), "bound > 0");
}

TEST(Random, ChanceMatchesItsProbabilityAndAlwaysDrawsOnce) {
    Random random(4);
    int hits = 0;
    for (int i = 0; i < kDraws; ++i) hits += random.Chance(0.05) ? 1 : 0;
    EXPECT_NEAR(hits, kDraws * 0.05, 400);
    Random a(5);
    Random b(5);
    EXPECT_FALSE(a.Chance(0));
    EXPECT_TRUE(b.Chance(1));
    EXPECT_EQ(a.Next(), b.Next());
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
    Random random(6);
    double sum = 0;
    double squares = 0;
    int withinOne = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double value = random.Normal();
        sum += value;
        squares += value * value;
        if (std::abs(value) < 1) ++withinOne;
    }
    EXPECT_NEAR(sum / kDraws, 0, 0.01);
    EXPECT_NEAR(squares / kDraws, 1, 0.02);
    EXPECT_NEAR(withinOne, kDraws * 0.6827, 900);
}

TEST(Random, ExponentialHasMeanOne) {
    Random random(7);
    double sum = 0;
    int beyondOne = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double value = random.Exponential();
        ASSERT_GE(value, 0);
        sum += value;
        if (value > 1) ++beyondOne;
    }
    EXPECT_NEAR(sum / kDraws, 1, 0.01);
    EXPECT_NEAR(beyondOne, kDraws * 0.3679, 900);
}

// The published test vectors of FNV-1a.
TEST(StableHash, IsFnv1a) {
    EXPECT_EQ(StableHash(""), 0xcbf29ce484222325u);
    EXPECT_EQ(StableHash("a"), 0xaf63dc4c8601ec8cu);
    EXPECT_EQ(StableHash("foobar"), 0x85944171f73967e8u);
}

}  // namespace
}  // namespace crsp
