// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/mac.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::ToHex;

std::vector<std::byte> Counting(std::size_t length) {
    std::vector<std::byte> bytes(length);
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(i);
    return bytes;
}

// The vectors of the SipHash authors (github.com/veorq/SipHash, vectors.h, vectors_sip128).
TEST(Mac, SipHashOf128BitsIsThatOfItsAuthors) {
    Mac key;
    const auto bytes = Counting(16);
    std::copy(bytes.begin(), bytes.end(), key.begin());
    EXPECT_EQ(ToHex(SipHashMac(key, {})), "a3817f04ba25a8e66df67214c7550293");
    EXPECT_EQ(ToHex(SipHashMac(key, Counting(1))), "da87c1d86b99af44347659119b22fc45");
}

TEST(Mac, Blake2bDependsOnKeyAndData) {
    const auto key = Counting(32);
    const auto mac = Blake2bMac(key, Counting(100));
    EXPECT_EQ(mac, Blake2bMac(key, Counting(100)));
    EXPECT_NE(mac, Blake2bMac(Counting(31), Counting(100)));
    EXPECT_NE(mac, Blake2bMac(key, Counting(99)));
}

TEST(Mac, DerivedKeysDifferByLabelAndSecret) {
    const auto key = DeriveKey(Counting(32), "a");
    EXPECT_EQ(ToHex(key.Bytes()), ToHex(DeriveKey(Counting(32), "a").Bytes()));
    EXPECT_NE(ToHex(key.Bytes()), ToHex(DeriveKey(Counting(32), "b").Bytes()));
    EXPECT_NE(ToHex(key.Bytes()), ToHex(DeriveKey(Counting(31), "a").Bytes()));
}

}  // namespace
}  // namespace crsp
