// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/receive-stream.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

constexpr StreamId kId = 5;
constexpr std::uint64_t kWindow = 1000;

struct Received {
    explicit Received(std::uint64_t window = kWindow) : stream(kId, window) {}

    auto Bytes(std::uint64_t offset, std::size_t length, bool fin = false) {
        data = Pattern(length, offset);
        return stream.OnFrame(StreamFrame{kId, offset, data, fin}, {});
    }
    auto Reset(std::uint64_t finalSize) {
        return stream.OnFrame(ResetStreamFrame{kId, 9, finalSize});
    }
    auto Read(std::size_t length) {
        data.resize(length);
        return stream.Read(data);
    }
    std::vector<Frame> Control() {
        std::vector<std::byte> bytes(1200);
        PacketBuilder out(bytes);
        EXPECT_TRUE(stream.WriteControl(out));
        std::vector<Frame> frames;
        for (ByteReader in(out.Payload()); !in.Empty();) frames.push_back(*DecodeFrame(in));
        return frames;
    }

    ReceiveStream stream;
    std::vector<std::byte> data;
};

TEST(ReceiveStream, GoesFromRecvOverSizeKnownAndDataRecvdToDataRead) {  // RFC 9000 §3.2
    Received r;
    EXPECT_EQ(r.stream.State(), ReceiveState::kRecv);
    EXPECT_EQ(r.Bytes(50, 50, true), 50u);
    EXPECT_EQ(r.stream.State(), ReceiveState::kSizeKnown);
    EXPECT_EQ(r.Bytes(0, 50), 50u);
    EXPECT_EQ(r.stream.State(), ReceiveState::kDataRecvd);
    EXPECT_FALSE(r.Read(99)->finished);
    EXPECT_FALSE(r.stream.Terminal());
    const auto last = r.Read(99);
    EXPECT_EQ(last->bytes, 1u);
    EXPECT_TRUE(last->finished);
    EXPECT_EQ(r.stream.State(), ReceiveState::kDataRead);
    EXPECT_EQ(r.stream.Capacity(), 0u);
    EXPECT_TRUE(r.Read(99)->finished);
}

TEST(ReceiveStream, AnEmptyStreamEndsWithItsFin) {
    Received r;
    EXPECT_EQ(r.Bytes(0, 0, true), 0u);
    EXPECT_TRUE(r.stream.TakeReadable());
    EXPECT_TRUE(r.Read(10)->finished);
}

TEST(ReceiveStream, IsReadableAgainOnlyAfterTheReaderHasDrainedIt) {
    Received r;
    EXPECT_FALSE(r.stream.TakeReadable());
    r.Bytes(0, 100);
    EXPECT_TRUE(r.stream.TakeReadable());
    r.Bytes(100, 100);
    EXPECT_FALSE(r.stream.TakeReadable()) << "nothing read since it was told";
    EXPECT_EQ(r.Read(150)->bytes, 150u);
    r.Bytes(200, 100);
    EXPECT_FALSE(r.stream.TakeReadable()) << "the Read got all it offered room for";
    EXPECT_EQ(r.Read(151)->bytes, 150u);
    EXPECT_FALSE(r.stream.TakeReadable());
    r.Bytes(350, 10);
    EXPECT_FALSE(r.stream.TakeReadable()) << "not in order";
    r.Bytes(300, 50);
    EXPECT_TRUE(r.stream.TakeReadable());
    EXPECT_EQ(r.Read(500)->bytes, 60u);
    r.Bytes(360, 0, true);
    EXPECT_TRUE(r.stream.TakeReadable()) << "the end is news too";
}

TEST(ReceiveStream, GrantsHalfWindowsAsTheReaderReads) {
    Received r;
    r.Bytes(0, kWindow);
    r.Read(499);
    EXPECT_FALSE(r.stream.HasControl());
    r.Read(1);
    const auto frames = r.Control();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(std::get<MaxStreamDataFrame>(frames[0]).maximum, 1500u);
    EXPECT_FALSE(r.stream.HasControl());
    r.stream.OnFrameLost(SentMaxStreamData{kId, 1500});
    EXPECT_EQ(r.Control().size(), 1u);
}

TEST(ReceiveStream, GrantsNothingOnceTheSizeIsKnown) {
    Received r;
    r.Bytes(0, kWindow, true);
    r.Read(800);
    EXPECT_FALSE(r.stream.HasControl());
}

