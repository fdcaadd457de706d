// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/token-bucket.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(TokenBucket, FillsUpToItsBurstAndNoFurther) {
    TokenBucket bucket;
    TimePoint now = TimePoint{} + seconds(100);
    const auto taken = [&] {
        int count = 0;
        while (bucket.Take(now, 10, 5)) ++count;
        return count;
    };
    EXPECT_EQ(taken(), 5);
    now += milliseconds(99);
    EXPECT_EQ(taken(), 0);
    now += milliseconds(1);
    EXPECT_EQ(taken(), 1);
    now += seconds(1000);
    EXPECT_EQ(taken(), 5);
}

}  // namespace
}  // namespace crsp
