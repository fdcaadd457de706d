// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "apps/live/line-limit.h"
#include "model/host/role.h"

namespace crsp {

/// Results of renderings in a minute: programs read them, so that there are more than of what
/// people read.
inline constexpr std::uint64_t kResultsPerMinute = 600;

/// Stands between driver and the role of a renderer, passes everything on, and says what becomes of
/// renderings. However many a controller commands, no kind has more than kLinesPerMinute or
/// kResultsPerMinute lines; how many were left out is one more, a warning.
class RenderingLog final : public Role {
  public:
    using Line = LimitedLines::Line;

    /// `role` must outlive this. `result` writes what a rendering has come to, `warning` all else.
    RenderingLog(Role& role, Line result, const Line& warning)
        : m_role(role),
          m_ended("ended renderings", std::move(result), warning, LineLimit(kResultsPerMinute)),
          m_failed("failed renderings", warning),
          m_unanswered("renderings that nobody served", warning) {}

    void SayEnded(TimePoint now, const std::string& line) { m_ended.Say(now, line); }
    void SayFailed(TimePoint now, const std::string& line) { m_failed.Say(now, line); }
    /// Why a server has not answered, as far as we can tell.
    void SayUnanswered(TimePoint now, const std::string& line) { m_unanswered.Say(now, line); }
    /// When there is nothing to come any more: what would have been said in time.
    void Finish() { SayHeldBack(TimePoint::max()); }

    void OnStart(TimePoint now, Endpoint& endpoint) override { m_role.OnStart(now, endpoint); }
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        m_role.OnEvent(now, event, endpoint);
    }
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override {
        m_role.OnShutdown(now, endpoint);
    }

  private:
    void SayHeldBack(TimePoint now);

    Role& m_role;
    LimitedLines m_ended;
    LimitedLines m_failed;
    LimitedLines m_unanswered;
};

}  // namespace crsp
