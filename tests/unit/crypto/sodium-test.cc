// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/sodium.h"

#include <gtest/gtest.h>

#include <array>
#include <new>

#include "model/crypto/secret-key.h"
#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::AllZero;
using testing::FromHex;
using testing::KeyOf;

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

TEST(SecretKey, LeavesNothingBehind) {
    alignas(SecretKey) std::array<std::byte, sizeof(SecretKey)> storage;
    // Volatile: what lies there after the destructor is what a memory dump would show.
    const volatile std::byte* memory = storage.data();
    auto* key = new (storage.data()) SecretKey(KeyOf(0xaa));
    for (std::size_t i = 0; i < storage.size(); ++i) ASSERT_TRUE(memory[i] == std::byte{0xaa});
    key->~SecretKey();
    for (std::size_t i = 0; i < storage.size(); ++i) ASSERT_TRUE(memory[i] == std::byte{0});
}

}  // namespace
}  // namespace crsp
