// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/time.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

template <class T>
concept ReadsAClock = requires {
    T::now();
};
static_assert(!ReadsAClock<Clock>, "the engine must not be able to read a clock");

TEST(Time, ConvertsToAndFromSeconds) {
    EXPECT_EQ(ToSeconds(milliseconds(1500)), 1.5);
    EXPECT_EQ(ToMilliseconds(microseconds(1500)), 1.5);
    EXPECT_EQ(FromSeconds(0.25), milliseconds(250));
    EXPECT_EQ(FromSeconds(-1e-9), nanoseconds(-1));
    EXPECT_EQ(FromSeconds(1.9e-9), nanoseconds(1)) << "toward zero";
}

}  // namespace
}  // namespace crsp
