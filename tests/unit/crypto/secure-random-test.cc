// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/secure-random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <type_traits>
#include <vector>

#include "model/crypto/sha256.h"
#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::CountingKey;
using testing::FilledKey;
using testing::ToHex;

static_assert(!std::is_copy_constructible_v<SecureRandom>);
static_assert(!std::is_move_constructible_v<SecureRandom>);

std::vector<std::byte> Take(SecureRandom& random, std::size_t count) {
    std::vector<std::byte> bytes(count);
    random.Fill(bytes);
    return bytes;
}

// The first block of RFC 8439 A.1, test vector 1, is next key (32 bytes), then output.
TEST(SecureRandom, StartsAsChaCha20) {
    SecureRandom random(FilledKey(0).Bytes());
    EXPECT_EQ(ToHex(Take(random, 32)),
              "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
}

// Expected values: the same construction over another ChaCha20 (OpenSSL's). 2,000 bytes span five
// keys.
TEST(SecureRandom, ReplacesItsKeyWithEveryBlock) {
    SecureRandom zero(FilledKey(0).Bytes());
    EXPECT_EQ(ToHex(HashSha256(Take(zero, 2000))),
              "73fcc397dcebf97b1e0b387c7197ed57e32ab687b1662e3c7c7d1fbfcea26ed7");
    SecureRandom counting(CountingKey().Bytes());
    EXPECT_EQ(ToHex(HashSha256(Take(counting, 2000))),
              "7a66d522cbb5b53e55965cedfda3f55d43cdad1a314e06339acfdaaa40cbd780");
}

TEST(SecureRandom, IsAFunctionOfItsSeed) {
    SecureRandom a(FilledKey(7).Bytes());
    SecureRandom b(FilledKey(7).Bytes());
    SecureRandom c(FilledKey(8).Bytes());
    const auto bytes = Take(a, 4096);
    EXPECT_EQ(bytes, Take(b, 4096));
    EXPECT_NE(bytes, Take(c, 4096));
}

TEST(SecureRandom, B9_CopiesThatAreStirredGoOnEachInItsOwnWay) {
    SecureRandom a(FilledKey(7).Bytes());
    SecureRandom b(FilledKey(7).Bytes());
    SecureRandom again(FilledKey(7).Bytes());
    Take(a, 10);
    Take(b, 10);
    Take(again, 10);
    a.Stir(FilledKey(1).Bytes());
    b.Stir(FilledKey(2).Bytes());
    again.Stir(FilledKey(1).Bytes());
    const auto bytes = Take(a, 4096);
    EXPECT_NE(bytes, Take(b, 4096));
    EXPECT_EQ(bytes, Take(again, 4096));
    // What was there before counts as well: bad entropy makes nothing worse.
    SecureRandom other(FilledKey(8).Bytes());
    other.Stir(FilledKey(1).Bytes());
    EXPECT_NE(bytes, Take(other, 4096));
}

TEST(SecureRandom, GivesTheSameBytesHoweverTheyAreAskedFor) {
    SecureRandom whole(FilledKey(1).Bytes());
    SecureRandom pieces(FilledKey(1).Bytes());
    const auto expected = Take(whole, 1500);
    std::vector<std::byte> got;
    for (std::size_t count = 0; got.size() < expected.size(); ++count) {
        const auto piece = Take(pieces, std::min(count, expected.size() - got.size()));
        got.insert(got.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(got, expected);
}

TEST(SecureRandom, ReadsNumbersInNetworkOrder) {
    SecureRandom random(CountingKey().Bytes());
    EXPECT_EQ(random.U64(), 0x2b23cce7a26023abu);
    EXPECT_EQ(random.U64(), 0x3f0eef693ac87f64u);
}

TEST(SecureRandom, DrawsEveryNumberBelowTheBoundAndNoOther) {
    SecureRandom random(FilledKey(2).Bytes());
    std::array<int, 6> seen{};
    for (int i = 0; i < 6000; ++i) ++seen.at(random.Below(6));
    // Standard deviation of each count is 29: five of them are 145.
    for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
    EXPECT_EQ(random.Below(1), 0u);
}

// Below 3 * 2^62 a plain remainder would give the lowest third as often as both others together.
TEST(SecureRandom, IsNotBiasedByLargeBounds) {
    SecureRandom random(FilledKey(3).Bytes());
    const std::uint64_t bound = 3ull << 62;
    int low = 0;
    for (int i = 0; i < 3000; ++i) low += random.Below(bound) < (1ull << 62) ? 1 : 0;
    EXPECT_NEAR(low, 1000, 130);
}

TEST(SecureRandomDeathTest, RefusesAnEmptyRange) {
    SecureRandom random(FilledKey(4).Bytes());
    EXPECT_DEATH(random.Below(0), "assertion failed");
}

}  // namespace
}  // namespace crsp
