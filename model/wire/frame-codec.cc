// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/frame-codec.h"

#include <algorithm>
#include <array>
#include <utility>

namespace crsp {
namespace {

using DecodeResult = Expected<Frame, TransportError>;

constexpr std::uint64_t kStreamOffBit = 0x04;
constexpr std::uint64_t kStreamLenBit = 0x02;
constexpr std::uint64_t kStreamFinBit = 0x01;
constexpr std::uint64_t kMaxAckDelayMicroseconds = std::uint64_t{1} << 40;

DecodeResult Malformed(const char* reason) {
    return Fail(TransportError{TransportErrorCode::kFrameEncodingError, reason});
}

/// Reads N varints, or nothing if any is cut short.
template <std::size_t N>
std::optional<std::array<std::uint64_t, N>> Varints(ByteReader& in) {
    std::array<std::uint64_t, N> values{};
    for (auto& value : values) {
        const auto read = in.Varint();
        if (!read) return std::nullopt;
        value = *read;
    }
    return values;
}

DecodeResult DecodePadding(ByteReader& in) {
    std::size_t count = 1;
    while (!in.Empty()) {
        ByteReader ahead = in;
        if (*ahead.U8() != 0) break;
        in = ahead;
        ++count;
    }
    return PaddingFrame{count};
}

/// True if the gaps and lengths in front of `in` stay at or above packet number 0.
bool SkipAckRanges(ByteReader& in, PacketNumber smallest, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto pair = Varints<2>(in);
        if (!pair) return false;
        const auto [gap, length] = *pair;
        if (smallest < gap + 2 || smallest - gap - 2 < length) return false;
        smallest -= gap + 2 + length;
    }
    return true;
}

DecodeResult DecodeAck(ByteReader& in) {
    const auto head = Varints<4>(in);
    if (!head) return Malformed("ACK cut short");
    const auto [largest, delay, count, first] = *head;
    if (count >= kMaxAckRanges) return Malformed("ACK with too many ranges");
    if (first > largest) return Malformed("ACK range below packet number 0");
    ByteReader ranges = in;
    if (!SkipAckRanges(in, largest - first, count)) return Malformed("ACK ranges malformed");
    const auto encoded = *ranges.Bytes(in.Position() - ranges.Position());
    const auto capped = std::min(delay, kMaxAckDelayMicroseconds);
    return AckFrame{largest, microseconds(capped), first, count, encoded};
}

DecodeResult DecodeStream(ByteReader& in, std::uint64_t type) {
    const auto stream = in.Varint();
    const auto offset = (type & kStreamOffBit) ? in.Varint() : 0;
    if (!stream || !offset) return Malformed("STREAM cut short");
    const auto data =
        (type & kStreamLenBit) ? in.LengthPrefixed(in.Remaining()) : std::optional(in.Rest());
    if (!data) return Malformed("STREAM length beyond the packet");
    if (*offset + data->size() > kVarintMax) return Malformed("STREAM beyond the largest offset");
    return StreamFrame{*stream, *offset, *data, (type & kStreamFinBit) != 0};
}

DecodeResult DecodeDatagram(ByteReader& in, bool withLength) {
    const auto data = withLength ? in.LengthPrefixed(in.Remaining()) : std::optional(in.Rest());
    if (!data) return Malformed("DATAGRAM length beyond the packet");
    return DatagramFrame{*data};
}

/// Decodes DATA_SKIPPED or DATA_RECOVERED.
template <class F>
DecodeResult DecodeStreamRange(ByteReader& in) {
    const auto values = Varints<3>(in);
    if (!values) return Malformed("range of a stream cut short");
    const auto [stream, begin, end] = *values;
    if (begin >= end) return Malformed("range of a stream that is empty");
    return F{stream, begin, end};
}

/// Reads one block of a REPAIR; nothing if it is cut short or out of bounds.
std::optional<RepairBlock> DecodeRepairBlock(ByteReader& in) {
    const auto values = Varints<2>(in);
    if (!values) return std::nullopt;
    const auto [length, symbolSize] = *values;
    if (length == 0 || symbolSize == 0 || symbolSize > kMaxRepairSymbol) return std::nullopt;
    if (length > kMaxBlockSymbols * symbolSize) return std::nullopt;
    return RepairBlock{length, symbolSize};
}

DecodeResult DecodeRepair(ByteReader& in) {
    const auto head = Varints<2>(in);
    const auto number = in.U8();
    const auto firstSymbol = in.U8();
    const auto count = in.Varint();
    if (!head || !number || !firstSymbol || !count) return Malformed("REPAIR cut short");
    if (*count == 0 || *count > kMaxRepairBlocks) return Malformed("REPAIR of too many blocks");
    if (*number >= kRepairNumbers || *firstSymbol >= kRepairSymbolNumbers) {
        return Malformed("REPAIR with a number out of bounds");
    }
    RepairFrame frame;
    frame.stream = (*head)[0];
    frame.begin = (*head)[1];
    frame.number = *number;
    frame.firstSymbol = *firstSymbol;
    frame.blockCount = static_cast<std::size_t>(*count);
    for (std::size_t i = 0; i < frame.blockCount; ++i) {
        const auto block = DecodeRepairBlock(in);
        if (!block) return Malformed("REPAIR of a malformed block");
        frame.blocks[i] = *block;
    }
    if (frame.End() > kVarintMax) return Malformed("REPAIR beyond the largest offset");
    const auto data = in.Bytes(frame.SymbolLength());
    if (!data) return Malformed("REPAIR symbol cut short");
    frame.data = *data;
    return frame;
}

DecodeResult DecodeClose(ByteReader& in, bool application) {
    const auto code = in.Varint();
    if (!code) return Malformed("CONNECTION_CLOSE cut short");
    const auto reason = in.LengthPrefixed(kMaxReasonLength);
    if (!reason) return Malformed("CONNECTION_CLOSE reason malformed");
    return ConnectionCloseFrame{application, *code, AsText(*reason)};
}

DecodeResult DecodeMaxStreams(ByteReader& in, StreamDirection direction) {
    const auto maximum = in.Varint();
    if (!maximum) return Malformed("MAX_STREAMS cut short");
    if (*maximum > std::uint64_t{1} << 60) return Malformed("MAX_STREAMS beyond 2^60");
    return MaxStreamsFrame{direction, *maximum};
}

/// Decodes PATH_CHALLENGE or PATH_RESPONSE.
template <class F>
DecodeResult DecodePath(ByteReader& in) {
    const auto data = in.U64();
    if (!data) return Malformed("path frame cut short");
    return F{*data};
}

/// Decodes a frame made of N varints alone.
template <class F, std::size_t N>
DecodeResult DecodeVarintFrame(ByteReader& in) {
    const auto v = Varints<N>(in);
    if (!v) return Malformed("frame cut short");
    if constexpr (N == 1) return F{(*v)[0]};
    if constexpr (N == 2) return F{(*v)[0], (*v)[1]};
    if constexpr (N == 3) return F{(*v)[0], (*v)[1], (*v)[2]};
}

/// Writes a frame made of a type and varints.
template <class... Values>
void PutVarints(ByteWriter& out, FrameType type, Values... values) {
    out.Varint(static_cast<std::uint64_t>(type));
    (out.Varint(values), ...);
}

/// Gap and length of the range `index` further down than the newest (RFC 9000 §19.3.1).
std::pair<std::uint64_t, std::uint64_t> EncodedRange(std::span<const Range> ranges,
                                                     std::size_t index) {
    const Range& above = ranges[ranges.size() - 1 - index];
    const Range& range = ranges[ranges.size() - 2 - index];
    return {above.begin - range.end - 1, range.Length() - 1};
}

std::size_t FurtherRangesWithin(std::span<const Range> ranges, std::size_t space) {
    const std::size_t most = std::min(ranges.size(), kMaxAckRanges) - 1;
    for (std::size_t count = 0; count < most; ++count) {
        const auto [gap, length] = EncodedRange(ranges, count);
        const std::size_t needed = VarintLength(gap) + VarintLength(length);
        if (needed > space) return count;
        space -= needed;
    }
    return most;
}

}  // namespace

