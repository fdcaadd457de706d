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
using testing::FilledKey;
using testing::ToVector;

using Bytes = std::vector<std::byte>;

static_assert(!std::is_copy_constructible_v<PacketProtection>);
static_assert(kMaxDatagramSize <= kMaxProtectedPacketLength);

constexpr auto kSuite = CipherSuite::kChaCha20Poly1305Sha256;
const TransportKeys kKeys{FilledKey(1), FilledKey(2)};

PacketProtection Make(Side side, AeadLimits limits = LimitsOf(kSuite)) {
    return PacketProtection(kKeys, side, kSuite, limits);
}

bool Opens(PacketProtection& protection, PacketNumber number, ConstByteSpan header,
           ByteSpan payload, bool oddPhase = false) {
    return protection.Open(number, oddPhase, header, payload) != PacketProtection::Opened::kNo;
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
    ASSERT_TRUE(Opens(responder, 0, AsBytes("header"), there));
    ASSERT_TRUE(Opens(initiator, 0, AsBytes("header"), back));
    EXPECT_EQ(AsText(ConstByteSpan(there).first(5)), "there");
    EXPECT_EQ(AsText(ConstByteSpan(back).first(4)), "back");
}

TEST(PacketProtection, ASideDoesNotOpenItsOwnPackets) {
    auto initiator = Make(Side::kInitiator);
    Bytes reflected = SealText(initiator, 0, "there");
    EXPECT_FALSE(Opens(initiator, 0, AsBytes("header"), reflected));
}

TEST(PacketProtection, OpensInAnyOrder) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder);
    Bytes first = SealText(initiator, 3, "first");
    Bytes second = SealText(initiator, 10, "second");
    EXPECT_TRUE(Opens(responder, 10, AsBytes("header"), second));
    EXPECT_TRUE(Opens(responder, 3, AsBytes("header"), first));
}

TEST(PacketProtection, TheHeaderIsAuthenticated) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder);
    Bytes payload = SealText(initiator, 0, "text");
    EXPECT_FALSE(Opens(responder, 0, AsBytes("Header"), payload));
    EXPECT_TRUE(AllZero(ByteSpan(payload).first(4)));
}

TEST(PacketProtection, ForgeriesChangeNothingButACounter) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder);
    for (PacketNumber number = 0; number < 1000; ++number) {
        const Bytes sealed = SealText(initiator, number, "text");
        Bytes forged = sealed;
        FlipBit(forged, number % (8 * forged.size()));
        ASSERT_FALSE(Opens(responder, number, AsBytes("header"), forged));
        Bytes genuine = sealed;
        ASSERT_TRUE(Opens(responder, number, AsBytes("header"), genuine));
    }
    EXPECT_EQ(responder.FailedOpens(), 1000u);
    EXPECT_FALSE(responder.OpenLimitReached());
}

TEST(PacketProtection, PacketsWithoutATagOrWithAnImpossibleNumberFail) {
    auto responder = Make(Side::kResponder);
    Bytes tooShort(kAeadTagLength - 1);
    EXPECT_FALSE(Opens(responder, 0, {}, tooShort));
    EXPECT_FALSE(Opens(responder, 0, {}, {}));
    EXPECT_EQ(responder.FailedOpens(), 2u);
}

TEST(PacketProtection, NumbersBeyondTheLastAreNotOpened) {
    const auto peer = MakeAead(kSuite, kKeys.initiatorToResponder);
    auto responder = Make(Side::kResponder);
    Bytes last(20);
    peer->Seal(kMaxPacketNumber, {}, last);
    EXPECT_TRUE(Opens(responder, kMaxPacketNumber, {}, last));
    Bytes beyond(20);
    peer->Seal(kMaxPacketNumber + 1, {}, beyond);
    EXPECT_FALSE(Opens(responder, kMaxPacketNumber + 1, {}, beyond));
}

