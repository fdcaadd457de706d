// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/repair-encoder.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "model/stream/repair-code.h"
#include "model/wire/frame-codec.h"
#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

struct RepairEncoderTest : ::testing::Test {
    void Write(std::size_t length) {
        const std::uint64_t begin = buffer.End();
        buffer.Write(Pattern(length, begin));
        encoder->OnWritten({begin, begin + length});
    }
    void Send(std::uint64_t end) {
        buffer.OnSent({buffer.SentOffset(), end}, false);
        encoder->OnSent(end);
    }
    void Begin(std::uint8_t percent = 25, std::uint64_t maxSymbol = 1200) {
        encoder.emplace(RepairOptions{percent}, maxSymbol);
    }
    /// Nothing if none is due.
    std::optional<RepairFrame> Next(std::size_t room = 1167) {
        if (!encoder->Due(buffer.Front())) return std::nullopt;
        bytes.assign(room, std::byte{0});
        PacketBuilder out(bytes);
        if (encoder->Write(6, buffer, out) == 0) return std::nullopt;
        ByteReader in(ConstByteSpan(bytes).first(out.Length()));
        return std::get<RepairFrame>(DecodeFrame(in).value());
    }

    SendBuffer buffer{1 << 20};
    std::optional<RepairEncoder> encoder;
    std::vector<std::byte> bytes;
};

TEST_F(RepairEncoderTest, AShortMessageIsCutIntoFourAndHasOneRepairOnceItIsSent) {
    Begin();
    Write(1000);
    EXPECT_EQ(encoder->SymbolEnd(0), 250u);
    EXPECT_EQ(encoder->SymbolEnd(249), 250u);
    EXPECT_EQ(encoder->SymbolEnd(250), 500u);
    Send(750);
    EXPECT_FALSE(Next());
    Send(1000);
    const auto frame = Next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->stream, 6u);
    EXPECT_EQ(frame->begin, 0u);
    EXPECT_EQ(frame->End(), 1000u);
    EXPECT_EQ(frame->Blocks()[0].symbolSize, 250u);
    std::vector<std::byte> sum(250);
    for (std::uint8_t i = 0; i < 4; ++i) {
        AddMultiple(sum, RepairCoefficient(frame->number, i), Pattern(250, 250u * i));
    }
    EXPECT_TRUE(std::equal(sum.begin(), sum.end(), frame->data.begin(), frame->data.end()));
    EXPECT_FALSE(Next()) << "one in four is spent";
}

TEST_F(RepairEncoderTest, CoversTheLastThreeBlocksWithNumbersThatGoOn) {
    Begin();
    for (std::uint64_t i = 1; i <= 5; ++i) {
        Write(1000);
        Send(1000 * i);
        const auto frame = Next();
        ASSERT_TRUE(frame);
        EXPECT_EQ(frame->number, i - 1);
        EXPECT_EQ(frame->Blocks().size(), std::min<std::uint64_t>(i, kRepairWindow));
        EXPECT_EQ(frame->End(), 1000 * i);
        EXPECT_EQ(frame->firstSymbol, frame->begin / 250);
    }
}

TEST_F(RepairEncoderTest, WhatIsAcknowledgedIsNotCovered) {
    Begin();
    Write(1000);
    Write(1000);
    Send(2000);
    buffer.OnAcked({0, 1100}, false);
    const auto frame = Next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->begin, 1250u) << "the symbol that begins behind it";
    EXPECT_EQ(frame->End(), 2000u);
    EXPECT_EQ(frame->firstSymbol, 5u);
    buffer.OnAcked({1100, 2000}, false);
    EXPECT_FALSE(encoder->Due(buffer.Front()));
}

TEST_F(RepairEncoderTest, RepairsNeverExceedTheirShare) {
    for (const int percent : {1, 10, 25, 33, 60, 100}) {
        Begin(static_cast<std::uint8_t>(percent));
        buffer = SendBuffer(1 << 20);
        std::uint64_t repaired = 0;
        for (int i = 0; i < 400; ++i) {
            Write(i % 7 == 0 ? 3000 : 700);
            Send(buffer.End());
            while (const auto frame = Next()) repaired += frame->data.size();
            EXPECT_LE(100 * repaired, percent * buffer.End());
        }
        EXPECT_GE(100 * repaired, percent * buffer.End() * 9 / 10) << percent;
    }
}

TEST_F(RepairEncoderTest, ALongMessageIsCutIntoBlocksOfSixteenSymbols) {
    Begin();
    Write(40'000);  // 37 symbols of 1,100 bytes
    Send(17'599);
    EXPECT_FALSE(Next());
    Send(17'600);
    auto frame = Next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->End(), 17'600u);
    EXPECT_EQ(frame->Blocks()[0].Symbols(), 16u);
    Send(40'000);
    int frames = 1;
    while ((frame = Next())) {
        EXPECT_EQ(frame->End(), 40'000u);
        ++frames;
    }
    EXPECT_EQ(frames, 9);
}

TEST_F(RepairEncoderTest, SymbolsAreNoLongerThanThePeerTakesNorShorterThanIsWorthAPacket) {
    Begin(25, 100);
    Write(1000);
    EXPECT_EQ(encoder->SymbolEnd(0), 100u);
    Begin();
    buffer = SendBuffer(1 << 20);
    Write(100);
    EXPECT_EQ(encoder->SymbolEnd(0), 64u);
    EXPECT_EQ(encoder->SymbolEnd(64), 100u);
}

TEST_F(RepairEncoderTest, OneThatFindsNoRoomStaysDue) {
    Begin();
    Write(1000);
    Send(1000);
    EXPECT_FALSE(Next(200));
    EXPECT_TRUE(Next());
}

}  // namespace
}  // namespace crsp::test