Expected<Frame, TransportError> DecodeFrame(ByteReader& in) {
    const auto type = in.Varint();
    if (!type) return Malformed("frame type cut short");
    if ((*type & ~std::uint64_t{7}) == static_cast<std::uint64_t>(FrameType::kStream)) {
        return DecodeStream(in, *type);
    }
    switch (static_cast<FrameType>(*type)) {
        case FrameType::kPadding:
            return DecodePadding(in);
        case FrameType::kPing:
            return PingFrame{};
        case FrameType::kAck:
            return DecodeAck(in);
        case FrameType::kResetStream:
            return DecodeVarintFrame<ResetStreamFrame, 3>(in);
        case FrameType::kStopSending:
            return DecodeVarintFrame<StopSendingFrame, 2>(in);
        case FrameType::kMaxData:
            return DecodeVarintFrame<MaxDataFrame, 1>(in);
        case FrameType::kMaxStreamData:
            return DecodeVarintFrame<MaxStreamDataFrame, 2>(in);
        case FrameType::kMaxStreamsBidirectional:
            return DecodeMaxStreams(in, StreamDirection::kBidirectional);
        case FrameType::kMaxStreamsUnidirectional:
            return DecodeMaxStreams(in, StreamDirection::kUnidirectional);
        case FrameType::kDataBlocked:
            return DecodeVarintFrame<DataBlockedFrame, 1>(in);
        case FrameType::kStreamDataBlocked:
            return DecodeVarintFrame<StreamDataBlockedFrame, 2>(in);
        case FrameType::kPathChallenge:
            return DecodePath<PathChallengeFrame>(in);
        case FrameType::kPathResponse:
            return DecodePath<PathResponseFrame>(in);
        case FrameType::kConnectionClose:
            return DecodeClose(in, false);
        case FrameType::kApplicationClose:
            return DecodeClose(in, true);
        case FrameType::kDataSkipped:
            return DecodeStreamRange<DataSkippedFrame>(in);
        case FrameType::kImmediateAck:
            return ImmediateAckFrame{};
        case FrameType::kRepair:
            return DecodeRepair(in);
        case FrameType::kDataRecovered:
            return DecodeStreamRange<DataRecoveredFrame>(in);
        case FrameType::kDatagram:
            return DecodeDatagram(in, false);
        case FrameType::kDatagramWithLength:
            return DecodeDatagram(in, true);
        case FrameType::kStream:
            break;
    }
    return Malformed("unknown frame type");
}

