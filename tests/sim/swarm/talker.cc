// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/talker.h"

#include <algorithm>

#include "model/base/overloaded.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kMaxAttempts = 3;
constexpr Duration kRedialInterval = milliseconds(500);
constexpr std::uint64_t kHangUpCode = 7;

std::optional<TimePoint> Earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

}  // namespace

Talker::Talker(const std::vector<DialoguePlan>& plans, std::optional<Call> call, WhoIs whoIs,
               Verdict& verdict)
    : m_plans(plans), m_call(call), m_whoIs(std::move(whoIs)), m_verdict(verdict) {}

void Talker::OnStart(TimePoint now, Endpoint& endpoint) {
    if (!m_call) return;
    if (OwnPlan().hangUpAfter) m_hangUpAt = now + *OwnPlan().hangUpAfter;
    Dial(now, endpoint);
}

void Talker::Dial(TimePoint now, Endpoint& endpoint) {
    ++m_attempts;
    m_redialAt.reset();
    m_connection = *endpoint.Connect(now, m_call->remote.address, m_call->remote.key);
}

void Talker::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        return On(now, *connected, endpoint);
    }
    if (const auto* closed = std::get_if<ClosedEvent>(&event)) return On(now, *closed, endpoint);
    const auto handle = std::visit([](const auto& e) { return e.connection; }, event);
    const auto found = m_dialogues.find(handle);
    if (found == m_dialogues.end()) return m_verdict.Fail("an event of no connection");
    Dialogue& dialogue = found->second.dialogue;
    std::visit(
        Overloaded{
            [&](const StreamOpenedEvent& e) { dialogue.OnOpened(now, e.stream, endpoint); },
            [&](const StreamReadableEvent& e) { dialogue.OnReadable(now, e.stream, endpoint); },
            [&](const StreamWritableEvent& e) { dialogue.OnWritable(now, e.stream, endpoint); },
            [&](const StreamResetEvent& e) { dialogue.OnReset(e.stream); },
            [&](const StreamStoppedEvent& e) { dialogue.OnStopped(e.stream); },
            [&](const DatagramReceivedEvent&) { dialogue.OnDatagrams(endpoint); },
            [](const auto&) {},
        },
        event);
}

void Talker::On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint) {
    const bool dialled = event.side == Side::kInitiator;
    const std::uint64_t dialler = dialled ? m_call->dialler : m_whoIs(event.remote);
    if (dialler >= m_plans.size()) return m_verdict.Fail("connected with a stranger");
    const auto [entry, isNew] = m_dialogues.emplace(
        event.connection,
        Entry{dialler, Dialogue(m_plans[dialler], event.side, event.connection, now, m_verdict)});
    entry->second.dialogue.OnTimeout(now, endpoint);
}

void Talker::On(TimePoint now, const ClosedEvent& event, Endpoint&) {
    m_dialogues.erase(event.connection);
    const bool clean = event.code == TransportErrorCode::kNoError ||
                       event.code == TransportErrorCode::kApplicationError;
    const bool hungUp = event.applicationCode == kHangUpCode;
    if (clean && !m_closing && !hungUp) m_verdict.Fail("closed, which nobody did");
    if (m_connection != event.connection) return;
    m_connection.reset();
    if (!clean && !m_closing && m_attempts < kMaxAttempts) m_redialAt = now + kRedialInterval;
}

void Talker::OnTimeout(TimePoint now, Endpoint& endpoint) {
    if (m_redialAt && now >= *m_redialAt) Dial(now, endpoint);
    if (m_hangUpAt && now >= *m_hangUpAt) {
        m_hangUpAt.reset();
        m_attempts = kMaxAttempts;
        m_redialAt.reset();
        if (m_connection) (void)endpoint.Close(now, *m_connection, kHangUpCode, "hangs up");
    }
    for (auto& [connection, entry] : m_dialogues) entry.dialogue.OnTimeout(now, endpoint);
}

std::optional<TimePoint> Talker::NextTimeout() const {
    auto next = Earlier(m_redialAt, m_hangUpAt);
    for (const auto& [connection, entry] : m_dialogues) {
        next = Earlier(next, entry.dialogue.NextTimeout());
    }
    return next;
}

void Talker::OnShutdown(TimePoint now, Endpoint& endpoint) {
    m_closing = true;
    m_redialAt.reset();
    m_hangUpAt.reset();
    if (m_connection) (void)endpoint.Close(now, *m_connection, 0, "done");
}

const Dialogue* Talker::Current() const {
    const auto found = m_connection ? m_dialogues.find(*m_connection) : m_dialogues.end();
    return found == m_dialogues.end() ? nullptr : &found->second.dialogue;
}

std::vector<const Dialogue*> Talker::With(std::uint64_t dialler) const {
    std::vector<const Dialogue*> dialogues;
    for (const auto& [connection, entry] : m_dialogues) {
        if (entry.dialler == dialler) dialogues.push_back(&entry.dialogue);
    }
    return dialogues;
}

}  // namespace crsp::sim
