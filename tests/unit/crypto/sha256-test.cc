// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::CountingKey;
using testing::FromHex;
using testing::FilledKey;
using testing::ToHex;

constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, KnownAnswersOfFips180) {
    EXPECT_EQ(ToHex(HashSha256({})), kEmptyHash);
    EXPECT_EQ(ToHex(HashSha256(AsBytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(
        ToHex(HashSha256(AsBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(ToHex(HashSha256(AsBytes(std::string(1'000'000, 'a')))),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheHashOfTheWhole) {
    const std::string text(300, 'x');
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Sha256 hash;
        hash.Update(AsBytes(text).first(cut));
        hash.Update({});
        hash.Update(AsBytes(text).subspan(cut));
        ASSERT_EQ(hash.Finish(), HashSha256(AsBytes(text))) << "cut at " << cut;
    }
}

TEST(Sha256, IsAsNewAfterFinish) {
    Sha256 hash;
    hash.Update(AsBytes("something"));
    hash.Finish();
    EXPECT_EQ(ToHex(hash.Finish()), kEmptyHash);
}

TEST(Sha256, ACopyGoesItsOwnWay) {
    Sha256 hash;
    hash.Update(AsBytes("ab"));
    Sha256 copy = hash;
    copy.Update(AsBytes("c"));
    EXPECT_EQ(copy.Finish(), HashSha256(AsBytes("abc")));
    EXPECT_EQ(hash.Finish(), HashSha256(AsBytes("ab")));
}

struct HmacCase {
    std::string key;
    std::string message;
    std::string_view mac;
};

TEST(HmacSha256, KnownAnswersOfRfc4231) {
    const std::vector<HmacCase> cases{
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(ToHex(HmacSha256(AsBytes(c.key), AsBytes(c.message))), c.mac) << c.message;
    }
}

TEST(HmacSha256, AcceptsAnEmptyKeyAndMessage) {
    EXPECT_EQ(ToHex(HmacSha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// RFC 5869 A.3 (no salt, which HMAC makes zeros, and no info): 42 bytes, so 32 and the next 10.
TEST(NoiseHkdf, KnownAnswerOfRfc5869) {
    const auto ikm = FromHex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    const auto [first, second] = NoiseHkdf2(FilledKey(0), ikm);
    EXPECT_EQ(ToHex(first.Bytes()) + ToHex(second.Bytes().first(10)),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
              "9d201395faa4b61a96c8");
}

// Expected values: HMAC of the Python standard library, chained as in Noise rev 34 §4.3.
TEST(NoiseHkdf, ThirdOutputFollowsTheSecond) {
    const auto keys = NoiseHkdf3(CountingKey(), AsBytes("input key material"));
    EXPECT_EQ(ToHex(keys[0].Bytes()),
              "785dba36cff1fcf591f812fa0b2bade807af9e50d2a96caf28d3c9a285558549");
    EXPECT_EQ(ToHex(keys[1].Bytes()),
              "8b4e05ec153f03cf906c305b981902e2af26ae2966397bb43988c4ab28f3aae1");
    EXPECT_EQ(ToHex(keys[2].Bytes()),
              "35effd0e30e44866f90854f48ee80ae324d856c3ee9ddde0e87365acf4aeeeed");
}

}  // namespace
}  // namespace crsp
