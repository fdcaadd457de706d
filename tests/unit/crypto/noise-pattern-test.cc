// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/noise-pattern.h"

#include <gtest/gtest.h>

namespace crsp {
namespace {

struct Expectation {
    NoisePattern pattern;
    std::string_view name;
    bool psk;
    bool initiatorStatic;
    bool responderStatic;
};

TEST(NoisePattern, SaysWhichKeysItNeeds) {
    const Expectation expectations[] = {
        {NoisePattern::kNN, "NN", false, false, false},
        {NoisePattern::kNNpsk0, "NNpsk0", true, false, false},
        {NoisePattern::kIK, "IK", false, true, true},
        {NoisePattern::kIKpsk2, "IKpsk2", true, true, true},
        {NoisePattern::kXX, "XX", false, true, true},
        {NoisePattern::kXXpsk3, "XXpsk3", true, true, true},
    };
    for (const auto& e : expectations) {
        const auto& row = RowOf(e.pattern);
        EXPECT_EQ(row.name, e.name);
        EXPECT_EQ(row.UsesPsk(), e.psk) << e.name;
        EXPECT_EQ(row.UsesStaticOf(Side::kInitiator), e.initiatorStatic) << e.name;
        EXPECT_EQ(row.UsesStaticOf(Side::kResponder), e.responderStatic) << e.name;
    }
}

// Noise rev 34 §9.3: a psk handshake is safe because every encryption comes after an ephemeral key
// of the sender, so each message of the patterns with a psk begins a fresh key before its payload.
TEST(NoisePattern, MessagesThatOpenADirectionCarryAnEphemeralKey) {
    for (int p = 0; p <= static_cast<int>(NoisePattern::kXXpsk3); ++p) {
        const auto& row = RowOf(static_cast<NoisePattern>(p));
        EXPECT_TRUE(row.messages[0].Contains(NoiseToken::kE)) << row.name;
        EXPECT_TRUE(row.messages[1].Contains(NoiseToken::kE)) << row.name;
    }
}

TEST(NoisePatternDeathTest, ThereIsNoRowForOtherNumbers) {
    EXPECT_DEATH(RowOf(static_cast<NoisePattern>(6)), "assertion failed");
}

}  // namespace
}  // namespace crsp