void EncodeFrame(ByteWriter& out, const PaddingFrame& frame) {
    out.Zeros(frame.count);
}

void EncodeFrame(ByteWriter& out, const PingFrame&) {
    PutVarints(out, FrameType::kPing);
}

void EncodeFrame(ByteWriter& out, const ResetStreamFrame& frame) {
    PutVarints(out, FrameType::kResetStream, frame.stream, frame.applicationCode, frame.finalSize);
}

void EncodeFrame(ByteWriter& out, const StopSendingFrame& frame) {
    PutVarints(out, FrameType::kStopSending, frame.stream, frame.applicationCode);
}

void EncodeFrame(ByteWriter& out, const StreamFrame& frame) {
    EncodeStreamHeader(out, frame.stream, frame.offset, frame.data.size(), frame.fin);
    out.Bytes(frame.data);
}

void EncodeFrame(ByteWriter& out, const DatagramFrame& frame) {
    EncodeDatagramHeader(out, frame.data.size());
    out.Bytes(frame.data);
}

void EncodeFrame(ByteWriter& out, const MaxDataFrame& frame) {
    PutVarints(out, FrameType::kMaxData, frame.maximum);
}

void EncodeFrame(ByteWriter& out, const MaxStreamDataFrame& frame) {
    PutVarints(out, FrameType::kMaxStreamData, frame.stream, frame.maximum);
}

void EncodeFrame(ByteWriter& out, const MaxStreamsFrame& frame) {
    const bool uni = frame.direction == StreamDirection::kUnidirectional;
    PutVarints(out,
               uni ? FrameType::kMaxStreamsUnidirectional : FrameType::kMaxStreamsBidirectional,
               frame.maximum);
}

void EncodeFrame(ByteWriter& out, const DataBlockedFrame& frame) {
    PutVarints(out, FrameType::kDataBlocked, frame.limit);
}

