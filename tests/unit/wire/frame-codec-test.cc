// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/frame-codec.h"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "model/base/random.h"

namespace crsp {
namespace {

using Wire = std::vector<int>;

class FrameCodec : public ::testing::Test {
  protected:
    template <class FrameT>
    Wire Encode(const FrameT& frame) {
        ByteWriter out(m_buffer);
        EncodeFrame(out, frame);
        EXPECT_TRUE(out.Ok());
        return Keep(out);
    }
    Wire EncodeRanges(std::initializer_list<Range> ranges, Duration delay = Duration{},
                      std::optional<EcnCounts> ecn = {}) {
        const std::vector<Range> list(ranges);
        ByteWriter out(m_buffer);
        EncodeAck(out, list, delay, ecn);
        return Keep(out);
    }
    /// The frame in what was encoded last, of which nothing may be left over.
    template <class FrameT>
    FrameT Decoded() {
        ByteReader in(ConstByteSpan(m_buffer).first(m_length));
        const auto frame = DecodeFrame(in);
        EXPECT_TRUE(in.Empty());
        return std::get<FrameT>(frame.value());
    }
    Expected<Frame, TransportError> Decode(const Wire& wire) {
        m_length = 0;
        for (const int value : wire) m_buffer.at(m_length++) = static_cast<std::byte>(value);
        ByteReader in(ConstByteSpan(m_buffer).first(m_length));
        return DecodeFrame(in);
    }
    void ExpectRefused(const Wire& wire) {
        const auto frame = Decode(wire);
        ASSERT_FALSE(frame.has_value()) << ::testing::PrintToString(wire);
        EXPECT_EQ(frame.error().code, TransportErrorCode::kFrameEncodingError);
        EXPECT_FALSE(frame.error().reason.empty());
    }
    std::vector<Range> DecodedRanges() {
        std::vector<Range> ranges;
        Decoded<AckFrame>().ForEachRange([&](Range range) { ranges.push_back(range); });
        return ranges;
    }

    std::array<std::byte, 2048> m_buffer{};
    std::size_t m_length = 0;

