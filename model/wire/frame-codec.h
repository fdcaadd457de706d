// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>

#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/wire/error-codes.h"
#include "model/wire/frames.h"

namespace crsp {

/// A packet of a peer holds at most this many frames, a run of PADDING counting as one: twice what
/// we write, and few enough that a packet of tiny ones costs little more than a full one (CRSP §7).
inline constexpr std::size_t kMaxFramesReceived = 16;

/// Reads the next frame of an opened packet; `in` must not be empty. Data, ranges and reason of the
/// result view the packet. Fails with FRAME_ENCODING_ERROR on anything cut short, out of bounds or
/// unknown (RFC 9000 §12.4).
Expected<Frame, TransportError> DecodeFrame(ByteReader& in);

/// Each writes one frame, type first. A frame that does not fit leaves `out` not Ok(); callers
/// compare EncodedLength with Remaining() before.
void EncodeFrame(ByteWriter& out, const PaddingFrame& frame);
void EncodeFrame(ByteWriter& out, const PingFrame& frame);
void EncodeFrame(ByteWriter& out, const ResetStreamFrame& frame);
void EncodeFrame(ByteWriter& out, const StopSendingFrame& frame);
void EncodeFrame(ByteWriter& out, const StreamFrame& frame);
void EncodeFrame(ByteWriter& out, const DatagramFrame& frame);
void EncodeFrame(ByteWriter& out, const MaxDataFrame& frame);
void EncodeFrame(ByteWriter& out, const MaxStreamDataFrame& frame);
void EncodeFrame(ByteWriter& out, const MaxStreamsFrame& frame);
void EncodeFrame(ByteWriter& out, const DataBlockedFrame& frame);
void EncodeFrame(ByteWriter& out, const StreamDataBlockedFrame& frame);
void EncodeFrame(ByteWriter& out, const PathChallengeFrame& frame);
void EncodeFrame(ByteWriter& out, const PathResponseFrame& frame);
void EncodeFrame(ByteWriter& out, const DataSkippedFrame& frame);
void EncodeFrame(ByteWriter& out, const ImmediateAckFrame& frame);
void EncodeFrame(ByteWriter& out, const DataRecoveredFrame& frame);
void EncodeFrame(ByteWriter& out, const ConnectionCloseFrame& frame);
/// `ranges` ascending, as in RangeSet::Ranges(), not empty; the oldest are left out when they do
/// not fit or exceed kMaxAckRanges. ACK_ECN if there are counts to tell.
void EncodeAck(ByteWriter& out, std::span<const Range> ranges, Duration ackDelay,
               const std::optional<EcnCounts>& ecn = {});

/// Bytes of type, stream id, offset and length in front of `dataLength` bytes of stream data.
std::size_t StreamHeaderLength(StreamId stream, std::uint64_t offset, std::size_t dataLength);
/// Writes the front of a STREAM frame whose `dataLength` bytes follow.
void EncodeStreamHeader(ByteWriter& out, StreamId stream, std::uint64_t offset,
                        std::size_t dataLength, bool fin);

/// Bytes of type and length in front of a datagram of `dataLength` bytes.
std::size_t DatagramHeaderLength(std::size_t dataLength);
/// Writes the front of a DATAGRAM frame whose `dataLength` bytes follow.
void EncodeDatagramHeader(ByteWriter& out, std::size_t dataLength);

/// Bytes of everything in front of the symbol of a REPAIR.
std::size_t RepairHeaderLength(const RepairFrame& frame);
/// Writes the front of a REPAIR frame, whose `SymbolLength()` bytes follow; `data` is not looked
/// at.
void EncodeRepairHeader(ByteWriter& out, const RepairFrame& frame);

/// No control frame (all but STREAM, DATAGRAM, REPAIR, ACK, CONNECTION_CLOSE and PADDING) takes
/// more than this: a type byte and three varints.
inline constexpr std::size_t kMaxControlFrameLength = 1 + 3 * 8;
/// An ACK with one range: type, largest, delay, count and first range at their longest.
inline constexpr std::size_t kMaxAckHeadLength = 1 + 4 * 8;
/// The same with three counts.
inline constexpr std::size_t kMaxAckEcnHeadLength = kMaxAckHeadLength + 3 * 8;
/// PATH_CHALLENGE and PATH_RESPONSE: type and 64 bits.
inline constexpr std::size_t kPathFrameLength = 1 + 8;

}  // namespace crsp