// CRSP §4.5: no nonce is ever used twice.
TEST(PacketProtectionDeathTest, B9_ANumberIsNeverSealedTwice) {
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

TEST(PacketProtection, B11_SealLimitSpeaksUpWhileThereIsRoomToClose) {
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

TEST(PacketProtection, B8_SealLimitSpeaksUpBeforeNumbersRunOut) {
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

TEST(PacketProtection, B11_NothingIsOpenedPastTheIntegrityLimit) {
    auto initiator = Make(Side::kInitiator);
    auto responder = Make(Side::kResponder, {kSealReserve + 3, 10});
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(responder.OpenLimitReached()) << i;
        Bytes forged(20);
        EXPECT_FALSE(Opens(responder, 0, {}, forged));
    }
    EXPECT_TRUE(responder.OpenLimitReached());
    Bytes genuine = SealText(initiator, 0, "text");
    EXPECT_FALSE(Opens(responder, 0, AsBytes("header"), genuine));
}

/// Both ends of a connection, and packets between them.
struct Ends {
    PacketProtection initiator = Make(Side::kInitiator);
    PacketProtection responder = Make(Side::kResponder);
    PacketNumber number = 0;

    struct Packet {
        PacketNumber number;
        bool odd;
        Bytes payload;
    };
    Packet From(PacketProtection& end) {
        const bool odd = end.OddPhase();
        const auto sent = number++;
        return {sent, odd, SealText(end, sent, "text")};
    }
    static PacketProtection::Opened At(PacketProtection& end, Packet packet,
                                       bool mayAdvance = true) {
        return end.Open(packet.number, packet.odd, AsBytes("header"), packet.payload, mayAdvance);
    }
};

using Opened = PacketProtection::Opened;

TEST(KeyPhases, ThePeerFollowsAnUpdateAndBothGoOn) {
    Ends ends;
    for (int phase = 1; phase <= 5; ++phase) {
        ASSERT_TRUE(ends.initiator.CanUpdate());
        ends.initiator.Update();
        EXPECT_FALSE(ends.initiator.CanUpdate()) << "the peer has not followed yet";
        EXPECT_EQ(ends.initiator.OddPhase(), phase % 2 != 0);
        EXPECT_EQ(Ends::At(ends.responder, ends.From(ends.initiator)), Opened::kNextPhase);
        EXPECT_EQ(ends.responder.OddPhase(), phase % 2 != 0);
        EXPECT_EQ(Ends::At(ends.responder, ends.From(ends.initiator)), Opened::kYes);
        EXPECT_EQ(Ends::At(ends.initiator, ends.From(ends.responder)), Opened::kFollowed);
    }
}

TEST(KeyPhases, WhenBothUpdateAtOnceTheyMeet) {
    Ends ends;
    ends.initiator.Update();
    ends.responder.Update();
    const auto there = ends.From(ends.initiator);
    const auto back = ends.From(ends.responder);
    EXPECT_EQ(Ends::At(ends.responder, there, false), Opened::kFollowed);
    EXPECT_EQ(Ends::At(ends.initiator, back, false), Opened::kFollowed);
    EXPECT_TRUE(ends.initiator.CanUpdate());
    EXPECT_TRUE(ends.responder.CanUpdate());
    EXPECT_EQ(Ends::At(ends.responder, ends.From(ends.initiator)), Opened::kYes);
}

TEST(KeyPhases, WhatWasSealedBeforeOpensUntilItIsForgotten) {
    Ends ends;
    const auto early = ends.From(ends.initiator);
    const auto late = ends.From(ends.initiator);
    ends.initiator.Update();
    const auto second = ends.From(ends.initiator);
    const auto third = ends.From(ends.initiator);
    EXPECT_EQ(Ends::At(ends.responder, third), Opened::kNextPhase);
    EXPECT_EQ(Ends::At(ends.responder, second), Opened::kYes) << "overtaken within the phase";
    EXPECT_EQ(Ends::At(ends.responder, early), Opened::kYes);
    ends.responder.ForgetPrevious();
    EXPECT_EQ(Ends::At(ends.responder, late), Opened::kNo);
}

TEST(KeyPhases, B12_AForgedPhaseBitChangesNothing) {
    Ends ends;
    auto forged = ends.From(ends.initiator);
    auto genuine = forged;
    forged.odd = true;
    EXPECT_EQ(Ends::At(ends.responder, forged), Opened::kNo);
    EXPECT_EQ(ends.responder.FailedOpens(), 1u);
    EXPECT_FALSE(ends.responder.OddPhase());
    EXPECT_EQ(Ends::At(ends.responder, genuine), Opened::kYes);
}

TEST(KeyPhases, B12_APeerThatMayNotUpdateYetIsNotFollowed) {
    Ends ends;
    ends.initiator.Update();
    const auto packet = ends.From(ends.initiator);
    EXPECT_EQ(Ends::At(ends.responder, packet, false), Opened::kNo);
    EXPECT_EQ(Ends::At(ends.responder, packet, true), Opened::kNextPhase);
}

TEST(KeyPhases, KeysBeforeAnUpdateOpenNothingAfterIt) {
    Ends ends;
    PacketProtection thief(kKeys, Side::kResponder, kSuite);
    ends.initiator.Update();
    ends.responder.Update();
    auto packet = ends.From(ends.initiator);
    packet.odd = false;
    EXPECT_EQ(Ends::At(thief, packet), Opened::kNo);
}

TEST(KeyPhases, B11_EachPhaseHasALimitOfItsOwn) {
    PacketProtection initiator(kKeys, Side::kInitiator, kSuite,
                               {.packetsSealed = kSealReserve + 3, .failedOpens = 100});
    for (PacketNumber number = 0; number < 3; ++number) SealText(initiator, number, "text");
    EXPECT_TRUE(initiator.SealLimitReached());
    initiator.Update();
    EXPECT_FALSE(initiator.SealLimitReached());
    EXPECT_EQ(initiator.Sealed(), 0u);
}

// Noise rev 34 §4.2 with libsodium's own ChaCha20-Poly1305: the first half of what 32 zero bytes
// under the largest nonce become.
TEST(KeyPhases, RekeyIsThatOfNoise) {
    const auto key = FilledKey(7);
    Bytes zeros(kKeyLength + kAeadTagLength);
    MakeAead(kSuite, key)->Seal(~std::uint64_t{0}, {}, zeros);
    zeros.resize(kKeyLength);
    EXPECT_EQ(ToVector(Rekey(kSuite, key).Bytes()), zeros);
    EXPECT_NE(ToVector(Rekey(kSuite, Rekey(kSuite, key)).Bytes()), zeros);
}

}  // namespace
}  // namespace crsp
