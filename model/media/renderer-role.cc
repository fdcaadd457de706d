// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/renderer-role.h"

#include <algorithm>
#include <utility>

#include "model/base/assert.h"
#include "model/base/planted.h"
#include "model/media/media-trace.h"

namespace crsp {
namespace {

std::optional<TimePoint> Earlier(std::optional<TimePoint> a, std::optional<TimePoint> b) {
    if (!a) return b;
    if (!b) return a;
    return std::min(*a, *b);
}

/// Whether a connection that ended so may be had again: the peer has begun anew, or was away.
bool IsLoss(TransportErrorCode code) {
    return code == TransportErrorCode::kStatelessReset || code == TransportErrorCode::kIdleTimeout;
}

/// Whether the peer has closed because we may do nothing there (CRSP §9.10).
bool IsNotAllowed(const ClosedEvent& event) {
    return event.byPeer && event.code == TransportErrorCode::kApplicationError &&
           MediaErrorFromWire(event.applicationCode) == MediaErrorCode::kNotAllowed;
}

}  // namespace

RendererRole::RendererRole(RendererConfig config, Sink& sink)
    : m_config(std::move(config)),
      m_player(m_config.portion, m_config.renderRate, sink),
      m_link(m_config.tracer),
      m_gate(m_config.maxControllers, m_config.maxControllersPerPeer) {}

void RendererRole::OnStart(TimePoint, Endpoint&) {}

void RendererRole::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    std::visit([&](const auto& e) { On(now, e, endpoint); }, event);
}

void RendererRole::OnTimeout(TimePoint now, Endpoint& endpoint) {
    if (m_deadline && now >= *m_deadline) GiveUp(now, endpoint);
    AskServer(now, endpoint);
    if (const auto due = m_player.NextTimeout(); due && now >= *due) Advance(now, endpoint);
}

std::optional<TimePoint> RendererRole::NextTimeout() const {
    const bool asks = m_deadline && !m_asked && m_link.Current() != PeerLink::State::kConnecting;
    return Earlier(asks ? std::optional(m_askAt) : m_deadline,
                   MayRender() ? m_player.NextTimeout() : std::nullopt);
}

void RendererRole::OnShutdown(TimePoint now, Endpoint& endpoint) {
    EndGeneration(now, EndReason::kStopped, MediaErrorCode::kNone, {}, endpoint);
    if (const auto state = Next(m_state, TransportVerb::kStop)) SetState(now, *state);
    for (auto& [connection, controller] : m_controllers) {
        controller.channel.Close(now, endpoint, MediaErrorCode::kNone, "renderer ends");
    }
    m_link.Drop(now, endpoint, "renderer leaves");
}

void RendererRole::SetServers(std::vector<KnownServer> servers) {
    CRSP_ASSERT(servers.size() == m_config.servers.size());
    m_config.servers = std::move(servers);
}

void RendererRole::SetAccess(TimePoint now, Endpoint& endpoint, AccessList access) {
    m_access = std::move(access);
    if (const auto owner = Owner(now)) {
        const PeerRights* rights = m_access.Of(owner);
        if (!rights || !rights->control) m_ownership.Free();
    }
    for (auto& [connection, controller] : m_controllers) {
        const PeerRights* rights = m_access.Of(controller.peer);
        if (rights && rights->MayObserve()) continue;
        controller.channel.Close(now, endpoint, MediaErrorCode::kNotAllowed,
                                 "not allowed any more");
    }
}

std::uint64_t RendererRole::Position() const {
    return PlayerIsCurrent() ? m_player.Position() : m_request.offset;
}

// Events.

