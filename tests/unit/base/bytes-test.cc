// SPDX-License-Identifier: BSD-3-Clause
#include "model/base/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <vector>

#include "model/base/random.h"

namespace crsp {
namespace {

std::vector<std::byte> Bytes(std::initializer_list<int> values) {
    std::vector<std::byte> bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

std::vector<std::byte> Copy(ConstByteSpan bytes) {
    return {bytes.begin(), bytes.end()};
}

TEST(Bytes, TextAndBytesAreViewsOfEachOther) {
    const std::string_view text("a\0b", 3);
    EXPECT_EQ(Copy(AsBytes(text)), Bytes({'a', 0, 'b'}));
    EXPECT_EQ(AsText(AsBytes(text)), text);
    EXPECT_TRUE(AsBytes("").empty());
}

TEST(ByteReader, ReadsNetworkByteOrder) {
    const auto bytes = Bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
    ByteReader in(bytes);
    EXPECT_EQ(in.U8(), 0x01);
    EXPECT_EQ(in.U16(), 0x0203);
    EXPECT_EQ(in.U32(), 0x04050607u);
    EXPECT_EQ(in.U64(), 0x08090a0b0c0d0e0fu);
    EXPECT_TRUE(in.Empty());
    EXPECT_EQ(in.Position(), 15u);
}

TEST(ByteReader, ShortInputYieldsNothingAndMovesNothing) {
    const auto bytes = Bytes({0xc0, 2, 3});
    ByteReader in(bytes);
    EXPECT_EQ(in.U32(), std::nullopt);
    EXPECT_EQ(in.U64(), std::nullopt);
    EXPECT_EQ(in.Varint(), std::nullopt);
    EXPECT_FALSE(in.Bytes(4).has_value());
    EXPECT_FALSE(in.Bytes(~std::size_t{0}).has_value());
    EXPECT_EQ(in.Remaining(), 3u);
    EXPECT_EQ(in.U16(), 0xc002);
    EXPECT_EQ(in.U16(), std::nullopt);
    EXPECT_EQ(in.U8(), 3);
    EXPECT_EQ(in.U8(), std::nullopt);
    EXPECT_EQ(in.Varint(), std::nullopt);
}

// RFC 9000 §A.1.
TEST(ByteReader, ReadsTheVarintsOfTheRfc) {
    const auto bytes = Bytes({0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c,  //
                              0x9d, 0x7f, 0x3e, 0x7d, 0x7b, 0xbd, 0x25, 0x40, 0x25});
    ByteReader in(bytes);
    EXPECT_EQ(in.Varint(), 151'288'809'941'952'652u);
    EXPECT_EQ(in.Varint(), 494'878'333u);
    EXPECT_EQ(in.Varint(), 15'293u);
    EXPECT_EQ(in.Varint(), 37u);
    EXPECT_EQ(in.Varint(), 37u) << "encoded longer than needed";
    EXPECT_TRUE(in.Empty());
}

TEST(ByteReader, LengthPrefixHoldsToLimitAndInput) {
    const auto bytes = Bytes({3, 'a', 'b', 'c', 9, 'd'});
    ByteReader in(bytes);
    EXPECT_FALSE(in.LengthPrefixed(2).has_value()) << "beyond the limit";
    EXPECT_EQ(in.Position(), 0u);
    EXPECT_EQ(AsText(in.LengthPrefixed(3).value()), "abc");
    EXPECT_FALSE(in.LengthPrefixed(100).has_value()) << "beyond the input";
    EXPECT_EQ(in.Position(), 4u);
    EXPECT_EQ(Copy(in.Rest()), Bytes({9, 'd'}));
    EXPECT_TRUE(in.Rest().empty());
}

TEST(ByteWriter, WritesNetworkByteOrder) {
    std::array<std::byte, 15> buffer{};
    ByteWriter out(buffer);
    out.U8(1);
    out.U16(0x0203);
    out.U32(0x04050607);
    out.U64(0x08090a0b0c0d0e0f);
    EXPECT_TRUE(out.Ok());
    EXPECT_EQ(out.Remaining(), 0u);
    EXPECT_EQ(Copy(out.Written()), Bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
}

TEST(ByteWriter, WhatDoesNotFitWritesNothingNowOrLater) {
    std::array<std::byte, 3> buffer{};
    ByteWriter out(buffer);
    out.U16(0x0102);
    out.U16(0x0304);
    EXPECT_FALSE(out.Ok());
    out.U8(5);
    EXPECT_EQ(Copy(out.Written()), Bytes({1, 2}));
    EXPECT_EQ(buffer[2], std::byte{0});
    EXPECT_TRUE(out.Reserve(1).empty());
}

TEST(ByteWriter, VarintsTakeTheShortestFormAndReadBack) {
    const std::pair<std::uint64_t, std::size_t> cases[] = {{0, 1},
                                                           {63, 1},
                                                           {64, 2},
                                                           {16'383, 2},
                                                           {16'384, 4},
                                                           {(std::uint64_t{1} << 30) - 1, 4},
                                                           {std::uint64_t{1} << 30, 8},
                                                           {kVarintMax, 8}};
    for (const auto& [value, width] : cases) {
        std::array<std::byte, 8> buffer{};
        ByteWriter out(buffer);
        out.Varint(value);
        EXPECT_EQ(out.Position(), width) << value;
        EXPECT_EQ(VarintLength(value), width) << value;
        ByteReader in(out.Written());
        EXPECT_EQ(in.Varint(), value);
        EXPECT_TRUE(in.Empty());
    }
}

TEST(ByteWriterDeathTest, VarintBeyondTheLargestIsOurBug) {
    std::array<std::byte, 8> buffer{};
    ByteWriter out(buffer);
    EXPECT_DEATH(out.Varint(kVarintMax + 1), "kVarintMax");
}

TEST(ByteWriter, PutsBytesPrefixesZerosAndHoles) {
    std::array<std::byte, 9> buffer;
    buffer.fill(std::byte{0xee});
    ByteWriter out(buffer);
    out.Bytes(AsBytes("ab"));
    out.Bytes({});
    out.LengthPrefixed(AsBytes("cd"));
    out.Zeros(2);
    const auto hole = out.Reserve(2);
    ASSERT_EQ(hole.size(), 2u);
    hole[1] = std::byte{7};
    EXPECT_TRUE(out.Ok());
    EXPECT_EQ(Copy(out.Written()), Bytes({'a', 'b', 2, 'c', 'd', 0, 0, 0xee, 7}));
}

TEST(ByteReader, RandomInputNeverRunsPastTheEnd) {
    Random random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> bytes(random.Below(12));
        for (auto& byte : bytes) byte = static_cast<std::byte>(random.Below(256));
        ByteReader in(bytes);
        while (in.Varint()) {
        }
        ASSERT_LT(in.Remaining(), 8u);
        ASSERT_EQ(in.Position() + in.Remaining(), bytes.size());
    }
}

}  // namespace
}  // namespace crsp
