// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/aead.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/base/random.h"
#include "model/crypto/sha256.h"
#include "tests/unit/crypto/hex.h"
#include "tests/unit/crypto/messages.h"

namespace crsp {
namespace {

using testing::AllZero;
using testing::CountingKey;
using testing::FlipBit;
using testing::FromHex;
using testing::FilledKey;
using testing::ToHex;
using testing::ToVector;

using testing::Bytes;
using testing::Plaintext;
using testing::Sealed;
using testing::WithTagRoom;

struct Cipher {
    CipherSuite suite;
    AeadLibrary library;
};

/// Runs for each suite in each library; skipped where the CPU or the build has it not.
class AeadTest : public ::testing::TestWithParam<Cipher> {
  protected:
    void SetUp() override {
        if (!IsUsable(GetParam().library, GetParam().suite)) GTEST_SKIP() << "not on this machine";
    }
    std::unique_ptr<Aead> Make(const SecretKey& key) const {
        return MakeAead(GetParam().suite, key, GetParam().library);
    }
};

INSTANTIATE_TEST_SUITE_P(
    Libraries, AeadTest,
    ::testing::Values(Cipher{CipherSuite::kAes256GcmSha256, AeadLibrary::kSodium},
                      Cipher{CipherSuite::kAes256GcmSha256, AeadLibrary::kIpsecMb},
                      Cipher{CipherSuite::kChaCha20Poly1305Sha256, AeadLibrary::kSodium}),
    [](const auto& test) {
        const bool sodium = test.param.library == AeadLibrary::kSodium;
        return std::string(NoiseCipherName(test.param.suite)) + (sodium ? "_sodium" : "_ipsec_mb");
    });

TEST_P(AeadTest, OpensWhatItSealed) {
    const auto aead = Make(CountingKey());
    for (const std::size_t length : {0, 1, 15, 16, 17, 63, 64, 65, 1200, 1452, 9000}) {
        const Bytes plaintext = Plaintext(length);
        Bytes message = Sealed(*aead, length, AsBytes("header"), plaintext);
        ASSERT_TRUE(aead->Open(length, AsBytes("header"), message)) << length;
        message.resize(length);
        EXPECT_EQ(message, plaintext) << length;
    }
}

TEST_P(AeadTest, OpensRandomMessages) {
    Random random(20);
    const auto aead = Make(CountingKey());
    Bytes aad(64);
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t number = random.Next();
        const Bytes plaintext = Plaintext(random.Below(200));
        const auto header = ConstByteSpan(aad).first(random.Below(aad.size() + 1));
        Bytes message = Sealed(*aead, number, header, plaintext);
        ASSERT_TRUE(aead->Open(number, header, message)) << "message " << i;
        message.resize(plaintext.size());
        ASSERT_EQ(message, plaintext) << "message " << i;
    }
}

TEST_P(AeadTest, RefusesEveryFlippedBit) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, AsBytes("header"), Plaintext(20));
    for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        Bytes forged = sealed;
        FlipBit(forged, bit);
        EXPECT_FALSE(aead->Open(5, AsBytes("header"), forged)) << "bit " << bit;
    }
}

TEST_P(AeadTest, RefusesEveryFlippedHeaderBit) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, AsBytes("header"), Plaintext(20));
    for (std::size_t bit = 0; bit < 8 * 6; ++bit) {
        Bytes header = ToVector(AsBytes("header"));
        FlipBit(header, bit);
        Bytes message = sealed;
        EXPECT_FALSE(aead->Open(5, header, message)) << "bit " << bit;
    }
}

TEST_P(AeadTest, RefusesEveryOtherNumber) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, {}, Plaintext(20));
    for (int bit = 0; bit < 64; ++bit) {
        Bytes message = sealed;
        EXPECT_FALSE(aead->Open(5 ^ (std::uint64_t{1} << bit), {}, message)) << "bit " << bit;
    }
}