void RendererRole::On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint) {
    if (m_link.Is(event.connection)) {
        if (event.mode == HandshakeMode::kPairing) {
            return m_link.Close(now, endpoint, "paired, and nothing else");
        }
        m_link.OnConnected(endpoint);
        return AskServer(now, endpoint);
    }
    if (event.side == Side::kInitiator) return;
    const auto close = [&](MediaErrorCode code, std::string_view why) {
        (void)endpoint.Close(now, event.connection, static_cast<std::uint64_t>(code), why);
    };
    const PeerRights* rights = m_access.Of(event.peer);
    if (event.mode == HandshakeMode::kPairing || !rights || !rights->MayObserve()) {
        return close(MediaErrorCode::kNotAllowed, "not allowed");
    }
    if (!m_gate.Enter(event.connection, event.peer)) {
        return close(MediaErrorCode::kBusy, "too many controllers");
    }
    ControlChannel channel(event.connection, m_config.tracer);
    m_controllers.try_emplace(event.connection, Controller{std::move(channel), event.peer});
    if (event.peer) m_ownership.OnThere(now, *event.peer);
}

void RendererRole::On(TimePoint now, const ClosedEvent& event, Endpoint& endpoint) {
    m_gate.Leave(event.connection);
    const auto gone = m_controllers.extract(event.connection);
    if (!gone.empty() && gone.mapped().peer && m_gate.CountOf(*gone.mapped().peer) == 0) {
        const bool closed = event.code == TransportErrorCode::kNoError ||
                            event.code == TransportErrorCode::kApplicationError;
        m_ownership.OnGone(now, *gone.mapped().peer, !closed);
    }
    if (!m_link.Is(event.connection)) return;
    m_link.OnClosed(now, event);
    m_inbox.Clear();
    if (IsLoss(event.code)) return OnServerLost(now, endpoint);
    if (IsNotAllowed(event)) {
        return FailGeneration(now, MediaErrorCode::kNotAllowed, "the server closed the connection",
                              endpoint);
    }
    FailGeneration(now, MediaErrorCode::kServerUnreachable, "the connection to the server is lost",
                   endpoint);
}

void RendererRole::On(TimePoint, const StreamOpenedEvent& event, Endpoint& endpoint) {
    if (m_link.Is(event.connection)) {
        m_inbox.Opened(endpoint, event.connection, event.stream);
    } else if (event.stream != kControlStream) {
        RefuseStream(endpoint, event.connection, event.stream);
    } else if (const auto at = m_controllers.find(event.connection); at != m_controllers.end()) {
        at->second.channel.Flush(endpoint);
    }
}

void RendererRole::On(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint) {
    if (m_link.Is(event.connection) && event.stream == kControlStream) {
        while (m_link.Is(event.connection)) {
            const auto message = m_link.Channel().Receive(now, endpoint);
            if (!message) return;
            OnServerMessage(now, *message, endpoint);
        }
    } else if (m_link.Is(event.connection)) {
        if (m_player.Owns(event.connection, event.stream)) return Advance(now, endpoint);
        const auto arrival = m_inbox.Readable(endpoint, event.connection, event.stream);
        if (arrival) OnContents(now, *arrival, endpoint);
    } else if (const auto at = m_controllers.find(event.connection);
               at != m_controllers.end() && event.stream == kControlStream) {
        while (const auto message = at->second.channel.Receive(now, endpoint)) {
            std::visit([&](const auto& m) { Handle(now, at->second, m, endpoint); }, *message);
        }
    }
}

void RendererRole::On(TimePoint, const StreamWritableEvent& event, Endpoint& endpoint) {
    if (event.stream != kControlStream) return;
    if (m_link.Is(event.connection)) return m_link.Channel().Flush(endpoint);
    const auto at = m_controllers.find(event.connection);
    if (at != m_controllers.end()) at->second.channel.Flush(endpoint);
}

void RendererRole::On(TimePoint now, const StreamResetEvent& event, Endpoint& endpoint) {
    if (m_player.Owns(event.connection, event.stream)) {
        const MediaErrorCode code = MediaErrorFromWire(event.applicationCode);
        const bool silent = code == MediaErrorCode::kNone;
        return FailGeneration(now, silent ? MediaErrorCode::kReadFailed : code, {}, endpoint);
    }
    if (event.stream == kControlStream) {
        const auto code = static_cast<std::uint64_t>(MediaErrorCode::kNotSupported);
        (void)endpoint.Close(now, event.connection, code, "control stream reset");
    } else if (m_link.Is(event.connection)) {
        m_inbox.Forget(event.stream);
    }
}

