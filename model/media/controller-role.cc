// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/controller-role.h"

#include <algorithm>
#include <utility>

#include "model/base/assert.h"

namespace crsp {

ControllerRole::ControllerRole(ControllerConfig config)
    : m_config(std::move(config)), m_ids(m_config.instance) {}

// Connections.

void ControllerRole::OnStart(TimePoint now, Endpoint& endpoint) {
    m_endpoint = &endpoint;
    StartLink(now, m_server, m_config.server, endpoint);
    StartLink(now, m_renderer, m_config.renderer, endpoint);
    FailLostCommands(now);
}

void ControllerRole::StartLink(TimePoint now, Link& link,
                               const std::optional<SocketAddress>& address, Endpoint& endpoint) {
    if (!address) return;
    const auto connection = endpoint.Connect(now, *address);
    link.state = connection ? Link::State::kConnecting : Link::State::kClosed;
    if (connection) {
        link.channel.emplace(*connection, m_config.tracer);
    } else {
        link.why = TransportErrorCode::kConnectionRefused;
        link.reason = ToString(connection.error());
    }
}

void ControllerRole::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    std::visit([&](const auto& e) { On(now, e, endpoint); }, event);
}

void ControllerRole::OnTimeout(TimePoint now, Endpoint& endpoint) {
    for (auto at = m_commands.begin(); at != m_commands.end();) {
        Command& command = *at++;
        if (now >= command.deadline) FailCommand(now, command, MediaErrorCode::kTimeout, {});
    }
    SendWaiting(now);
    if (m_exitAt && now >= *m_exitAt) OnShutdown(now, endpoint);
}

std::optional<TimePoint> ControllerRole::NextTimeout() const {
    std::optional<TimePoint> next = m_exitAt;
    for (const Command& command : m_commands) {
        next = next ? std::min(*next, command.deadline) : command.deadline;
    }
    return next;
}

void ControllerRole::OnShutdown(TimePoint now, Endpoint& endpoint) {
    m_exitAt.reset();
    for (Link* link : {&m_server, &m_renderer}) {
        if (link->channel) {
            link->channel->Close(now, endpoint, MediaErrorCode::kNone, "controller leaves");
        }
    }
}

void ControllerRole::Exit(TimePoint now) {
    if (!m_endpoint || m_exitAt) return;
    m_exitAt = now + kExitTimeout;
    for (Link* link : {&m_server, &m_renderer}) {
        if (link->state == Link::State::kConnected) {
            link->channel->Send(now, *m_endpoint, ExitMessage{});
        } else if (link->state == Link::State::kConnecting) {
            link->channel->Close(now, *m_endpoint, MediaErrorCode::kNone, "controller leaves");
        }
    }
}

bool ControllerRole::Connected() const {
    const auto stands = [](const Link& link, bool wanted) {
        return !wanted || link.state == Link::State::kConnected;
    };
    return stands(m_server, m_config.server.has_value()) &&
           stands(m_renderer, m_config.renderer.has_value());
}

bool ControllerRole::Closed() const {
    const auto ended = [](const Link& link, bool wanted) {
        return !wanted || link.state == Link::State::kClosed;
    };
    return ended(m_server, m_config.server.has_value()) &&
           ended(m_renderer, m_config.renderer.has_value());
}

ControllerRole::Link* ControllerRole::LinkOf(ConnectionHandle connection) {
    for (Link* link : {&m_server, &m_renderer}) {
        if (link->channel && link->channel->Connection() == connection) return link;
    }
    return nullptr;
}

void ControllerRole::On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint) {
    Link* link = LinkOf(event.connection);
    if (!link) {
        const auto code = static_cast<std::uint64_t>(MediaErrorCode::kNotSupported);
        (void)endpoint.Close(now, event.connection, code, "a controller serves nobody");
        return;
    }
    link->state = Link::State::kConnected;
    link->channel->Open(endpoint);
    SendWaiting(now);
}

