// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/sodium.h"

#include <gtest/gtest.h>

#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::AllZero;
using testing::FromHex;

TEST(Sodium, ConstantTimeEqualComparesEveryByte) {
    const auto tag = FromHex("000102030405060708090a0b0c0d0e0f");
    EXPECT_TRUE(ConstantTimeEqual(tag, tag));
    for (std::size_t bit = 0; bit < 8 * tag.size(); ++bit) {
        auto other = tag;
        testing::FlipBit(other, bit);
        EXPECT_FALSE(ConstantTimeEqual(tag, other)) << "bit " << bit;
    }
}

TEST(Sodium, ConstantTimeEqualRefusesOtherLengths) {
    const auto tag = FromHex("0001020304");
    EXPECT_FALSE(ConstantTimeEqual(tag, ConstByteSpan(tag).first(4)));
    EXPECT_FALSE(ConstantTimeEqual(tag, {}));
    EXPECT_TRUE(ConstantTimeEqual({}, {}));
}

TEST(Sodium, WipeZeroesAndAcceptsNothing) {
    auto bytes = FromHex("ffffffff");
    Wipe(bytes);
    EXPECT_TRUE(AllZero(bytes));
    Wipe({});
}

TEST(Sodium, PointersAreNeverNull) {
    EXPECT_NE(SodiumInput({}), nullptr);
    EXPECT_NE(SodiumOutput({}), nullptr);
}

}  // namespace
}  // namespace crsp
