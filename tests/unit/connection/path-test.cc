// SPDX-License-Identifier: BSD-3-Clause
// CRSP §3.8; RFC 9000 §8.2, §9.
#include "model/connection/path.h"

#include <gtest/gtest.h>

#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

constexpr TimePoint At(int ms) {
    return TimePoint{} + milliseconds(ms);
}
constexpr Duration kPto = milliseconds(100);
const SocketAddress kHome = SocketAddress::FromIpv4(0x0a000001, 40001);
const SocketAddress kOtherPort = SocketAddress::FromIpv4(0x0a000001, 40002);
const SocketAddress kOtherHost = SocketAddress::FromIpv4(0x0a000009, 40001);

class PathTest : public testing::Test {
  protected:
    /// The newest packet came from `source`.
    void Seen(const SocketAddress& source, int ms, std::size_t bytes = 100) {
        path.OnPacket(source, bytes);
        path.OnPeerSeen(At(ms), kPto);
    }
    /// What goes out elsewhere now, as frame and address.
    template <class F>
    std::optional<std::pair<F, SocketAddress>> Elsewhere(int ms) {
        Bytes space(100);
        PacketBuilder packet{ByteSpan(space)};
        path.OnTimeout(At(ms));
        const auto to = path.WriteElsewhere(At(ms), packet);
        if (!to) return std::nullopt;
        EXPECT_EQ(packet.Length(), kPathFrameLength);
        ByteReader in(packet.Payload());
        return std::pair(std::get<F>(DecodeFrame(in).value()), *to);
    }
    std::uint64_t Challenge(const SocketAddress& source, int ms) {
        Seen(source, ms);
        return Elsewhere<PathChallengeFrame>(ms).value().first.data;
    }

    Seed seed{};
    SecureRandom random{seed};
    Path path{kHome, random};
};

TEST_F(PathTest, B14_AnotherAddressIsChallengedThereAndUsedOnceItAnswers) {
    Seen(kOtherHost, 0);
    EXPECT_EQ(path.Remote(), kHome);
    const auto challenge = Elsewhere<PathChallengeFrame>(0);
    ASSERT_TRUE(challenge);
    EXPECT_EQ(challenge->second, kOtherHost);
    const auto change = path.OnFrame(At(30), PathResponseFrame{challenge->first.data});
    ASSERT_TRUE(change);
    EXPECT_EQ(path.Remote(), kOtherHost);
    EXPECT_EQ(change->before, kHome);
    EXPECT_FALSE(change->rebinding);
    EXPECT_EQ(change->roundTrip, milliseconds(30));
    EXPECT_FALSE(path.NextTimeout());
}

TEST_F(PathTest, AnotherPortOfTheSameHostIsARebinding) {
    const auto data = Challenge(kOtherPort, 0);
    EXPECT_TRUE(path.OnFrame(At(10), PathResponseFrame{data})->rebinding);
}

TEST_F(PathTest, B14_AWrongAnswerAndOneNeverAskedForChangeNothing) {
    EXPECT_FALSE(path.OnFrame(At(0), PathResponseFrame{0}));
    const auto data = Challenge(kOtherHost, 0);
    EXPECT_FALSE(path.OnFrame(At(10), PathResponseFrame{data + 1}));
    EXPECT_EQ(path.Remote(), kHome);
}

TEST_F(PathTest, EachChallengeIsDrawnAnew) {
    const auto first = Challenge(kOtherHost, 0);
    EXPECT_NE(Challenge(kOtherPort, 1), first);
    EXPECT_FALSE(path.OnFrame(At(2), PathResponseFrame{first}));
}

// SECURITY: no more bytes to an address not validated than came from it.
TEST_F(PathTest, AnAddressNotValidatedGetsNoMoreBytesThanCameFromIt) {
    Seen(kOtherHost, 0, kPathPacketLength - 1);
    EXPECT_FALSE(Elsewhere<PathChallengeFrame>(0));
    std::size_t came = kPathPacketLength - 1;
    std::size_t went = 0;
    for (int ms = 1; ms < 2500; ++ms) {
        if (ms % 400 == 0) {
            path.OnPacket(kOtherHost, 40);
            came += 40;
        }
        if (Elsewhere<PathChallengeFrame>(ms)) went += kPathPacketLength;
        EXPECT_LE(went, kUnvalidatedPathFactor * came);
    }
    EXPECT_GT(went, 2 * kPathPacketLength);
}

