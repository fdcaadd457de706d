// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/scripted-controller.h"

#include <algorithm>
#include <utility>

namespace crsp {

ScriptedController::ScriptedController(ScriptedControllerConfig config)
    : m_config(std::move(config)), m_controller(m_config.controller) {}

void ScriptedController::OnStart(TimePoint now, Endpoint& endpoint) {
    m_start = now;
    m_controller.OnStart(now, endpoint);
    Advance(now);
}

void ScriptedController::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    m_controller.OnEvent(now, event, endpoint);
    Advance(now);
}

void ScriptedController::OnTimeout(TimePoint now, Endpoint& endpoint) {
    m_controller.OnTimeout(now, endpoint);
    Advance(now);
}

void ScriptedController::OnShutdown(TimePoint now, Endpoint& endpoint) {
    m_controller.OnShutdown(now, endpoint);
}

std::optional<TimePoint> ScriptedController::NextTimeout() const {
    if (Finished()) return m_controller.NextTimeout();
    TimePoint next = m_start + m_config.limit;
    if (const auto inner = m_controller.NextTimeout()) next = std::min(next, *inner);
    if (const auto step = NextStepAt()) next = std::min(next, *step);
    return next;
}

std::optional<TimePoint> ScriptedController::NextStepAt() const {
    if (m_nextStep == m_config.script.size()) return std::nullopt;
    const ScriptStep& step = m_config.script[m_nextStep];
    if (!step.afterEnd) return m_start + step.at;
    if (!m_restSince) return std::nullopt;
    return *m_restSince + step.at;
}

void ScriptedController::Advance(TimePoint now) {
    Collect();
    if (!m_restSince && AtRest()) m_restSince = now;
    for (auto at = NextStepAt(); at && now >= *at; at = NextStepAt()) {
        const ScriptStep& step = m_config.script[m_nextStep++];
        m_restSince.reset();
        if (step.verb == Verb::kPlay) {
            m_controller.Play(now, step.argument, step.offset);
        } else {
            m_controller.Issue(now, step.verb);
        }
    }
    Collect();
    if (!Finished()) m_timedOut = now - m_start >= m_config.limit;
}

void ScriptedController::Collect() {
    while (auto result = m_controller.PollResult()) m_results.push_back(std::move(*result));
    while (auto notification = m_controller.PollNotification()) {
        if (m_notifications.size() >= kMaxScriptNotifications) continue;
        m_notifications.push_back(std::move(*notification));
    }
}

bool ScriptedController::EndMissing() const {
    if (!m_config.waitForEnd) return false;
    Generation begun = 0;
    for (const CommandResult& result : m_results) {
        const bool begins = result.verb == Verb::kPlay || result.verb == Verb::kRestart;
        if (begins && result.Ok()) begun = std::max(begun, result.generation);
    }
    if (begun == 0) return false;
    return std::none_of(m_notifications.begin(), m_notifications.end(), [&](const auto& n) {
        return n.kind == Notification::Kind::kEnded && n.generation >= begun;
    });
}

bool ScriptedController::AtRest() const {
    return m_controller.PendingCommands() == 0 && (!EndMissing() || m_controller.RendererGone());
}

bool ScriptedController::Finished() const {
    return m_timedOut || (m_nextStep == m_config.script.size() && AtRest());
}

}  // namespace crsp
