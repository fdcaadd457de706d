// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "model/base/bytes.h"
#include "model/base/range-set.h"
#include "model/base/time.h"
#include "model/wire/types.h"

namespace crsp {

/// Frame types (CRSP §7): the numbers and layouts of RFC 9000 §19 where it has the frame.
enum class FrameType : std::uint64_t {
    kPadding = 0x00,
    kPing = 0x01,
    kAck = 0x02,
    kResetStream = 0x04,
    kStopSending = 0x05,
    kStream = 0x08,  ///< to 0x0f: bits OFF 0x04, LEN 0x02, FIN 0x01
    kMaxData = 0x10,
    kMaxStreamData = 0x11,
    kMaxStreamsBidirectional = 0x12,
    kMaxStreamsUnidirectional = 0x13,
    kDataBlocked = 0x14,
    kStreamDataBlocked = 0x15,
    kPathChallenge = 0x1a,
    kPathResponse = 0x1b,
    kConnectionClose = 0x1c,
    kApplicationClose = 0x1d,
    kImmediateAck = 0x1f,  ///< as in draft-ietf-quic-ack-frequency §5
    kDataSkipped = 0x20,   ///< ours: what a deadline stream gives up (CRSP §5.8)
    kRepair = 0x21,        ///< ours: forward error correction (CRSP §5.9), as is the next
    kDataRecovered = 0x22,
    kDatagram = 0x30,  ///< up to the end of the packet (RFC 9221 §4)
    kDatagramWithLength = 0x31,
};

/// An ACK carries at most this many ranges; a frame with more is a FRAME_ENCODING_ERROR. Enough to
/// report what 10 % loss leaves of 2,500 packets.
inline constexpr std::size_t kMaxAckRanges = 256;
/// Longest reason in a close frame, bytes; longer ones are cut when sent, refused when received.
inline constexpr std::size_t kMaxReasonLength = 256;

/// Blocks that one REPAIR covers, at most.
inline constexpr std::size_t kMaxRepairBlocks = 4;
/// Symbols in one block of a REPAIR, at most.
inline constexpr std::uint64_t kMaxBlockSymbols = 16;
/// Numbers of symbols and of repair symbols count up to these and begin anew. Together they are
/// 256, so that all coefficients of a Cauchy matrix can be told from two bytes.
inline constexpr std::uint8_t kRepairSymbolNumbers = 192;
inline constexpr std::uint8_t kRepairNumbers = 64;
/// Longest repair symbol of all, bytes; a receiver's transport parameter may say less.
inline constexpr std::size_t kMaxRepairSymbol = 1200;

struct PaddingFrame {
    std::size_t count = 1;  ///< consecutive padding bytes, read and written as one
};

struct PingFrame {};

/// Acknowledged packet numbers, newest range first. After decoding, `encoded` views the validated
/// ranges in the packet, so that no frame allocates.
struct AckFrame {
    PacketNumber largest = 0;
    Duration ackDelay{};           ///< carried in microseconds (CRSP §6.1)
    std::uint64_t firstRange = 0;  ///< packets before `largest` in the first range
    std::uint64_t rangeCount = 0;  ///< further ranges
    ConstByteSpan encoded;         ///< `rangeCount` pairs of (gap, length) varints

