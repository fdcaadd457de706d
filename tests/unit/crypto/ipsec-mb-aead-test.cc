// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/ipsec-mb-aead.h"

#include <gtest/gtest.h>

#include "model/base/random.h"
#include "model/crypto/sodium-aead.h"
#include "tests/unit/crypto/messages.h"

namespace crsp {
namespace {

using testing::Bytes;
using testing::FlipBit;
using testing::FilledKey;
using testing::Plaintext;
using testing::Sealed;
using testing::ToHex;

constexpr CipherSuite kSuite = CipherSuite::kAes256GcmSha256;

// Test cases 13 and 14 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", the basis
// of NIST SP 800-38D: the ones whose nonce has the form Noise gives it.
TEST(IpsecMbAead, KnownAnswersOfTheGcmSpecification) {
    if (!IpsecMbRuns(CipherSuite::kAes256GcmSha256)) GTEST_SKIP() << "not on this machine";
    const auto aead = MakeIpsecMbAead(CipherSuite::kAes256GcmSha256, FilledKey(0));
    EXPECT_EQ(ToHex(Sealed(*aead, 0, {}, {})), "530f8afbc74536b9a963b4f1c4cb738b");
    EXPECT_EQ(ToHex(Sealed(*aead, 0, {}, Bytes(16))),
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

/// Mostly short, some as long as the longest packet.
std::size_t RandomLength(Random& random) {
    return random.Below(64) == 0 ? random.Below(9001) : random.Below(200);
}

// The same bytes as libsodium's, opened again, and what was tampered with refused by both.
TEST(IpsecMbAead, AgreesWithLibsodiumOnAMillionRandomMessages) {
    if (!IpsecMbRuns(kSuite)) GTEST_SKIP() << "not on this machine";
    constexpr int kMessages = 1'000'000;
    constexpr int kMessagesOfOneKey = 1000;
    Random random(21);
    SecretKey key;
    std::unique_ptr<Aead> ours;
    std::unique_ptr<Aead> sodium;
    Bytes aad(64);
    for (int i = 0; i < kMessages; ++i) {
        if (i % kMessagesOfOneKey == 0) {
            for (auto& byte : key.Bytes()) byte = static_cast<std::byte>(random.Next());
            for (auto& byte : aad) byte = static_cast<std::byte>(random.Next());
            ours = MakeIpsecMbAead(kSuite, key);
            sodium = MakeSodiumAead(kSuite, key);
        }
        const std::uint64_t number = random.Next();
        const Bytes plaintext = Plaintext(RandomLength(random));
        const auto header = ConstByteSpan(aad).first(random.Below(aad.size() + 1));
        Bytes message = Sealed(*ours, number, header, plaintext);
        ASSERT_EQ(message, Sealed(*sodium, number, header, plaintext)) << i;
        Bytes forged = message;
        FlipBit(forged, random.Below(8 * forged.size()));
        Bytes forgedToo = forged;
        ASSERT_FALSE(ours->Open(number, header, forged)) << i;
        ASSERT_FALSE(sodium->Open(number, header, forgedToo)) << i;
        ASSERT_TRUE(ours->Open(number, header, message)) << i;
        message.resize(plaintext.size());
        ASSERT_EQ(message, plaintext) << i;
    }
}

}  // namespace
}  // namespace crsp
