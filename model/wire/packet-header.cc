// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/packet-header.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {
namespace {

std::optional<PacketHeader> DecodeInitial(ByteReader& in) {
    const auto version = in.U32();
    const auto suite = in.U8();
    const auto mode = in.U8();
    const auto source = in.U64();
    if (!source) return std::nullopt;
    return InitialHeader{*version, *suite, *mode, *source};
}

std::optional<PacketHeader> DecodeResponse(ByteReader& in) {
    const auto destination = in.U64();
    if (!destination) return std::nullopt;
    return ResponseHeader{*destination};
}

std::optional<PacketHeader> DecodeData(ByteReader& in, bool oddPhase) {
    const auto destination = in.U64();
    const auto number = in.U64();
    if (!number || *number > kMaxPacketNumber) return std::nullopt;
    return DataHeader{*destination, *number, oddPhase};
}

std::optional<PacketHeader> DecodeFinish(ByteReader& in) {
    const auto destination = in.U64();
    if (!destination) return std::nullopt;
    return FinishHeader{*destination};
}

/// Retry and Reset look alike: an id and 16 bytes.
template <class Header>
std::optional<PacketHeader> DecodeIdAndMac(ByteReader& in) {
    const auto id = in.U64();
    const auto bytes = in.Bytes(16);
    if (!id || !bytes || !in.Empty()) return std::nullopt;
    std::array<std::byte, 16> mac;
    std::copy(bytes->begin(), bytes->end(), mac.begin());
    return Header{*id, mac};
}

std::optional<PacketHeader> DecodeVersionNegotiation(ByteReader& in) {
    const auto destination = in.U64();
    const auto version = in.U32();
    if (!destination || !version || !in.Empty()) return std::nullopt;
    return VersionNegotiationHeader{*destination, *version};
}

ByteWriter StartHeader(ByteSpan out, PacketType type) {
    ByteWriter writer(out);
    writer.U8(static_cast<std::uint8_t>(type));
    return writer;
}

}  // namespace

std::optional<PacketHeader> DecodePacketHeader(ConstByteSpan datagram) {
    ByteReader in(datagram);
    const auto type = in.U8();
    if (!type) return std::nullopt;
    switch (static_cast<PacketType>(*type)) {
        case PacketType::kData:
            return DecodeData(in, false);
        case PacketType::kDataOddPhase:
            return DecodeData(in, true);
        case PacketType::kInitial:
            return DecodeInitial(in);
        case PacketType::kResponse:
            return DecodeResponse(in);
        case PacketType::kVersionNegotiation:
            return DecodeVersionNegotiation(in);
        case PacketType::kRetry:
            return DecodeIdAndMac<RetryHeader>(in);
        case PacketType::kReset:
            return DecodeIdAndMac<ResetHeader>(in);
        case PacketType::kFinish:
            return DecodeFinish(in);
    }
    return std::nullopt;
}

void EncodePacketHeader(ByteSpan out, const InitialHeader& header) {
    auto writer = StartHeader(out, PacketType::kInitial);
    writer.U32(header.version);
    writer.U8(header.suite);
    writer.U8(header.mode);
    writer.U64(header.source);
    CRSP_ASSERT(writer.Ok());
}

void EncodePacketHeader(ByteSpan out, const ResponseHeader& header) {
    auto writer = StartHeader(out, PacketType::kResponse);
    writer.U64(header.destination);
    CRSP_ASSERT(writer.Ok());
}

void EncodePacketHeader(ByteSpan out, const DataHeader& header) {
    auto writer = StartHeader(out, header.oddPhase ? PacketType::kDataOddPhase : PacketType::kData);
    writer.U64(header.destination);
    writer.U64(header.number);
    CRSP_ASSERT(writer.Ok());
}

void EncodePacketHeader(ByteSpan out, const VersionNegotiationHeader& header) {
    auto writer = StartHeader(out, PacketType::kVersionNegotiation);
    writer.U64(header.destination);
    writer.U32(header.version);
    CRSP_ASSERT(writer.Ok());
}

void EncodePacketHeader(ByteSpan out, const RetryHeader& header) {
    auto writer = StartHeader(out, PacketType::kRetry);
    writer.U64(header.destination);
    writer.Bytes(header.cookie);
    CRSP_ASSERT(writer.Ok());
}

void EncodePacketHeader(ByteSpan out, const ResetHeader& header) {
    auto writer = StartHeader(out, PacketType::kReset);
    writer.U64(header.unknown);
    writer.Bytes(header.token);
    CRSP_ASSERT(writer.Ok());
}

void EncodePacketHeader(ByteSpan out, const FinishHeader& header) {
    auto writer = StartHeader(out, PacketType::kFinish);
    writer.U64(header.destination);
    CRSP_ASSERT(writer.Ok());
}

}  // namespace crsp
