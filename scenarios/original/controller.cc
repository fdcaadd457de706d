// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/original/controller.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp::original {
namespace {

std::optional<MessageType> MessageOf(Verb verb) {
    switch (verb) {
        case Verb::kList:
            return MessageType::kList;
        case Verb::kPlay:
            return MessageType::kRender;
        case Verb::kPause:
            return MessageType::kPause;
        case Verb::kResume:
            return MessageType::kResume;
        case Verb::kRestart:
            return MessageType::kRestart;
        default:
            return std::nullopt;
    }
}

}  // namespace

bool HasVerb(Verb verb) {
    return MessageOf(verb).has_value();
}

void Controller::OnStart(TimePoint now) {
    m_start = now;
    m_quiet = now;
    OnTimeout(now);
}

void Controller::OnTimeout(TimePoint now) {
    if (m_finished) return;
    for (auto due = Due(); due && *due <= now; due = Due()) Give(now, m_config.script[m_next++]);
    EndIfDone(now);
}

/// When the next step is; none while it waits for an end, or behind the last.
std::optional<TimePoint> Controller::Due() const {
    if (m_next == m_config.script.size()) return std::nullopt;
    const ScriptStep& step = m_config.script[m_next];
    if (!step.afterEnd) return m_start + step.at;
    return m_quiet ? std::optional(*m_quiet + step.at) : std::nullopt;
}

void Controller::Give(TimePoint now, const ScriptStep& step) {
    const auto type = MessageOf(step.verb);
    CRSP_ASSERT(type);
    m_commands.push_back({step.verb, now, std::nullopt});
    m_quiet.reset();
    if (step.verb == Verb::kPlay) m_playing = true;
    if (step.verb == Verb::kList) m_listing.clear();
    const auto& to = step.verb == Verb::kList ? m_config.server : m_config.renderer;
    Send(0, to, {*type, false, step.argument.substr(0, kMaxPayload)});
}

Expected<void, std::string> Controller::OnMessage(TimePoint now, std::size_t,
                                                  const SocketAddress& from,
                                                  const Message& message) {
    const bool listing = message.type == MessageType::kListing;
    if (from != (listing ? m_config.server : m_config.renderer)) return Unwanted(message);
    const auto taken = listing ? OnListing(now, message) : OnAnswer(now, message);
    if (taken && Complete() && !m_quiet) m_quiet = now;
    if (taken) EndIfDone(now);
    return taken;
}

Expected<void, std::string> Controller::OnListing(TimePoint now, const Message& message) {
    if (m_listing.size() + message.payload.size() > kMaxListing) {
        return Fail(std::string("a listing beyond 64 KiB"));
    }
    m_listing += message.payload;
    if (!message.more) NoteAnswer(now, Verb::kList);
    return {};
}

Expected<void, std::string> Controller::OnAnswer(TimePoint now, const Message& message) {
    switch (message.type) {
        case MessageType::kBegun:
            NoteAnswer(now, Verb::kPlay);
            return {};
        case MessageType::kEnded:
            m_playing = false;
            return {};
        case MessageType::kPaused:
            NoteAnswer(now, Verb::kPause);
            return {};
        case MessageType::kResumed:
            NoteAnswer(now, Verb::kResume);
            return {};
        case MessageType::kRestarted:
            m_playing = true;
            NoteAnswer(now, Verb::kRestart);
            return {};
        default:
            return Unwanted(message);
    }
}

/// Answers do not say what they answer: the oldest of its kind.
void Controller::NoteAnswer(TimePoint now, Verb verb) {
    for (Command& command : m_commands) {
        if (command.verb != verb || command.answered) continue;
        command.answered = now;
        return;
    }
}

bool Controller::Complete() const {
    return !m_playing && std::all_of(m_commands.begin(), m_commands.end(),
                                     [](const Command& command) { return command.answered; });
}

void Controller::EndIfDone(TimePoint now) {
    const bool all = m_next == m_config.script.size() && Complete();
    if (m_finished || (!all && now < m_start + m_config.limit)) return;
    m_finished = true;
    if (!m_config.exit) return;
    Send(0, m_config.renderer, {MessageType::kExit, false, {}});
    Send(0, m_config.server, {MessageType::kExit, false, {}});
}

std::optional<TimePoint> Controller::NextTimeout() const {
    if (m_finished) return std::nullopt;
    return std::min(Due().value_or(TimePoint::max()), m_start + m_config.limit);
}

}  // namespace crsp::original
