// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/base/bytes.h"
#include "model/base/range-set.h"
#include "model/stream/byte-ring.h"

namespace crsp {

/// Islands of out-of-order bytes held for one stream. A frame that would make another one is
/// refused: it is not acknowledged, so an honest sender repeats it, and a hostile one gains
/// nothing.
inline constexpr std::size_t kMaxReceiveGaps = 4096;

/// Puts the bytes of a stream back into order (CRSP §5.2).
///
/// Memory is one ring of at most the receive window, whatever the shape of the frames. Of bytes
/// that come twice the first version stays.
class ReceiveBuffer {
  public:
    /// `window`: how far beyond the read offset the peer has credit, in bytes.
    explicit ReceiveBuffer(std::size_t window) : m_ring(window) {}

    /// Whether Insert of `range` would pass kMaxReceiveGaps. Bytes that continue what is readable
    /// are never refused, so a reader always gets on.
    bool Refuses(Range range) const;
    /// Stores what is new of `data` and returns how many bytes that were. The caller has checked
    /// the credit, and Refuses().
    std::size_t Insert(std::uint64_t offset, ConstByteSpan data);
    /// Whether Skip of `range` would take too much memory.
    bool RefusesSkip(Range range) const;
    /// `range` will not come, unless all of it is here: what is here of it is dropped.
    void Skip(Range range);
    /// Moves on over what was skipped in front, and says what that was.
    Range PassSkipped();
    /// Copies bytes in order, up to what was skipped, and moves on.
    std::size_t Read(ByteSpan out);
    /// For readers that take bytes as they arrive: the first range that was skipped and not told
    /// yet, whole; it may hold bytes taken before. Read and PassSkipped must not be used as well.
    Range TakeSkipped();
    /// Copies the first bytes not yet taken, wherever they stand, and returns which those are. To
    /// be called once TakeSkipped has nothing.
    Range Take(ByteSpan out);
    /// Whether Take or TakeSkipped has something.
    bool HasUntaken() const;
    /// Forgets all bytes and gives the memory back.
    void Release();
    /// Gives memory back that holds nothing.
    void Rest() {
        if (m_arrived.Empty()) Release();
    }

    /// How many bytes could be read or passed over.
    std::uint64_t Readable() const;
    std::uint64_t ReadOffset() const { return m_readOffset; }
    /// Behind everything that has arrived so far.
    std::uint64_t ArrivedEnd() const {
        return m_arrived.Empty() ? m_readOffset : m_arrived.Back().end;
    }
    /// Everything before `finalSize` has arrived.
    bool CompleteTo(std::uint64_t finalSize) const;
    std::size_t Capacity() const { return m_ring.Capacity(); }

  private:
    void MarkTaken(Range range);
    std::uint64_t InOrderEnd() const { return m_readOffset + Readable(); }

    ByteRing m_ring;
    RangeSet m_arrived;  ///< from m_readOffset on
    RangeSet m_skipped;  ///< of these, what will never come
    RangeSet m_taken;    ///< of these, what a reader without order has seen
    std::uint64_t m_readOffset = 0;
};

}  // namespace crsp
