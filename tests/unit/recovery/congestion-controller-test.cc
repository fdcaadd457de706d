// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/congestion-controller.h"

#include <gtest/gtest.h>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

std::unique_ptr<CongestionController> AfterALoss(const CongestionConfig& config) {
    auto controller = MakeCongestionController(config, kPacketBytes);
    LossEvent loss;
    loss.now = At(200);
    loss.lastSentAt = At(100);
    controller->OnLost(loss);
    return controller;
}

TEST(CongestionController, FactoryMakesNewRenoInSlowStart) {
    const auto controller = MakeCongestionController({}, kPacketBytes);
    EXPECT_EQ(controller->State(), "slow_start");
    EXPECT_EQ(controller->CongestionWindow(), 12'000u);
    EXPECT_EQ(controller->SlowStartThreshold(), kNoSlowStartThreshold);
}

TEST(CongestionController, FactoryMakesTheOneThatWasChosen) {
    EXPECT_EQ(AfterALoss({CongestionAlgorithm::kNewReno})->CongestionWindow(), 6'000u);
    EXPECT_EQ(AfterALoss({CongestionAlgorithm::kCubic})->CongestionWindow(), 8'400u);
    EXPECT_EQ(AfterALoss({CongestionAlgorithm::kFixedRate, 1'000'000})->State(), "fixed_rate");
}

TEST(WindowPacingRate, IsTheWindowInEachRoundTripTimesTheGain) {
    EXPECT_EQ(WindowPacingRate(12'000, milliseconds(100), 100), 120'000u);
    EXPECT_EQ(WindowPacingRate(12'000, milliseconds(100), 125), 150'000u);
    EXPECT_EQ(WindowPacingRate(12'000, milliseconds(100), 200), 240'000u);
}

TEST(WindowPacingRate, IsNeverZeroAndDividesByNothingTiny) {
    EXPECT_EQ(WindowPacingRate(1, seconds(3600), 100), 1u);
    EXPECT_EQ(WindowPacingRate(1000, Duration{}, 100), 1'000'000'000u);
    EXPECT_EQ(WindowPacingRate(~std::uint64_t{0}, Duration{}, 200), ~std::uint64_t{0});
}

}  // namespace
}  // namespace crsp