TEST_P(AeadTest, RefusesAnotherKey) {
    Bytes message = Sealed(*Make(CountingKey()), 5, {}, Plaintext(20));
    EXPECT_FALSE(Make(FilledKey(1))->Open(5, {}, message));
}

TEST_P(AeadTest, RefusesATagOfZeros) {
    const auto aead = Make(CountingKey());
    for (const std::size_t length : {0, 20}) {
        Bytes message = WithTagRoom(Plaintext(length));
        EXPECT_FALSE(aead->Open(5, {}, message)) << length;
    }
}

TEST_P(AeadTest, RefusesMessagesTooShortForATagAndLeavesThemAlone) {
    const auto aead = Make(CountingKey());
    for (std::size_t length = 0; length < kAeadTagLength; ++length) {
        Bytes message = Plaintext(length);
        EXPECT_FALSE(aead->Open(5, {}, message)) << length;
        EXPECT_EQ(message, Plaintext(length));
    }
}

TEST_P(AeadTest, RefusesTruncatedMessages) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, {}, Plaintext(20));
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        Bytes message(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_FALSE(aead->Open(5, {}, message)) << length;
    }
}

TEST_P(AeadTest, AFailedOpenLeavesNoPlaintext) {
    const auto aead = Make(CountingKey());
    Bytes forged = Sealed(*aead, 5, {}, Plaintext(100));
    FlipBit(forged, 8 * forged.size() - 1);
    ASSERT_FALSE(aead->Open(5, {}, forged));
    EXPECT_TRUE(AllZero(ByteSpan(forged).first(100)));
}

TEST_P(AeadTest, AFailedOpenTouchesNothingAround) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, {}, Plaintext(100));
    Bytes buffer(8 + sealed.size() + 8, std::byte{0x5a});
    std::copy(sealed.begin(), sealed.end(), buffer.begin() + 8);
    FlipBit(ByteSpan(buffer).subspan(8), 0);
    const Bytes tag(buffer.begin() + 108, buffer.end());
    ASSERT_FALSE(aead->Open(5, {}, ByteSpan(buffer).subspan(8, sealed.size())));
    EXPECT_EQ(Bytes(buffer.begin(), buffer.begin() + 8), Bytes(8, std::byte{0x5a}));
    EXPECT_EQ(Bytes(buffer.begin() + 108, buffer.end()), tag);
}

TEST_P(AeadTest, GenuineMessagesOpenAfterForgedOnes) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, {}, Plaintext(20));
    for (int i = 0; i < 100; ++i) {
        Bytes forged = sealed;
        FlipBit(forged, static_cast<std::size_t>(i));
        ASSERT_FALSE(aead->Open(5, {}, forged));
    }
    Bytes genuine = sealed;
    EXPECT_TRUE(aead->Open(5, {}, genuine));
}

TEST_P(AeadTest, DetachedTagsAreTheSameTags) {
    const auto aead = Make(CountingKey());
    Bytes text = Plaintext(33);
    std::array<std::byte, kAeadTagLength> tag;
    aead->SealDetached(9, AsBytes("h"), text, tag);
    Bytes joined = text;
    joined.insert(joined.end(), tag.begin(), tag.end());
    EXPECT_EQ(joined, Sealed(*aead, 9, AsBytes("h"), Plaintext(33)));
    ASSERT_TRUE(aead->OpenDetached(9, AsBytes("h"), text, tag));
    EXPECT_EQ(text, Plaintext(33));
}

TEST_P(AeadTest, AcceptsNoTextAtAll) {
    const auto aead = Make(CountingKey());
    std::array<std::byte, kAeadTagLength> tag;
    aead->SealDetached(9, {}, {}, tag);
    EXPECT_TRUE(aead->OpenDetached(9, {}, {}, tag));
    FlipBit(tag, 3);
    EXPECT_FALSE(aead->OpenDetached(9, {}, {}, tag));
}

