// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/x25519.h"

#include <gtest/gtest.h>

#include <string_view>

#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::FromHex;
using testing::KeyFromHex;
using testing::FilledKey;
using testing::ToHex;

constexpr std::string_view kAliceSecret =
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
constexpr std::string_view kBobSecret =
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
constexpr std::string_view kShared =
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

X25519PublicKey PublicFromHex(std::string_view hex) {
    X25519PublicKey key;
    const auto bytes = FromHex(hex);
    std::copy_n(bytes.begin(), key.size(), key.begin());
    return key;
}

TEST(X25519, DiffieHellmanOfRfc7748) {
    const auto alice = X25519PairOf(KeyFromHex(kAliceSecret));
    const auto bob = X25519PairOf(KeyFromHex(kBobSecret));
    EXPECT_EQ(ToHex(alice.publicKey),
              "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    EXPECT_EQ(ToHex(bob.publicKey),
              "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    EXPECT_EQ(ToHex(X25519SharedSecret(alice.secretKey, bob.publicKey)->Bytes()), kShared);
    EXPECT_EQ(ToHex(X25519SharedSecret(bob.secretKey, alice.publicKey)->Bytes()), kShared);
}

// Points of order 1, 4, 8, 8, 2 and the two encodings that are not reduced; cr.yp.to/ecdh.html.
TEST(X25519, RefusesPointsOfLowOrder) {
    for (const std::string_view point : {
             "0000000000000000000000000000000000000000000000000000000000000000",
             "0100000000000000000000000000000000000000000000000000000000000000",
             "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
             "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         }) {
        EXPECT_FALSE(X25519SharedSecret(KeyFromHex(kAliceSecret), PublicFromHex(point))) << point;
    }
}

TEST(X25519, GeneratesFromTheGivenRandomness) {
    SecureRandom a(FilledKey(1).Bytes());
    SecureRandom b(FilledKey(1).Bytes());
    const auto first = GenerateX25519Pair(a);
    EXPECT_EQ(first.publicKey, GenerateX25519Pair(b).publicKey);
    EXPECT_NE(first.publicKey, GenerateX25519Pair(a).publicKey);
    EXPECT_EQ(first.publicKey, X25519PairOf(first.secretKey).publicKey);
}

}  // namespace
}  // namespace crsp