void ControllerRole::On(TimePoint now, const ClosedEvent& event, Endpoint&) {
    Link* link = LinkOf(event.connection);
    if (!link) return;
    link->state = Link::State::kClosed;
    link->why = event.code;
    link->reason = event.reason;
    link->channel.reset();
    FailLostCommands(now);
    SendWaiting(now);
    if (Closed()) m_exitAt.reset();
}

void ControllerRole::On(TimePoint, const StreamOpenedEvent& event, Endpoint& endpoint) {
    RefuseStream(endpoint, event.connection, event.stream);
}

void ControllerRole::On(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint) {
    Link* link = LinkOf(event.connection);
    if (!link || event.stream != kControlStream) return;
    while (const auto message = link->channel->Receive(now, endpoint)) {
        std::visit([&](const auto& m) { Handle(now, m); }, *message);
    }
}

void ControllerRole::On(TimePoint, const StreamWritableEvent& event, Endpoint& endpoint) {
    Link* link = LinkOf(event.connection);
    if (link && event.stream == kControlStream) link->channel->Flush(endpoint);
}

void ControllerRole::On(TimePoint now, const StreamResetEvent& event, Endpoint& endpoint) {
    Link* link = LinkOf(event.connection);
    if (!link || event.stream != kControlStream) return;
    link->channel->Close(now, endpoint, MediaErrorCode::kNotSupported, "control stream reset");
}

void ControllerRole::On(TimePoint, const StreamStoppedEvent&, Endpoint&) {
    // A peer that stops reading commands lets them run into their time-out.
}

// Commands.

CommandId ControllerRole::List(TimePoint now) {
    Command command;
    command.result.verb = Verb::kList;
    command.walk.emplace();
    return Enter(now, std::move(command));
}

CommandId ControllerRole::Play(TimePoint now, std::string_view entry, std::uint64_t offset,
                               Generation expected) {
    Command command;
    command.result.verb = Verb::kPlay;
    command.expected = expected;
    command.render.server = m_config.serverName.substr(0, kMaxNameSize);
    command.render.offset = std::min(offset, kVarintMax);
    const auto id = entry.substr(0, 1) == "#" ? ParseEntryId(entry.substr(1)) : std::nullopt;
    if (id) {
        command.render.entry = *id;
    } else {
        command.walk.emplace(std::string(entry));
    }
    return Enter(now, std::move(command));
}

CommandId ControllerRole::Pause(TimePoint now, Generation expected) {
    return Issue(now, Verb::kPause, {}, expected);
}

CommandId ControllerRole::Resume(TimePoint now, Generation expected) {
    return Issue(now, Verb::kResume, {}, expected);
}

CommandId ControllerRole::Restart(TimePoint now, Generation expected) {
    return Issue(now, Verb::kRestart, {}, expected);
}

CommandId ControllerRole::Stop(TimePoint now, Generation expected) {
    return Issue(now, Verb::kStop, {}, expected);
}

CommandId ControllerRole::Status(TimePoint now) {
    return Issue(now, Verb::kStatus);
}

CommandId ControllerRole::Issue(TimePoint now, Verb verb, std::string_view argument,
                                Generation expected) {
    if (verb == Verb::kList) return List(now);
    if (verb == Verb::kPlay) return Play(now, argument, 0, expected);
    Command command;
    command.result.verb = verb;
    command.expected = expected;
    return Enter(now, std::move(command));
}

CommandId ControllerRole::Enter(TimePoint now, Command command) {
    const CommandId id = m_ids.Next();
    command.result.id = id;
    command.result.issuedAt = now;
    command.deadline = now + m_config.commandTimeout;
    m_commands.push_back(std::move(command));
    Command& entered = m_commands.back();
    const bool walks = entered.walk.has_value();
    if (!(walks ? m_config.server : m_config.renderer)) {
        FailCommand(now, entered, MediaErrorCode::kNotSupported,
                    walks ? "no server is configured" : "no renderer is configured");
    } else if (m_commands.size() > kMaxPendingCommands) {
        FailCommand(now, entered, MediaErrorCode::kBusy, "too many commands under way");
    } else {
        FailLostCommands(now);
        SendWaiting(now);
    }
    return id;
}

