// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/base/time.h"

namespace crsp {

/// The timetable of a rendering: which byte is due when. Computed from one anchor, so that late
/// calls do not add up.
class RenderClock {
  public:
    /// `rate` in bytes per second; 0 makes everything due at once.
    explicit RenderClock(std::uint64_t rate) : m_rate(rate) {}

    bool Paced() const { return m_rate != 0; }
    /// From now on `position` is due at `now`: at the beginning, after a pause, after starving.
    void Anchor(TimePoint now, std::uint64_t position);
    /// When the byte at `position`, at or behind the anchor, is due.
    TimePoint DueAt(std::uint64_t position) const;

  private:
    std::uint64_t m_rate;
    TimePoint m_anchor;
    std::uint64_t m_position = 0;
};

}  // namespace crsp
