// SPDX-License-Identifier: BSD-3-Clause
#include "model/wire/packet-builder.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {
namespace {

/// Type, four varints of eight bytes: an ACK with one range fits in this.
constexpr std::size_t kMinAckLength = 1 + 4 * 8;

}  // namespace

template <class WireFrame>
bool PacketBuilder::WriteControl(const WireFrame& frame, const SentFrame& record) {
    if (!HasRoom(kMaxControlFrameLength)) return false;
    EncodeFrame(m_out, frame);
    m_frames.Push(record);
    m_ackEliciting = true;
    return true;
}

bool PacketBuilder::WritePing() {
    return WriteControl(PingFrame{}, SentPing{});
}

bool PacketBuilder::WriteAck(std::span<const Range> ranges, Duration ackDelay) {
    if (!HasRoom(kMinAckLength)) return false;
    EncodeAck(m_out, ranges, ackDelay);
    m_frames.Push(SentAck{ranges.back().end - 1});
    return true;
}

bool PacketBuilder::Write(const ResetStreamFrame& frame) {
    return WriteControl(frame, SentResetStream{frame.stream});
}

bool PacketBuilder::Write(const StopSendingFrame& frame) {
    return WriteControl(frame, SentStopSending{frame.stream});
}

bool PacketBuilder::Write(const MaxDataFrame& frame) {
    return WriteControl(frame, SentMaxData{frame.maximum});
}

bool PacketBuilder::Write(const MaxStreamDataFrame& frame) {
    return WriteControl(frame, SentMaxStreamData{frame.stream, frame.maximum});
}

bool PacketBuilder::Write(const MaxStreamsFrame& frame) {
    return WriteControl(frame, SentMaxStreams{frame.direction, frame.maximum});
}

bool PacketBuilder::Write(const DataBlockedFrame& frame) {
    return WriteControl(frame, SentDataBlocked{frame.limit});
}

bool PacketBuilder::Write(const StreamDataBlockedFrame& frame) {
    return WriteControl(frame, SentStreamDataBlocked{frame.stream, frame.limit});
}

bool PacketBuilder::Write(const PathChallengeFrame& frame) {
    return WriteControl(frame, SentPathChallenge{});
}

bool PacketBuilder::Write(const PathResponseFrame& frame) {
    return WriteControl(frame, SentPathResponse{});
}

bool PacketBuilder::Write(const DataSkippedFrame& frame) {
    return WriteControl(frame, SentDataSkipped{frame.stream, frame.begin, frame.end});
}

bool PacketBuilder::Write(const ImmediateAckFrame& frame) {
    return WriteControl(frame, SentImmediateAck{});
}

bool PacketBuilder::Write(const DataRecoveredFrame& frame) {
    return WriteControl(frame, SentDataRecovered{});
}

bool PacketBuilder::Write(const ConnectionCloseFrame& frame) {
    const std::size_t length = 1 + 8 + 2 + std::min(frame.reason.size(), kMaxReasonLength);
    if (m_out.Remaining() < length) return false;
    EncodeFrame(m_out, frame);
    return true;
}

std::optional<ByteSpan> PacketBuilder::ReserveStream(StreamId stream, std::uint64_t offset,
                                                     std::size_t wanted, bool fin) {
    const std::size_t header = StreamHeaderLength(stream, offset, wanted);
    const std::size_t least = std::min<std::size_t>(wanted, 1);
    if (!HasRoom(header + least)) return std::nullopt;
    const std::size_t length = std::min(wanted, m_out.Remaining() - header);
    const bool withFin = fin && length == wanted;
    EncodeStreamHeader(m_out, stream, offset, length, withFin);
    m_frames.Push(SentStream{stream, offset, static_cast<std::uint32_t>(length), withFin});
    m_ackEliciting = true;
    const auto space = m_out.Reserve(length);
    CRSP_ASSERT(m_out.Ok());
    return space;
}

std::optional<ByteSpan> PacketBuilder::ReserveDatagram(std::size_t length) {
    if (!HasRoom(DatagramHeaderLength(length) + length)) return std::nullopt;
    EncodeDatagramHeader(m_out, length);
    m_frames.Push(SentDatagram{});
    m_ackEliciting = true;
    return m_out.Reserve(length);
}

std::optional<ByteSpan> PacketBuilder::ReserveRepair(const RepairFrame& frame) {
    const std::size_t length = frame.SymbolLength();
    if (!HasRoom(RepairHeaderLength(frame) + length)) return std::nullopt;
    EncodeRepairHeader(m_out, frame);
    m_frames.Push(SentRepair{});
    m_ackEliciting = true;
    return m_out.Reserve(length);
}

void PacketBuilder::PadTo(std::size_t length) {
    if (m_out.Position() < length) m_out.Zeros(length - m_out.Position());
}

}  // namespace crsp
