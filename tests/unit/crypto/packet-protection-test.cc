// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/packet-protection.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

#include "model/connection/endpoint-config.h"
#include "tests/unit/crypto/hex.h"

namespace crsp {
namespace {

using testing::AllZero;
using testing::FlipBit;
using testing::KeyOf;
using testing::ToVector;

using Bytes = std::vector<std::byte>;

static_assert(!std::is_copy_constructible_v<PacketProtection>);
static_assert(kMaxDatagramSize <= kMaxProtectedPacketLength);

constexpr auto kSuite = CipherSuite::kChaCha20Poly1305Sha256;
const TransportKeys kKeys{KeyOf(1), KeyOf(2)};

PacketProtection Make(Side side, AeadLimits limits = LimitsOf(kSuite)) {
    return PacketProtection(kKeys, side, kSuite, limits);
}

Bytes SealText(PacketProtection& protection, PacketNumber number, std::string_view text) {
    Bytes payload = ToVector(AsBytes(text));
    payload.resize(text.size() + kAeadTagLength);
    protection.Seal(number, AsBytes("header"), payload);
    return payload;
}

TEST(PacketProtection, EachSideOpensWhatTheOtherSealed) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder);
    Bytes there = SealText(initiator, 0, "there");
    Bytes back = SealText(responder, 0, "back");
    ASSERT_TRUE(responder.Open(0, AsBytes("header"), there));
    ASSERT_TRUE(initiator.Open(0, AsBytes("header"), back));
    EXPECT_EQ(AsText(ConstByteSpan(there).first(5)), "there");
    EXPECT_EQ(AsText(ConstByteSpan(back).first(4)), "back");
}

TEST(PacketProtection, ASideDoesNotOpenItsOwnPackets) {
    auto initiator = Make(Side::kInitiator);
    Bytes reflected = SealText(initiator, 0, "there");
    EXPECT_FALSE(initiator.Open(0, AsBytes("header"), reflected));
}

TEST(PacketProtection, OpensInAnyOrder) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder);
    Bytes first = SealText(initiator, 3, "first");
    Bytes second = SealText(initiator, 10, "second");
    EXPECT_TRUE(responder.Open(10, AsBytes("header"), second));
    EXPECT_TRUE(responder.Open(3, AsBytes("header"), first));
}

TEST(PacketProtection, TheHeaderIsAuthenticated) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder);
    Bytes payload = SealText(initiator, 0, "text");
    EXPECT_FALSE(responder.Open(0, AsBytes("Header"), payload));
    EXPECT_TRUE(AllZero(ByteSpan(payload).first(4)));
}

TEST(PacketProtection, ForgeriesChangeNothingButACounter) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder);
    for (PacketNumber number = 0; number < 1000; ++number) {
        const Bytes sealed = SealText(initiator, number, "text");
        Bytes forged = sealed;
        FlipBit(forged, number % (8 * forged.size()));
        ASSERT_FALSE(responder.Open(number, AsBytes("header"), forged));
        Bytes genuine = sealed;
        ASSERT_TRUE(responder.Open(number, AsBytes("header"), genuine));
    }
    EXPECT_EQ(responder.FailedOpens(), 1000u);
    EXPECT_FALSE(responder.OpenLimitReached());
}

TEST(PacketProtection, PacketsWithoutATagOrWithAnImpossibleNumberFail) {
    auto responder = Make(Side::kResponder);
    Bytes tooShort(kAeadTagLength - 1);
    EXPECT_FALSE(responder.Open(0, {}, tooShort));
    EXPECT_FALSE(responder.Open(0, {}, {}));
    EXPECT_EQ(responder.FailedOpens(), 2u);
}

TEST(PacketProtection, NumbersBeyondTheLastAreNotOpened) {
    const auto peer = MakeAead(kSuite, kKeys.initiatorToResponder);
    auto responder = Make(Side::kResponder);
    Bytes last(20);
    peer->Seal(kMaxPacketNumber, {}, last);
    EXPECT_TRUE(responder.Open(kMaxPacketNumber, {}, last));
    Bytes beyond(20);
    peer->Seal(kMaxPacketNumber + 1, {}, beyond);
    EXPECT_FALSE(responder.Open(kMaxPacketNumber + 1, {}, beyond));
}