ControllerRole::Link& ControllerRole::LinkFor(const Command& command) {
    return command.walk ? m_server : m_renderer;
}

void ControllerRole::SendWaiting(TimePoint now) {
    bool rendererFree = true;
    for (Command& command : m_commands) {
        const bool toServer = command.walk.has_value();
        if (command.wireId == 0 && (toServer || rendererFree)) Send(now, command);
        // What was issued after a play must not overtake it while it looks its entry up.
        if (toServer && command.result.verb == Verb::kPlay) rendererFree = false;
    }
}

void ControllerRole::Send(TimePoint now, Command& command) {
    Link& link = LinkFor(command);
    if (link.state != Link::State::kConnected) return;
    link.channel->Send(now, *m_endpoint, RequestFor(command));
}

Message ControllerRole::RequestFor(Command& command) {
    command.wireId = command.walk ? m_ids.Next() : command.result.id;
    if (command.walk) return command.walk->Request(command.wireId);
    switch (command.result.verb) {
        case Verb::kPlay:
            command.render.command = command.wireId;
            command.render.generation = command.expected;
            return command.render;
        case Verb::kPause:
            return PauseMessage{command.wireId, command.expected};
        case Verb::kResume:
            return ResumeMessage{command.wireId, command.expected};
        case Verb::kRestart:
            return RestartMessage{command.wireId, command.expected};
        case Verb::kStop:
            return StopMessage{command.wireId, command.expected};
        case Verb::kList:
        case Verb::kStatus:
            break;
    }
    return StatusMessage{command.wireId};
}

// Answers.

ControllerRole::Command* ControllerRole::Find(CommandId wireId, Verb verb) {
    for (Command& command : m_commands) {
        if (command.wireId == wireId && command.result.verb == verb) return &command;
    }
    return nullptr;
}

void ControllerRole::Handle(TimePoint now, const ListingMessage& m) {
    Command* command = Find(m.command, Verb::kList);
    if (!command) command = Find(m.command, Verb::kPlay);
    if (!command || !command->walk) return;
    const auto more = command->walk->OnListing(m);
    if (!more) return FailCommand(now, *command, more.error(), {});
    command->deadline = now + m_config.commandTimeout;
    command->wireId = 0;
    if (!*more) Walked(now, *command);
    SendWaiting(now);
}

void ControllerRole::Walked(TimePoint now, Command& command) {
    if (command.result.verb == Verb::kList) {
        command.result.listing = std::move(command.walk->Entries());
        command.result.total = command.walk->Total();
        command.result.changeCounter = command.walk->ChangeCounter();
        return Succeed(now, command);
    }
    const auto entry = command.walk->Found();
    if (!entry) return FailCommand(now, command, MediaErrorCode::kNoSuchEntry, {});
    command.render.entry = *entry;
    command.walk.reset();
    if (!m_config.renderer) {
        return FailCommand(now, command, MediaErrorCode::kNotSupported,
                           "no renderer is configured");
    }
    FailLostCommands(now);
}

void ControllerRole::Handle(TimePoint now, const RenderingBegunMessage& m) {
    if (Command* command = Find(m.command, Verb::kPlay)) {
        command->result.generation = m.generation;
        command->result.entry = m.entry;
        command->result.version = m.version;
        command->result.size = m.size;
        return Succeed(now, *command);
    }
    Notification begun;
    begun.kind = Notification::Kind::kBegun;
    begun.at = now;
    begun.generation = m.generation;
    begun.entry = m.entry;
    begun.size = m.size;
    Notify(std::move(begun));
}

