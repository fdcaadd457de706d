// SPDX-License-Identifier: BSD-3-Clause
#include "tests/fuzz/any-frame.h"

#include <algorithm>

#include "model/base/assert.h"
#include "model/base/overloaded.h"
#include "model/wire/frame-codec.h"

namespace crsp::fuzz {
namespace {

/// Room for every frame of a packet written anew: what was shorter than needed may become longer,
/// and what was longer shorter.
constexpr std::size_t kRoom = 4 * 9000;

void Encode(ByteWriter& out, const AckFrame& ack) {
    std::vector<Range> ranges;
    ack.ForEachRange([&](const Range& range) { ranges.push_back(range); });
    std::reverse(ranges.begin(), ranges.end());
    EncodeAck(out, ranges, ack.ackDelay, ack.ecn);
}

void Encode(ByteWriter& out, const RepairFrame& repair) {
    EncodeRepairHeader(out, repair);
    out.Bytes(repair.data);
}

/// Of any size, but often one that means something here.
std::uint64_t PickOffset(FuzzedData& data) {
    const std::uint64_t number = data.Number();
    return (number & 3) == 0 ? number >> 2 : number;
}

StreamId PickStream(FuzzedData& data) {
    const auto choice = data.U8();
    return choice < 240 ? choice % 24 : data.Number();
}

Range PickRange(FuzzedData& data) {
    const std::uint64_t begin = PickOffset(data);
    return {begin, std::min(begin + 1 + data.Number(), kVarintMax)};
}

RepairFrame PickRepair(FuzzedData& data) {
    RepairFrame frame;
    frame.stream = PickStream(data);
    frame.begin = PickOffset(data) % (kVarintMax / 2);
    frame.number = static_cast<std::uint8_t>(data.Below(kRepairNumbers));
    frame.firstSymbol = static_cast<std::uint8_t>(data.Below(kRepairSymbolNumbers));
    frame.blockCount = 1 + data.Below(kMaxRepairBlocks);
    for (auto& block : std::span(frame.blocks).first(frame.blockCount)) {
        block.symbolSize = 1 + data.Below(64);
        block.length = 1 + data.Below(4 * block.symbolSize);
    }
    static constexpr std::array<std::byte, kMaxRepairSymbol> kSymbol{};
    frame.data = ConstByteSpan(kSymbol).first(frame.SymbolLength());
    return frame;
}

StreamFrame PickStreamFrame(FuzzedData& data) {
    StreamFrame frame;
    frame.stream = PickStream(data);
    frame.fin = data.Flag();
    frame.data = data.Chunk();
    frame.offset = std::min(PickOffset(data), kVarintMax - frame.data.size());
    return frame;
}

Frame PickAck(FuzzedData& data) {
    AckFrame frame;
    frame.largest = data.Number();
    frame.firstRange = std::min<std::uint64_t>(data.Number(), frame.largest);
    frame.ackDelay = microseconds(data.U16());
    if (data.Flag()) frame.ecn = EcnCounts{data.Number(), data.Number(), data.Number()};
    return frame;
}

Frame PickClose(FuzzedData& data) {
    const bool application = data.Flag();
    const auto code = data.Number();
    return ConnectionCloseFrame{application, code, AsText(data.Chunk())};
}

Frame PickControl(FuzzedData& data) {
    switch (data.Below(8)) {
        case 0:
            return ResetStreamFrame{PickStream(data), data.Number(), PickOffset(data)};
        case 1:
            return StopSendingFrame{PickStream(data), data.Number()};
        case 2:
            return MaxDataFrame{data.Number()};
        case 3:
            return MaxStreamDataFrame{PickStream(data), data.Number()};
        case 4:
            return MaxStreamsFrame{
                data.Flag() ? StreamDirection::kUnidirectional : StreamDirection::kBidirectional,
                data.Number() >> 2};
        case 5:
            return DataBlockedFrame{data.Number()};
        case 6:
            return StreamDataBlockedFrame{PickStream(data), data.Number()};
        default:
            return PathChallengeFrame{data.Number()};
    }
}

}  // namespace

void EncodeAnyFrame(ByteWriter& out, const Frame& frame) {
    std::visit(Overloaded{
                   [&](const AckFrame& ack) { Encode(out, ack); },
                   [&](const RepairFrame& repair) { Encode(out, repair); },
                   [&](const auto& other) { EncodeFrame(out, other); },
               },
               frame);
}

Frame PickFrame(FuzzedData& data) {
    switch (data.Below(16)) {
        case 0:
            return PaddingFrame{1 + data.Below(256)};
        case 1:
            return PingFrame{};
        case 2:
            return PickAck(data);
        case 3:
        case 4:
        case 5:
            return PickStreamFrame(data);
        case 6:
            return DatagramFrame{data.Chunk()};
        case 7:
            return PathResponseFrame{data.Number()};
        case 8: {
            const auto stream = PickStream(data);
            const auto range = PickRange(data);
            return DataSkippedFrame{stream, range.begin, range.end};
        }
        case 9: {
            const auto stream = PickStream(data);
            const auto range = PickRange(data);
            return DataRecoveredFrame{stream, range.begin, range.end};
        }
        case 10:
            return ImmediateAckFrame{};
        case 11:
            return PickRepair(data);
        case 12:
            return data.Below(8) == 0 ? PickClose(data) : Frame{PingFrame{}};
        default:
            return PickControl(data);
    }
}

bool CheckRoundTrip(ConstByteSpan payload) {
    std::size_t count = 0;
    for (ByteReader in(payload); !in.Empty(); ++count) {
        const auto frame = DecodeFrame(in);
        if (!frame) return false;
        Bytes first(kRoom);
        Bytes second(kRoom);
        ByteWriter firstOut(first);
        EncodeAnyFrame(firstOut, *frame);
        CRSP_ASSERT(firstOut.Ok());
        ByteReader again(firstOut.Written());
        const auto copy = DecodeFrame(again);
        CRSP_ASSERT(copy && again.Empty() && copy->index() == frame->index());
        ByteWriter secondOut(second);
        EncodeAnyFrame(secondOut, *copy);
        CRSP_ASSERT(secondOut.Ok() && std::ranges::equal(firstOut.Written(), secondOut.Written()));
    }
    return count <= kMaxFramesReceived;
}

}  // namespace crsp::fuzz
