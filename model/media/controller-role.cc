// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/controller-role.h"

#include <algorithm>
#include <utility>

#include "model/base/assert.h"

namespace crsp {

ControllerRole::ControllerRole(ControllerConfig config)
    : m_config(std::move(config)),
      m_ids(m_config.instance),
      m_server(m_config.tracer),
      m_renderer(m_config.tracer) {}

// Connections.

void ControllerRole::OnStart(TimePoint now, Endpoint& endpoint) {
    m_endpoint = &endpoint;
    if (m_config.server) m_server.Use(now, endpoint, *m_config.server);
    if (m_config.renderer) m_renderer.Use(now, endpoint, *m_config.renderer);
    FailLostCommands(now);
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
        const bool waits = command.wireId == 0 && command.sendAt != TimePoint{};
        const TimePoint at = waits ? std::min(command.sendAt, command.deadline) : command.deadline;
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

void ControllerRole::OnShutdown(TimePoint now, Endpoint& endpoint) {
    m_exitAt.reset();
    m_server.Close(now, endpoint, "controller leaves");
    m_renderer.Close(now, endpoint, "controller leaves");
}

void ControllerRole::Exit(TimePoint now) {
    if (!m_endpoint || m_exitAt) return;
    m_exitAt = now + kExitTimeout;
    for (PeerLink* link : {&m_server, &m_renderer}) {
        if (link->Connected()) {
            link->Channel().Send(now, *m_endpoint, ExitMessage{});
        } else {
            link->Close(now, *m_endpoint, "controller leaves");
        }
    }
}

bool ControllerRole::Connected() const {
    return (!m_config.server || m_server.Connected()) &&
           (!m_config.renderer || m_renderer.Connected());
}

bool ControllerRole::Closed() const {
    return (!m_config.server || m_server.Current() == PeerLink::State::kClosed) && RendererGone();
}

bool ControllerRole::RendererGone() const {
    return !m_config.renderer || m_renderer.Current() == PeerLink::State::kClosed;
}

PeerLink* ControllerRole::LinkOf(ConnectionHandle connection) {
    if (m_server.Is(connection)) return &m_server;
    return m_renderer.Is(connection) ? &m_renderer : nullptr;
}

void ControllerRole::On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint) {
    PeerLink* link = LinkOf(event.connection);
    if (!link) {
        const auto code = static_cast<std::uint64_t>(MediaErrorCode::kNotSupported);
        (void)endpoint.Close(now, event.connection, code, "a controller serves nobody");
        return;
    }
    if (event.mode == HandshakeMode::kPairing) {
        return link->Close(now, endpoint, "paired, and nothing else");
    }
    link->OnConnected(endpoint);
    SendWaiting(now);
    if (link == &m_renderer) MakeHeard(now, endpoint);
}

void ControllerRole::MakeHeard(TimePoint now, Endpoint& endpoint) {
    const bool spoke = std::any_of(m_commands.begin(), m_commands.end(),
                                   [](const Command& c) { return !c.ToServer() && c.wireId != 0; });
    if (!spoke) m_renderer.Channel().Send(now, endpoint, StatusMessage{m_ids.Next()});
}

void ControllerRole::On(TimePoint now, const ClosedEvent& event, Endpoint&) {
    PeerLink* link = LinkOf(event.connection);
    if (!link) return;
    link->OnClosed(now, event);
    FailLostCommands(now);
    SendWaiting(now);
    if (Closed()) m_exitAt.reset();
}

void ControllerRole::On(TimePoint, const StreamOpenedEvent& event, Endpoint& endpoint) {
    RefuseStream(endpoint, event.connection, event.stream);
}

void ControllerRole::On(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint) {
    PeerLink* link = LinkOf(event.connection);
    if (!link || event.stream != kControlStream) return;
    while (const auto message = link->Channel().Receive(now, endpoint)) {
        std::visit([&](const auto& m) { Handle(now, m); }, *message);
    }
}

void ControllerRole::On(TimePoint, const StreamWritableEvent& event, Endpoint& endpoint) {
    PeerLink* link = LinkOf(event.connection);
    if (link && event.stream == kControlStream) link->Channel().Flush(endpoint);
}

void ControllerRole::On(TimePoint now, const StreamResetEvent& event, Endpoint& endpoint) {
    PeerLink* link = LinkOf(event.connection);
    if (!link || event.stream != kControlStream) return;
    link->Channel().Close(now, endpoint, MediaErrorCode::kNotSupported, "control stream reset");
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
    if (const auto id = EntryIdOf(entry)) {
        command.render.entry = *id;
    } else {
        command.walk.emplace(std::string(entry));
    }
    command.wantsGrant = AsksForGrants();
    return Enter(now, std::move(command));
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
    const bool walks = entered.ToServer();
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

void ControllerRole::SendWaiting(TimePoint now) {
    bool rendererFree = true;
    for (Command& command : m_commands) {
        const bool toServer = command.ToServer();
        const bool ready = command.wireId == 0 && now >= command.sendAt;
        if (ready && (toServer || rendererFree)) Send(now, command);
        // What was issued after a play must not overtake it while it looks its entry up.
        if (toServer && command.result.verb == Verb::kPlay) rendererFree = false;
    }
}

void ControllerRole::Send(TimePoint now, Command& command) {
    PeerLink& link = command.ToServer() ? m_server : m_renderer;
    if (!link.Connected()) return;
    command.sendAt = TimePoint{};
    link.Channel().Send(now, *m_endpoint, RequestFor(command));
}

Message ControllerRole::RequestFor(Command& command) {
    command.wireId = command.ToServer() ? m_ids.Next() : command.result.id;
    if (command.walk) return command.walk->Request(command.wireId);
    if (command.wantsGrant) {
        constexpr auto kLifetime = std::chrono::duration_cast<milliseconds>(kGrantLifetime).count();
        return GrantMessage{command.wireId, command.render.entry, command.render.version,
                            *m_config.renderer->key, kLifetime};
    }
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
        case Verb::kTakeOver:
            return TakeOverMessage{command.wireId};
        case Verb::kList:
        case Verb::kStatus:
            break;
    }
    return StatusMessage{command.wireId};
}

// Answers.

ControllerRole::Command* ControllerRole::Find(CommandId wireId, Verb verb) {
    if (wireId == 0) return nullptr;  // what is told to all, and what waits to be sent
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
    GoOn(now, *command);
    if (!*more) Walked(now, *command);
    SendWaiting(now);
}

void ControllerRole::GoOn(TimePoint now, Command& command) {
    command.deadline = now + m_config.commandTimeout;
    command.wireId = 0;
}

bool ControllerRole::AsksForGrants() const {
    return m_config.server && m_config.server->key && m_config.renderer && m_config.renderer->key &&
           m_server.Current() != PeerLink::State::kClosed;
}

void ControllerRole::Handle(TimePoint now, const GrantedMessage& m) {
    Command* command = Find(m.command, Verb::kPlay);
    if (!command || command->walk || !command->wantsGrant) return;
    command->render.grant = m.grant;
    command->wantsGrant = false;
    GoOn(now, *command);
    FailLostCommands(now);
    SendWaiting(now);
}

void ControllerRole::Handle(TimePoint now, const OwnershipMessage& m) {
    if (Command* command = Find(m.command, Verb::kTakeOver)) return Finish(now, *command);
    if (m.command != 0 || m.owner != Owner::kAnother) return;
    Notification taken;
    taken.kind = Notification::Kind::kTakenOver;
    taken.at = now;
    Notify(std::move(taken));
}

void ControllerRole::Walked(TimePoint now, Command& command) {
    if (command.result.verb == Verb::kList) {
        command.result.listing = std::move(command.walk->Entries());
        command.result.total = command.walk->Total();
        command.result.changeCounter = command.walk->ChangeCounter();
        return Finish(now, command);
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
        return Finish(now, *command);
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
    Finish(now, *command);
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
    Finish(now, *command);
}

void ControllerRole::Handle(TimePoint now, const ErrorMessage& m) {
    const bool silent = m.code == MediaErrorCode::kNone;
    const MediaErrorCode code = silent ? MediaErrorCode::kNotSupported : m.code;
    for (Command& command : m_commands) {
        if (m.command == 0 || command.wireId != m.command) continue;
        if (!HandleError(now, command, m)) FailCommand(now, command, code, m.text);
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

bool ControllerRole::HandleError(TimePoint now, Command& command, const ErrorMessage& m) {
    if (!command.ToServer()) return false;
    if (const auto after = RetryAfter(m); after && now + *after < command.deadline) {
        command.wireId = 0;
        command.sendAt = now + *after;
        return true;
    }
    if (command.walk) return false;
    // No grant: the server will say what the renderer may read without one.
    command.wantsGrant = false;
    GoOn(now, command);
    FailLostCommands(now);
    return true;
}

template <class M>
void ControllerRole::Handle(TimePoint, const M&) {
    // Requests, which nobody has reason to send here, and messages of a later version.
}

void ControllerRole::Finish(TimePoint now, Command& command) {
    command.result.answeredAt = now;
    m_results.push_back(std::move(command.result));
    m_commands.remove_if([&command](const Command& other) { return &other == &command; });
}

void ControllerRole::FailCommand(TimePoint now, Command& command, MediaErrorCode code,
                                 std::string_view text) {
    command.result.error = code;
    command.result.text = text.empty() ? ToString(code) : text;
    Finish(now, command);
}

void ControllerRole::FailLostCommands(TimePoint now) {
    for (auto at = m_commands.begin(); at != m_commands.end();) {
        Command& command = *at++;
        const PeerLink& link = command.ToServer() ? m_server : m_renderer;
        if (link.Current() != PeerLink::State::kClosed) continue;
        command.result.transportError = link.Why();
        FailCommand(now, command, MediaErrorCode::kConnectionLost, link.Reason());
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