void ControllerRole::Handle(TimePoint now, const RenderingEndedMessage& m) {
    Notification ended;
    ended.kind = Notification::Kind::kEnded;
    ended.at = now;
    ended.generation = m.generation;
    ended.rendered = m.rendered;
    ended.reason = m.reason;
    ended.code = m.code;
    Notify(std::move(ended));
}

template <class M>
void ControllerRole::VerbDone(TimePoint now, const M& m, Verb verb) {
    Command* command = Find(m.command, verb);
    if (!command) return;
    command->result.generation = m.generation;
    command->result.position = m.position;
    Succeed(now, *command);
}

void ControllerRole::Handle(TimePoint now, const PausedMessage& m) {
    VerbDone(now, m, Verb::kPause);
}
void ControllerRole::Handle(TimePoint now, const ResumedMessage& m) {
    VerbDone(now, m, Verb::kResume);
}
void ControllerRole::Handle(TimePoint now, const RestartedMessage& m) {
    VerbDone(now, m, Verb::kRestart);
}
void ControllerRole::Handle(TimePoint now, const StoppedMessage& m) {
    VerbDone(now, m, Verb::kStop);
}

void ControllerRole::Handle(TimePoint now, const StatusReportMessage& m) {
    Command* command = Find(m.command, Verb::kStatus);
    if (!command) return;
    CommandResult& result = command->result;
    result.state = m.state;
    result.generation = m.generation;
    result.entry = m.entry;
    result.position = m.position;
    result.size = m.size;
    result.actions = m.actions;
    result.stateCode = m.code;
    Succeed(now, *command);
}

void ControllerRole::Handle(TimePoint now, const ErrorMessage& m) {
    const bool silent = m.code == MediaErrorCode::kNone;
    const MediaErrorCode code = silent ? MediaErrorCode::kNotSupported : m.code;
    for (Command& command : m_commands) {
        if (m.command == 0 || command.wireId != m.command) continue;
        FailCommand(now, command, code, m.text);
        return SendWaiting(now);
    }
    if (m.command != 0) return;
    Notification error;
    error.kind = Notification::Kind::kError;
    error.at = now;
    error.code = code;
    error.text = m.text;
    Notify(std::move(error));
}

template <class M>
void ControllerRole::Handle(TimePoint, const M&) {
    // Requests, which nobody has reason to send here, and messages of a later version.
}

void ControllerRole::Succeed(TimePoint now, Command& command) {
    command.result.answeredAt = now;
    m_results.push_back(std::move(command.result));
    m_commands.remove_if([&command](const Command& other) { return &other == &command; });
}

void ControllerRole::FailCommand(TimePoint now, Command& command, MediaErrorCode code,
                                 std::string_view text) {
    command.result.error = code;
    command.result.text = text.empty() ? ToString(code) : text;
    Succeed(now, command);
}

void ControllerRole::FailLostCommands(TimePoint now) {
    for (auto at = m_commands.begin(); at != m_commands.end();) {
        Command& command = *at++;
        const Link& link = LinkFor(command);
        if (link.state != Link::State::kClosed) continue;
        command.result.transportError = link.why;
        FailCommand(now, command, MediaErrorCode::kConnectionLost, link.reason);
    }
}

void ControllerRole::Notify(Notification notification) {
    if (m_notifications.size() >= kMaxNotifications) m_notifications.pop_front();
    m_notifications.push_back(std::move(notification));
}

std::optional<CommandResult> ControllerRole::PollResult() {
    if (m_results.empty()) return std::nullopt;
    CommandResult result = std::move(m_results.front());
    m_results.pop_front();
    return result;
}

std::optional<Notification> ControllerRole::PollNotification() {
    if (m_notifications.empty()) return std::nullopt;
    Notification notification = std::move(m_notifications.front());
    m_notifications.pop_front();
    return notification;
}

}  // namespace crsp
