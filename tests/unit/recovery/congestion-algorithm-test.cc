// SPDX-License-Identifier: BSD-3-Clause
#include "model/recovery/congestion-algorithm.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(CongestionAlgorithm, EveryNameNamesItself) {
    for (const auto name : CongestionAlgorithmNames()) {
        ASSERT_TRUE(ParseCongestionAlgorithm(name)) << name;
        EXPECT_EQ(ToString(*ParseCongestionAlgorithm(name)), name);
    }
    EXPECT_EQ(ParseCongestionAlgorithm("new_reno"), CongestionAlgorithm::kNewReno);
    EXPECT_EQ(ParseCongestionAlgorithm("cubic"), CongestionAlgorithm::kCubic);
    EXPECT_EQ(ParseCongestionAlgorithm("fixed_rate"), CongestionAlgorithm::kFixedRate);
}

TEST(CongestionAlgorithm, NothingElseIsAName) {
    for (const auto* name : {"", "Cubic", "cubic ", "reno"}) {
        EXPECT_FALSE(ParseCongestionAlgorithm(name)) << name;
    }
}

TEST(CongestionAlgorithm, ARateIsGivenExactlyToFixedRate) {
    EXPECT_TRUE(IsComplete({}));
    EXPECT_TRUE(IsComplete({CongestionAlgorithm::kFixedRate, 1}));
    EXPECT_FALSE(IsComplete({CongestionAlgorithm::kFixedRate, 0}));
    EXPECT_FALSE(IsComplete({CongestionAlgorithm::kCubic, 1}));
}

}  // namespace
}  // namespace crsp
