// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/base/range-set.h"
#include "model/base/ring-queue.h"
#include "model/base/time.h"
#include "model/stream/send-buffer.h"
#include "model/wire/packet-builder.h"
#include "model/wire/sent-frame.h"

namespace crsp {

/// Times that a message is repeated because no ACK came, before any loss is declared, at most.
inline constexpr std::uint8_t kMaxEarlyRepeats = 3;
/// One early repeat for so many messages, and so many at once, are allowed in the long run: more
/// says that the round trip has grown, not that messages are lost.
inline constexpr std::uint32_t kMessagesPerEarlyRepeat = 2;
inline constexpr std::uint32_t kMaxEarlyRepeatBurst = 8;

/// Messages of one deadline stream that are neither acknowledged nor given up, at most.
inline constexpr std::size_t kMaxMessages = 4096;

/// The messages of a deadline stream on their way, and the ranges given up that the peer has not
/// confirmed (CRSP §5.8).
///
/// Deadlines never decrease along a stream, so what is late is always a front part of it.
class MessageLog {
  public:
    bool Full() const { return m_live.Size() + m_late.size() >= kMaxMessages; }
    /// `range` continues the stream. A deadline before that of the message before counts as that.
    void Add(Range range, TimePoint deadline);
    /// When DropLate or RepeatOverdue may have something to do.
    std::optional<TimePoint> NextTimeout() const;
    /// `range` of one message is on its way, and its ACK expected by `ackDue`.
    void OnSent(Range range, TimePoint ackDue);
    /// Has messages repeated whose ACK is overdue though their deadline allows for it: waiting for
    /// proof that they are lost would take too long (CRSP §5.8).
    void RepeatOverdue(TimePoint now, SendBuffer& buffer);
    /// Forgets messages that have been acknowledged from the front on.
    void OnAcked(const SendBuffer& buffer);
    /// Gives up what is not acknowledged of messages whose deadline has come; returns how many
    /// bytes that were.
    std::uint64_t DropLate(TimePoint now, SendBuffer& buffer);
    /// Where the last message given up ends.
    std::uint64_t LateEnd() const { return m_lateEnd; }
    /// The sender has moved on over `range`, which is late and was never sent.
    void OnSkipped(Range range);

    /// Whether a range that begins before `sentOffset` has to be told.
    bool HasSkip(std::uint64_t sentOffset) const;
    /// Tells them; false if something did not fit.
    bool WriteSkips(StreamId stream, std::uint64_t sentOffset, PacketBuilder& out);
    void OnFrameAcked(const SentDataSkipped& sent);
    void OnFrameLost(const SentDataSkipped& sent);
    /// The peer knows of all that was given up.
    bool Settled() const { return m_late.empty(); }
    /// Nothing will be sent any more.
    void Clear();

  private:
    struct Message {
        Range range;
        TimePoint deadline{};
        TimePoint repeatAt = TimePoint::max();
        std::uint8_t repeats = 0;
    };
    struct Late {
        Range range;
        bool due = true;
    };

    void AddLate(Range range, std::uint64_t sentOffset);

    Message* Find(std::uint64_t offset);
    bool MayRepeat(const Message& message, const SendBuffer& buffer) const;

    RingQueue<Message> m_live;
    std::vector<Late> m_late;
    TimePoint m_nextRepeat = TimePoint::max();  ///< not after any in m_live
    std::uint32_t m_allowance = kMaxEarlyRepeatBurst * kMessagesPerEarlyRepeat;
    TimePoint m_lastDeadline{};
    std::uint64_t m_lateEnd = 0;
};

}  // namespace crsp
