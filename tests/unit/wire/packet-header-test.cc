// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/packet-header.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace crsp {
namespace {

template <std::size_t N, class Header>
std::array<std::byte, N> Encoded(const Header& header) {
    std::array<std::byte, N> bytes{};
    EncodePacketHeader(bytes, header);
    return bytes;
}

std::vector<int> Values(ConstByteSpan bytes) {
    std::vector<int> values;
    for (const std::byte byte : bytes) values.push_back(std::to_integer<int>(byte));
    return values;
}

// CRSP §3.4.
TEST(PacketHeader, InitialIsFifteenBytes) {
    const InitialHeader header{.suite = 2, .mode = 1, .source = 0x0102030405060708};
    const auto bytes = Encoded<kInitialHeaderLength>(header);
    EXPECT_EQ(Values(bytes), (std::vector<int>{0x80, 'C', 'R', 'S', '1', 2, 1,  //
                                               1, 2, 3, 4, 5, 6, 7, 8}));
    const auto decoded = std::get<InitialHeader>(DecodePacketHeader(bytes).value());
    EXPECT_EQ(decoded.version, kProtocolVersion);
    EXPECT_EQ(decoded.suite, 2);
    EXPECT_EQ(decoded.mode, 1);
    EXPECT_EQ(decoded.source, header.source);
}

// CRSP §3.5.
TEST(PacketHeader, ResponseIsNineBytes) {
    const auto bytes = Encoded<kResponseHeaderLength>(ResponseHeader{0x0102030405060708});
    EXPECT_EQ(Values(bytes), (std::vector<int>{0x81, 1, 2, 3, 4, 5, 6, 7, 8}));
    const auto decoded = std::get<ResponseHeader>(DecodePacketHeader(bytes).value());
    EXPECT_EQ(decoded.destination, 0x0102030405060708u);
}

// CRSP §3.6.
TEST(PacketHeader, DataIsSeventeenBytes) {
    const auto bytes =
        Encoded<kDataHeaderLength>(DataHeader{0x0102030405060708, 0x1112131415161718});
    EXPECT_EQ(Values(bytes), (std::vector<int>{0x40, 1, 2, 3, 4, 5, 6, 7, 8,  //
                                               0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18}));
    const auto decoded = std::get<DataHeader>(DecodePacketHeader(bytes).value());
    EXPECT_EQ(decoded.destination, 0x0102030405060708u);
    EXPECT_EQ(decoded.number, 0x1112131415161718u);
}

// CRSP §3.7.
TEST(PacketHeader, VersionNegotiationIsThirteenBytes) {
    const auto bytes =
        Encoded<kVersionNegotiationLength>(VersionNegotiationHeader{.destination = 9});
    EXPECT_EQ(Values(bytes), (std::vector<int>{0x82, 0, 0, 0, 0, 0, 0, 0, 9, 'C', 'R', 'S', '1'}));
    const auto decoded = std::get<VersionNegotiationHeader>(DecodePacketHeader(bytes).value());
    EXPECT_EQ(decoded.destination, 9u);
    EXPECT_EQ(decoded.version, kProtocolVersion);
}

TEST(PacketHeader, PayloadAfterTheHeaderIsNoConcernOfIt) {
    std::array<std::byte, 1200> datagram{};
    EncodePacketHeader(datagram, DataHeader{1, 2});
    EXPECT_EQ(std::get<DataHeader>(DecodePacketHeader(datagram).value()).number, 2u);
}

TEST(PacketHeader, EveryTruncationIsRefused) {
    const auto initial = Encoded<kInitialHeaderLength>(InitialHeader{});
    const auto response = Encoded<kResponseHeaderLength>(ResponseHeader{});
    const auto data = Encoded<kDataHeaderLength>(DataHeader{});
    const auto version = Encoded<kVersionNegotiationLength>(VersionNegotiationHeader{});
    for (const ConstByteSpan whole : {ConstByteSpan(initial), ConstByteSpan(response),
                                      ConstByteSpan(data), ConstByteSpan(version)}) {
        for (std::size_t length = 0; length < whole.size(); ++length) {
            EXPECT_FALSE(DecodePacketHeader(whole.first(length))) << length;
        }
    }
}

TEST(PacketHeader, VersionNegotiationWithMoreBehindItIsRefused) {
    std::array<std::byte, kVersionNegotiationLength + 1> bytes{};
    EncodePacketHeader(bytes, VersionNegotiationHeader{});
    EXPECT_FALSE(DecodePacketHeader(bytes));
}

TEST(PacketHeader, PacketNumberBeyondTheLargestIsRefused) {
    EXPECT_TRUE(DecodePacketHeader(Encoded<kDataHeaderLength>(DataHeader{1, kMaxPacketNumber})));
    EXPECT_FALSE(
        DecodePacketHeader(Encoded<kDataHeaderLength>(DataHeader{1, kMaxPacketNumber + 1})));
}

TEST(PacketHeader, UnknownTypesAreRefused) {
    std::array<std::byte, 64> bytes{};
    int known = 0;
    for (int type = 0; type < 256; ++type) {
        bytes[0] = static_cast<std::byte>(type);
        // Version negotiation, Retry and Reset have an exact length, which this has not.
        if (DecodePacketHeader(bytes)) ++known;
    }
    EXPECT_EQ(known, 5);
}

TEST(PacketHeader, InitialOfAnotherVersionStillSaysWhoAsked) {
    const InitialHeader header{.version = 0x43525332, .source = 77};
    const auto bytes = Encoded<kInitialHeaderLength>(header);
    const auto decoded = std::get<InitialHeader>(DecodePacketHeader(bytes).value());
    EXPECT_EQ(decoded.version, 0x43525332u);
    EXPECT_EQ(decoded.source, 77u);
}

TEST(PacketHeaderDeathTest, ABufferTooSmallIsOurBug) {
    std::array<std::byte, kDataHeaderLength - 1> bytes{};
    EXPECT_DEATH(EncodePacketHeader(bytes, DataHeader{}), "Ok");
}

}  // namespace
}  // namespace crsp
