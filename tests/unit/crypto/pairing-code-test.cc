// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/pairing-code.h"

#include <gtest/gtest.h>

#include <set>

namespace crsp {
namespace {

std::array<std::byte, 32> Filled(int value) {
    std::array<std::byte, 32> bytes;
    bytes.fill(static_cast<std::byte>(value));
    return bytes;
}

TEST(PairingCode, DependsOnBothNoncesAndBothKeysAndOnWhoIsWho) {
    const std::set<std::uint32_t> codes{
        PairingCode(Filled(1), Filled(2), Filled(3), Filled(4)),
        PairingCode(Filled(9), Filled(2), Filled(3), Filled(4)),
        PairingCode(Filled(1), Filled(9), Filled(3), Filled(4)),
        PairingCode(Filled(1), Filled(2), Filled(9), Filled(4)),
        PairingCode(Filled(1), Filled(2), Filled(3), Filled(9)),
        PairingCode(Filled(3), Filled(4), Filled(1), Filled(2)),
    };
    EXPECT_EQ(codes.size(), 6u);
}

TEST(PairingCode, HasSixDigitsWhichAllOccur) {
    std::set<std::uint32_t> leading;
    for (int i = 0; i < 256; ++i) {
        const auto code = PairingCode(Filled(i), Filled(2), Filled(3), Filled(4));
        EXPECT_LT(code, kPairingCodes);
        leading.insert(code / (kPairingCodes / 10));
    }
    EXPECT_EQ(leading.size(), 10u);
}

TEST(PairingCode, ACommitmentBindsNonceAndKey) {
    const auto commitment = PairingCommitment(Filled(1), Filled(2));
    EXPECT_NE(commitment, PairingCommitment(Filled(3), Filled(2)));
    EXPECT_NE(commitment, PairingCommitment(Filled(1), Filled(3)));
    EXPECT_NE(commitment, PairingCommitment(Filled(2), Filled(1)));
}

}  // namespace
}  // namespace crsp
