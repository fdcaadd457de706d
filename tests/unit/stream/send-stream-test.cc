// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/send-stream.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

constexpr StreamId kId = 4;
constexpr std::uint64_t kNoOtherLimit = 1 << 30;

/// Sends everything the stream has within its credit; returns the records.
std::vector<SentStream> SendAll(SendStream& stream) {
    std::vector<SentStream> sent;
    while (stream.HasRepeat() || stream.HasNew()) {
        std::vector<std::byte> bytes(1200);
        PacketBuilder out(bytes);
        const auto chunk = stream.HasRepeat() ? stream.NextRepeat() : stream.NextNew(kNoOtherLimit);
        EXPECT_TRUE(stream.WriteChunk(*chunk, out));
        sent.push_back(std::get<SentStream>(out.Frames().View()[0]));
    }
    return sent;
}

/// The control frames that are waiting, decoded.
std::vector<Frame> ControlOf(SendStream& stream) {
    std::vector<std::byte> bytes(1200);
    PacketBuilder out(bytes);
    EXPECT_TRUE(stream.WriteControl(out));
    std::vector<Frame> frames;
    for (ByteReader in(out.Payload()); !in.Empty();) frames.push_back(*DecodeFrame(in));
    return frames;
}

TEST(SendStream, GoesFromReadyOverSendAndDataSentToDataReceived) {  // RFC 9000 §3.1
    SendStream stream(kId, 8192, 8192);
    EXPECT_EQ(stream.State(), SendState::kReady);
    ASSERT_EQ(stream.Write(Pattern(100), false), 100u);
    auto first = SendAll(stream);
    EXPECT_EQ(stream.State(), SendState::kSend);
    ASSERT_EQ(stream.Write(Pattern(100, 100), true), 100u);
    auto second = SendAll(stream);
    EXPECT_EQ(stream.State(), SendState::kDataSent);
    ASSERT_TRUE(second.back().fin);
    stream.OnFrameAcked(second.back());
    EXPECT_EQ(stream.State(), SendState::kDataSent);
    stream.OnFrameAcked(first.back());
    EXPECT_EQ(stream.State(), SendState::kDataRecvd);
    EXPECT_TRUE(stream.Terminal());
    EXPECT_EQ(stream.Capacity(), 0u);
}

TEST(SendStream, TakesNothingOnceFinishedOrReset) {
    SendStream finished(kId, 8192, 8192);
    EXPECT_TRUE(finished.Write({}, true));
    EXPECT_EQ(finished.Write(Pattern(1), false).error(), UsageError::kNotSendable);
    SendStream reset(kId, 8192, 8192);
    EXPECT_TRUE(reset.Reset(7));
    EXPECT_EQ(reset.Write(Pattern(1), false).error(), UsageError::kNotSendable);
}

TEST(SendStream, DoesNotFinishAWriteThatWasCutShort) {
    SendStream stream(kId, 100, 8192);
    EXPECT_EQ(stream.Write(Pattern(150), true), 100u);
    EXPECT_TRUE(stream.Writable());
    for (const auto& sent : SendAll(stream)) {
        EXPECT_FALSE(sent.fin);
        stream.OnFrameAcked(sent);
    }
    EXPECT_TRUE(stream.TakeWritable());
    EXPECT_EQ(stream.Write(Pattern(50, 100), true), 50u);
    EXPECT_FALSE(stream.Writable());
    EXPECT_TRUE(SendAll(stream).back().fin);
}

TEST(SendStream, StopsAtTheCreditAndSaysSoOnce) {  // RFC 9000 §4.1
    SendStream stream(kId, 8192, 1000);
    ASSERT_TRUE(stream.Write(Pattern(3000), true));
    EXPECT_FALSE(stream.HasControl());
    EXPECT_EQ(SendAll(stream).size(), 1u);
    EXPECT_FALSE(stream.HasNew());
    const auto frames = ControlOf(stream);
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(std::get<StreamDataBlockedFrame>(frames[0]).limit, 1000u);
    EXPECT_FALSE(stream.HasControl());
    stream.OnFrameLost(SentStreamDataBlocked{kId, 1000});
    EXPECT_TRUE(stream.HasControl());
    stream.OnMaxStreamData(3000);
    EXPECT_FALSE(stream.HasControl());
    EXPECT_TRUE(SendAll(stream).back().fin);
}

TEST(SendStream, RepeatsLostBytesWithoutCredit) {
    SendStream stream(kId, 8192, 1000);
    ASSERT_TRUE(stream.Write(Pattern(1000), false));
    const auto sent = SendAll(stream);
    stream.OnFrameLost(sent[0]);
    EXPECT_TRUE(stream.HasRepeat());
    EXPECT_EQ(SendAll(stream).size(), 1u);
}

TEST(SendStream, ResetNamesTheBytesSentAndIsRepeatedUntilAcknowledged) {  // RFC 9000 §19.4
    SendStream stream(kId, 8192, 1000);
    ASSERT_TRUE(stream.Write(Pattern(3000), true));
    const auto sent = SendAll(stream);
    EXPECT_TRUE(stream.Reset(42));
    EXPECT_FALSE(stream.Reset(43));
    EXPECT_EQ(stream.State(), SendState::kResetSent);
    EXPECT_EQ(stream.Capacity(), 0u);
    stream.OnFrameLost(sent[0]);
    EXPECT_FALSE(stream.HasRepeat() || stream.HasNew());

    const auto frames = ControlOf(stream);
    ASSERT_EQ(frames.size(), 1u) << "no STREAM_DATA_BLOCKED after a reset";
    const auto& reset = std::get<ResetStreamFrame>(frames[0]);
    EXPECT_EQ(reset.applicationCode, 42u);
    EXPECT_EQ(reset.finalSize, 1000u);
    stream.OnFrameLost(SentResetStream{kId});
    EXPECT_EQ(ControlOf(stream).size(), 1u);
    stream.OnFrameAcked(SentResetStream{kId});
    EXPECT_EQ(stream.State(), SendState::kResetRecvd);
    stream.OnFrameLost(SentResetStream{kId});
    EXPECT_FALSE(stream.HasControl());
}

TEST(SendStream, ResetComesTooLateWhenThePeerHasEverything) {
    SendStream stream(kId, 8192, 1000);
    ASSERT_TRUE(stream.Write(Pattern(10), true));
    for (const auto& sent : SendAll(stream)) stream.OnFrameAcked(sent);
    EXPECT_FALSE(stream.Reset(1));
    EXPECT_EQ(stream.State(), SendState::kDataRecvd);
    EXPECT_FALSE(stream.HasControl());
}

TEST(SendStream, WritesNothingIntoAPacketWithoutRoom) {
    SendStream stream(kId, 8192, 1000);
    ASSERT_TRUE(stream.Write(Pattern(10), true));
    std::vector<std::byte> bytes(3);
    PacketBuilder out(bytes);
    EXPECT_FALSE(stream.WriteChunk(*stream.NextNew(kNoOtherLimit), out));
    EXPECT_TRUE(out.Empty());
    stream.Reset(1);
    EXPECT_FALSE(stream.WriteControl(out));
    EXPECT_TRUE(stream.HasControl());
}

}  // namespace
}  // namespace crsp::test
