// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/base/time.h"

namespace crsp {

/// Lines of one kind in the log in a minute: whoever makes a node talk cannot fill its disk.
inline constexpr std::uint64_t kLinesPerMinute = 20;

/// Counts the lines of one kind.
class LineLimit {
  public:
    /// Whether one more may be written; else it counts as held back.
    bool Take(TimePoint now);
    /// When it is time to say how many were held back; nothing if none were.
    std::optional<TimePoint> DueAt() const;
    /// How many were held back if that is due, once; else 0.
    std::uint64_t TakeHeldBack(TimePoint now);

  private:
    TimePoint m_begin{};
    std::uint64_t m_lines = 0;
};

}  // namespace crsp