// CRSP §4.5: no nonce is ever used twice.
TEST(PacketProtectionDeathTest, ANumberIsNeverSealedTwice) {
    auto initiator = Make(Side::kInitiator);
    SealText(initiator, 7, "text");
    EXPECT_DEATH(SealText(initiator, 7, "text"), "assertion failed");
    EXPECT_DEATH(SealText(initiator, 6, "text"), "assertion failed");
    SealText(initiator, 8, "text");
}

TEST(PacketProtectionDeathTest, NumbersEndWhereTheProtocolSays) {
    auto initiator = Make(Side::kInitiator);
    SealText(initiator, kMaxPacketNumber, "text");
    EXPECT_DEATH(SealText(initiator, kMaxPacketNumber + 1, "text"), "assertion failed");
}

TEST(PacketProtectionDeathTest, PacketsAreShortEnoughForTheLimit) {
    auto initiator = Make(Side::kInitiator);
    Bytes header(17);
    Bytes payload(kMaxProtectedPacketLength - header.size() + 1);
    EXPECT_DEATH(initiator.Seal(0, header, payload), "assertion failed");
    initiator.Seal(0, header, ByteSpan(payload).first(payload.size() - 1));
}

TEST(PacketProtection, SealLimitSpeaksUpWhileThereIsRoomToClose) {
    auto initiator = Make(Side::kInitiator, {kSealReserve + 3, 10});
    for (PacketNumber number = 0; number < 3; ++number) {
        EXPECT_FALSE(initiator.SealLimitReached()) << number;
        SealText(initiator, number, "text");
    }
    EXPECT_TRUE(initiator.SealLimitReached());
    for (PacketNumber number = 3; number < 3 + kSealReserve; ++number) {
        ASSERT_TRUE(initiator.CanSeal()) << number;
        SealText(initiator, number, "close");
    }
    EXPECT_FALSE(initiator.CanSeal());
    EXPECT_DEATH(SealText(initiator, 3 + kSealReserve, "close"), "assertion failed");
}

TEST(PacketProtection, SealLimitSpeaksUpBeforeNumbersRunOut) {
    auto initiator = Make(Side::kInitiator);
    SealText(initiator, kMaxPacketNumber - kSealReserve - 1, "text");
    EXPECT_FALSE(initiator.SealLimitReached());
    SealText(initiator, kMaxPacketNumber - kSealReserve, "text");
    EXPECT_TRUE(initiator.SealLimitReached());
    SealText(initiator, kMaxPacketNumber - 1, "close");
    EXPECT_TRUE(initiator.CanSeal());
    SealText(initiator, kMaxPacketNumber, "close");
    EXPECT_FALSE(initiator.CanSeal());
}

TEST(PacketProtection, NothingIsOpenedPastTheIntegrityLimit) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder, {kSealReserve + 3, 10});
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(responder.OpenLimitReached()) << i;
        Bytes forged(20);
        EXPECT_FALSE(responder.Open(0, {}, forged));
    }
    EXPECT_TRUE(responder.OpenLimitReached());
    Bytes genuine = SealText(initiator, 0, "text");
    EXPECT_FALSE(responder.Open(0, AsBytes("header"), genuine));
}

TEST(PacketProtection, LimitsAreThoseOfRfc9001) {
    EXPECT_EQ(LimitsOf(CipherSuite::kAes256GcmSha256).packetsSealed, 1ull << 28);
    EXPECT_EQ(LimitsOf(CipherSuite::kAes256GcmSha256).failedOpens, 1ull << 52);
    EXPECT_GT(LimitsOf(CipherSuite::kChaCha20Poly1305Sha256).packetsSealed, kMaxPacketNumber);
    EXPECT_EQ(LimitsOf(CipherSuite::kChaCha20Poly1305Sha256).failedOpens, 1ull << 36);
}

}  // namespace
}  // namespace crsp