void RendererRole::On(TimePoint, const StreamStoppedEvent&, Endpoint&) {
    // Only control streams are ours to write, and a peer that stops reading them hears nothing.
}

// What controllers say.

template <class M>
bool RendererRole::Admit(TimePoint now, Controller& from, const M& m, TransportVerb verb,
                         Endpoint& endpoint) {
    if (IsKnown(now, from, m.command, endpoint)) return false;
    if (const auto code = WhyNot(now, from); code != MediaErrorCode::kNone) {
        // Not remembered: it must not push out what the owner may have to hear again.
        from.channel.Send(now, endpoint, MakeError(m.command, code));
        return false;
    }
    MediaErrorCode code = MediaErrorCode::kNone;
    std::string_view text;
    if (m.command == 0) {
        code = MediaErrorCode::kMalformedMessage;
    } else if (m.generation != 0 && m.generation != m_generation) {
        code = MediaErrorCode::kStaleGeneration;
    } else if (!Next(m_state, verb)) {
        code = MediaErrorCode::kNotAvailableInState;
    } else if (!IsServerKnown(m)) {
        code = MediaErrorCode::kUnknownServer;
    } else if (!MayHave(from, m)) {
        code = MediaErrorCode::kNoSuchEntry;
        text = "its server has not granted it to this controller";
    }
    if (code != MediaErrorCode::kNone) {
        Answer(now, from, MakeError(m.command, code, text), endpoint);
        return false;
    }
    m_ownership.Take(from.peer);
    return true;
}

MediaErrorCode RendererRole::WhyNot(TimePoint now, const Controller& from) const {
    const PeerRights* rights = m_access.Of(from.peer);
    if (!rights || !rights->control) return MediaErrorCode::kNotAllowed;
    return m_ownership.MayCommand(now, from.peer) ? MediaErrorCode::kNone
                                                  : MediaErrorCode::kNotOwner;
}

bool RendererRole::MayHave(const Controller& from, const RenderMessage& m) const {
    const PeerRights* rights = m_access.Of(from.peer);
    return !m.grant.empty() || (rights && rights->borrow);
}

bool RendererRole::IsKnown(TimePoint now, Controller& from, CommandId command, Endpoint& endpoint) {
    const Message* answer = m_memory.Find(from.peer, command);
    if (answer) from.channel.Send(now, endpoint, *answer);
    return answer != nullptr;
}

void RendererRole::Handle(TimePoint now, Controller& from, const RenderMessage& m,
                          Endpoint& endpoint) {
    if (m_pending && m_pending->command == m.command && m_pending->peer == from.peer) {
        m_pending->controller = from.channel.Connection();
        return;
    }
    if (!Admit(now, from, m, TransportVerb::kRender, endpoint)) return;
    StartGeneration(now, m, TransportVerb::kRender, endpoint);
    m_pending = PendingRender{m.command, from.channel.Connection(), from.peer};
    AskServer(now, endpoint);
}

void RendererRole::Handle(TimePoint now, Controller& from, const PauseMessage& m,
                          Endpoint& endpoint) {
    if (!Admit(now, from, m, TransportVerb::kPause, endpoint)) return;
    if (m_state != TransportState::kPaused) m_player.Pause(now);
    SetState(now, *Next(m_state, TransportVerb::kPause));
    Answer(now, from, PausedMessage{m.command, m_generation, Position()}, endpoint);
}

void RendererRole::Handle(TimePoint now, Controller& from, const ResumeMessage& m,
                          Endpoint& endpoint) {
    if (!Admit(now, from, m, TransportVerb::kResume, endpoint)) return;
    if (m_state == TransportState::kPaused) m_player.Resume(now);
    SetState(now, *Next(m_state, TransportVerb::kResume));
    Answer(now, from, ResumedMessage{m.command, m_generation, Position()}, endpoint);
    Advance(now, endpoint);
}

