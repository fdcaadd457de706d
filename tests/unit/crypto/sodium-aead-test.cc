// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/sodium-aead.h"

#include <gtest/gtest.h>

#include <string_view>

#include "tests/unit/crypto/messages.h"

namespace crsp {
namespace {

using testing::Bytes;
using testing::FromHex;
using testing::KeyFromHex;
using testing::FilledKey;
using testing::Sealed;
using testing::ToHex;

// Test cases 13 and 14 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", the basis
// of NIST SP 800-38D: the ones whose nonce has the form Noise gives it.
TEST(SodiumAead, KnownAnswersOfTheGcmSpecification) {
    if (!SodiumRuns(CipherSuite::kAes256GcmSha256)) GTEST_SKIP() << "no AES instructions";
    const auto aead = MakeSodiumAead(CipherSuite::kAes256GcmSha256, FilledKey(0));
    EXPECT_EQ(ToHex(Sealed(*aead, 0, {}, {})), "530f8afbc74536b9a963b4f1c4cb738b");
    EXPECT_EQ(ToHex(Sealed(*aead, 0, {}, Bytes(16))),
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

// RFC 8439 A.5: nonce 00000000 0102030405060708.
TEST(SodiumAead, KnownAnswerOfRfc8439) {
    const auto aead = MakeSodiumAead(
        CipherSuite::kChaCha20Poly1305Sha256,
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

}  // namespace
}  // namespace crsp
