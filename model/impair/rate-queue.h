// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/base/time.h"
#include "model/impair/impairment-config.h"

namespace crsp {

/// The rate as a function of the time since the link's origin.
class RateSchedule {
  public:
    /// `config.bitsPerSecond` must be set and the whole must pass Validate.
    explicit RateSchedule(const RateConfig& config);

    struct Segment {
        std::uint64_t bitsPerSecond;
        Duration end;  ///< Duration::max() if it never ends
    };
    Segment At(Duration time) const;
    /// When the last of `bits` that start at `start` has left, rounded up to a nanosecond.
    Duration Finish(Duration start, std::uint64_t bits) const;

  private:
    std::uint64_t m_base;
    std::vector<RateStep> m_steps;
    Duration m_period;
};

/// Departure times from a serialiser with a drop-tail queue, on a virtual clock: one addition per
/// packet, no timers. See RateConfig for what the limits count.
class RateQueue {
  public:
    RateQueue(const RateConfig& config, TimePoint origin);

    struct Backlog {
        std::uint64_t bytes = 0;    ///< waiting, with overhead; not the one being serialised
        std::uint64_t packets = 0;  ///< waiting
        Duration delay{0};          ///< until a packet offered now would begin to leave
    };
    Backlog At(TimePoint now);

    struct Departure {
        TimePoint at;       ///< the last bit has left
        Duration queueing;  ///< from the offer to the first bit
    };
    /// Nothing if the packet has to wait and a limit is reached. `now` never decreases.
    std::optional<Departure> Offer(TimePoint now, std::size_t bytes);

  private:
    struct Waiting {
        TimePoint begins;
        std::uint64_t bytes;
    };

    TimePoint Finish(TimePoint begins, std::uint64_t bytes) const;
    bool Fits(TimePoint now, std::uint64_t bytes) const;
    void Push(Waiting entry);
    void DropBegun(TimePoint now);

    std::optional<RateSchedule> m_schedule;
    TimePoint m_origin;
    std::uint64_t m_maxBytes;
    std::uint64_t m_maxPackets;
    Duration m_maxTime;
    std::uint32_t m_overhead;

    TimePoint m_busyUntil;
    std::uint64_t m_bytes = 0;
    std::vector<Waiting>
        m_ring;  ///< grows by doubling and stays, so steady state allocates nothing
    std::size_t m_head = 0;
    std::size_t m_count = 0;
};

}  // namespace crsp
