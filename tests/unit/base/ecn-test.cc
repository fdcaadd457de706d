// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/ecn.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(EcnCounts, CountEachCodepointOfItsOwnAndNotThatOfNone) {
    EcnCounts counts;
    EXPECT_FALSE(counts.Any());
    counts.Count(Ecn::kNotEct);
    EXPECT_FALSE(counts.Any());
    for (int i = 0; i < 3; ++i) counts.Count(Ecn::kEct0);
    for (int i = 0; i < 2; ++i) counts.Count(Ecn::kEct1);
    counts.Count(Ecn::kCe);
    EXPECT_EQ(counts, (EcnCounts{.ect0 = 3, .ect1 = 2, .ce = 1}));
    EXPECT_TRUE(counts.Any());
}

TEST(Ecn, AMarkedPacketCameFromASenderThatMindsMarks) {
    EXPECT_FALSE(IsEcnCapable(Ecn::kNotEct));
    EXPECT_TRUE(IsEcnCapable(Ecn::kEct0));
    EXPECT_TRUE(IsEcnCapable(Ecn::kEct1));
    EXPECT_TRUE(IsEcnCapable(Ecn::kCe));
}

}  // namespace
}  // namespace crsp