void RendererRole::Handle(TimePoint now, Controller& from, const RestartMessage& m,
                          Endpoint& endpoint) {
    if (!Admit(now, from, m, TransportVerb::kRestart, endpoint)) return;
    RenderMessage request = m_request;
    request.command = m.command;
    request.offset = CRSP_PLANTED(kRestartAtPosition) ? Position() : 0;
    StartGeneration(now, std::move(request), TransportVerb::kRestart, endpoint);
    m_announced = true;
    Answer(now, from, RestartedMessage{m.command, m_generation, 0}, endpoint);
    AskServer(now, endpoint);
}

void RendererRole::Handle(TimePoint now, Controller& from, const StopMessage& m,
                          Endpoint& endpoint) {
    if (!Admit(now, from, m, TransportVerb::kStop, endpoint)) return;
    EndGeneration(now, EndReason::kStopped, MediaErrorCode::kNone, {}, endpoint);
    SetState(now, *Next(m_state, TransportVerb::kStop));
    Answer(now, from, StoppedMessage{m.command, m_generation, Position()}, endpoint);
}

void RendererRole::Handle(TimePoint now, Controller& from, const StatusMessage& m,
                          Endpoint& endpoint) {
    StatusReportMessage report;
    report.command = m.command;
    report.state = m_state;
    report.generation = m_generation;
    report.entry = m_request.entry;
    report.position = Position();
    report.size = PlayerIsCurrent() ? m_player.Info().size : 0;
    report.actions = AvailableActions(m_state);
    report.code = m_stateCode;
    from.channel.Send(now, endpoint, report);
}

void RendererRole::Handle(TimePoint now, Controller& from, const TakeOverMessage& m,
                          Endpoint& endpoint) {
    if (IsKnown(now, from, m.command, endpoint)) return;
    if (WhyNot(now, from) == MediaErrorCode::kNotAllowed) {
        return from.channel.Send(now, endpoint, MakeError(m.command, MediaErrorCode::kNotAllowed));
    }
    if (m.command == 0) {
        return Answer(now, from, MakeError(m.command, MediaErrorCode::kMalformedMessage), endpoint);
    }
    const auto before = Owner(now);
    m_ownership.Take(from.peer);
    for (auto& [connection, other] : m_controllers) {
        if (!before || other.peer != before || other.peer == from.peer) continue;
        other.channel.Send(now, endpoint, OwnershipMessage{0, Owner::kAnother});
    }
    Answer(now, from, OwnershipMessage{m.command, Owner::kYou}, endpoint);
}

void RendererRole::Handle(TimePoint now, Controller& from, const ExitMessage&, Endpoint& endpoint) {
    from.channel.Close(now, endpoint, MediaErrorCode::kNone, "exit");
}

void RendererRole::Handle(TimePoint, Controller&, const ErrorMessage&, Endpoint&) {
    // Never answered: two peers that do not understand each other would go on for ever.
}

template <class M>
void RendererRole::Handle(TimePoint now, Controller& from, const M& m, Endpoint& endpoint) {
    from.channel.Send(now, endpoint, MakeError(m.command, MediaErrorCode::kNotSupported));
}

void RendererRole::Answer(TimePoint now, Controller& to, const Message& message,
                          Endpoint& endpoint) {
    if (CommandOf(message) != 0) m_memory.Remember(to.peer, message);
    to.channel.Send(now, endpoint, message);
}

void RendererRole::Broadcast(TimePoint now, const Message& message, Endpoint& endpoint) {
    for (auto& [connection, to] : m_controllers) to.channel.Send(now, endpoint, message);
}

void RendererRole::AnswerRender(TimePoint now, const Message& message, Endpoint& endpoint) {
    m_memory.Remember(m_pending->peer, message);
    const auto at = m_controllers.find(m_pending->controller);
    if (at != m_controllers.end()) at->second.channel.Send(now, endpoint, message);
    m_pending.reset();
}

const KnownServer* RendererRole::FindServer(std::string_view name) const {
    for (const KnownServer& server : m_config.servers) {
        if (name.empty() || server.name == name) return &server;
    }
    return nullptr;
}

}  // namespace crsp
