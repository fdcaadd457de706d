// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/base/range-set.h"
#include "model/base/ring-queue.h"
#include "model/stream/send-buffer.h"
#include "model/wire/frames.h"
#include "model/wire/packet-builder.h"
#include "model/wire/types.h"

namespace crsp {

/// A repair symbol covers the newest blocks sent, at most this many. With fewer, two losses close
/// to each other are not repaired; with more, one loss that cannot be repaired spoils what follows
/// for longer (DECISIONS.md has the figures).
inline constexpr std::size_t kRepairWindow = 3;
/// A short message is cut into so many symbols, each in a packet of its own.
inline constexpr std::uint64_t kSymbolsPerMessage = 4;
/// But not into shorter ones than this, bytes.
inline constexpr std::uint64_t kMinSymbolSize = 64;
/// Nor are symbols longer: with all in front they fit into a datagram of 1,200 bytes.
inline constexpr std::uint64_t kMaxSymbolSize = 1100;

/// The sending half of forward error correction for one deadline stream (CRSP §5.9): cuts messages
/// into symbols, and says when a repair symbol is due and what it covers.
///
/// Holds no bytes: what can still be missing at the peer is in the SendBuffer.
class RepairEncoder {
  public:
    /// `maxSymbol`: the longest that the peer takes, bytes.
    RepairEncoder(RepairOptions options, std::uint64_t maxSymbol);

    /// `message` continues the stream.
    void OnWritten(Range message);
    /// Where the symbol ends that holds `offset`, which is the next to be sent for the first time.
    std::uint64_t SymbolEnd(std::uint64_t offset) const;
    /// Everything before `sentOffset` has been sent once.
    void OnSent(std::uint64_t sentOffset);

    /// Whether a repair symbol is worth sending now: there is share left for it, and of what it
    /// covers something is not acknowledged, that is, not before `front`.
    bool Due(std::uint64_t front) const;
    /// Writes one and returns its length in bytes; nothing if it does not fit.
    std::size_t Write(StreamId stream, const SendBuffer& buffer, PacketBuilder& out);

  private:
    struct Block {
        Range range;
        std::uint64_t symbolSize = 0;
        std::uint8_t firstSymbol = 0;
    };

    RepairFrame Cover(std::uint64_t front) const;
    std::uint64_t LongestSymbol() const;

    std::uint64_t m_percent;
    std::uint64_t m_maxSymbol;
    RingQueue<Block> m_blocks;  ///< the window, and what has not been sent
    std::size_t m_window = 0;   ///< blocks at the front, all sent
    std::uint64_t m_share = 0;  ///< what repair symbols may use, hundredths of a byte
    std::uint8_t m_nextSymbol = 0;
    std::uint8_t m_nextRepair = 0;
};

}  // namespace crsp