TEST_P(AeadTest, SealWithoutTagRoomIsABug) {
    const auto aead = Make(CountingKey());
    Bytes message(kAeadTagLength - 1);
    EXPECT_DEATH(aead->Seal(0, {}, message), "assertion failed");
}

struct KnownAnswer {
    CipherSuite suite;
    std::size_t length;
    std::string_view sealed;  ///< in full, or the SHA-256 of it
};

// Key 00..1f, number 0102030405060708, aad a0..b0, text of Plaintext(length). Made with OpenSSL,
// nonces as in Noise rev 34 §12, so that both byte orders and every tail length are proved.
const KnownAnswer kKnownAnswers[] = {
    {CipherSuite::kAes256GcmSha256, 0, "24c46a33fbe324aaa19549e8aab88146"},
    {CipherSuite::kAes256GcmSha256, 1, "0782abd11f4a0e6ecf64a63afe2eb5d42f"},
    {CipherSuite::kAes256GcmSha256, 15,
     "075b7416c2c724aa38ddb4bf49395c8f1bc2ee46d482e82d633eb7421c345d"},
    {CipherSuite::kAes256GcmSha256, 17,
     "075b7416c2c724aa38ddb4bf49395c9c0910fbf72a66468523d73970e73b0db7e2"},
    {CipherSuite::kAes256GcmSha256, 64,
     "7695a9d1dfbaafb6c57f1a680b0cf9fc29d1935fa8bb8934484ae113fb4cad02"},
    {CipherSuite::kAes256GcmSha256, 1200,
     "ce38c99ce0e15dc529e31867459cf6904a33ccc72f8c366fad7d0cdcd19c8103"},
    {CipherSuite::kChaCha20Poly1305Sha256, 0, "72e88b336df44420b2800c992e3cac68"},
    {CipherSuite::kChaCha20Poly1305Sha256, 1, "f310681e6662abe9e33574033bdda3aec9"},
    {CipherSuite::kChaCha20Poly1305Sha256, 15,
     "f343bcfcb41fc72c5fe9639c2426046359f75ede9bd3903f834776fb2185f2"},
    {CipherSuite::kChaCha20Poly1305Sha256, 17,
     "f343bcfcb41fc72c5fe9639c242604d493e4521c86da6b95fb5f2d77f9a9bd9492"},
    {CipherSuite::kChaCha20Poly1305Sha256, 64,
     "da8a27d69d9f341d5e86231540b87e6ad644e9267ffab056f0527254ecde08f2"},
    {CipherSuite::kChaCha20Poly1305Sha256, 1200,
     "2841a262cdf7b439245830aa834558d9b1b41e2c519b265a50d4b984f2159198"},
};

TEST_P(AeadTest, AgreesWithOpenSsl) {
    const auto aead = Make(CountingKey());
    const auto aad = FromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0");
    for (const auto& answer : kKnownAnswers) {
        if (answer.suite != GetParam().suite) continue;
        const Bytes sealed = Sealed(*aead, 0x0102030405060708, aad, Plaintext(answer.length));
        EXPECT_EQ(answer.length < 64 ? ToHex(sealed) : ToHex(HashSha256(sealed)), answer.sealed)
            << answer.length;
    }
}

TEST(CipherSuite, UnknownNumbersAreNotUsable) {
    for (int number = 0; number < 256; ++number) {
        const auto suite = UsableSuite(static_cast<std::uint8_t>(number));
        if (number == 2) {
            EXPECT_EQ(suite, CipherSuite::kChaCha20Poly1305Sha256);
        } else if (number == 1) {
            EXPECT_EQ(suite.has_value(), DefaultSuite() == CipherSuite::kAes256GcmSha256);
        } else {
            EXPECT_FALSE(suite) << number;
        }
    }
}

TEST(CipherSuite, TheDefaultIsUsable) {
    EXPECT_EQ(UsableSuite(static_cast<std::uint8_t>(DefaultSuite())), DefaultSuite());
}

}  // namespace
}  // namespace crsp
