// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/secret-bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>

namespace crsp {
namespace {

TEST(SecretBytes, AreGoneWhenTheyGoOutOfScope) {
    alignas(SecretBytes) std::array<std::byte, sizeof(SecretBytes)> place{};
    auto* secret = new (place.data()) SecretBytes;
    secret->fill(std::byte{7});
    EXPECT_EQ(std::count(place.begin(), place.end(), std::byte{7}), std::ptrdiff_t{kKeyLength});
    secret->~SecretBytes();
    EXPECT_EQ(std::count(place.begin(), place.end(), std::byte{7}), 0);
}

}  // namespace
}  // namespace crsp