void EncodeFrame(ByteWriter& out, const StreamDataBlockedFrame& frame) {
    PutVarints(out, FrameType::kStreamDataBlocked, frame.stream, frame.limit);
}

void EncodeFrame(ByteWriter& out, const PathChallengeFrame& frame) {
    PutVarints(out, FrameType::kPathChallenge);
    out.U64(frame.data);
}

void EncodeFrame(ByteWriter& out, const PathResponseFrame& frame) {
    PutVarints(out, FrameType::kPathResponse);
    out.U64(frame.data);
}

void EncodeFrame(ByteWriter& out, const DataSkippedFrame& frame) {
    PutVarints(out, FrameType::kDataSkipped, frame.stream, frame.begin, frame.end);
}

void EncodeFrame(ByteWriter& out, const ImmediateAckFrame&) {
    PutVarints(out, FrameType::kImmediateAck);
}

void EncodeFrame(ByteWriter& out, const DataRecoveredFrame& frame) {
    PutVarints(out, FrameType::kDataRecovered, frame.stream, frame.begin, frame.end);
}

void EncodeFrame(ByteWriter& out, const ConnectionCloseFrame& frame) {
    PutVarints(out, frame.application ? FrameType::kApplicationClose : FrameType::kConnectionClose,
               frame.code);
    out.LengthPrefixed(AsBytes(frame.reason.substr(0, kMaxReasonLength)));
}

void EncodeAck(ByteWriter& out, std::span<const Range> ranges, Duration ackDelay) {
    const Range& newest = ranges.back();
    // Type, largest, delay, count and first range at their longest; what is left decides how many
    // further ranges go out.
    constexpr std::size_t kHeadLength = 1 + 4 * 8;
    const std::size_t space = out.Remaining() < kHeadLength ? 0 : out.Remaining() - kHeadLength;
    const std::size_t further = FurtherRangesWithin(ranges, space);
    const auto delay = std::chrono::duration_cast<microseconds>(ackDelay).count();
    PutVarints(out, FrameType::kAck, newest.end - 1,
               static_cast<std::uint64_t>(std::max<std::int64_t>(delay, 0)), further,
               newest.Length() - 1);
    for (std::size_t i = 0; i < further; ++i) {
        const auto [gap, length] = EncodedRange(ranges, i);
        out.Varint(gap);
        out.Varint(length);
    }
}

std::size_t StreamHeaderLength(StreamId stream, std::uint64_t offset, std::size_t dataLength) {
    return 1 + VarintLength(stream) + (offset == 0 ? 0 : VarintLength(offset)) +
           VarintLength(dataLength);
}

void EncodeStreamHeader(ByteWriter& out, StreamId stream, std::uint64_t offset,
                        std::size_t dataLength, bool fin) {
    std::uint64_t type = static_cast<std::uint64_t>(FrameType::kStream) | kStreamLenBit;
    if (offset != 0) type |= kStreamOffBit;
    if (fin) type |= kStreamFinBit;
    out.Varint(type);
    out.Varint(stream);
    if (offset != 0) out.Varint(offset);
    out.Varint(dataLength);
}

std::size_t DatagramHeaderLength(std::size_t dataLength) {
    return 1 + VarintLength(dataLength);
}

void EncodeDatagramHeader(ByteWriter& out, std::size_t dataLength) {
    PutVarints(out, FrameType::kDatagramWithLength, dataLength);
}

std::size_t RepairHeaderLength(const RepairFrame& frame) {
    std::size_t length = 1 + VarintLength(frame.stream) + VarintLength(frame.begin) + 2 + 1;
    for (const auto& block : frame.Blocks()) {
        length += VarintLength(block.length) + VarintLength(block.symbolSize);
    }
    return length;
}

void EncodeRepairHeader(ByteWriter& out, const RepairFrame& frame) {
    PutVarints(out, FrameType::kRepair, frame.stream, frame.begin);
    out.U8(frame.number);
    out.U8(frame.firstSymbol);
    out.Varint(frame.blockCount);
    for (const auto& block : frame.Blocks()) {
        out.Varint(block.length);
        out.Varint(block.symbolSize);
    }
}

}  // namespace crsp
