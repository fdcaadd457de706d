// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/aead.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/base/random.h"
#include "model/crypto/sha256.h"
#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::AllZero;
using testing::CountingKey;
using testing::FlipBit;
using testing::FromHex;
using testing::KeyFromHex;
using testing::KeyOf;
using testing::ToHex;
using testing::ToVector;

using Bytes = std::vector<std::byte>;

Bytes WithTagRoom(ConstByteSpan plaintext) {
    Bytes message = ToVector(plaintext);
    message.resize(plaintext.size() + kAeadTagLength);
    return message;
}

Bytes Sealed(const Aead& aead, std::uint64_t number, ConstByteSpan aad, ConstByteSpan plaintext) {
    Bytes message = WithTagRoom(plaintext);
    aead.Seal(number, aad, message);
    return message;
}

Bytes Pattern(std::size_t length) {
    Bytes bytes(length);
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 3);
    return bytes;
}

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
        const Bytes plaintext = Pattern(length);
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
        const Bytes plaintext = Pattern(random.Below(200));
        const auto header = ConstByteSpan(aad).first(random.Below(aad.size() + 1));
        Bytes message = Sealed(*aead, number, header, plaintext);
        ASSERT_TRUE(aead->Open(number, header, message)) << "message " << i;
        message.resize(plaintext.size());
        ASSERT_EQ(message, plaintext) << "message " << i;
    }
}

TEST_P(AeadTest, RefusesEveryFlippedBit) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, AsBytes("header"), Pattern(20));
    for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        Bytes forged = sealed;
        FlipBit(forged, bit);
        EXPECT_FALSE(aead->Open(5, AsBytes("header"), forged)) << "bit " << bit;
    }
}

TEST_P(AeadTest, RefusesEveryFlippedHeaderBit) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, AsBytes("header"), Pattern(20));
    for (std::size_t bit = 0; bit < 8 * 6; ++bit) {
        Bytes header = ToVector(AsBytes("header"));
        FlipBit(header, bit);
        Bytes message = sealed;
        EXPECT_FALSE(aead->Open(5, header, message)) << "bit " << bit;
    }
}

TEST_P(AeadTest, RefusesEveryOtherNumber) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, {}, Pattern(20));
    for (int bit = 0; bit < 64; ++bit) {
        Bytes message = sealed;
        EXPECT_FALSE(aead->Open(5 ^ (std::uint64_t{1} << bit), {}, message)) << "bit " << bit;
    }
}

TEST_P(AeadTest, RefusesAnotherKey) {
    Bytes message = Sealed(*Make(CountingKey()), 5, {}, Pattern(20));
    EXPECT_FALSE(Make(KeyOf(1))->Open(5, {}, message));
}

TEST_P(AeadTest, RefusesATagOfZeros) {
    const auto aead = Make(CountingKey());
    for (const std::size_t length : {0, 20}) {
        Bytes message = WithTagRoom(Pattern(length));
        EXPECT_FALSE(aead->Open(5, {}, message)) << length;
    }
}

TEST_P(AeadTest, RefusesMessagesTooShortForATagAndLeavesThemAlone) {
    const auto aead = Make(CountingKey());
    for (std::size_t length = 0; length < kAeadTagLength; ++length) {
        Bytes message = Pattern(length);
        EXPECT_FALSE(aead->Open(5, {}, message)) << length;
        EXPECT_EQ(message, Pattern(length));
    }
}

TEST_P(AeadTest, RefusesTruncatedMessages) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, {}, Pattern(20));
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        Bytes message(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_FALSE(aead->Open(5, {}, message)) << length;
    }
}

TEST_P(AeadTest, AFailedOpenLeavesNoPlaintext) {
    const auto aead = Make(CountingKey());
    Bytes forged = Sealed(*aead, 5, {}, Pattern(100));
    FlipBit(forged, 8 * forged.size() - 1);
    ASSERT_FALSE(aead->Open(5, {}, forged));
    EXPECT_TRUE(AllZero(ByteSpan(forged).first(100)));
}

TEST_P(AeadTest, AFailedOpenTouchesNothingAround) {
    const auto aead = Make(CountingKey());
    const Bytes sealed = Sealed(*aead, 5, {}, Pattern(100));
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
    const Bytes sealed = Sealed(*aead, 5, {}, Pattern(20));
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
    Bytes text = Pattern(33);
    std::array<std::byte, kAeadTagLength> tag;
    aead->SealDetached(9, AsBytes("h"), text, tag);
    Bytes joined = text;
    joined.insert(joined.end(), tag.begin(), tag.end());
    EXPECT_EQ(joined, Sealed(*aead, 9, AsBytes("h"), Pattern(33)));
    ASSERT_TRUE(aead->OpenDetached(9, AsBytes("h"), text, tag));
    EXPECT_EQ(text, Pattern(33));
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

// Key 00..1f, number 0102030405060708, aad a0..b0, text of Pattern(length). Made with OpenSSL,
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
        const Bytes sealed = Sealed(*aead, 0x0102030405060708, aad, Pattern(answer.length));
        EXPECT_EQ(answer.length < 64 ? ToHex(sealed) : ToHex(HashSha256(sealed)), answer.sealed)
            << answer.length;
    }
}

// Test cases 13 and 14 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", the basis
// of NIST SP 800-38D: the ones whose nonce has the form Noise gives it.
TEST_P(AeadTest, KnownAnswersOfTheGcmSpecification) {
    if (GetParam().suite != CipherSuite::kAes256GcmSha256) return;
    const auto aead = Make(KeyOf(0));
    EXPECT_EQ(ToHex(Sealed(*aead, 0, {}, {})), "530f8afbc74536b9a963b4f1c4cb738b");
    EXPECT_EQ(ToHex(Sealed(*aead, 0, {}, Bytes(16))),
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

/// Mostly short, some as long as the longest packet.
std::size_t RandomLength(Random& random) {
    return random.Below(64) == 0 ? random.Below(9001) : random.Below(200);
}

/// The library under test against libsodium: the same bytes sealed, the other's opened, and what
/// was tampered with refused by both.
TEST_P(AeadTest, AgreesWithLibsodiumOnAMillionRandomMessages) {
    if (GetParam().library == AeadLibrary::kSodium) return;
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
            ours = Make(key);
            sodium = MakeAead(GetParam().suite, key, AeadLibrary::kSodium);
        }
        const std::uint64_t number = random.Next();
        const Bytes plaintext = Pattern(RandomLength(random));
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

// RFC 8439 A.5: nonce 00000000 0102030405060708.
TEST(ChaCha20Poly1305, KnownAnswerOfRfc8439) {
    const auto aead =
        MakeAead(CipherSuite::kChaCha20Poly1305Sha256,
                 KeyFromHex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0"));
    const auto aad = FromHex("f33388860000000000004e91");
    const std::string_view plaintext =
        "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, "
        "replaced, or obsoleted by other documents at any time. It is inappropriate to use "
        "Internet-Drafts as reference material or to cite them other than as "
        "/\u201cwork in progress./\u201d";
    auto message = FromHex(
        "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e38"
        "2d26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f9"
        "82b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d"
        "46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04"
        "b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049"
        "e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d6789"
        "0cbb22392336fea1851f38");
    const auto sealed = message;
    ASSERT_TRUE(aead->Open(0x0807060504030201, aad, message));
    EXPECT_EQ(AsText(ConstByteSpan(message).first(message.size() - kAeadTagLength)), plaintext);
    EXPECT_EQ(Sealed(*aead, 0x0807060504030201, aad, AsBytes(plaintext)), sealed);
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
