// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/media/controller-role.h"
#include "model/media/script.h"

namespace crsp {

/// Notifications that a scripted controller keeps; later ones are dropped.
inline constexpr std::size_t kMaxScriptNotifications = 10'000;

struct ScriptedControllerConfig {
    ControllerConfig controller;
    Script script;
    /// Whether to wait, after the last answer, until what plays has ended.
    bool waitForEnd = true;
    /// After this long since the start it counts as finished whatever is missing.
    Duration limit = seconds(600);
};

/// A controller that does what a script says at the times it says; the same in a simulation and in
/// a real node. Steps do not wait for each other's answers.
class ScriptedController : public Role {
  public:
    explicit ScriptedController(ScriptedControllerConfig config);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// Nothing more will happen: every step is answered, and what was begun last has ended (or
    /// cannot be heard of any more, or `limit` has passed).
    bool Finished() const;
    /// Finished only because `limit` had passed.
    bool TimedOut() const { return m_timedOut; }
    /// The end of what was begun last is wanted and has not been heard of. Once Finished(), and not
    /// TimedOut(): it never will be, as the renderer has gone.
    bool EndMissing() const;
    /// In the order of answering; complete once Finished().
    std::span<const CommandResult> Results() const { return m_results; }
    std::span<const Notification> Notifications() const { return m_notifications; }
    const ControllerRole& Controller() const { return m_controller; }

  private:
    void Advance(TimePoint now);
    void Collect();
    /// Every step given so far is answered, and what was begun last has ended.
    bool AtRest() const;
    /// When the next step is to be given; nothing if there is none, or it waits for an end.
    std::optional<TimePoint> NextStepAt() const;

    ScriptedControllerConfig m_config;
    ControllerRole m_controller;
    TimePoint m_start;
    std::optional<TimePoint> m_restSince;  ///< until the next step is given
    std::size_t m_nextStep = 0;
    bool m_timedOut = false;
    std::vector<CommandResult> m_results;
    std::vector<Notification> m_notifications;
};

}  // namespace crsp
