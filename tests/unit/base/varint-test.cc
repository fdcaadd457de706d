// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/varint.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

// RFC 9000 §16, table 4: the largest value of each length.
TEST(Varint, LengthChangesWhereTheStandardSaysSo) {
    EXPECT_EQ(VarintLength(0), 1u);
    EXPECT_EQ(VarintLength(63), 1u);
    EXPECT_EQ(VarintLength(64), 2u);
    EXPECT_EQ(VarintLength(16383), 2u);
    EXPECT_EQ(VarintLength(16384), 4u);
    EXPECT_EQ(VarintLength(1073741823), 4u);
    EXPECT_EQ(VarintLength(1073741824), 8u);
    EXPECT_EQ(VarintLength(kVarintMax), 8u);
}

}  // namespace
}  // namespace crsp
