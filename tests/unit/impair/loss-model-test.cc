// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/loss-model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace crsp {
namespace {

std::vector<bool> Draws(const LossConfig& config, int packets, std::uint64_t seed = 1) {
    LossModel model(config, seed, "link");
    std::vector<bool> lost;
    for (int i = 0; i < packets; ++i) lost.push_back(model.Draw());
    return lost;
}

LossConfig With(LossProcess process) {
    return {.process = process, .dropList = {}};
}

struct Bursts {
    int lost = 0;
    int count = 0;
    int longest = 0;
    double Mean() const { return static_cast<double>(lost) / count; }
};

Bursts Measure(const std::vector<bool>& lost) {
    Bursts bursts;
    int run = 0;
    for (const bool l : lost) {
        run = l ? run + 1 : 0;
        bursts.lost += l;
        bursts.count += run == 1;
        bursts.longest = std::max(bursts.longest, run);
    }
    return bursts;
}

/// Four standard deviations of a binomial: one false alarm in 16,000.
double Tolerance(int n, double p) {
    return 4 * std::sqrt(n * p * (1 - p));
}

constexpr int kPackets = 200'000;

TEST(LossModel, OffByDefault) {
    EXPECT_EQ(Measure(Draws({}, 10'000)).lost, 0);
}

TEST(LossModel, BernoulliLosesItsShare) {
    for (const double p : {0.001, 0.02, 0.3, 0.97}) {
        const auto bursts = Measure(Draws(With(BernoulliLoss{p, 0}), kPackets));
        EXPECT_NEAR(bursts.lost, kPackets * p, Tolerance(kPackets, p)) << p;
        EXPECT_NEAR(bursts.Mean(), 1 / (1 - p), 0.1 / (1 - p)) << p;
    }
}

TEST(LossModel, BernoulliLimits) {
    EXPECT_EQ(Measure(Draws(With(BernoulliLoss{0, 0}), 1000)).lost, 0);
    EXPECT_EQ(Measure(Draws(With(BernoulliLoss{1, 0}), 1000)).lost, 1000);
}

TEST(LossModel, BurstCapHoldsAndLowersTheMeanAsDerived) {
    const LossProcess process = BernoulliLoss{0.3, 3};
    const auto bursts = Measure(Draws(With(process), kPackets));
    EXPECT_EQ(bursts.longest, 3);
    EXPECT_NEAR(MeanLoss(process), 0.2943, 0.00005);
    EXPECT_NEAR(bursts.lost, kPackets * MeanLoss(process), Tolerance(kPackets, 0.2943));
}

TEST(LossModel, BurstCapOfOneAlternatesUnderCertainLoss) {
    const auto lost = Draws(With(BernoulliLoss{1, 1}), 10);
    for (std::size_t i = 0; i < lost.size(); ++i) EXPECT_EQ(lost[i], i % 2 == 0) << i;
}

TEST(LossModel, GilbertHasTheMeanLossAndTheMeanBurst) {
    const struct { double loss, burst; } cases[] = {{0.01, 2}, {0.05, 5}, {0.2, 3}, {0.1, 10}};
    for (const auto& [loss, burst] : cases) {
        const auto model = GilbertFromMean(loss, burst);
        ASSERT_TRUE(model);
        const auto bursts = Measure(Draws(With(*model), 1'000'000));
        EXPECT_NEAR(bursts.lost / 1e6, loss, 0.05 * loss) << loss << " " << burst;
        EXPECT_NEAR(bursts.Mean(), burst, 0.05 * burst) << loss << " " << burst;
    }
}

TEST(LossModel, GilbertElliottLosesInBothStates) {
    const GilbertElliottLoss config{
        .goodToBad = 0.01, .badToGood = 0.1, .lossInGood = 0.02, .lossInBad = 0.5};
    EXPECT_NEAR(MeanLoss(config), (0.1 * 0.02 + 0.01 * 0.5) / 0.11, 1e-12);
    const auto bursts = Measure(Draws(With(config), 1'000'000));
    EXPECT_NEAR(bursts.lost / 1e6, MeanLoss(config), 0.05 * MeanLoss(config));
}

TEST(LossModel, GilbertElliottStartsInItsStationaryDistribution) {
    // The state never changes, so the first packet's loss is the share of bad starts.
    const GilbertElliottLoss config{
        .goodToBad = 1e-9, .badToGood = 3e-9, .lossInGood = 0, .lossInBad = 1};
    int bad = 0;
    for (std::uint64_t seed = 0; seed < 10'000; ++seed) bad += Draws(With(config), 1, seed)[0];
    EXPECT_NEAR(bad, 2500, Tolerance(10'000, 0.25));
}

TEST(LossModel, LossSharesDoNotMoveTheFades) {
    GilbertElliottLoss config{.goodToBad = 0.05, .badToGood = 0.2, .lossInGood = 0, .lossInBad = 1};
    const auto bad = Draws(With(config), 10'000);
    config.lossInBad = 0.5;
    const auto some = Draws(With(config), 10'000);
    for (std::size_t i = 0; i < bad.size(); ++i) EXPECT_TRUE(!some[i] || bad[i]) << i;
    EXPECT_NEAR(Measure(some).lost, Measure(bad).lost / 2.0, 150);
}

TEST(LossModel, RaisingTheProbabilityOnlyAddsLosses) {
    const auto few = Draws(With(BernoulliLoss{0.05, 0}), 10'000);
    const auto more = Draws(With(BernoulliLoss{0.1, 0}), 10'000);
    for (std::size_t i = 0; i < few.size(); ++i) EXPECT_TRUE(!few[i] || more[i]) << i;
}

TEST(LossModel, DropListCountsFromOneAndJoinsTheProcess) {
    LossConfig config;
    config.dropList.Add({1, 2});
    config.dropList.Add({4, 6});
    const auto listed = Draws(config, 7);
    EXPECT_EQ(listed, (std::vector<bool>{true, false, false, true, true, false, false}));

    config.process = BernoulliLoss{0.5, 0};
    const auto both = Draws(config, 1000);
    const auto alone = Draws(With(BernoulliLoss{0.5, 0}), 1000);
    for (std::size_t i = 0; i < both.size(); ++i) {
        EXPECT_EQ(both[i], alone[i] || (i < listed.size() && listed[i])) << i;
    }
}

TEST(LossModel, SameSeedSameLossesOtherSeedOthers) {
    const auto config = With(BernoulliLoss{0.5, 0});
    EXPECT_EQ(Draws(config, 1000, 7), Draws(config, 1000, 7));
    EXPECT_NE(Draws(config, 1000, 7), Draws(config, 1000, 8));
}

TEST(CappedChance, DrawsOnceAlsoWhenTheCapDecides) {
    // After the same number of calls both generators stand at the same place.
    CappedChance capped(0.9, 1, Random(1));
    CappedChance free(0.9, 0, Random(1));
    for (int i = 0; i < 1000; ++i) {
        const bool a = capped.Draw();
        const bool b = free.Draw();
        EXPECT_TRUE(!a || b) << i;
    }
}

TEST(GilbertElliottChain, MovesBeforeEachPacket) {
    // Certain moves: good, bad, good, ... from whichever state comes first.
    GilbertElliottChain chain({.goodToBad = 1, .badToGood = 1, .lossInGood = 0, .lossInBad = 1},
                              Random(1), Random(2));
    bool previous = chain.Draw();
    for (int i = 0; i < 10; ++i) {
        const bool lost = chain.Draw();
        EXPECT_NE(lost, previous);
        previous = lost;
    }
}

}  // namespace
}  // namespace crsp
