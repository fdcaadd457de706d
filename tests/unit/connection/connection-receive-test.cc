// SPDX-License-Identifier: BSD-3-Clause
// What a connection makes of packets: true ones, repeated ones, and ones that break the rules.
#include <gtest/gtest.h>

#include "model/connection/connection.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

std::uint64_t Code(TransportErrorCode code) {
    return static_cast<std::uint64_t>(code);
}

/// The peer breaks a rule with `payload`: both ends see a close with `code`.
void ExpectViolation(const Bytes& payload, TransportErrorCode code) {
    SealingPeer peer;
    peer.Establish();
    EXPECT_EQ(peer.CloseCodeAfter(payload), Code(code));
    const auto closed = peer.Closed();
    ASSERT_TRUE(closed);
    EXPECT_EQ(closed->code, code);
    EXPECT_FALSE(closed->byPeer);
    EXPECT_FALSE(closed->reason.empty());
    peer.Advance(seconds(10));
    EXPECT_FALSE(peer.Closed()) << "told once";
    EXPECT_EQ(peer.endpoint.ConnectionCount(), 0u);
}

TEST(ConnectionReceive, UnknownFrameIsAnEncodingError) {
    ExpectViolation({std::byte{0x3f}}, TransportErrorCode::kFrameEncodingError);
}

TEST(ConnectionReceive, AFrameCutShortIsAnEncodingError) {
    ExpectViolation({std::byte{0x10}}, TransportErrorCode::kFrameEncodingError);
}

// RFC 9000 §12.4.
TEST(ConnectionReceive, APacketWithoutAFrameIsAViolation) {
    ExpectViolation({}, TransportErrorCode::kProtocolViolation);
}

// RFC 9000 §13.1.
TEST(ConnectionReceive, B2_AckOfAPacketNeverSentIsAViolation) {
    ExpectViolation(AckPayload({{0, 1000}}), TransportErrorCode::kProtocolViolation);
}

// CRSP §7.
TEST(ConnectionReceive, B18_APacketOfTooManyFramesIsAViolation) {
    const Bytes most(kMaxFramesReceived, std::byte{0x01});  // PING
    SealingPeer peer;
    peer.Establish();
    EXPECT_FALSE(peer.CloseCodeAfter(most));
    Bytes padded(kMaxFramesReceived - 1, std::byte{0x01});
    padded.resize(1000);
    EXPECT_FALSE(peer.CloseCodeAfter(padded)) << "PADDING is one frame";

    Bytes more = most;
    more.push_back(std::byte{0x01});
    ExpectViolation(more, TransportErrorCode::kProtocolViolation);
}

TEST(ConnectionReceive, MoreStreamsThanGrantedAreAnError) {
    ExpectViolation(
        Payload(StreamFrame{
            MakeStreamId(Side::kInitiator, StreamDirection::kBidirectional, 1000), 0, {}, false}),
        TransportErrorCode::kStreamLimitError);
}

TEST(ConnectionReceive, CreditIsEnforced) {
    const Bytes one = Pattern(1);
    ExpectViolation(Payload(StreamFrame{0, 300 * 1024, one, false}),
                    TransportErrorCode::kFlowControlError);
}

TEST(ConnectionReceive, FramesBehindAViolationAreNotLookedAt) {
    SealingPeer peer;
    peer.Establish();
    Bytes payload = Payload(StreamFrame{0, 0, Pattern(5), false},
                            MaxStreamsFrame{StreamDirection::kBidirectional, 5});
    payload.push_back(std::byte{0x3f});
    peer.Send(payload);
    const auto events = PollEvents(peer.endpoint);
    ASSERT_FALSE(events.empty());
    EXPECT_TRUE(std::holds_alternative<ClosedEvent>(events.back())) << "nothing after the end";
}

TEST(ConnectionReceive, PaddingAloneIsAPacketLikeAnother) {
    SealingPeer peer;
    peer.Establish();
    peer.Send(Payload(PaddingFrame{100}));
    EXPECT_TRUE(peer.Advance(milliseconds(100)).empty()) << "asks for no ACK";
    EXPECT_FALSE(peer.Closed());
}

