// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/aead-nonce.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

constexpr std::uint64_t kNumber = 0x0102030405060708;

TEST(AeadNonce, BigEndianAfterFourZeroBytes) {
    EXPECT_EQ(BigEndianNonce(kNumber), (AeadNonce{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(AeadNonce, LittleEndianAfterFourZeroBytes) {
    EXPECT_EQ(LittleEndianNonce(kNumber), (AeadNonce{0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1}));
}

}  // namespace
}  // namespace crsp
