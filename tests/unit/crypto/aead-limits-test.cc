// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/aead-limits.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

TEST(AeadLimits, B11_LimitsAreThoseOfRfc9001) {
    EXPECT_EQ(LimitsOf(CipherSuite::kAes256GcmSha256).packetsSealed, 1ull << 28);
    EXPECT_EQ(LimitsOf(CipherSuite::kAes256GcmSha256).failedOpens, 1ull << 52);
    EXPECT_GT(LimitsOf(CipherSuite::kChaCha20Poly1305Sha256).packetsSealed, kMaxPacketNumber);
    EXPECT_EQ(LimitsOf(CipherSuite::kChaCha20Poly1305Sha256).failedOpens, 1ull << 36);
}

}  // namespace
}  // namespace crsp
