// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/stream/stream-table.h"
#include "model/wire/types.h"

namespace crsp {

/// Streams that wait for their turn, each at most once; its memory is kept.
class StreamQueue {
  public:
    bool Empty() const { return m_ids.empty(); }
    StreamId Front() const { return m_ids.front(); }
    /// Puts the front one last.
    void Rotate();
    /// Makes `id` a member or not; `member` remembers which.
    void Set(StreamId id, bool wanted, bool& member);

  private:
    std::vector<StreamId> m_ids;
};

/// A StreamQueue for each urgency (RFC 9218 §4.1).
class UrgencyQueues {
  public:
    bool Empty() const { return m_waiting == 0; }
    StreamQueue& Level(Urgency urgency) { return m_levels[urgency]; }
    void Set(StreamId id, Urgency urgency, bool wanted, bool& member);

  private:
    std::array<StreamQueue, kUrgencies> m_levels;
    std::size_t m_waiting = 0;  ///< members of all levels
};

/// Who has what to send, kept up to date with each change of a stream, so that asking costs nothing
/// and no packet looks at idle streams.
class StreamScheduler {
  public:
    /// Takes the stream out of, or into, the queues it belongs to. Call after every change.
    void Update(Stream& stream);
    /// Takes the stream out of all queues.
    void Forget(Stream& stream);

    bool ControlStreamReady() const { return m_controlStreamReady; }
    StreamQueue& Control() { return m_control; }
    UrgencyQueues& Repeats() { return m_repeats; }
    UrgencyQueues& NewData() { return m_newData; }
    const StreamQueue& Control() const { return m_control; }
    const UrgencyQueues& Repeats() const { return m_repeats; }
    const UrgencyQueues& NewData() const { return m_newData; }

  private:
    StreamQueue m_control;    ///< RESET_STREAM, STOP_SENDING, MAX_STREAM_DATA, STREAM_DATA_BLOCKED
    UrgencyQueues m_repeats;  ///< lost bytes and bare FINs, which need no credit
    UrgencyQueues m_newData;  ///< new bytes within the stream's credit
    bool m_controlStreamReady = false;
};

}  // namespace crsp