  private:
    Wire Keep(const ByteWriter& out) {
        m_length = out.Position();
        Wire wire;
        for (std::size_t i = 0; i < m_length; ++i)
            wire.push_back(std::to_integer<int>(m_buffer[i]));
        return wire;
    }
};

TEST_F(FrameCodec, PaddingRunsTogether) {
    EXPECT_EQ(Encode(PaddingFrame{3}), (Wire{0, 0, 0}));
    EXPECT_EQ(Decoded<PaddingFrame>().count, 3u);
    ByteReader in(AsBytes(std::string_view("\0\0\x01", 3)));
    EXPECT_EQ(std::get<PaddingFrame>(DecodeFrame(in).value()).count, 2u);
    EXPECT_TRUE(std::holds_alternative<PingFrame>(DecodeFrame(in).value()));
}

TEST_F(FrameCodec, ControlFramesHaveTheLayoutOfTheRfc) {
    EXPECT_EQ(Encode(PingFrame{}), (Wire{0x01}));
    EXPECT_EQ(Encode(ResetStreamFrame{4, 0x41, 5}), (Wire{0x04, 4, 0x40, 0x41, 5}));
    const auto reset = Decoded<ResetStreamFrame>();
    EXPECT_EQ(reset.stream, 4u);
    EXPECT_EQ(reset.applicationCode, 0x41u);
    EXPECT_EQ(reset.finalSize, 5u);
    EXPECT_EQ(Encode(StopSendingFrame{4, 7}), (Wire{0x05, 4, 7}));
    EXPECT_EQ(Decoded<StopSendingFrame>().applicationCode, 7u);
    EXPECT_EQ(Encode(MaxDataFrame{0x3fff}), (Wire{0x10, 0x7f, 0xff}));
    EXPECT_EQ(Decoded<MaxDataFrame>().maximum, 0x3fffu);
    EXPECT_EQ(Encode(MaxStreamDataFrame{8, 9}), (Wire{0x11, 8, 9}));
    EXPECT_EQ(Decoded<MaxStreamDataFrame>().stream, 8u);
    EXPECT_EQ(Encode(DataBlockedFrame{9}), (Wire{0x14, 9}));
    EXPECT_EQ(Decoded<DataBlockedFrame>().limit, 9u);
    EXPECT_EQ(Encode(StreamDataBlockedFrame{8, 9}), (Wire{0x15, 8, 9}));
    EXPECT_EQ(Decoded<StreamDataBlockedFrame>().limit, 9u);
}

// RFC 9000 §19.17, §19.18.
TEST_F(FrameCodec, PathFramesCarrySixtyFourBits) {
    EXPECT_EQ(Encode(PathChallengeFrame{0x0102030405060708}), (Wire{0x1a, 1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(Decoded<PathChallengeFrame>().data, 0x0102030405060708u);
    EXPECT_EQ(Encode(PathResponseFrame{1}), (Wire{0x1b, 0, 0, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(Decoded<PathResponseFrame>().data, 1u);
    ExpectRefused({0x1a, 1, 2, 3, 4, 5, 6, 7});
    ExpectRefused({0x1b});
}

TEST_F(FrameCodec, MaxStreamsTellsItsDirectionByTheType) {
    EXPECT_EQ(Encode(MaxStreamsFrame{StreamDirection::kBidirectional, 3}), (Wire{0x12, 3}));
    EXPECT_EQ(Decoded<MaxStreamsFrame>().direction, StreamDirection::kBidirectional);
    EXPECT_EQ(Encode(MaxStreamsFrame{StreamDirection::kUnidirectional, 3}), (Wire{0x13, 3}));
    EXPECT_EQ(Decoded<MaxStreamsFrame>().direction, StreamDirection::kUnidirectional);
    // RFC 9000 §19.11: no more than 2^60.
    EXPECT_TRUE(Decode({0x12, 0xd0, 0, 0, 0, 0, 0, 0, 0}));
    ExpectRefused({0x12, 0xd0, 0, 0, 0, 0, 0, 0, 1});
}

// RFC 9221 §4.
TEST_F(FrameCodec, DatagramHasItsLengthOrEndsWithThePacket) {
    EXPECT_EQ(Encode(DatagramFrame{AsBytes("ab")}), (Wire{0x31, 2, 'a', 'b'}));
    EXPECT_EQ(AsText(Decoded<DatagramFrame>().data), "ab");
    EXPECT_EQ(Encode(DatagramFrame{}), (Wire{0x31, 0}));
    EXPECT_TRUE(Decode({0x30, 'a', 'b', 'c'}));
    EXPECT_EQ(AsText(Decoded<DatagramFrame>().data), "abc");
    ExpectRefused({0x31});
    ExpectRefused({0x31, 3, 'a', 'b'});
}

// CRSP §5.8.
TEST_F(FrameCodec, DataSkippedIsARangeOfAStream) {
    EXPECT_EQ(Encode(DataSkippedFrame{2, 5, 9}), (Wire{0x20, 2, 5, 9}));
    EXPECT_EQ(Decoded<DataSkippedFrame>().stream, 2u);
    EXPECT_EQ(Decoded<DataSkippedFrame>().begin, 5u);
    EXPECT_EQ(Decoded<DataSkippedFrame>().end, 9u);
    ExpectRefused({0x20, 2, 5});
    ExpectRefused({0x20, 2, 5, 5});
    ExpectRefused({0x20, 2, 5, 4});
}

TEST_F(FrameCodec, DataRecoveredIsARangeOfAStream) {
    EXPECT_EQ(Encode(DataRecoveredFrame{2, 5, 9}), (Wire{0x22, 2, 5, 9}));
    EXPECT_EQ(Decoded<DataRecoveredFrame>().stream, 2u);
    EXPECT_EQ(Decoded<DataRecoveredFrame>().begin, 5u);
    EXPECT_EQ(Decoded<DataRecoveredFrame>().end, 9u);
    ExpectRefused({0x22, 2, 5});
    ExpectRefused({0x22, 2, 5, 5});
}

TEST_F(FrameCodec, ImmediateAckIsItsType) {
    EXPECT_EQ(Encode(ImmediateAckFrame{}), Wire{0x1f});
    EXPECT_TRUE(Decode({0x1f}));
}

// CRSP §5.9: two blocks, of 3 + 2 and of 1 bytes, so that the symbol has three.
TEST_F(FrameCodec, RepairCarriesBlocksAndASymbolAsLongAsTheLongest) {
    const Wire wire{0x21, 2, 7, 5, 9, 2, 5, 3, 1, 4, 'a', 'b', 'c'};
    ASSERT_TRUE(Decode(wire));
    const auto frame = Decoded<RepairFrame>();
    EXPECT_EQ(frame.stream, 2u);
    EXPECT_EQ(frame.begin, 7u);
    EXPECT_EQ(frame.End(), 13u);
    EXPECT_EQ(frame.number, 5u);
    EXPECT_EQ(frame.firstSymbol, 9u);
    ASSERT_EQ(frame.Blocks().size(), 2u);
    EXPECT_EQ(frame.Blocks()[0].Symbols(), 2u);
    EXPECT_EQ(frame.Blocks()[1].Symbols(), 1u);
    EXPECT_EQ(AsText(frame.data), "abc");

    std::array<std::byte, 64> bytes{};
    ByteWriter out(bytes);
    EncodeRepairHeader(out, frame);
    EXPECT_EQ(out.Position(), RepairHeaderLength(frame));
    out.Bytes(frame.data);
    const auto written = out.Written();
    ASSERT_EQ(written.size(), wire.size());
    for (std::size_t i = 0; i < wire.size(); ++i) {
        EXPECT_EQ(std::to_integer<int>(written[i]), static_cast<int>(wire[i])) << i;
    }
}

TEST_F(FrameCodec, RepairOutOfBoundsIsRefused) {
    ExpectRefused({0x21, 2, 7, 5, 9, 2, 5, 3, 1, 4, 'a', 'b'});               // symbol cut short
    ExpectRefused({0x21, 2, 7, 5, 9, 2, 5, 3, 1});                            // block cut short
    ExpectRefused({0x21, 2, 7, 5});                                           // head cut short
    ExpectRefused({0x21, 2, 7, 5, 9, 0, 'a'});                                // no block
    ExpectRefused({0x21, 2, 7, 5, 9, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 'a'});  // five blocks
    ExpectRefused({0x21, 2, 7, 5, 9, 1, 0, 3, 'a', 'b', 'c'});                // an empty block
    ExpectRefused({0x21, 2, 7, 5, 9, 1, 3, 0, 'a', 'b', 'c'});                // symbols of nothing
    ExpectRefused({0x21, 2, 7, 5, 9, 1, 17, 1, 'a'});                         // 17 symbols
    EXPECT_TRUE(Decode({0x21, 2, 7, 5, 9, 1, 16, 1, 'a'}));
    ExpectRefused({0x21, 2, 7, 64, 9, 1, 1, 1, 'a'});    // repair number
    ExpectRefused({0x21, 2, 7, 63, 192, 1, 1, 1, 'a'});  // symbol number
    EXPECT_TRUE(Decode({0x21, 2, 7, 63, 191, 1, 1, 1, 'a'}));
    Wire longest{0x21, 2, 7, 5, 9, 1, 0x44, 0xb1, 0x44, 0xb1};  // 1,201 bytes
    longest.resize(longest.size() + 1201);
    ExpectRefused(longest);
}

TEST_F(FrameCodec, StreamCarriesOffsetLengthAndFin) {
    EXPECT_EQ(Encode(StreamFrame{3, 5, AsBytes("ab"), true}), (Wire{0x0f, 3, 5, 2, 'a', 'b'}));
    const auto frame = Decoded<StreamFrame>();
    EXPECT_EQ(frame.stream, 3u);
    EXPECT_EQ(frame.offset, 5u);
    EXPECT_EQ(AsText(frame.data), "ab");
    EXPECT_TRUE(frame.fin);
    EXPECT_EQ(Encode(StreamFrame{3, 0, AsBytes("a"), false}), (Wire{0x0a, 3, 1, 'a'}));
    EXPECT_EQ(Encode(StreamFrame{3, 9, {}, true}), (Wire{0x0f, 3, 9, 0}));
    EXPECT_TRUE(Decoded<StreamFrame>().data.empty());
}

TEST_F(FrameCodec, StreamWithoutLengthTakesTheRest) {
    const auto frame = std::get<StreamFrame>(Decode({0x08, 3, 'a', 'b', 'c'}).value());
    EXPECT_EQ(AsText(frame.data), "abc");
    EXPECT_EQ(frame.offset, 0u);
    EXPECT_FALSE(frame.fin);
}

TEST_F(FrameCodec, StreamMustEndWithinThePacketAndTheLargestOffset) {
    ExpectRefused({0x0a, 3, 2, 'a'});
    EXPECT_TRUE(Decode({0x0c, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 'a'}));
    ExpectRefused({0x0c, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'a'});
}

TEST_F(FrameCodec, StreamHeaderLengthIsWhatTheHeaderTakes) {
    for (const std::uint64_t value : {0ULL, 63ULL, 64ULL, 20'000ULL, 1ULL << 40}) {
        const std::size_t dataLength = value % 30'000;
        ByteWriter out(m_buffer);
        EncodeStreamHeader(out, value, value, dataLength, true);
        EXPECT_EQ(out.Position(), StreamHeaderLength(value, value, dataLength)) << value;
    }
}

TEST_F(FrameCodec, CloseCarriesCodeAndReason) {
    EXPECT_EQ(Encode(ConnectionCloseFrame{false, 0x0a, "no"}), (Wire{0x1c, 0x0a, 2, 'n', 'o'}));
    EXPECT_FALSE(Decoded<ConnectionCloseFrame>().application);
    EXPECT_EQ(Encode(ConnectionCloseFrame{true, 0, ""}), (Wire{0x1d, 0, 0}));
    EXPECT_TRUE(Decoded<ConnectionCloseFrame>().application);
}

TEST_F(FrameCodec, LongReasonIsCutWhenSentAndRefusedWhenReceived) {
    const std::string reason(kMaxReasonLength + 1, 'x');
    Encode(ConnectionCloseFrame{true, 1, reason});
    EXPECT_EQ(Decoded<ConnectionCloseFrame>().reason.size(), kMaxReasonLength);
    Wire wire{0x1d, 1, 0x41, 0x01};
    wire.insert(wire.end(), kMaxReasonLength + 1, 'x');
    ExpectRefused(wire);
}

TEST_F(FrameCodec, AckHasTheLayoutOfTheRfc) {
    // Largest 100, delay 25 us, one further range, first range 91 to 100, then 84 to 86: gap 3.
    EXPECT_EQ(EncodeRanges({{84, 87}, {91, 101}}, microseconds(25)),
              (Wire{0x02, 0x40, 100, 25, 1, 9, 3, 2}));
    const auto frame = Decoded<AckFrame>();
    EXPECT_EQ(frame.largest, 100u);
    EXPECT_EQ(frame.ackDelay, microseconds(25));
    EXPECT_EQ(DecodedRanges(), (std::vector<Range>{{91, 101}, {84, 87}}));
}

TEST_F(FrameCodec, B2_AckDownToPacketZeroAndNoFurther) {
    EncodeRanges({{0, 1}, {2, 3}});
    EXPECT_EQ(DecodedRanges(), (std::vector<Range>{{2, 3}, {0, 1}}));
    ExpectRefused({0x02, 5, 0, 0, 6});        // first range below 0
    ExpectRefused({0x02, 5, 0, 1, 3, 1, 0});  // gap below 0
    ExpectRefused({0x02, 5, 0, 1, 3, 0, 1});  // second range below 0
    EXPECT_TRUE(Decode({0x02, 5, 0, 1, 3, 0, 0}));
}

TEST_F(FrameCodec, B2_AckGapsNearTheLargestVarintDoNotWrap) {
    ExpectRefused({0x02, 5, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0});
    ExpectRefused({0x02, 5, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
}

TEST_F(FrameCodec, B2_AckWithTooManyRangesIsRefused) {
    std::vector<Range> ranges;
    for (PacketNumber n = 0; n <= kMaxAckRanges; ++n) ranges.push_back({2 * n, 2 * n + 1});
    ByteWriter out(m_buffer);
    EncodeAck(out, ranges, Duration{});
    m_length = out.Position();
    const auto sent = DecodedRanges();
    ASSERT_EQ(sent.size(), kMaxAckRanges);
    EXPECT_EQ(sent.back(), (Range{2, 3})) << "the oldest is left out";
    Wire wire{0x02, 0x44, 0, 0, 0x41, 0, 0};  // largest 1024, 256 further ranges
    wire.insert(wire.end(), 512, 0);
    ExpectRefused(wire);
    wire[4] = 0x40;  // 255 of them, which leaves one to be read as PADDING
    wire[5] = 0xff;
    EXPECT_TRUE(Decode(wire));
}

TEST_F(FrameCodec, AckLeavesOutTheOldestRangesWhenSpaceIsShort) {
    std::vector<Range> ranges;
    for (PacketNumber n = 0; n < 20; ++n) ranges.push_back({2 * n, 2 * n + 1});
    for (std::size_t space = 33; space < 400; ++space) {
        ByteWriter out(ByteSpan(m_buffer).first(space));
        EncodeAck(out, ranges, seconds(1));
        ASSERT_TRUE(out.Ok()) << space;
        m_length = out.Position();
        const auto sent = DecodedRanges();
        ASSERT_EQ(sent.front(), ranges.back());
        ASSERT_EQ(sent.size(), std::min<std::size_t>(20, 1 + (space - 33) / 2));
    }
}

TEST_F(FrameCodec, AckDelayIsNeverNegativeAndNeverOverflows) {
    EncodeRanges({{0, 1}}, milliseconds(-5));
    EXPECT_EQ(Decoded<AckFrame>().ackDelay, Duration{});
    const auto frame =
        Decode({0x02, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0}).value();
    EXPECT_GT(std::get<AckFrame>(frame).ackDelay, seconds(1000));
}

TEST_F(FrameCodec, UnknownTypesAreRefused) {
    for (const int type : {0x03, 0x06, 0x07, 0x16, 0x18, 0x1b, 0x1e, 0x32, 0x3f}) {
        ExpectRefused({type, 0, 0, 0, 0});
    }
    ExpectRefused({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
}

TEST_F(FrameCodec, EveryTruncationIsRefused) {
    const Wire frames[] = {{0x02, 100, 25, 1, 9, 3, 2},
                           {0x04, 4, 0x40, 0x41, 5},
                           {0x05, 4, 7},
                           {0x0f, 3, 5, 2, 'a', 'b'},
                           {0x10, 9},
                           {0x11, 8, 9},
                           {0x12, 9},
                           {0x13, 9},
                           {0x14, 9},
                           {0x15, 8, 9},
                           {0x1c, 1, 2, 'n', 'o'},
                           {0x1d, 1, 2, 'n', 'o'}};
    for (const Wire& wire : frames) {
        for (std::size_t length = 1; length < wire.size(); ++length) {
            ExpectRefused(Wire(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(length)));
        }
    }
    ExpectRefused({0x40});
}

TEST_F(FrameCodec, RandomPacketsEndInFramesOrAnErrorAndAcksStayInBounds) {
    Random random(1);
    std::array<std::byte, 48> packet{};
    for (int round = 0; round < 100'000; ++round) {
        for (auto& byte : packet) byte = static_cast<std::byte>(random.Below(256));
        packet[0] = static_cast<std::byte>(random.Below(0x20));
        ByteReader in(packet);
        while (!in.Empty()) {
            const std::size_t before = in.Remaining();
            const auto frame = DecodeFrame(in);
            if (!frame) break;
            ASSERT_LT(in.Remaining(), before) << "each frame moves on";
            if (const auto* ack = std::get_if<AckFrame>(&*frame)) {
                PacketNumber above = ack->largest + 2;
                ack->ForEachRange([&](Range range) {
                    ASSERT_LT(range.begin, range.end);
                    ASSERT_LT(range.end, above) << "descending and not adjacent";
                    above = range.begin;
                });
            }
        }
    }
}

// RFC 9000 §19.3.2.
TEST_F(FrameCodec, AckEcnCarriesThreeCountsBehindItsRanges) {
    const Wire wire = EncodeRanges({{0, 2}, {4, 8}}, microseconds(9), EcnCounts{5, 1, 70});
    EXPECT_EQ(wire, (Wire{0x03, 7, 9, 1, 3, 1, 1, 5, 1, 0x40, 70}));
    const auto frame = Decoded<AckFrame>();
    EXPECT_EQ(frame.ecn, (EcnCounts{5, 1, 70}));
    EXPECT_EQ(DecodedRanges(), (std::vector<Range>{{4, 8}, {0, 2}}));
    EXPECT_EQ(FrameName(Frame(frame)), "ack");
}

TEST_F(FrameCodec, AckWithoutCountsHasNone) {
    EncodeRanges({{0, 2}});
    EXPECT_FALSE(Decoded<AckFrame>().ecn);
}

TEST_F(FrameCodec, AckEcnThatIsCutShortIsRefused) {
    ExpectRefused({0x03, 7, 9, 0, 3});
    ExpectRefused({0x03, 7, 9, 0, 3, 5});
    ExpectRefused({0x03, 7, 9, 0, 3, 5, 1});
    ExpectRefused({0x03, 7, 9, 0, 3, 5, 1, 0x40});
}

TEST_F(FrameCodec, AckEcnLeavesRoomForItsCounts) {
    std::vector<Range> ranges;
    for (PacketNumber n = 0; n < 200; ++n) ranges.push_back({3 * n, 3 * n + 1});
    std::array<std::byte, kMaxAckEcnHeadLength + 20> bytes{};
    ByteWriter out(bytes);
    EncodeAck(out, ranges, Duration{}, EcnCounts{kVarintMax, kVarintMax, kVarintMax});
    ASSERT_TRUE(out.Ok());
    ByteReader in(out.Written());
    const auto frame = std::get<AckFrame>(DecodeFrame(in).value());
    EXPECT_EQ(frame.rangeCount, 10u);
    EXPECT_EQ(frame.ecn->ce, kVarintMax);
}

}  // namespace
}  // namespace crsp