TEST_F(PathTest, A1_AnAddressNotValidatedGetsNoMorePacketsThanCameFromIt) {
    Seen(kOtherHost, 0, 1000);
    EXPECT_TRUE(Elsewhere<PathChallengeFrame>(0));
    EXPECT_FALSE(Elsewhere<PathChallengeFrame>(500));
    Seen(kOtherHost, 501, 1000);
    EXPECT_TRUE(Elsewhere<PathChallengeFrame>(501));
    EXPECT_FALSE(Elsewhere<PathChallengeFrame>(900));
}

TEST_F(PathTest, A1_ThePacketThatIsAnsweredDoesNotPayForAChallengeAsWell) {
    path.OnPacket(kOtherHost, kPathPacketLength + 1);
    path.OnFrame(PathChallengeFrame{7});
    path.OnPeerSeen(At(0), kPto);
    EXPECT_TRUE(Elsewhere<PathResponseFrame>(0));
    EXPECT_FALSE(Elsewhere<PathChallengeFrame>(0));
    Seen(kOtherHost, 1, kPathPacketLength);
    EXPECT_TRUE(Elsewhere<PathChallengeFrame>(1));
}

TEST_F(PathTest, TheChallengeIsRepeatedEachProbeTimeoutAndTellsNoRoundTripThen) {
    Seen(kOtherHost, 0, 1000);
    const auto first = Elsewhere<PathChallengeFrame>(0);
    Seen(kOtherHost, 1, 1000);
    EXPECT_FALSE(Elsewhere<PathChallengeFrame>(99));
    EXPECT_EQ(path.NextTimeout(), At(100));
    const auto second = Elsewhere<PathChallengeFrame>(100);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->first.data, first->first.data);
    EXPECT_FALSE(path.OnFrame(At(120), PathResponseFrame{first->first.data})->roundTrip);
}

TEST_F(PathTest, WhoDoesNotAnswerIsGivenUp) {
    Challenge(kOtherHost, 0);
    const auto end = path.NextTimeout();
    ASSERT_TRUE(end);
    path.OnTimeout(At(2000));
    EXPECT_EQ(path.Candidate(), kOtherHost);
    path.OnTimeout(At(3000));
    EXPECT_FALSE(path.Candidate());
    EXPECT_FALSE(path.NextTimeout());
    EXPECT_EQ(path.Remote(), kHome);
}

TEST_F(PathTest, APeerSeenAtTheOldAddressAgainHasNotMoved) {
    const auto data = Challenge(kOtherHost, 0);
    Seen(kHome, 5);
    EXPECT_FALSE(path.Candidate());
    EXPECT_FALSE(path.OnFrame(At(10), PathResponseFrame{data}));
    EXPECT_EQ(path.Remote(), kHome);
}

// RFC 9000 §8.2.2.
TEST_F(PathTest, AChallengeIsAnsweredWhereItCameFrom) {
    path.OnPacket(kHome, 100);
    path.OnFrame(PathChallengeFrame{7});
    ASSERT_TRUE(path.ResponseDue());
    EXPECT_FALSE(Elsewhere<PathResponseFrame>(0));
    Bytes space(100);
    PacketBuilder packet{ByteSpan(space)};
    path.WriteFrames(packet);
    EXPECT_EQ(packet.Length(), kPathFrameLength);
    EXPECT_FALSE(path.ResponseDue());

    path.OnPacket(kOtherHost, 100);
    path.OnFrame(PathChallengeFrame{8});
    EXPECT_FALSE(path.ResponseDue());
    const auto response = Elsewhere<PathResponseFrame>(0);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->first.data, 8u);
    EXPECT_EQ(response->second, kOtherHost);
    EXPECT_FALSE(Elsewhere<PathResponseFrame>(0));
}

