// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/connection/endpoint.h"
#include "model/media/render-clock.h"
#include "model/media/sink.h"

namespace crsp {

/// After a sink took less than it was offered, it is offered the rest this much later.
inline constexpr Duration kSinkRetryInterval = milliseconds(10);

/// Moves the bytes of one contents stream to the sink, portion by portion, on the timetable. Holds
/// one portion at most; what it does not read, the transport's credit keeps at the server.
class Player {
  public:
    /// `portion` > 0. `sink` must outlive the player.
    Player(std::size_t portion, std::uint64_t rate, Sink& sink);

    /// A contents stream of which CONTENTS has been read.
    struct Source {
        ConnectionHandle connection = 0;
        StreamId stream = 0;
        bool finished = false;  ///< its end has been read too
    };
    /// Takes over `source`. The error is the sink's.
    Expected<void, MediaErrorCode> Begin(TimePoint now, const Source& source, Generation generation,
                                         const ContentInfo& info);
    bool Begun() const { return m_begun; }
    /// Whether its source still has to give something.
    bool NeedsSource() const { return m_begun && !m_source.finished; }
    /// Goes on with `source`, whose bytes begin at SourcePosition(), in place of one that is lost.
    void Continue(const Source& source);
    /// Bytes into the entry that the source has given; the sink may be behind it by a portion.
    std::uint64_t SourcePosition() const { return m_position + (m_held - m_taken); }
    bool Owns(ConnectionHandle connection, StreamId stream) const;

    enum class Outcome : std::uint8_t {
        kWaiting,    ///< for the timetable or the sink; see NextTimeout
        kStarved,    ///< for the stream
        kCompleted,  ///< the last byte was taken
    };
    struct Advanced {
        Outcome outcome = Outcome::kWaiting;
        bool rendered = false;  ///< the sink took bytes
    };
    /// Renders what is due. kSinkFailed; or kReadFailed if the stream is shorter or longer than
    /// CONTENTS said.
    Expected<Advanced, MediaErrorCode> Advance(TimePoint now, Endpoint& endpoint);
    /// Stops and restarts the timetable; what was due in a while is due that while after Resume.
    /// The caller does not call Advance in between.
    void Pause(TimePoint now);
    void Resume(TimePoint now);
    /// Ends the generation at the sink, whose error it returns, and stops the stream if it is not
    /// complete. Does nothing if no generation is begun.
    Expected<void, MediaErrorCode> End(TimePoint now, Endpoint& endpoint, bool complete);

    /// When Advance has something to do, unless the stream wakes it earlier.
    std::optional<TimePoint> NextTimeout() const;
    /// Bytes into the entry.
    std::uint64_t Position() const { return m_position; }
    /// Bytes of this generation.
    std::uint64_t Rendered() const { return m_position - m_info.offset; }
    const ContentInfo& Info() const { return m_info; }
    /// The latest one begun; 0 before the first.
    Generation LatestGeneration() const { return m_generation; }

  private:
    enum class Step : std::uint8_t { kAgain, kWait, kStarve, kComplete };

    Expected<Step, MediaErrorCode> Fill(TimePoint now, Endpoint& endpoint);
    Expected<Step, MediaErrorCode> Feed(TimePoint now);

    Sink& m_sink;
    RenderClock m_clock;
    std::vector<std::byte> m_portion;
    std::size_t m_held = 0;   ///< bytes of m_portion in use...
    std::size_t m_taken = 0;  ///< ...of which the sink has taken so many
    bool m_drained = false;   ///< the stream has given all that it had in this turn
    bool m_begun = false;
    bool m_starved = false;
    Source m_source;
    Generation m_generation = 0;
    ContentInfo m_info;
    std::uint64_t m_position = 0;
    std::optional<TimePoint> m_retryAt;
    Duration m_owed{};  ///< from Pause to the next due byte
};

}  // namespace crsp
