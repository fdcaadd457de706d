// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/delay-model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace crsp {
namespace {

using namespace std::chrono_literals;
using Kind = JitterConfig::Kind;

std::vector<double> JitterSample(const JitterConfig& config, int count) {
    JitterModel model(config, Random(3));
    std::vector<double> sample;
    for (int i = 0; i < count; ++i) sample.push_back(ToMilliseconds(model.Draw()));
    return sample;
}

double Mean(const std::vector<double>& sample) {
    double sum = 0;
    for (const double x : sample) sum += x;
    return sum / static_cast<double>(sample.size());
}

ImpairmentConfig Jittery(bool mayReorder) {
    ImpairmentConfig config;
    config.delay = 50ms;
    config.jitter = {Kind::kTruncatedNormal, 5ms, mayReorder};
    return config;
}

std::vector<TimePoint> Arrivals(DelayModel& model, int count, Duration gap) {
    std::vector<TimePoint> arrivals;
    for (int i = 0; i < count; ++i) {
        arrivals.push_back(model.Arrive(TimePoint{i * gap}, model.Draw()));
    }
    return arrivals;
}

TEST(JitterModel, NoneIsZero) {
    EXPECT_EQ(Mean(JitterSample({}, 100)), 0);
}

TEST(JitterModel, UniformFillsItsRangeOnBothSides) {
    const auto sample = JitterSample({Kind::kUniform, 10ms, true}, 100'000);
    const auto [low, high] = std::minmax_element(sample.begin(), sample.end());
    EXPECT_GE(*low, -10);
    EXPECT_LE(*high, 10);
    EXPECT_LT(*low, -9.99);
    EXPECT_GT(*high, 9.99);
    EXPECT_NEAR(Mean(sample), 0, 0.1);
    const auto inner =
        std::count_if(sample.begin(), sample.end(), [](double x) { return std::abs(x) < 5; });
    EXPECT_NEAR(static_cast<double>(inner), 50'000, 700);
}

TEST(JitterModel, TruncatedNormalIsOneSidedAndEndsAtThreeSigma) {
    const auto sample = JitterSample({Kind::kTruncatedNormal, 5ms, true}, 100'000);
    const auto [low, high] = std::minmax_element(sample.begin(), sample.end());
    EXPECT_GE(*low, 0);
    EXPECT_EQ(*high, 15);
    // The half-normal mean is s sqrt(2 / pi); truncation at 3 s takes less than 0.1 % off.
    EXPECT_NEAR(Mean(sample), 5 * std::sqrt(2 / std::numbers::pi), 0.05);
    const auto within = std::count_if(sample.begin(), sample.end(), [](double x) { return x < 5; });
    EXPECT_NEAR(static_cast<double>(within), 68'270, 700);
    const auto atLimit =
        std::count_if(sample.begin(), sample.end(), [](double x) { return x == 15; });
    EXPECT_NEAR(static_cast<double>(atLimit), 270, 70);
}

TEST(DelayModel, ConstantDelay) {
    ImpairmentConfig config;
    config.delay = 50ms;
    DelayModel model(config, 1, "link");
    const auto arrivals = Arrivals(model, 100, 1ms);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(arrivals[static_cast<std::size_t>(i)], TimePoint{50ms + i * 1ms});
    }
}

TEST(DelayModel, JitterReordersUnlessForbidden) {
    DelayModel loose(Jittery(true), 1, "link");
    DelayModel strict(Jittery(false), 1, "link");
    const auto free = Arrivals(loose, 10'000, 1ms);
    const auto ordered = Arrivals(strict, 10'000, 1ms);
    EXPECT_FALSE(std::is_sorted(free.begin(), free.end()));
    EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
    TimePoint latest = TimePoint::min();
    for (std::size_t i = 0; i < free.size(); ++i) {
        latest = std::max(latest, free[i]);
        EXPECT_EQ(ordered[i], latest) << i;
    }
}

TEST(DelayModel, HeldPacketsAreLateByTheExtraDelayAndBlockNobody) {
    auto config = Jittery(false);
    DelayModel plain(config, 1, "link");
    config.reorder = {.probability = 0.1, .extraDelay = 1s};
    DelayModel holding(config, 1, "link");
    int held = 0;
    std::vector<TimePoint> others;
    for (int i = 0; i < 10'000; ++i) {
        const TimePoint departure{i * 1ms};
        const auto before = plain.Draw();
        const auto after = holding.Draw();
        EXPECT_EQ(before.jitter, after.jitter);
        const auto arrival = holding.Arrive(departure, after);
        if (!after.heldBack) {
            others.push_back(arrival);
            continue;
        }
        ++held;
        EXPECT_EQ(arrival, departure + 50ms + after.jitter + 1s);
    }
    EXPECT_NEAR(held, 1000, 120);
    EXPECT_TRUE(std::is_sorted(others.begin(), others.end()));
    EXPECT_LE(others.back(), TimePoint{9999ms + 65ms});
}

TEST(DelayModel, CopiesKeepTheOrderRuleAndMoveNobody) {
    DelayModel plain(Jittery(false), 1, "link");
    DelayModel copying(Jittery(false), 1, "link");
    for (int i = 0; i < 1000; ++i) {
        const TimePoint departure{i * 1ms};
        const auto original = copying.Arrive(departure, copying.Draw());
        EXPECT_EQ(original, plain.Arrive(departure, plain.Draw()));
        EXPECT_GE(copying.ArriveCopy(departure, copying.DrawCopy()), original);
    }
    DelayModel loose(Jittery(true), 1, "link");
    EXPECT_EQ(loose.ArriveCopy(TimePoint{1s}, 2ms), TimePoint{1052ms});
}

TEST(DelayModel, ChangeCountsForWhatFollowsAndKeepsTheOrder) {
    ImpairmentConfig config;
    config.delay = milliseconds(50);
    config.jitter.mayReorder = false;
    DelayModel model(config, 1, "link");
    const TimePoint start{};
    EXPECT_EQ(model.Arrive(start, model.Draw()), start + milliseconds(50));
    model.Change(milliseconds(10), config.jitter);
    EXPECT_EQ(model.Arrive(start + milliseconds(1), model.Draw()), start + milliseconds(50));
    EXPECT_EQ(model.Arrive(start + milliseconds(60), model.Draw()), start + milliseconds(70));
}

}  // namespace
}  // namespace crsp
