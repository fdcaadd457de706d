// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/initial-macs.h"

#include <gtest/gtest.h>

#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

const SecretKey kKey(KeyOf(1));

Bytes Sealed() {
    Bytes initial = Pattern(kMinDatagramSize);
    WriteMac1(initial, kKey);
    return initial;
}

TEST(InitialMacs, Mac1CoversAllInFrontOfIt) {
    const Bytes initial = Sealed();
    EXPECT_TRUE(VerifyMac1(initial, kKey));
    EXPECT_FALSE(VerifyMac1(initial, SecretKey(KeyOf(2))));
    for (std::size_t at = 0; at < initial.size() - kMacLength; ++at) {
        Bytes altered = initial;
        altered[at] ^= std::byte{1};
        EXPECT_FALSE(VerifyMac1(altered, kKey)) << at;
    }
}

TEST(InitialMacs, Mac2AndMac1TogetherCoverAllOfIt) {
    Bytes initial = Sealed();
    const Mac cookie{std::byte{7}};
    WriteMac2(initial, cookie);
    EXPECT_TRUE(VerifyMac2(initial, cookie));
    EXPECT_TRUE(VerifyMac1(initial, kKey)) << "mac1 stays what it was";
    EXPECT_FALSE(VerifyMac2(initial, Mac{std::byte{8}}));
    for (std::size_t at = 0; at < initial.size(); ++at) {
        Bytes altered = initial;
        altered[at] ^= std::byte{1};
        EXPECT_FALSE(VerifyMac1(altered, kKey) && VerifyMac2(altered, cookie)) << at;
    }
}

TEST(InitialMacs, EachModeAndEachSecretHasAKeyOfItsOwn) {
    const std::optional<SecretKey> psk(KeyOf(1));
    const std::optional<PeerKey> peer = IdentityOf(3).publicKey;
    const auto open = Mac1KeyOf(HandshakeMode::kNoAuth, std::nullopt, std::nullopt);
    const auto shared = Mac1KeyOf(HandshakeMode::kPreSharedKey, std::nullopt, psk);
    const auto keyed = Mac1KeyOf(HandshakeMode::kKeyed, peer, std::nullopt);
    for (const auto* key : {&open, &shared}) {
        Bytes initial = Pattern(kMinDatagramSize);
        WriteMac1(initial, *key);
        EXPECT_TRUE(VerifyMac1(initial, *key));
        EXPECT_FALSE(VerifyMac1(initial, keyed));
    }
    Bytes initial = Pattern(kMinDatagramSize);
    WriteMac1(initial, open);
    EXPECT_FALSE(VerifyMac1(initial, shared));
}

}  // namespace
}  // namespace crsp::test
