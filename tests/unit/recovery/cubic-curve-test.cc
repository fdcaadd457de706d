// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/cubic-curve.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/recovery/recovery-fixture.h"

namespace crsp {
namespace {

constexpr std::uint64_t kPlateau = 1000 * kPacketBytes;
constexpr std::uint64_t kFrom = 700 * kPacketBytes;

/// K of RFC 9438 §4.2 in seconds, the way the text has it.
double TextbookK(double packets) {
    return std::cbrt(packets / 0.4);
}

std::uint64_t Growth(const CubicCurve& curve, double from, double to) {
    return curve.WindowAt(FromSeconds(to)) - curve.WindowAt(FromSeconds(from));
}

TEST(CubicCurve, BeginsWhereTheLossLeftItAndReachesThePlateauAtK) {
    const CubicCurve curve(kPacketBytes, kFrom, kPlateau);
    EXPECT_NEAR(ToSeconds(curve.PlateauAt()), TextbookK(300), 2e-6);
    EXPECT_NEAR(static_cast<double>(curve.WindowAt(Duration{})), kFrom, 2);
    EXPECT_EQ(curve.WindowAt(curve.PlateauAt()), kPlateau);
}

TEST(CubicCurve, RootIsExactOverTheWholeRangeOfWindows) {
    for (std::uint64_t packets = 1; packets <= std::uint64_t{1} << 25; packets *= 3) {
        const CubicCurve curve(kPacketBytes, kPacketBytes, (packets + 1) * kPacketBytes);
        const double k = TextbookK(static_cast<double>(packets));
        EXPECT_NEAR(ToSeconds(curve.PlateauAt()), k, 2e-6 + 1e-12 * k) << packets;
    }
}

TEST(CubicCurve, IsConcaveBeforeThePlateauAndConvexAfterIt) {
    const CubicCurve curve(kPacketBytes, kFrom, kPlateau);
    const double k = ToSeconds(curve.PlateauAt());
    EXPECT_GT(Growth(curve, 0, 0.3 * k), 2 * Growth(curve, 0.3 * k, 0.6 * k));
    EXPECT_GT(Growth(curve, 0.3 * k, 0.6 * k), 2 * Growth(curve, 0.7 * k, k));
    EXPECT_GT(Growth(curve, 1.3 * k, 1.6 * k), 2 * Growth(curve, k, 1.3 * k));
    EXPECT_NEAR(static_cast<double>(Growth(curve, 0, k)),
                static_cast<double>(Growth(curve, k, 2 * k)), 10);
}

TEST(CubicCurve, FollowsTheFormulaOnBothSides) {
    const CubicCurve curve(kPacketBytes, kFrom, kPlateau);
    for (double t = 0; t < 30; t += 0.7) {
        const double distance = t - TextbookK(300);
        const double expected = (0.4 * distance * distance * distance + 1000) * kPacketBytes;
        EXPECT_NEAR(static_cast<double>(curve.WindowAt(FromSeconds(t))), expected,
                    1 + expected * 1e-5);
    }
}

TEST(CubicCurve, PlateauNotAboveTheBeginningStartsFlat) {
    const CubicCurve curve(kPacketBytes, kPlateau, kFrom);
    EXPECT_EQ(curve.PlateauAt(), Duration{});
    EXPECT_EQ(curve.WindowAt(Duration{}), kPlateau);
    EXPECT_EQ(curve.WindowAt(seconds(10)), kPlateau + 400 * kPacketBytes);
}

TEST(CubicCurve, NeverLeavesItsBounds) {
    const CubicCurve curve(kPacketBytes, 0, ~std::uint64_t{0});
    EXPECT_EQ(curve.WindowAt(curve.PlateauAt()), CubicCurve::kMaxWindow);
    const CubicCurve small(kPacketBytes, kFrom, kPlateau);
    EXPECT_EQ(small.WindowAt(std::chrono::hours(100'000)), CubicCurve::kMaxWindow);
    EXPECT_LT(curve.WindowAt(Duration{}), 1'000'000u);
}

}  // namespace
}  // namespace crsp
