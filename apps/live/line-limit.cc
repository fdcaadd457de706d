// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/line-limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace crsp {
namespace {

constexpr Duration kMinute = seconds(60);

}  // namespace

bool LineLimit::Take(TimePoint now) {
    if (!DueAt() && (m_lines == 0 || now - m_begin >= kMinute)) {
        m_begin = now;
        m_lines = 0;
    }
    return ++m_lines <= m_perMinute;
}

std::optional<TimePoint> LineLimit::DueAt() const {
    return m_lines > m_perMinute ? std::optional(m_begin + kMinute) : std::nullopt;
}

std::uint64_t LineLimit::TakeHeldBack(TimePoint now) {
    const auto due = DueAt();
    if (!due || now < *due) return 0;
    return std::exchange(m_lines, 0) - m_perMinute;
}

std::optional<TimePoint> Earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

void LimitedLines::Say(TimePoint now, const std::string& line) {
    SayHeldBack(now);
    if (m_limit.Take(now)) m_line(line);
}

void LimitedLines::SayHeldBack(TimePoint now) {
    if (const auto count = m_limit.TakeHeldBack(now)) {
        m_rest(fmt::format("and {} more {} in that minute", count, m_what));
    }
}

}  // namespace crsp
