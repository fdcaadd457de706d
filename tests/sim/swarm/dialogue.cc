// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tests/sim/swarm/talker.h"

namespace crsp::sim {
namespace {

/// There is no event for a stream that is granted.
constexpr Duration kOpenRetryInterval = milliseconds(50);

std::optional<TimePoint> Earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

}  // namespace

Dialogue::Dialogue(const DialoguePlan& plan, Side side, ConnectionHandle connection, TimePoint now,
                   Verdict& verdict)
    : m_side(side), m_connection(connection), m_begun(now), m_verdict(verdict), m_retryAt(now) {
    for (const FlowPlan& flow : plan.flows) m_ends.push_back({.plan = &flow});
}

void Dialogue::OnOpened(TimePoint now, StreamId stream, Endpoint& endpoint) {
    std::uint64_t index = 0;
    for (Ends& ends : m_ends) {
        const FlowPlan& plan = *ends.plan;
        if (plan.kind == FlowPlan::Kind::kDatagrams || plan.from != OpenerOf(stream) ||
            plan.direction != DirectionOf(stream)) {
            continue;
        }
        if (index++ == IndexOf(stream)) return Begin(now, ends, stream, endpoint);
    }
    m_verdict.Fail("a stream that nobody opened");
}

void Dialogue::OpenStreams(TimePoint now, Endpoint& endpoint) {
    std::array<bool, 2> blocked = {false, false};
    m_retryAt.reset();
    for (Ends& ends : m_ends) {
        const FlowPlan& plan = *ends.plan;
        if (plan.kind == FlowPlan::Kind::kDatagrams) {
            if (!ends.sender && !ends.receiver) Begin(now, ends, std::nullopt, endpoint);
            continue;
        }
        bool& full = blocked[static_cast<std::size_t>(plan.direction)];
        if (plan.from != m_side || ends.stream || full) continue;
        const bool deadline = plan.kind == FlowPlan::Kind::kDeadline;
        const auto stream = endpoint.OpenStream(
            m_connection, plan.direction, deadline ? StreamMode::kDeadline : StreamMode::kReliable);
        full = !stream;
        if (full) m_retryAt = now + kOpenRetryInterval;
        if (stream) Begin(now, ends, *stream, endpoint);
    }
}

void Dialogue::Begin(TimePoint now, Ends& ends, std::optional<StreamId> stream,
                     Endpoint& endpoint) {
    const FlowPlan& plan = *ends.plan;
    const StreamId id = stream.value_or(0);
    ends.stream = stream;
    const bool opens = plan.from == m_side;
    const bool both = plan.direction == StreamDirection::kBidirectional;
    const std::uint64_t answer = ~plan.key;
    if (opens || both) {
        ends.sender.emplace(plan, opens ? plan.key : answer, !opens, m_connection, id, now);
    }
    if (!opens || both) {
        ends.receiver.emplace(plan, opens ? answer : plan.key, opens, m_connection, id, m_verdict);
    }
    if (ends.sender && plan.urgency && stream) {
        (void)endpoint.SetPriority(m_connection, id, *plan.urgency);
    }
    if (ends.sender) ends.sender->Pump(now, endpoint);
}

Dialogue::Ends* Dialogue::Find(StreamId stream) {
    const auto found = std::find_if(m_ends.begin(), m_ends.end(),
                                    [&](const Ends& ends) { return ends.stream == stream; });
    if (found != m_ends.end()) return &*found;
    m_verdict.Fail("an event of a stream that is not open");
    return nullptr;
}

void Dialogue::OnReadable(TimePoint now, StreamId stream, Endpoint& endpoint) {
    Ends* ends = Find(stream);
    if (ends && ends->receiver) ends->receiver->OnReadable(now, endpoint);
}

void Dialogue::OnWritable(TimePoint now, StreamId stream, Endpoint& endpoint) {
    Ends* ends = Find(stream);
    if (ends && ends->sender) ends->sender->Pump(now, endpoint);
}

void Dialogue::OnReset(StreamId stream) {
    Ends* ends = Find(stream);
    if (ends && ends->receiver) ends->receiver->OnReset();
}

void Dialogue::OnStopped(StreamId stream) {
    m_verdict.Reached(Moment::kStreamStopped);
    Ends* ends = Find(stream);
    if (!ends || !ends->sender) return;
    if (!ends->plan->stopAfter) m_verdict.Fail("a stream was stopped, which nobody did");
    ends->sender->OnStopped();
}

void Dialogue::OnDatagrams(Endpoint& endpoint) {
    for (Ends& ends : m_ends) {
        const bool mine = ends.plan->kind == FlowPlan::Kind::kDatagrams && ends.receiver;
        if (mine) ends.receiver->OnDatagrams(endpoint);
    }
}

void Dialogue::OnTimeout(TimePoint now, Endpoint& endpoint) {
    if (m_retryAt && now >= *m_retryAt) OpenStreams(now, endpoint);
    for (Ends& ends : m_ends) {
        const auto due = ends.sender ? ends.sender->NextTimeout() : std::nullopt;
        if (due && now >= *due) ends.sender->Pump(now, endpoint);
        if (ends.receiver) ends.receiver->OnTimeout(now, endpoint);
    }
}

std::optional<TimePoint> Dialogue::NextTimeout() const {
    auto next = m_retryAt;
    for (const Ends& ends : m_ends) {
        if (ends.sender) next = Earlier(next, ends.sender->NextTimeout());
        if (ends.receiver) next = Earlier(next, ends.receiver->NextTimeout());
    }
    return next;
}

bool Dialogue::Done(const Ends& ends) {
    const bool begun = ends.sender || ends.receiver;
    return begun && (!ends.sender || ends.sender->Done()) &&
           (!ends.receiver || ends.receiver->Done());
}

bool Dialogue::Done() const {
    return std::all_of(m_ends.begin(), m_ends.end(), [](const Ends& ends) { return Done(ends); });
}

std::string Dialogue::Pending() const {
    constexpr std::array kKinds = {"reliable", "deadline", "datagrams"};
    std::string text;
    for (const Ends& ends : m_ends) {
        if (Done(ends)) continue;
        text += text.empty() ? "" : ", ";
        text += ends.stream ? fmt::format("stream {}", *ends.stream) : "no stream yet";
        text += fmt::format(" {} of {}:", kKinds[static_cast<std::size_t>(ends.plan->kind)],
                            ends.plan->TotalBytes());
        if (ends.sender) text += fmt::format(" {} sent", ends.sender->Sent());
        if (ends.receiver) text += fmt::format(" {} received", ends.receiver->Received());
    }
    return text;
}

std::uint64_t Dialogue::Progress() const {
    std::uint64_t progress = 0;
    for (const Ends& ends : m_ends) {
        if (ends.sender) progress += ends.sender->Sent() + (ends.sender->Done() ? 1 : 0);
        if (ends.receiver) progress += ends.receiver->Received() + (ends.receiver->Done() ? 1 : 0);
    }
    return progress;
}

}  // namespace crsp::sim
