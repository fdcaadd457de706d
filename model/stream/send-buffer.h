// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/base/bytes.h"
#include "model/base/range-set.h"
#include "model/stream/byte-ring.h"

namespace crsp {

/// What to put into the next STREAM frame of a stream.
struct SendChunk {
    Range range;
    bool fin = false;
    bool repeat = false;  ///< all of it has been sent before
};

/// The sending half of a stream as bytes: everything from the first byte not acknowledged to the
/// last one written, and what of it has to go out next (CRSP §5.2).
///
/// Two range sets tell the fate of what was sent: acknowledged beyond the front, and lost. The rest
/// is in flight. Losing a range twice, or after it was acknowledged, is harmless, so a probe may
/// report frames lost that still are in flight (RFC 9002 §6.2.4).
class SendBuffer {
  public:
    /// Holds at most `limit` bytes, and never more than `maxLimit`, whatever SetLimit says.
    explicit SendBuffer(std::size_t limit, std::size_t maxLimit = 0)
        : m_ring(std::max(limit, maxLimit)), m_limit(limit) {}

    /// What it holds already stays if that is more.
    void SetLimit(std::size_t limit) { m_limit = std::min(limit, m_ring.Limit()); }

    /// Takes what fits and returns how many bytes that were.
    std::size_t Write(ConstByteSpan data);
    /// The stream ends with what has been written.
    void Finish();

    /// Whether a lost range, or a FIN that needs no new byte with it, is waiting. Neither needs
    /// credit.
    bool HasRepeat() const { return !m_lost.Empty() || (m_finDue && m_next == m_end); }
    /// Whether bytes never sent are waiting.
    bool HasNew() const { return m_next < m_end; }
    /// The lost range of the lowest offset, or the bare FIN.
    std::optional<SendChunk> NextRepeat() const;
    /// Up to `credit` bytes never sent.
    std::optional<SendChunk> NextNew(std::uint64_t credit) const;
    /// Copies bytes of a chunk, from `offset` on.
    void Fill(std::uint64_t offset, ByteSpan out) const { m_ring.Get(offset, out); }
    /// `range`, a front part of a chunk, is on its way.
    void OnSent(Range range, bool fin);
    void OnAcked(Range range, bool fin);
    void OnLost(Range range, bool fin);
    /// Whether all of `range`, which was written, is acknowledged or given up.
    bool Acked(Range range) const;
    /// What of `range` was sent is never sent again, and its memory free.
    void GiveUp(Range range);
    /// Moves on over `count` bytes written and never sent: they are given up.
    void SkipNew(std::uint64_t count);
    /// Forgets the bytes and gives the memory back; nothing will be sent any more.
    void Abandon();

    /// Bytes written that are neither acknowledged nor given up, and those between them.
    std::size_t Held() const { return static_cast<std::size_t>(m_end - m_front); }
    /// Bytes that a Write would take.
    std::size_t Free() const { return m_limit - std::min(m_limit, Held()); }
    std::size_t Limit() const { return m_limit; }
    std::uint64_t End() const { return m_end; }
    /// A writer waits for room.
    void NoteCutShort() { m_cutShort = true; }

    /// True once after a Write was cut short, when an eighth of the limit is free.
    bool TakeWritable();

    bool Finished() const { return m_finished; }
    /// Everything has gone out at least once, the end included.
    bool AllSent() const { return m_finished && m_next == m_end && m_finSent; }
    /// Gives memory back that holds nothing.
    void Rest();
    bool AllAcked() const { return m_finAcked && m_front == m_end; }
    /// Bytes sent at least once: the offset of the next new byte.
    std::uint64_t SentOffset() const { return m_next; }
    /// Everything before it is acknowledged or given up, and its memory free.
    std::uint64_t Front() const { return m_front; }
    /// Ranges acknowledged beyond Front().
    std::size_t IslandsAcked() const { return m_acked.Count(); }
    std::size_t Capacity() const { return m_ring.Capacity(); }

  private:
    void AddAcked(Range range);

    ByteRing m_ring;
    std::size_t m_limit;
    RangeSet m_acked;           ///< beyond m_front
    RangeSet m_lost;            ///< disjoint from m_acked
    std::uint64_t m_front = 0;  ///< everything before it is acknowledged
    std::uint64_t m_next = 0;   ///< nothing from here on has been sent
    std::uint64_t m_end = 0;    ///< written so far
    bool m_finished = false;
    bool m_finDue = false;
    bool m_finSent = false;
    bool m_finAcked = false;
    bool m_cutShort = false;
};

}  // namespace crsp