TEST(ConnectionReceive, PeerCloseEndsItWithoutAnAnswer) {
    SealingPeer peer;
    peer.Establish();
    peer.Send(Payload(ConnectionCloseFrame{true, 7, "bye"}));
    const auto closed = peer.Closed().value();
    EXPECT_EQ(closed.code, TransportErrorCode::kApplicationError);
    EXPECT_EQ(closed.applicationCode, 7u);
    EXPECT_EQ(closed.reason, "bye");
    EXPECT_TRUE(closed.byPeer);
    peer.Send(Payload(PingFrame{}));
    EXPECT_TRUE(peer.Advance(seconds(10)).empty());
    EXPECT_EQ(peer.endpoint.ConnectionCount(), 0u);
}

TEST(ConnectionReceive, ATransportCloseKeepsItsCode) {
    SealingPeer peer;
    peer.Establish();
    peer.Send(Payload(ConnectionCloseFrame{false, Code(TransportErrorCode::kInternalError), ""}));
    EXPECT_EQ(peer.Closed().value().code, TransportErrorCode::kInternalError);
}

TEST(ConnectionReceive, AReplayIsCountedAndChangesNothing) {
    SealingPeer peer;
    peer.Establish();
    const Bytes datagram =
        peer.Seal(peer.nextNumber, Payload(StreamFrame{0, 0, Pattern(100), false}));
    peer.Give(datagram);
    peer.Advance(milliseconds(100));
    EXPECT_EQ(CountOf<StreamReadableEvent>(PollEvents(peer.endpoint)), 1u);
    const auto before = peer.endpoint.StatsOf(peer.handle).value();
    const auto deadline = peer.endpoint.NextTimeout();
    for (int i = 0; i < 100; ++i) peer.Give(datagram);
    EXPECT_TRUE(peer.Receive().empty());
    EXPECT_TRUE(PollEvents(peer.endpoint).empty());
    EXPECT_EQ(peer.endpoint.NextTimeout(), deadline);
    const auto after = peer.endpoint.StatsOf(peer.handle).value();
    EXPECT_EQ(after.packetsDuplicate - before.packetsDuplicate, 100u);
    EXPECT_EQ(after.streamBytesReceived, before.streamBytesReceived);
}

// RFC 9000 §10.1: only a packet that is processed restarts the idle timeout; else whoever records
// one could keep a connection for ever.
TEST(ConnectionReceive, ReplaysDoNotKeepAConnectionAlive) {
    auto config = ConfigOf(2);
    config.transport.idleTimeout = seconds(3);
    config.transport.keepAlive = Duration{};
    SealingPeer peer(config);
    peer.Establish();
    const Bytes datagram = peer.Seal(peer.nextNumber, Payload(PingFrame{}));
    peer.Give(datagram);
    for (int i = 0; i < 5; ++i) {
        peer.Advance(seconds(1));
        peer.Give(datagram);
    }
    EXPECT_EQ(peer.Closed().value().code, TransportErrorCode::kIdleTimeout);
}

TEST(ConnectionReceive, ForgedPacketsAreCountedAndDropped) {
    SealingPeer peer;
    peer.Establish();
    const auto dropped = peer.endpoint.Stats().droppedAuthentication;
    const Bytes datagram = peer.Seal(peer.nextNumber, Payload(PingFrame{}));
    for (std::size_t at = 0; at < datagram.size(); ++at) {
        Bytes forged = datagram;
        forged[at] ^= std::byte{1};
        peer.Give(forged);
    }
    // The connection id routes elsewhere; the rest is authenticated.
    EXPECT_EQ(peer.endpoint.Stats().droppedAuthentication - dropped,
              datagram.size() - sizeof(ConnectionId));
    for (const auto& answer : PollAll(peer.endpoint, peer.now)) {
        EXPECT_TRUE(HeaderOf<ResetHeader>(answer));
    }
    peer.Give(datagram);
    EXPECT_FALSE(peer.Advance(milliseconds(30)).empty()) << "the true one still counts";
}

