// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/original/server.h"

#include <algorithm>
#include <utility>

namespace crsp::original {

Server::Server(std::vector<Entry> entries) : m_entries(std::move(entries)) {
    for (const Entry& entry : m_entries) m_names += entry.name + '\n';
}

Expected<void, std::string> Server::OnMessage(TimePoint now, std::size_t, const SocketAddress& from,
                                              const Message& message) {
    switch (message.type) {
        case MessageType::kList:
            m_listing = {MessageType::kListing, from, &m_names, 0, false, now};
            SendDue(now, m_listing);
            return {};
        case MessageType::kRender:
            return Render(now, from, message);
        case MessageType::kPause:
        case MessageType::kResume:
        case MessageType::kRestart:
            return Control(now, from, message);
        case MessageType::kExit:
            m_finished = true;
            return {};
        default:
            return Unwanted(message);
    }
}

Expected<void, std::string> Server::Render(TimePoint now, const SocketAddress& from,
                                           const Message& message) {
    const auto entry =
        std::find_if(m_entries.begin(), m_entries.end(),
                     [&](const Entry& candidate) { return candidate.name == message.payload; });
    if (entry == m_entries.end()) return Fail(std::string("no entry has the name asked for"));
    m_contents = {MessageType::kContents, from, &entry->bytes, 0, false, now};
    SendDue(now, m_contents);
    return {};
}

Expected<void, std::string> Server::Control(TimePoint now, const SocketAddress& from,
                                            const Message& message) {
    if (!m_contents || m_contents->to != from) return Unwanted(message);
    MessageType answer = MessageType::kPaused;
    if (message.type == MessageType::kPause) {
        m_contents->paused = true;
    } else if (message.type == MessageType::kResume) {
        answer = MessageType::kResumed;
        if (m_contents->paused && m_contents->next) m_contents->next = now;
        m_contents->paused = false;
    } else {
        answer = MessageType::kRestarted;
        m_contents->offset = 0;
        m_contents->paused = false;
        m_contents->next = now;
    }
    Send(0, from, {answer, false, {}});
    SendDue(now, m_contents);
    return {};
}

void Server::OnTimeout(TimePoint now) {
    SendDue(now, m_listing);
    SendDue(now, m_contents);
}

void Server::SendDue(TimePoint now, std::optional<Answer>& answer) {
    if (!answer || answer->paused || !answer->next || *answer->next > now) return;
    const std::string portion = answer->bytes->substr(answer->offset, kMaxPayload);
    answer->offset += portion.size();
    const bool more = answer->offset < answer->bytes->size();
    Send(0, answer->to, {answer->type, more, portion});
    answer->next.reset();
    if (more) answer->next = now + kPortionInterval;
}

std::optional<TimePoint> Server::NextTimeout() const {
    std::optional<TimePoint> next;
    for (const auto* answer : {&m_listing, &m_contents}) {
        if (!*answer || (*answer)->paused || !(*answer)->next) continue;
        next = std::min(next.value_or(TimePoint::max()), *(*answer)->next);
    }
    return next;
}

}  // namespace crsp::original
