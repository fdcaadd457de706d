// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/repair-decoder.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

#include "model/base/random.h"
#include "model/stream/repair-encoder.h"
#include "model/wire/frame-codec.h"
#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

/// A sender's messages of 1,000 bytes, and the repair symbol behind each.
struct RepairDecoderTest : ::testing::Test {
    struct Repair {
        std::vector<std::byte> wire;
        RepairFrame Frame() const {
            ByteReader in(wire);
            return std::get<RepairFrame>(DecodeFrame(in).value());
        }
    };
    Repair Message(std::size_t length = 1000) {
        const std::uint64_t begin = buffer.End();
        buffer.Write(Pattern(length, begin));
        encoder.OnWritten({begin, buffer.End()});
        buffer.OnSent({begin, buffer.End()}, false);
        encoder.OnSent(buffer.End());
        Repair repair{std::vector<std::byte>(1200)};
        PacketBuilder out(repair.wire);
        if (encoder.Due(buffer.Front())) encoder.Write(2, buffer, out);
        repair.wire.resize(out.Length());
        return repair;
    }
    void Arrives(Range range) {
        decoder->OnData(range.begin, Pattern(range.Length(), range.begin));
    }
    /// Everything that can be made now, which must be right.
    std::vector<Range> Made() {
        std::vector<Range> made;
        while (const auto recovered = decoder->Recover()) {
            const auto right = Pattern(recovered->data.size(), recovered->offset);
            EXPECT_TRUE(std::equal(right.begin(), right.end(), recovered->data.begin()));
            made.push_back({recovered->offset, recovered->offset + recovered->data.size()});
        }
        return made;
    }

    SendBuffer buffer{1 << 20};
    RepairEncoder encoder{RepairOptions{25}, kMaxRepairSymbol};
    std::optional<RepairDecoder> decoder{0};
};

TEST_F(RepairDecoderTest, MakesTheOneSymbolThatIsMissing) {
    const auto repair = Message();
    Arrives({0, 250});
    Arrives({500, 1000});
    EXPECT_TRUE(Made().empty());
    decoder->OnRepair(repair.Frame());
    EXPECT_EQ(Made(), (std::vector<Range>{{250, 500}}));
    EXPECT_EQ(decoder->Pending(), 0u);
}

TEST_F(RepairDecoderTest, ARepairThatComesFirstWaitsForTheRest) {
    const auto repair = Message();
    decoder->OnRepair(repair.Frame());
    Arrives({0, 500});
    EXPECT_TRUE(Made().empty());
    Arrives({500, 700});
    EXPECT_TRUE(Made().empty());
    Arrives({700, 750});
    EXPECT_EQ(Made(), (std::vector<Range>{{750, 1000}}));
}

TEST_F(RepairDecoderTest, TwoRepairsMakeTwoSymbolsOfDifferentMessages) {
    const auto first = Message();
    const auto second = Message();
    Arrives({250, 1000});
    Arrives({1000, 1750});
    decoder->OnRepair(second.Frame());
    EXPECT_TRUE(Made().empty());
    decoder->OnRepair(first.Frame());
    EXPECT_EQ(Made(), (std::vector<Range>{{0, 250}, {1750, 2000}}));
}

TEST_F(RepairDecoderTest, ThreeSymbolsOfOneMessageNeedThreeRepairs) {
    const auto first = Message();
    Arrives({0, 250});
    decoder->OnRepair(first.Frame());
    const auto second = Message();
    Arrives({1000, 2000});
    decoder->OnRepair(second.Frame());
    EXPECT_TRUE(Made().empty());
    const auto third = Message();
    Arrives({2000, 3000});
    decoder->OnRepair(third.Frame());
    EXPECT_EQ(Made(), (std::vector<Range>{{250, 500}, {500, 750}, {750, 1000}}));
}

TEST_F(RepairDecoderTest, ShortLastSymbolsCountAsFilledUpWithZeros) {
    EXPECT_TRUE(Message(100).wire.empty()) << "its share does not pay for a symbol yet";
    const auto repair = Message(903);  // 64 and 36, 226 three times and 225
    ASSERT_FALSE(repair.wire.empty());
    Arrives({64, 1003});
    decoder->OnRepair(repair.Frame());
    EXPECT_EQ(Made(), (std::vector<Range>{{0, 64}}));
    decoder.emplace(0);
    Arrives({0, 64});
    Arrives({100, 1003});
    decoder->OnRepair(repair.Frame());
    EXPECT_EQ(Made(), (std::vector<Range>{{64, 100}}));
    decoder.emplace(0);
    Arrives({0, 778});
    decoder->OnRepair(repair.Frame());
    EXPECT_EQ(Made(), (std::vector<Range>{{778, 1003}}));
}

