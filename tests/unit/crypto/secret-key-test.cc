// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/secret-key.h"

#include <gtest/gtest.h>

#include <array>
#include <new>

#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::AllZero;
using testing::CountingKey;
using testing::FilledKey;
using testing::ToHex;

TEST(SecretKey, IsZeroUntilFilled) {
    EXPECT_TRUE(AllZero(SecretKey().Bytes()));
}

TEST(SecretKey, HoldsTheBytesGivenAndCopiesThem) {
    const SecretKey key = CountingKey();
    SecretKey copy(key.Bytes());
    EXPECT_EQ(ToHex(copy.Bytes()),
              "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    copy = FilledKey(1);
    EXPECT_EQ(key.Bytes()[31], std::byte{31});
}

TEST(SecretKey, LeavesNothingBehind) {
    alignas(SecretKey) std::array<std::byte, sizeof(SecretKey)> storage;
    // Volatile: what lies there after the destructor is what a memory dump would show.
    const volatile std::byte* memory = storage.data();
    auto* key = new (storage.data()) SecretKey(FilledKey(0xaa));
    for (std::size_t i = 0; i < storage.size(); ++i) ASSERT_TRUE(memory[i] == std::byte{0xaa});
    key->~SecretKey();
    for (std::size_t i = 0; i < storage.size(); ++i) ASSERT_TRUE(memory[i] == std::byte{0});
}

}  // namespace
}  // namespace crsp
