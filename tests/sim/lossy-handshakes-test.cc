// SPDX-License-Identifier: BSD-3-Clause
// A slice of what `./run attacks R3` does.
#include "tests/sim/lossy-handshakes.h"

#include <gtest/gtest.h>

namespace crsp::sim {
namespace {

constexpr std::uint64_t kSlice = 1000;

TEST(LossyHandshakes, R3_AllOfAThousandConnectAtThirtyPercentLossInBursts) {
    const auto tally = ShakeHands(BurstyLink(0.3, 3), 1, kSlice);
    EXPECT_EQ(tally.connected, kSlice);
    EXPECT_EQ(tally.echoed, kSlice);
    EXPECT_LE(tally.Quantile(0.99), seconds(20));
}

TEST(LossyHandshakes, R3_AllOfAThousandConnectWithThirtyPercentCorrupted) {
    const auto tally = ShakeHands(CorruptingLink(0.3), 1, kSlice);
    EXPECT_EQ(tally.connected, kSlice);
    EXPECT_EQ(tally.echoed, kSlice);
    EXPECT_LE(tally.Quantile(0.99), seconds(20));
}

}  // namespace
}  // namespace crsp::sim