TEST(ConnectionReceive, AcksComeAfterEverySecondPacketAtOnce) {
    SealingPeer peer;
    peer.Establish();
    for (int i = 0; i < 10; ++i) {
        peer.now += milliseconds(1);  // more than 1/64 of the round trip
        peer.Send(Payload(PingFrame{}));
        EXPECT_TRUE(peer.Receive().empty());
        peer.Send(Payload(PingFrame{}));
        const auto packets = peer.Receive();
        ASSERT_EQ(packets.size(), 1u);
        EXPECT_EQ(packets[0].Get<AckFrame>()->largest, peer.nextNumber - 1);
    }
}

TEST(ConnectionReceive, ASinglePacketIsAcknowledgedWithinTheMaximumDelay) {
    SealingPeer peer;
    peer.Establish();
    peer.Send(Payload(PingFrame{}));
    EXPECT_TRUE(peer.Advance(TransportConfig{}.maxAckDelay - nanoseconds(1)).empty());
    const auto packets = peer.Advance(nanoseconds(1));
    ASSERT_EQ(packets.size(), 1u);
    const auto ack = packets[0].Get<AckFrame>().value();
    EXPECT_EQ(ack.largest, peer.nextNumber - 1);
    EXPECT_EQ(ack.ackDelay, TransportConfig{}.maxAckDelay);
    EXPECT_FALSE(packets[0].Eliciting()) << "an ACK of an ACK would never end";
}

TEST(ConnectionReceive, APacketOutOfOrderIsAcknowledgedAtOnce) {
    SealingPeer peer;
    peer.Establish();
    peer.Give(peer.Seal(peer.nextNumber + 1, Payload(PingFrame{})));
    const auto packets = peer.Receive();
    ASSERT_EQ(packets.size(), 1u);
    EXPECT_EQ(packets[0].Get<AckFrame>()->rangeCount, 1u);
}

TEST(ConnectionReceive, AnEventIsGivenForEachThingThatHappensOnAStream) {
    SealingPeer peer;
    peer.Establish();
    peer.Send(Payload(StreamFrame{2, 0, Pattern(10), false}));
    auto events = PollEvents(peer.endpoint);
    EXPECT_EQ(CountOf<StreamOpenedEvent>(events), 1u);
    EXPECT_EQ(CountOf<StreamReadableEvent>(events), 1u);
    peer.Send(Payload(ResetStreamFrame{2, 55, 10}));
    events = PollEvents(peer.endpoint);
    EXPECT_EQ(FirstOf<StreamResetEvent>(events).value().applicationCode, 55u);
    const auto stream = peer.endpoint.OpenStream(peer.handle, StreamDirection::kUnidirectional);
    ASSERT_TRUE(stream);
    peer.Send(Payload(StopSendingFrame{*stream, 66}));
    events = PollEvents(peer.endpoint);
    EXPECT_EQ(FirstOf<StreamStoppedEvent>(events).value().applicationCode, 66u);
}

TEST(ConnectionReceive, AWindowGrowsByTheTimeAPacketArrives) {
    for (const auto& [pause, window] : {std::pair(milliseconds(0), 512u), {seconds(10), 256u}}) {
        SealingPeer peer;
        peer.Establish();
        peer.Send(Payload(StreamFrame{2, 1, Pattern(1), false}));
        peer.now += pause;
        peer.Send(Payload(StreamFrame{2, 64 * 1024, Pattern(1), false}));
        peer.Receive();
        EXPECT_EQ(peer.endpoint.StatsOf(peer.handle)->largestStreamWindow, window * 1024);
    }
}

TEST(ConnectionReceive, B4_FragmentsBeyondTheLimitAreRefusedAndNotAcknowledged) {
    SealingPeer peer;
    peer.Establish();
    PacketNumber refused = 0;
    for (std::uint64_t i = 0; i < kMaxReceiveGaps + 44; ++i) {
        refused = peer.nextNumber;
        peer.Send(Payload(StreamFrame{2, 2 * i + 1, Pattern(1), false}));
    }
    const auto packets = peer.Receive();
    EXPECT_EQ(peer.endpoint.StatsOf(peer.handle)->framesRefused, 44u);
    for (const auto& packet : packets) {
        if (const auto ack = packet.Get<AckFrame>()) {
            EXPECT_LT(ack->largest, refused);
        }
    }
}

}  // namespace
}  // namespace crsp::test
