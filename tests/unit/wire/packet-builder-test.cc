// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/packet-builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace crsp {
namespace {

class PacketBuilderTest : public ::testing::Test {
  protected:
    PacketBuilder Builder(std::size_t size) {
        return PacketBuilder(ByteSpan(m_buffer).first(size));
    }

    static std::vector<std::string> Names(const PacketBuilder& builder) {
        std::vector<std::string> names;
        ByteReader in(builder.Payload());
        while (!in.Empty()) names.emplace_back(FrameName(DecodeFrame(in).value()));
        return names;
    }

    std::array<std::byte, 1500> m_buffer{};
};

TEST_F(PacketBuilderTest, RemembersEachFrameThatItWrote) {
    auto builder = Builder(1200);
    EXPECT_TRUE(builder.Empty());
    const Range ranges[] = {{0, 1}, {5, 8}};
    EXPECT_TRUE(builder.WriteAck(ranges, Duration{}));
    EXPECT_FALSE(builder.AckEliciting()) << "an ACK alone asks for none";
    EXPECT_TRUE(builder.Write(MaxStreamDataFrame{4, 99}));
    EXPECT_TRUE(builder.WritePing());
    EXPECT_TRUE(builder.AckEliciting());
    EXPECT_EQ(Names(builder), (std::vector<std::string>{"ack", "max_stream_data", "ping"}));
    const auto frames = builder.Frames().View();
    ASSERT_EQ(frames.size(), 3u);
    EXPECT_EQ(std::get<SentAck>(frames[0]).largest, 7u);
    EXPECT_EQ(std::get<SentMaxStreamData>(frames[1]).stream, 4u);
    EXPECT_EQ(std::get<SentMaxStreamData>(frames[1]).maximum, 99u);
    EXPECT_TRUE(std::holds_alternative<SentPing>(frames[2]));
}

TEST_F(PacketBuilderTest, EveryControlFrameHasItsRecord) {
    auto builder = Builder(1200);
    EXPECT_TRUE(builder.Write(ResetStreamFrame{1, 2, 3}));
    EXPECT_TRUE(builder.Write(StopSendingFrame{2, 2}));
    EXPECT_TRUE(builder.Write(MaxDataFrame{3}));
    EXPECT_TRUE(builder.Write(MaxStreamsFrame{StreamDirection::kUnidirectional, 4}));
    EXPECT_TRUE(builder.Write(DataBlockedFrame{5}));
    EXPECT_TRUE(builder.Write(StreamDataBlockedFrame{6, 7}));
    EXPECT_TRUE(builder.Write(PathChallengeFrame{8}));
    EXPECT_TRUE(builder.Write(PathResponseFrame{9}));
    const auto frames = builder.Frames().View();
    ASSERT_EQ(frames.size(), 8u);
    EXPECT_EQ(std::get<SentResetStream>(frames[0]).stream, 1u);
    EXPECT_EQ(std::get<SentStopSending>(frames[1]).stream, 2u);
    EXPECT_EQ(std::get<SentMaxData>(frames[2]).maximum, 3u);
    EXPECT_EQ(std::get<SentMaxStreams>(frames[3]).direction, StreamDirection::kUnidirectional);
    EXPECT_EQ(std::get<SentMaxStreams>(frames[3]).maximum, 4u);
    EXPECT_EQ(std::get<SentDataBlocked>(frames[4]).limit, 5u);
    EXPECT_EQ(std::get<SentStreamDataBlocked>(frames[5]).limit, 7u);
    EXPECT_TRUE(std::holds_alternative<SentPathChallenge>(frames[6]));
    EXPECT_TRUE(std::holds_alternative<SentPathResponse>(frames[7]));
}

TEST_F(PacketBuilderTest, TakesNoMoreFramesThanItsRecordHolds) {
    auto builder = Builder(1200);
    for (std::size_t i = 0; i < kMaxFramesPerPacket; ++i) EXPECT_TRUE(builder.WritePing());
    const std::size_t length = builder.Length();
    const Range ranges[] = {{0, 1}};
    EXPECT_FALSE(builder.WritePing());
    EXPECT_FALSE(builder.WriteAck(ranges, Duration{}));
    EXPECT_FALSE(builder.ReserveStream(4, 0, 10, false));
    EXPECT_EQ(builder.Length(), length);
}

TEST_F(PacketBuilderTest, FrameThatDoesNotFitChangesNothing) {
    auto builder = Builder(10);
    const Range ranges[] = {{0, 1}};
    EXPECT_FALSE(builder.Write(MaxDataFrame{1}));
    EXPECT_FALSE(builder.WriteAck(ranges, Duration{}));
    EXPECT_FALSE(builder.Write(ConnectionCloseFrame{true, 1, "a long reason"}));
    EXPECT_TRUE(builder.Empty());
    EXPECT_TRUE(builder.Frames().Empty());
    EXPECT_FALSE(builder.AckEliciting());
}

TEST_F(PacketBuilderTest, StreamDataIsWrittenInPlace) {
    auto builder = Builder(1200);
    const auto space = builder.ReserveStream(4, 77, 3, true);
    ASSERT_TRUE(space);
    ASSERT_EQ(space->size(), 3u);
    std::ranges::copy(AsBytes("abc"), space->begin());
    ByteReader in(builder.Payload());
    const auto frame = std::get<StreamFrame>(DecodeFrame(in).value());
    EXPECT_EQ(AsText(frame.data), "abc");
    EXPECT_EQ(frame.offset, 77u);
    EXPECT_TRUE(frame.fin);
    const auto record = std::get<SentStream>(builder.Frames().View()[0]);
    EXPECT_EQ(record.offset, 77u);
    EXPECT_EQ(record.length, 3u);
    EXPECT_TRUE(record.fin);
}

TEST_F(PacketBuilderTest, StreamThatIsCutShortHasNoFin) {
    for (std::size_t size = 1; size < 200; ++size) {
        auto builder = Builder(size);
        const auto space = builder.ReserveStream(4, 1000, 100, true);
        if (!space) {
            ASSERT_LE(size, StreamHeaderLength(4, 1000, 100)) << "one byte would have fitted";
            continue;
        }
        ByteReader in(builder.Payload());
        const auto frame = std::get<StreamFrame>(DecodeFrame(in).value());
        ASSERT_TRUE(in.Empty());
        ASSERT_EQ(frame.data.size(), space->size());
        ASSERT_EQ(frame.fin, space->size() == 100);
        ASSERT_EQ(std::get<SentStream>(builder.Frames().View()[0]).fin, frame.fin);
        ASSERT_EQ(std::get<SentStream>(builder.Frames().View()[0]).length, space->size());
    }
}

TEST_F(PacketBuilderTest, EmptyFinNeedsRoomForItsHeaderOnly) {
    auto builder = Builder(4);
    EXPECT_FALSE(Builder(3).ReserveStream(4, 50, 0, true));
    const auto space = builder.ReserveStream(4, 50, 0, true);
    ASSERT_TRUE(space);
    EXPECT_TRUE(space->empty());
    EXPECT_TRUE(std::get<SentStream>(builder.Frames().View()[0]).fin);
}

TEST_F(PacketBuilderTest, CloseIsNeitherRecordedNorAckEliciting) {
    auto builder = Builder(600);
    EXPECT_TRUE(builder.Write(ConnectionCloseFrame{false, 10, std::string(1000, 'x')}));
    EXPECT_FALSE(builder.AckEliciting());
    EXPECT_TRUE(builder.Frames().Empty());
    EXPECT_EQ(Names(builder), (std::vector<std::string>{"connection_close"}));
}

TEST_F(PacketBuilderTest, PadsUpToALengthAndNotBeyond) {
    auto builder = Builder(100);
    builder.WritePing();
    builder.PadTo(50);
    EXPECT_EQ(builder.Length(), 50u);
    EXPECT_EQ(Names(builder), (std::vector<std::string>{"ping", "padding"}));
    builder.PadTo(20);
    EXPECT_EQ(builder.Length(), 50u);
}

TEST(SentFrameListDeathTest, OneTooManyIsOurBug) {
    SentFrameList list;
    for (std::size_t i = 0; i < kMaxFramesPerPacket; ++i) list.Push(SentPing{});
    EXPECT_TRUE(list.Full());
    EXPECT_DEATH(list.Push(SentPing{}), "Full");
}

}  // namespace
}  // namespace crsp
