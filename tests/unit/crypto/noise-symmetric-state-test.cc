// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/noise-symmetric-state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::FlipBit;
using testing::FilledKey;
using testing::ToHex;
using testing::ToVector;

using Bytes = std::vector<std::byte>;

constexpr auto kSuite = CipherSuite::kChaCha20Poly1305Sha256;

NoiseSymmetricState Fresh() {
    return NoiseSymmetricState("Noise_NN_25519_ChaChaPoly_SHA256", kSuite);
}

Bytes Encrypted(NoiseSymmetricState& state, std::string_view text) {
    Bytes out(text.size() + state.CiphertextOverhead());
    state.EncryptAndHash(AsBytes(text), out);
    return out;
}

/// The first key of a session whose chaining key is still what the name made of it.
std::string KeyOfName(std::string_view name) {
    return ToHex(NoiseSymmetricState(name, kSuite).Split().initiatorToResponder.Bytes());
}

/// What it has to be if the chaining key begins as `begin`, filled up with zeros.
std::string KeyOfChain(ConstByteSpan begin) {
    SecretKey chainingKey;
    std::copy(begin.begin(), begin.end(), chainingKey.Bytes().begin());
    return ToHex(NoiseHkdf2(chainingKey, {})[0].Bytes());
}

TEST(NoiseSymmetricState, ShortNamesArePaddedAndLongOnesHashed) {
    for (const std::string_view name :
         {"Noise_NN_25519_ChaChaPoly_SHA256", "Noise_NN_25519_AESGCM_SHA256"}) {
        EXPECT_EQ(KeyOfName(name), KeyOfChain(AsBytes(name))) << name;
    }
    const std::string_view longName = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";
    EXPECT_EQ(KeyOfName(longName), KeyOfChain(HashSha256(AsBytes(longName))));
}

TEST(NoiseSymmetricState, TextTravelsInTheClearBeforeAnyKey) {
    auto state = Fresh();
    EXPECT_FALSE(state.HasKey());
    EXPECT_EQ(Encrypted(state, "hello"), ToVector(AsBytes("hello")));
}

TEST(NoiseSymmetricState, TextIsSealedOnceAKeyIsMixedIn) {
    auto writer = Fresh();
    auto reader = Fresh();
    writer.MixKey(FilledKey(1).Bytes());
    reader.MixKey(FilledKey(1).Bytes());
    for (const std::string_view text : {"one", "two", ""}) {
        const Bytes sealed = Encrypted(writer, text);
        ASSERT_EQ(sealed.size(), text.size() + kAeadTagLength);
        Bytes plain(text.size());
        ASSERT_TRUE(reader.DecryptAndHash(sealed, plain));
        EXPECT_EQ(AsText(plain), text);
    }
}

TEST(NoiseSymmetricState, EveryInputChangesTheKeys) {
    const auto keysAfter = [](auto&& change) {
        auto state = Fresh();
        change(state);
        return ToHex(state.Split().initiatorToResponder.Bytes());
    };
    const auto none = keysAfter([](auto&) {});
    const auto key = keysAfter([](auto& s) { s.MixKey(FilledKey(1).Bytes()); });
    const auto otherKey = keysAfter([](auto& s) { s.MixKey(FilledKey(2).Bytes()); });
    const auto psk = keysAfter([](auto& s) { s.MixKeyAndHash(FilledKey(1).Bytes()); });
    EXPECT_NE(none, key);
    EXPECT_NE(key, otherKey);
    EXPECT_EQ(key, psk) << "both begin with the same chaining key; only hash and cipher key differ";
}

TEST(NoiseSymmetricState, APskIsHashedToo) {
    auto key = Fresh();
    auto psk = Fresh();
    key.MixKey(FilledKey(1).Bytes());
    psk.MixKeyAndHash(FilledKey(1).Bytes());
    Bytes plain(3);
    EXPECT_FALSE(psk.DecryptAndHash(Encrypted(key, "one"), plain));
}

TEST(NoiseSymmetricState, TheHashIsAuthenticated) {
    auto writer = Fresh();
    auto reader = Fresh();
    writer.MixKey(FilledKey(1).Bytes());
    reader.MixKey(FilledKey(1).Bytes());
    reader.MixHash(AsBytes("something else"));
    Bytes plain(5);
    EXPECT_FALSE(reader.DecryptAndHash(Encrypted(writer, "hello"), plain));
}

TEST(NoiseSymmetricState, ACopyCanBeThrownAway) {
    auto writer = Fresh();
    auto reader = Fresh();
    writer.MixKey(FilledKey(1).Bytes());
    reader.MixKey(FilledKey(1).Bytes());
    const Bytes sealed = Encrypted(writer, "hello");
    Bytes forged = sealed;
    FlipBit(forged, 0);
    Bytes plain(5);
    auto attempt = reader;
    EXPECT_FALSE(attempt.DecryptAndHash(forged, plain));
    EXPECT_TRUE(reader.DecryptAndHash(sealed, plain));
}

TEST(NoiseSymmetricState, DirectionsHaveKeysOfTheirOwn) {
    const auto keys = Fresh().Split();
    EXPECT_NE(ToHex(keys.initiatorToResponder.Bytes()), ToHex(keys.responderToInitiator.Bytes()));
}

TEST(NoiseSymmetricStateDeathTest, BuffersOfTheWrongSizeAreABug) {
    auto state = Fresh();
    state.MixKey(FilledKey(1).Bytes());
    Bytes out(5);
    EXPECT_DEATH(state.EncryptAndHash(AsBytes("hello"), out), "assertion failed");
}

}  // namespace
}  // namespace crsp
