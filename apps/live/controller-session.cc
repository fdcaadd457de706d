// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/controller-session.h"

#include <algorithm>
#include <utility>

#include "apps/live/controller-report.h"

namespace crsp {

OneCommand::OneCommand(LiveNode& node, ControllerRole& role, Order order,
                       ControllerListener listener)
    : m_node(node), m_role(role), m_order(std::move(order)), m_listener(std::move(listener)) {
    m_node.SetAfterTurn([this] { AfterTurn(); });
}

void OneCommand::Begin() {
    if (m_order.verb == Verb::kPlay) {
        m_role.Play(m_node.Now(), m_order.argument, m_order.offset);
    } else {
        m_role.Issue(m_node.Now(), m_order.verb, m_order.argument);
    }
    m_node.Pump();
}

void OneCommand::AfterTurn() {
    if (m_leaving) {
        if (m_role.Closed()) m_node.Shutdown();
        return;
    }
    while (const auto result = m_role.PollResult()) Take(*result);
    while (const auto notification = m_role.PollNotification()) Take(*notification);
    // Without the renderer no notification will ever come, whether the server lives or not.
    if (m_awaited && m_role.RendererGone()) {
        m_code = ExitCode::kUnavailable;
        m_rendererLost = true;
        Leave();
    }
}

void OneCommand::Take(const CommandResult& result) {
    m_listener.onResult(result);
    m_code = ExitCodeOf(result);
    // An answer that is missing because nobody was there is no timeout of theirs.
    if (m_code == ExitCode::kTimeout && !m_role.Connected()) m_code = ExitCode::kUnavailable;
    if (result.Ok() && m_order.waitForEnd) {
        m_awaited = result.generation;
    } else {
        Leave();
    }
}

void OneCommand::Take(const Notification& notification) {
    if (!m_awaited || notification.generation < *m_awaited) return;
    m_listener.onNotification(notification);
    if (notification.kind != Notification::Kind::kEnded) return;
    // A restart, by whomever, is the same rendering begun anew: wait for its end instead.
    if (notification.reason == EndReason::kReplaced) {
        m_awaited = notification.generation + 1;
        return;
    }
    m_code = ExitCodeOf(notification);
    m_awaited.reset();
    Leave();
}

void OneCommand::Leave() {
    if (m_leaving) return;
    m_leaving = true;
    if (!m_role.Connected()) return m_node.Shutdown();
    m_role.Exit(m_node.Now());
    m_node.Pump();
}

ScriptFollower::ScriptFollower(LiveNode& node, const ScriptedController& role,
                               ControllerListener listener)
    : m_node(node), m_role(role), m_listener(std::move(listener)) {
    m_node.SetAfterTurn([this] { AfterTurn(); });
    AfterTurn();
}

void ScriptFollower::AfterTurn() {
    for (; m_results < m_role.Results().size(); ++m_results) {
        m_listener.onResult(m_role.Results()[m_results]);
    }
    for (; m_notifications < m_role.Notifications().size(); ++m_notifications) {
        m_listener.onNotification(m_role.Notifications()[m_notifications]);
    }
    if (m_role.Finished()) m_node.Shutdown();
}

ExitCode ScriptFollower::Code() const {
    for (const auto& result : m_role.Results()) {
        if (!result.Ok()) return ExitCodeOf(result);
    }
    for (const auto& news : m_role.Notifications()) {
        const bool failed =
            news.kind == Notification::Kind::kEnded && news.reason == EndReason::kFailed;
        if (failed && Began(news.generation)) return ExitCode::kFailed;
    }
    if (m_role.TimedOut()) return ExitCode::kTimeout;
    if (RendererLost()) return ExitCode::kUnavailable;
    return m_role.Finished() ? ExitCode::kOk : ExitCode::kFailed;
}

bool ScriptFollower::RendererLost() const {
    return m_role.Finished() && !m_role.TimedOut() && m_role.EndMissing();
}

bool ScriptFollower::Began(Generation generation) const {
    const auto results = m_role.Results();
    return std::any_of(results.begin(), results.end(), [&](const CommandResult& result) {
        const bool begins = result.verb == Verb::kPlay || result.verb == Verb::kRestart;
        return begins && result.Ok() && result.generation == generation;
    });
}

}  // namespace crsp
