// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/assert.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(AssertDeathTest, BrokenConditionIsNamedAndEndsTheProcess) {
    EXPECT_DEATH(CRSP_ASSERT(1 + 1 == 3),
                 "crsp: assertion failed: 1 \\+ 1 == 3 \\(.*assert-test.cc:[0-9]+\\)");
}

TEST(Assert, TrueConditionIsEvaluatedOnceAndNothingHappens) {
    int evaluated = 0;
    CRSP_ASSERT(++evaluated == 1);
    EXPECT_EQ(evaluated, 1) << "assertions stay on in every build";
}

}  // namespace
}  // namespace crsp