TEST(ReceiveStream, RefusesBytesBeyondTheCredit) {  // RFC 9000 §4.1
    EXPECT_EQ(CodeOf(Received().Bytes(0, 1001)), TransportErrorCode::kFlowControlError);
    EXPECT_EQ(CodeOf(Received().Bytes(kVarintMax - 1, 1)), TransportErrorCode::kFlowControlError);
    EXPECT_EQ(CodeOf(Received().Bytes(1001, 0, true)), TransportErrorCode::kFlowControlError);
    EXPECT_EQ(CodeOf(Received().Reset(1001)), TransportErrorCode::kFlowControlError);
    EXPECT_TRUE(Received().Bytes(0, 1000));
    EXPECT_TRUE(Received().Reset(1000));
}

TEST(ReceiveStream, HoldsThePeerToOneFinalSize) {  // RFC 9000 §4.5
    const auto error = TransportErrorCode::kFinalSizeError;
    const auto afterFin = [](auto act) {
        Received r;
        r.Bytes(0, 100, true);
        return CodeOf(act(r));
    };
    EXPECT_EQ(afterFin([](Received& r) { return r.Bytes(100, 1); }), error);
    EXPECT_EQ(afterFin([](Received& r) { return r.Bytes(0, 99, true); }), error);
    EXPECT_EQ(afterFin([](Received& r) { return r.Bytes(0, 101, true); }), error);
    EXPECT_EQ(afterFin([](Received& r) { return r.Reset(99); }), error);
    EXPECT_EQ(afterFin([](Received& r) { return r.Bytes(50, 50, true); }),
              TransportErrorCode::kNoError);
    Received below;
    below.Bytes(0, 100);
    EXPECT_EQ(CodeOf(below.Bytes(0, 99, true)), error);
    EXPECT_EQ(CodeOf(below.Reset(99)), error);
    Received reset;
    reset.Reset(100);
    EXPECT_EQ(CodeOf(reset.Bytes(100, 1)), error);
    EXPECT_EQ(CodeOf(reset.Reset(101)), error);
    EXPECT_TRUE(reset.Bytes(0, 100));
}

TEST(ReceiveStream, AResetDropsUnreadBytesAndReturnsTheirCredit) {
    Received r;
    r.Bytes(0, 100);
    r.Read(40);
    const auto told = r.Reset(300);
    EXPECT_TRUE(*told);
    EXPECT_EQ(r.stream.State(), ReceiveState::kResetRead);
    EXPECT_EQ(r.Read(100).error(), UsageError::kNotReadable);
    EXPECT_EQ(r.stream.Received(), 300u);
    EXPECT_EQ(r.stream.Consumed(), 300u);
    EXPECT_EQ(r.stream.Capacity(), 0u);
    EXPECT_FALSE(*r.Reset(300)) << "told once";
}

TEST(ReceiveStream, AResetAfterAllBytesIsIgnored) {  // RFC 9000 §3.2
    Received r;
    r.Bytes(0, 100, true);
    EXPECT_FALSE(*r.Reset(100));
    EXPECT_EQ(r.Read(200)->bytes, 100u);
}

TEST(ReceiveStream, StopSendingDropsWhatComesButKeepsCount) {  // RFC 9000 §3.5
    Received r;
    r.Bytes(0, 100);
    r.stream.StopSending(77);
    EXPECT_EQ(r.Read(10).error(), UsageError::kNotReadable);
    const auto frames = r.Control();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(std::get<StopSendingFrame>(frames[0]).applicationCode, 77u);
    EXPECT_EQ(r.Bytes(100, 600), 0u);
    EXPECT_EQ(r.stream.Consumed(), 700u);
    EXPECT_EQ(r.stream.Capacity(), 0u);
    EXPECT_FALSE(r.stream.TakeReadable());
    EXPECT_FALSE(r.stream.HasControl()) << "no credit for a stopped stream";
    r.stream.OnFrameLost(SentStopSending{kId});
    EXPECT_EQ(r.Control().size(), 1u);
    EXPECT_FALSE(*r.Reset(700)) << "the application asked for it";
    EXPECT_TRUE(r.stream.Terminal());
    r.stream.OnFrameLost(SentStopSending{kId});
    EXPECT_FALSE(r.stream.HasControl());
}

TEST(ReceiveStream, StopSendingAfterTheEndIsKnownSaysNothing) {
    Received r;
    r.Bytes(50, 50, true);
    r.stream.StopSending(77);
    EXPECT_FALSE(r.stream.HasControl());
    EXPECT_TRUE(r.stream.Terminal());
    EXPECT_EQ(r.stream.Consumed(), 100u);
}

TEST(ReceiveStream, AStoppedStreamIsOverWithTheFin) {
    Received r;
    r.stream.StopSending(77);
    r.Bytes(50, 50, true);
    EXPECT_TRUE(r.stream.Terminal());
}

}  // namespace
}  // namespace crsp::test