// With a whole endpoint: what others can and cannot do with packets of the peer.
class PathOfEndpoint : public testing::Test {
  protected:
    PathOfEndpoint() { peer.Establish(); }
    void GiveFrom(const SocketAddress& source, Bytes datagram) {
        peer.endpoint.HandleDatagram(peer.now, {source, Ecn::kNotEct, datagram});
    }
    /// Everything the endpoint sends now: where to, and what.
    std::vector<std::pair<SocketAddress, OpenedPacket>> Sent() {
        std::vector<std::pair<SocketAddress, OpenedPacket>> all;
        Bytes buffer(16 * kMaxDatagramSize);
        while (const auto out = peer.endpoint.PollTransmit(peer.now, buffer)) {
            Bytes datagram(buffer.begin(), buffer.begin() + static_cast<long>(out->size));
            all.emplace_back(out->destination, peer.Open(datagram).value());
        }
        return all;
    }
    SocketAddress RemoteNow() {
        peer.Send(Payload(PathChallengeFrame{1}));
        const auto sent = Sent();
        return sent.empty() ? SocketAddress{} : sent.back().first;
    }

    SealingPeer peer;
};

TEST_F(PathOfEndpoint, ThePeerThatMovesIsFollowedAndTheApplicationTold) {
    GiveFrom(kOtherHost, peer.Seal(peer.nextNumber, Payload(PingFrame{}, PaddingFrame{8})));
    const auto sent = Sent();
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].first, kOtherHost);
    const auto challenge = sent[0].second.Get<PathChallengeFrame>();
    ASSERT_TRUE(challenge);
    EXPECT_EQ(sent[0].second.datagramLength, kPathPacketLength);
    GiveFrom(kOtherHost, peer.Seal(peer.nextNumber, Payload(PathResponseFrame{challenge->data})));
    const auto event = FirstOf<PathChangedEvent>(PollEvents(peer.endpoint));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->remote, kOtherHost);
    for (const auto& [to, packet] : Sent()) EXPECT_EQ(to, kOtherHost);
    EXPECT_EQ(peer.endpoint.StatsOf(peer.handle)->pathChanges, 1u);
}

TEST_F(PathOfEndpoint, AnAddressThatNeverAnswersIsAskedAsOftenAsItWasHeardAndForgotten) {
    const Bytes large = Payload(PingFrame{}, PaddingFrame{1000});
    for (int i = 0; i < 3; ++i) GiveFrom(kOtherHost, peer.Seal(peer.nextNumber, large));
    std::size_t challenges = 0;
    for (const auto& packet : peer.Advance(seconds(4))) {
        challenges += packet.Get<PathChallengeFrame>() ? 1 : 0;
    }
    EXPECT_EQ(challenges, 3u);
    EXPECT_EQ(RemoteNow(), kInitiatorAddress);
}

TEST_F(PathOfEndpoint, AnOldPacketFromElsewhereDoesNotStartAValidation) {
    const Bytes old = peer.Seal(peer.nextNumber, Payload(PingFrame{}, PaddingFrame{100}));
    peer.Send(Payload(PingFrame{}));
    GiveFrom(kOtherHost, old);
    for (const auto& [to, packet] : Sent()) EXPECT_EQ(to, kInitiatorAddress);
}

TEST_F(PathOfEndpoint, ARepeatedPacketFromElsewhereDoesNotStartAValidation) {
    const Bytes newest = peer.Seal(peer.nextNumber, Payload(PingFrame{}, PaddingFrame{100}));
    peer.Give(newest);
    GiveFrom(kOtherHost, newest);
    for (const auto& [to, packet] : Sent()) EXPECT_EQ(to, kInitiatorAddress);
    EXPECT_EQ(peer.endpoint.StatsOf(peer.handle)->packetsDuplicate, 1u);
}

TEST_F(PathOfEndpoint, AProbingPacketFromElsewhereIsAnsweredThereAndMovesNothing) {
    GiveFrom(kOtherHost, peer.Seal(peer.nextNumber, Payload(PathChallengeFrame{5})));
    const auto sent = Sent();
    ASSERT_FALSE(sent.empty());
    EXPECT_EQ(sent[0].first, kOtherHost);
    EXPECT_EQ(sent[0].second.Get<PathResponseFrame>()->data, 5u);
    EXPECT_FALSE(sent[0].second.Get<PathChallengeFrame>());
    EXPECT_EQ(RemoteNow(), kInitiatorAddress);
}

TEST_F(PathOfEndpoint, APingIsLongEnoughToPayForAChallenge) {
    const auto packets = peer.Advance(seconds(6));  // one keep-alive
    ASSERT_FALSE(packets.empty());
    EXPECT_TRUE(packets[0].Get<PingFrame>());
    EXPECT_GE(packets[0].datagramLength, kPathPacketLength);
}

}  // namespace
}  // namespace crsp::test
