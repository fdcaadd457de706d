// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/impairment-config.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace crsp {
namespace {

using namespace std::chrono_literals;

/// What Validate says about a default configuration with one change.
std::string Complaint(const std::function<void(ImpairmentConfig&)>& change) {
    ImpairmentConfig config;
    change(config);
    const auto result = Validate(config);
    return result ? "" : result.error();
}

void ExpectNames(const std::string& field, const std::function<void(ImpairmentConfig&)>& change) {
    const auto complaint = Complaint(change);
    EXPECT_EQ(complaint.substr(0, field.size() + 1), field + " ") << complaint;
    EXPECT_EQ(complaint.find('\n'), std::string::npos);
}

TEST(ImpairmentConfig, TheDefaultIsValid) {
    EXPECT_EQ(Complaint([](auto&) {}), "");
}

TEST(ImpairmentConfig, EverythingAtOnceIsValid) {
    EXPECT_EQ(Complaint([](auto& c) {
                  c.loss.process = GilbertElliottLoss{0.1, 0.5, 0, 1};
                  c.loss.dropList.Add({1, 4});
                  c.delay = 10ms;
                  c.jitter = {JitterConfig::Kind::kUniform, 10ms, false};
                  c.reorder = {0.1, 1ms};
                  c.duplicate = {0.1, kMaxCopies};
                  c.corrupt = {0.1, kMaxFlippedBits, 3};
                  c.truncate.probability = 1;
                  c.rate.bitsPerSecond = 0;
                  c.rate.schedule = {{1ms, kMinRate}, {2ms, 0}};
                  c.rate.schedulePeriod = 3ms;
                  c.rate.queueBytes = 0;
                  c.rate.queuePackets = kMaxQueuePackets;
                  c.rate.queueTime = 1s;
                  c.blackout = {{{1s, 2s}, {2s, 3s}}, 5s, 2s};
              }),
              "");
}

TEST(ImpairmentConfig, ProbabilitiesLieInZeroToOne) {
    for (const double bad : {-0.01, 1.01, std::nan("")}) {
        ExpectNames("loss.probability", [&](auto& c) { c.loss.process = BernoulliLoss{bad, 0}; });
        ExpectNames("loss.goodToBad", [&](auto& c) {
            c.loss.process = GilbertElliottLoss{bad, 1, 0, 1};
        });
        ExpectNames("loss.badToGood", [&](auto& c) {
            c.loss.process = GilbertElliottLoss{0, bad, 0, 1};
        });
        ExpectNames("loss.lossInGood", [&](auto& c) {
            c.loss.process = GilbertElliottLoss{0, 1, bad, 1};
        });
        ExpectNames("loss.lossInBad", [&](auto& c) {
            c.loss.process = GilbertElliottLoss{0, 1, 0, bad};
        });
        ExpectNames("reorder.probability", [&](auto& c) { c.reorder = {bad, 1ms}; });
        ExpectNames("duplicate.probability", [&](auto& c) { c.duplicate.probability = bad; });
        ExpectNames("corrupt.probability", [&](auto& c) { c.corrupt.probability = bad; });
        ExpectNames("truncate.probability", [&](auto& c) { c.truncate.probability = bad; });
    }
    EXPECT_EQ(Complaint([](auto& c) {
                  c.loss.process = BernoulliLoss{1.5, 0};
              }),
              "loss.probability is 1.5; a probability lies in [0, 1]");
}

TEST(ImpairmentConfig, TimesAreNeitherNegativeNorAbsurd) {
    for (const Duration bad : {Duration{-1ns}, kMaxImpairmentTime + 1ns}) {
        ExpectNames("delay", [&](auto& c) { c.delay = bad; });
        ExpectNames("jitter.spread", [&](auto& c) { c.jitter.spread = bad; });
        ExpectNames("reorder.extraDelay", [&](auto& c) { c.reorder.extraDelay = bad; });
        ExpectNames("rate.queueTime", [&](auto& c) { c.rate.queueTime = bad; });
        ExpectNames("rate.schedulePeriod", [&](auto& c) { c.rate.schedulePeriod = bad; });
        ExpectNames("blackout.on", [&](auto& c) { c.blackout.on = bad; });
        ExpectNames("blackout.off", [&](auto& c) { c.blackout.off = bad; });
    }
}

TEST(ImpairmentConfig, CountsHaveLimits) {
    for (const std::uint32_t bad : {0U, kMaxCopies + 1}) {
        ExpectNames("duplicate.copies", [&](auto& c) { c.duplicate.copies = bad; });
    }
    for (const std::uint32_t bad : {0U, kMaxFlippedBits + 1}) {
        ExpectNames("corrupt.flippedBits", [&](auto& c) { c.corrupt.flippedBits = bad; });
    }
    ExpectNames("rate.queuePackets", [](auto& c) { c.rate.queuePackets = kMaxQueuePackets + 1; });
    ExpectNames("rate.overheadBytes",
                [](auto& c) { c.rate.overheadBytes = kMaxOverheadBytes + 1; });
}

TEST(ImpairmentConfig, RefusesWhatCouldNotBeRealised) {
    ExpectNames("jitter.spread", [](auto& c) {
        c.delay = 5ms;
        c.jitter = {JitterConfig::Kind::kUniform, 6ms, true};
    });
    ExpectNames("reorder.extraDelay", [](auto& c) { c.reorder.probability = 0.1; });
    ExpectNames("loss.dropList", [](auto& c) { c.loss.dropList.Add({0, 1}); });
}

TEST(ImpairmentConfig, RatesAndSchedules) {
    ExpectNames("rate.bitsPerSecond", [](auto& c) { c.rate.bitsPerSecond = kMinRate - 1; });
    ExpectNames("rate.bitsPerSecond", [](auto& c) { c.rate.queueBytes = 1000; });
    ExpectNames("rate.bitsPerSecond", [](auto& c) { c.rate.schedule = {{1s, 1000}}; });
    const auto schedule = [](std::vector<RateStep> steps, Duration period = 0s) {
        return [=](ImpairmentConfig& c) {
            c.rate.bitsPerSecond = 1000;
            c.rate.schedule = steps;
            c.rate.schedulePeriod = period;
        };
    };
    EXPECT_EQ(Complaint(schedule({{1s, 0}, {2s, 1000}})), "");
    EXPECT_EQ(Complaint(schedule({{1s, 0}}, 2s)), "");
    ExpectNames("rate.schedule", schedule({{0s, 1000}}));
    ExpectNames("rate.schedule", schedule({{2s, 1000}, {1s, 1000}}));
    ExpectNames("rate.schedule", schedule({{1s, kMinRate - 1}}));
    ExpectNames("rate.schedulePeriod", schedule({{1s, 1000}}, 1s));
    ExpectNames("rate.schedulePeriod", schedule({}, 1s));
    ExpectNames("rate", schedule({{1s, 0}}));
    ExpectNames("rate", [](auto& c) { c.rate.bitsPerSecond = 0; });
}

TEST(ImpairmentConfig, Blackouts) {
    ExpectNames("blackout.intervals", [](auto& c) { c.blackout.intervals = {{2s, 2s}}; });
    ExpectNames("blackout.intervals", [](auto& c) { c.blackout.intervals = {{-1s, 2s}}; });
    ExpectNames("blackout.intervals", [](auto& c) { c.blackout.intervals = {{1s, 3s}, {2s, 4s}}; });
    ExpectNames("blackout.on", [](auto& c) { c.blackout.on = 1s; });
    ExpectNames("blackout.on", [](auto& c) { c.blackout.off = 1s; });
}

TEST(ImpairmentConfig, GilbertFromMeanSolvesForTheTwoParameters) {
    const auto model = GilbertFromMean(0.05, 5);
    ASSERT_TRUE(model);
    EXPECT_DOUBLE_EQ(model->badToGood, 0.2);
    EXPECT_DOUBLE_EQ(model->goodToBad, 0.2 * 0.05 / 0.95);
    EXPECT_DOUBLE_EQ(MeanLoss(*model), 0.05);
    EXPECT_EQ(MeanLoss(*GilbertFromMean(0, 1)), 0);
}

TEST(ImpairmentConfig, GilbertFromMeanRefusesTheImpossible) {
    EXPECT_FALSE(GilbertFromMean(1, 5));
    EXPECT_FALSE(GilbertFromMean(-0.1, 5));
    EXPECT_FALSE(GilbertFromMean(0.1, 0.9));
    EXPECT_FALSE(GilbertFromMean(0.1, INFINITY));
    EXPECT_FALSE(GilbertFromMean(std::nan(""), 2));
    EXPECT_EQ(GilbertFromMean(0.9, 2).error(),
              "loss.burst is 2; a mean loss of 0.9 needs longer bursts");
}

TEST(ImpairmentConfig, MeanLossOfEachProcess) {
    EXPECT_EQ(MeanLoss(std::monostate{}), 0);
    EXPECT_EQ(MeanLoss(BernoulliLoss{0.25, 0}), 0.25);
    EXPECT_DOUBLE_EQ(MeanLoss(BernoulliLoss{1, 3}), 0.75);
    EXPECT_DOUBLE_EQ(MeanLoss(GilbertElliottLoss{0, 0, 0.125, 1}), 0.125);
}

TEST(ImpairmentConfig, AQueueThatMarksNeedsARate) {
    ImpairmentConfig config;
    config.markAbove = std::chrono::milliseconds(5);
    EXPECT_FALSE(Validate(config).has_value());
    config.rate.bitsPerSecond = 1'000'000;
    EXPECT_TRUE(Validate(config).has_value());
    config.markAbove = -std::chrono::milliseconds(5);
    EXPECT_FALSE(Validate(config).has_value());
}

}  // namespace
}  // namespace crsp
