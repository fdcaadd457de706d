// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/grant.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

SecretKey SecretOf(std::uint8_t which) {
    SecretKey secret;
    secret.Bytes()[31] = std::byte{which};
    return secret;
}

const GrantTerms kTerms{7, 3, {std::byte{1}}, {std::byte{2}}, 5'000};

TEST(Grant, SaysItsTermsToWhoeverIssuedIt) {
    const GrantMint mint(SecretOf(1));
    const auto grant = mint.Issue(kTerms);
    EXPECT_EQ(mint.Verify(grant, 7, kTerms.renderer), kTerms);
    // Also after a restart with the same secret.
    EXPECT_EQ(GrantMint(SecretOf(1)).Verify(grant, 7, kTerms.renderer), kTerms);
}

TEST(Grant, C8_IsNothingToAnybodyElse) {
    const GrantMint mint(SecretOf(1));
    const auto grant = mint.Issue(kTerms);
    EXPECT_FALSE(GrantMint(SecretOf(2)).Verify(grant, 7, kTerms.renderer));
    EXPECT_FALSE(mint.Verify(grant, 8, kTerms.renderer));
    EXPECT_FALSE(mint.Verify(grant, 7, kTerms.controller));
    EXPECT_FALSE(mint.Verify("", 7, kTerms.renderer));
}

TEST(Grant, C8_NoBitOfItCanBeAltered) {
    const GrantMint mint(SecretOf(1));
    const auto grant = mint.Issue(kTerms);
    for (std::size_t bit = 0; bit < grant.size() * 8; ++bit) {
        auto altered = grant;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(mint.Verify(altered, 7, kTerms.renderer)) << bit;
    }
}

}  // namespace
}  // namespace crsp
