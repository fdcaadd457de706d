// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/base/time.h"

namespace crsp {

/// Lines of one kind in the log in a minute: whoever makes a node talk cannot fill its disk.
inline constexpr std::uint64_t kLinesPerMinute = 20;

/// Counts the lines of one kind.
class LineLimit {
  public:
    explicit LineLimit(std::uint64_t perMinute = kLinesPerMinute) : m_perMinute(perMinute) {}

    /// Whether one more may be written; else it counts as held back.
    bool Take(TimePoint now);
    /// When it is time to say how many were held back; nothing if none were.
    std::optional<TimePoint> DueAt() const;
    /// How many were held back if that is due, once; else 0.
    std::uint64_t TakeHeldBack(TimePoint now);

  private:
    std::uint64_t m_perMinute;
    TimePoint m_begin{};
    std::uint64_t m_lines = 0;
};

/// The earlier of two times of which either may be missing.
std::optional<TimePoint> Earlier(std::optional<TimePoint> a, std::optional<TimePoint> b);

/// Writes the lines of one kind, and how many were held back as one more.
class LimitedLines {
  public:
    using Line = std::function<void(const std::string&)>;

    /// `what` are these lines about, as in `and 5 more connections in that minute`, which goes to
    /// `rest`.
    LimitedLines(std::string_view what, Line line, Line rest, LineLimit limit)
        : m_what(what), m_line(std::move(line)), m_rest(std::move(rest)), m_limit(limit) {}
    LimitedLines(std::string_view what, const Line& line)
        : LimitedLines(what, line, line, LineLimit()) {}

    void Say(TimePoint now, const std::string& line);
    /// Says how many were held back, if that is due.
    void SayHeldBack(TimePoint now);
    /// When there is something for SayHeldBack to say; nothing if there is not.
    std::optional<TimePoint> DueAt() const { return m_limit.DueAt(); }

  private:
    std::string_view m_what;
    Line m_line;
    Line m_rest;
    LineLimit m_limit;
};

}  // namespace crsp