    /// Calls `visit(Range)` for each range, from the largest down.
    template <class Visitor>
    void ForEachRange(Visitor visit) const {
        Range range{largest - firstRange, largest + 1};
        visit(range);
        ByteReader in(encoded);
        for (std::uint64_t i = 0; i < rangeCount; ++i) {
            const std::uint64_t end = range.begin - *in.Varint() - 1;
            range = {end - *in.Varint() - 1, end};
            visit(range);
        }
    }
};

struct ResetStreamFrame {
    StreamId stream = 0;
    std::uint64_t applicationCode = 0;
    std::uint64_t finalSize = 0;
};

struct StopSendingFrame {
    StreamId stream = 0;
    std::uint64_t applicationCode = 0;
};

struct StreamFrame {
    StreamId stream = 0;
    std::uint64_t offset = 0;
    ConstByteSpan data;
    bool fin = false;
};

/// An unreliable datagram (RFC 9221).
struct DatagramFrame {
    ConstByteSpan data;
};

struct MaxDataFrame {
    std::uint64_t maximum = 0;
};

struct MaxStreamDataFrame {
    StreamId stream = 0;
    std::uint64_t maximum = 0;
};

struct MaxStreamsFrame {
    StreamDirection direction = StreamDirection::kBidirectional;
    std::uint64_t maximum = 0;
};

struct DataBlockedFrame {
    std::uint64_t limit = 0;
};

struct StreamDataBlockedFrame {
    StreamId stream = 0;
    std::uint64_t limit = 0;
};

/// Asks whoever receives packets at an address to prove that it does (CRSP §3.8). `data` is
/// unpredictable.
struct PathChallengeFrame {
    std::uint64_t data = 0;
};

/// Echoes the `data` of a challenge.
struct PathResponseFrame {
    std::uint64_t data = 0;
};

/// The sender of a stream will not send, or send again, the bytes from `begin` to before `end`.
struct DataSkippedFrame {
    StreamId stream = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Asks for an ACK at once (CRSP §6.1).
struct ImmediateAckFrame {};

/// Bytes of a stream cut into symbols of equal size, the last of which may be shorter.
struct RepairBlock {
    std::uint64_t length = 0;      ///< bytes
    std::uint64_t symbolSize = 0;  ///< bytes, at most kMaxRepairSymbol

    std::uint64_t Symbols() const { return (length + symbolSize - 1) / symbolSize; }
};

/// A linear combination of the symbols of consecutive blocks (CRSP §5.9).
struct RepairFrame {
    StreamId stream = 0;
    std::uint64_t begin = 0;       ///< offset of the first block
    std::uint8_t number = 0;       ///< of this repair symbol: chooses the coefficients
    std::uint8_t firstSymbol = 0;  ///< number of the first symbol covered: the same
    std::size_t blockCount = 0;    ///< at least 1
    std::array<RepairBlock, kMaxRepairBlocks> blocks{};
    ConstByteSpan data;  ///< as long as the longest symbol covered

    std::span<const RepairBlock> Blocks() const { return std::span(blocks).first(blockCount); }
    std::uint64_t End() const {
        std::uint64_t end = begin;
        for (const RepairBlock& block : Blocks()) end += block.length;
        return end;
    }
    std::size_t SymbolLength() const {
        std::uint64_t longest = 0;
        for (const auto& block : Blocks()) {
            longest = std::max(longest, std::min(block.length, block.symbolSize));
        }
        return static_cast<std::size_t>(longest);
    }
};

/// The receiver of a stream has made the bytes from `begin` to before `end` from repair symbols:
/// they need not be repeated.
struct DataRecoveredFrame {
    StreamId stream = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Ends the connection; `application` says whether `code` is ours or the application's.
struct ConnectionCloseFrame {
    bool application = false;
    std::uint64_t code = 0;
    std::string_view reason;  ///< views the packet after decoding; untrusted text
};

using Frame =
    std::variant<PaddingFrame, PingFrame, AckFrame, ResetStreamFrame, StopSendingFrame, StreamFrame,
                 DatagramFrame, MaxDataFrame, MaxStreamDataFrame, MaxStreamsFrame, DataBlockedFrame,
                 StreamDataBlockedFrame, PathChallengeFrame, PathResponseFrame, DataSkippedFrame,
                 ImmediateAckFrame, RepairFrame, DataRecoveredFrame, ConnectionCloseFrame>;

/// The qlog name, as in `stream` or `max_data`.
std::string_view FrameName(const Frame& frame);

/// False for PADDING, ACK and CONNECTION_CLOSE: those alone ask for no acknowledgement
/// (RFC 9002 §2).
bool IsAckEliciting(const Frame& frame);

/// True for PATH_CHALLENGE, PATH_RESPONSE and PADDING: a packet of those alone says nothing about
/// where its sender wants to be reached (RFC 9000 §9.1).
bool IsProbing(const Frame& frame);

}  // namespace crsp