TEST_F(RepairDecoderTest, KnowsNothingOfWhatCameBeforeItsStart) {
    const auto first = Message();
    decoder.emplace(1000);
    decoder->OnRepair(first.Frame());
    EXPECT_EQ(decoder->Pending(), 0u);
    const auto second = Message();
    decoder->OnRepair(second.Frame());
    EXPECT_EQ(decoder->Pending(), 0u) << "it covers the first as well";
}

TEST_F(RepairDecoderTest, WhatTheHistoryHasLeftBehindIsForgotten) {
    decoder->OnRepair(Message().Frame());
    EXPECT_EQ(decoder->Pending(), 1u);
    const std::uint64_t end = kRepairHistory + 1;
    decoder->OnData(end - 100, std::vector<std::byte>(100));
    EXPECT_EQ(decoder->Pending(), 0u);
    decoder->OnData(0, Pattern(1000));  // long past
    EXPECT_TRUE(Made().empty());
}

/// The ring has other bytes in their place by now.
TEST_F(RepairDecoderTest, WhatTheHistoryHasLeftBehindIsNotUsed) {
    Message();
    const auto second = Message();
    Arrives({0, 1750});
    decoder->OnData(kRepairHistory + 900, std::vector<std::byte>(100));
    decoder->OnRepair(second.Frame());
    EXPECT_EQ(decoder->Pending(), 0u);
    EXPECT_TRUE(Made().empty());
}

TEST_F(RepairDecoderTest, KeepsABoundedNumberOfRepairsTheNewest) {
    Repair last;
    for (std::size_t i = 0; i < 3 * kMaxPendingRepairs; ++i) {
        last = Message();
        decoder->OnRepair(last.Frame());
        EXPECT_LE(decoder->Pending(), kMaxPendingRepairs);
    }
    EXPECT_EQ(decoder->Pending(), kMaxPendingRepairs);
    const RepairFrame frame = last.Frame();
    Arrives({frame.begin, frame.End() - 250});
    EXPECT_EQ(Made(), (std::vector<Range>{{frame.End() - 250, frame.End()}}));
}

/// Contradicting repairs, as only a hostile peer sends them, make wrong bytes and nothing worse.
TEST_F(RepairDecoderTest, SurvivesWhateverAPeerSends) {
    Random random(7);
    std::array<std::byte, kMaxRepairSymbol> data{};
    for (int i = 0; i < 5000; ++i) {
        RepairFrame frame;
        frame.begin = random.Below(300'000);
        frame.number = static_cast<std::uint8_t>(random.Below(kRepairNumbers));
        frame.firstSymbol = static_cast<std::uint8_t>(random.Below(kRepairSymbolNumbers));
        frame.blockCount = 1 + random.Below(kMaxRepairBlocks);
        for (std::size_t b = 0; b < frame.blockCount; ++b) {
            const std::uint64_t size = 1 + random.Below(kMaxRepairSymbol);
            frame.blocks[b] = {1 + random.Below(kMaxBlockSymbols * size), size};
        }
        frame.data = ConstByteSpan(data).first(frame.SymbolLength());
        decoder->OnRepair(frame);
        const std::uint64_t offset = random.Below(300'000);
        decoder->OnData(offset, ConstByteSpan(data).first(1 + random.Below(1000)));
        for (int j = 0; j < 100 && decoder->Recover(); ++j) {
        }
        ASSERT_LE(decoder->Pending(), kMaxPendingRepairs);
    }
}

/// Against brute force: whatever was lost, everything made is right, and at 5 % loss nearly all is.
TEST_F(RepairDecoderTest, MakesNearlyAllThatFivePercentLossTakes) {
    Random random(11);
    std::size_t lost = 0;
    std::size_t made = 0;
    for (std::uint64_t message = 0; message < 500; ++message) {
        const auto repair = Message();
        for (std::uint64_t i = 0; i < 4; ++i) {
            const std::uint64_t begin = 1000 * message + 250 * i;
            if (random.Below(100) < 5) {
                ++lost;
            } else {
                Arrives({begin, begin + 250});
            }
            made += Made().size();
        }
        if (random.Below(100) >= 5) decoder->OnRepair(repair.Frame());
        made += Made().size();
    }
    EXPECT_GT(lost, 60u);
    EXPECT_GT(made, lost * 95 / 100);
}

}  // namespace
}  // namespace crsp::test
