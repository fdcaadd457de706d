// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/base/time.h"

namespace crsp {

/// Asks whether losses that look like the path's own go when less is sent (CRSP §6.5).
///
/// A queue that is managed (PIE, CoDel, a policer) drops without delay, as a radio link does. Who
/// takes that for the path's and sends more to make up for it makes it drop more. So now and then
/// no more is sent than what arrives: what the path loses by itself stays then, what we caused
/// goes. Managers of queues take their time, hence the trial lasts as long as losses become fewer.
class FloorTrial {
  public:
    /// Parts per million: of so small a share nobody needs to be convinced.
    static constexpr std::uint64_t kLeastFloor = 20'000;
    /// Between the end of a trial and the next.
    static constexpr Duration kInterval = seconds(10);
    /// If much more is lost meanwhile than was proven.
    static constexpr Duration kShortInterval = seconds(3);

    /// At the start of a probing cycle. `share` is lost, and `floor` of it, which is made up for,
    /// is held for the path's; `arriving` bytes arrive in a second.
    void OnCycle(TimePoint now, std::uint64_t share, std::uint64_t floor, std::uint64_t arriving);
    /// Bytes that met their fate while no full queue can have been to blame.
    void Note(std::uint64_t acked, std::uint64_t lost) {
        m_acked += acked;
        m_lost += lost;
    }
    /// The application, and not the path, says what arrives: nothing can be learned.
    void Abandon(TimePoint now);
    /// The share that stayed, in parts per million, when the trial is over. Ends without one where
    /// too little is noted, as the queue is never far from full.
    std::optional<std::uint64_t> OnAcked(TimePoint now, std::uint64_t bytes, Duration roundTrip,
                                         std::uint64_t datagramSize);

    bool Running() const { return m_running; }
    /// What is sent meanwhile of `rate`.
    std::uint64_t Slowed(std::uint64_t rate) const {
        return m_running ? std::min(rate, m_arriving) : rate;
    }

  private:
    void BeginPart(TimePoint now);
    void End(TimePoint now);

    bool m_running = false;
    bool m_abandoned = false;
    std::optional<TimePoint> m_endedAt;
    std::uint64_t m_arriving = 0;  ///< bytes per second, before this part
    std::uint64_t m_arrived = 0;   ///< bytes, in this part
    std::uint64_t m_share = 0;     ///< of the part before this one
    int m_part = 0;
    TimePoint m_partStart{};
    std::uint64_t m_acked = 0;  ///< in this part
    std::uint64_t m_lost = 0;
};

}  // namespace crsp
