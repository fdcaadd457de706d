// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/datagrams.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/wire/frame-codec.h"

namespace crsp {
namespace {

constexpr std::size_t kRoom = 1200;

Datagrams Sender(std::uint64_t peerMaxFrame = 65535) {
    Datagrams datagrams(65535);
    TransportParameters peer;
    peer.maxDatagramFrameSize = peerMaxFrame;
    datagrams.OnPeerParameters(peer);
    return datagrams;
}

std::vector<std::byte> Filled(std::size_t length, std::uint8_t value) {
    return std::vector<std::byte>(length, std::byte{value});
}

/// The payload of the next packet, of `room` bytes, in which `before` bytes are taken already.
std::vector<std::byte> Payload(Datagrams& from, std::size_t room = kRoom, std::size_t before = 0) {
    std::vector<std::byte> bytes(room);
    PacketBuilder out(bytes);
    out.PadTo(before);
    from.WriteFrames(out);
    bytes.resize(out.Length());
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(before));
    return bytes;
}

std::vector<std::vector<std::byte>> DatagramsIn(const std::vector<std::byte>& payload) {
    std::vector<std::vector<std::byte>> all;
    for (ByteReader in(payload); !in.Empty();) {
        const auto data = std::get<DatagramFrame>(DecodeFrame(in).value()).data;
        all.emplace_back(data.begin(), data.end());
    }
    return all;
}

TEST(Datagrams, GoOutInOrderAsManyAsFit) {
    auto sender = Sender();
    for (const std::uint8_t value : {1, 2, 3}) {
        ASSERT_TRUE(sender.Send(Filled(500, value), kRoom));
    }
    EXPECT_TRUE(sender.WantsToSend());
    EXPECT_EQ(DatagramsIn(Payload(sender)),
              (std::vector<std::vector<std::byte>>{Filled(500, 1), Filled(500, 2)}));
    EXPECT_TRUE(sender.PassedOver());
    EXPECT_EQ(DatagramsIn(Payload(sender)), (std::vector<std::vector<std::byte>>{Filled(500, 3)}));
    EXPECT_FALSE(sender.WantsToSend());
    EXPECT_FALSE(sender.PassedOver());
    EXPECT_EQ(sender.Stats().sent, 3u);
}

TEST(Datagrams, AreNeverRepeated) {
    auto sender = Sender();
    ASSERT_TRUE(sender.Send(Filled(10, 1), kRoom));
    Payload(sender);
    sender.OnFrameLost(SentDatagram{});
    EXPECT_FALSE(sender.WantsToSend());
    EXPECT_TRUE(Payload(sender).empty());
}

TEST(Datagrams, TheLimitIsTheLongestThatFits) {
    auto sender = Sender();
    for (std::size_t room = 2; room < 200; ++room) {
        const std::size_t limit = sender.Limit(room).value();
        ASSERT_EQ(sender.Send(Filled(limit + 1, 1), room).error(), UsageError::kTooLong);
        ASSERT_TRUE(sender.Send(Filled(limit, 1), room));
        const auto sent = DatagramsIn(Payload(sender, room));
        ASSERT_EQ(sent.size(), 1u) << room;
        ASSERT_EQ(sent[0].size(), limit);
    }
    EXPECT_FALSE(sender.Limit(1));
    EXPECT_EQ(sender.Limit(kRoom), kRoom - 3);
}

// RFC 9221 §3.
TEST(Datagrams, ThePeerSaysHowLongAFrameMayBe) {
    EXPECT_EQ(Sender(100).Limit(kRoom), 97u);
    EXPECT_EQ(Sender(2).Limit(kRoom), 0u);
    EXPECT_EQ(Sender(0).Limit(kRoom), std::nullopt);
    EXPECT_EQ(Sender(0).Send(Filled(1, 1), kRoom).error(), UsageError::kRefused);
}

TEST(Datagrams, AFullQueueRefusesMoreUntilSomethingWentOut) {
    auto sender = Sender();
    for (std::size_t i = 0; i < kMaxQueuedDatagrams; ++i) {
        ASSERT_TRUE(sender.Send(Filled(500, 1), kRoom));
    }
    EXPECT_EQ(sender.Send(Filled(0, 1), kRoom).error(), UsageError::kBlocked);
    Payload(sender);
    EXPECT_TRUE(sender.Send(Filled(500, 1), kRoom));

    auto large = Sender();
    std::size_t taken = 0;
    while (large.Send(Filled(8000, 1), 9000)) taken += 8000;
    EXPECT_LE(taken, kMaxQueuedDatagramBytes);
    EXPECT_GT(taken + 8000, kMaxQueuedDatagramBytes);
}

TEST(Datagrams, OneThatNoPacketHoldsAnyMoreIsDroppedAndCounted) {
    auto sender = Sender();
    ASSERT_TRUE(sender.Send(Filled(1000, 1), kRoom));
    ASSERT_TRUE(sender.Send(Filled(10, 2), kRoom));
    EXPECT_EQ(DatagramsIn(Payload(sender, 500)),
              (std::vector<std::vector<std::byte>>{Filled(10, 2)}));
    EXPECT_EQ(sender.Stats().tooLong, 1u);
}

TEST(Datagrams, OneThatOtherFramesLeaveNoRoomForWaits) {
    auto sender = Sender();
    ASSERT_TRUE(sender.Send(Filled(1000, 1), kRoom));
    EXPECT_TRUE(Payload(sender, kRoom, 300).empty());
    EXPECT_TRUE(sender.PassedOver());
    EXPECT_EQ(DatagramsIn(Payload(sender)).size(), 1u);
}

TEST(Datagrams, AreReadOldestFirstWithTheirBounds) {
    Datagrams receiver(65535);
    ASSERT_TRUE(receiver.OnFrame(DatagramFrame{AsBytes("one")}));
    ASSERT_TRUE(receiver.OnFrame(DatagramFrame{}));
    ASSERT_TRUE(receiver.OnFrame(DatagramFrame{AsBytes("longer")}));
    std::vector<std::byte> out(4);
    EXPECT_EQ(receiver.Read(out), 3u);
    EXPECT_EQ(AsText(out).substr(0, 3), "one");
    EXPECT_EQ(receiver.Read(out), 0u);
    EXPECT_EQ(receiver.Read(out), 6u) << "the length tells that it was cut";
    EXPECT_EQ(AsText(out), "long");
    EXPECT_EQ(receiver.Read(out), std::nullopt);
}

TEST(Datagrams, ReadinessIsToldOncePerDrainedQueue) {
    Datagrams receiver(65535);
    EXPECT_FALSE(receiver.TakeReceived());
    ASSERT_TRUE(receiver.OnFrame(DatagramFrame{AsBytes("a")}));
    EXPECT_TRUE(receiver.TakeReceived());
    ASSERT_TRUE(receiver.OnFrame(DatagramFrame{AsBytes("b")}));
    EXPECT_FALSE(receiver.TakeReceived());
    std::vector<std::byte> out(4);
    while (receiver.Read(out)) {
    }
    ASSERT_TRUE(receiver.OnFrame(DatagramFrame{AsBytes("c")}));
    EXPECT_TRUE(receiver.TakeReceived());
}

TEST(Datagrams, WhatNobodyReadsIsDroppedAndCounted) {
    Datagrams receiver(65535);
    for (std::size_t i = 0; i < kMaxQueuedDatagrams + 5; ++i) {
        ASSERT_TRUE(receiver.OnFrame(DatagramFrame{AsBytes("x")}));
    }
    EXPECT_EQ(receiver.Stats().received, kMaxQueuedDatagrams + 5);
    EXPECT_EQ(receiver.Stats().dropped, 5u);
}

// RFC 9221 §3.
TEST(Datagrams, AFrameLongerThanAllowedIsAViolation) {
    Datagrams receiver(4);
    EXPECT_TRUE(receiver.OnFrame(DatagramFrame{AsBytes("abc")}));
    EXPECT_EQ(receiver.OnFrame(DatagramFrame{AsBytes("abcd")}).error().code,
              TransportErrorCode::kProtocolViolation);
    EXPECT_EQ(Datagrams(0).OnFrame(DatagramFrame{}).error().code,
              TransportErrorCode::kProtocolViolation);
}

}  // namespace
}  // namespace crsp
