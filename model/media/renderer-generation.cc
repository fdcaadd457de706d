// SPDX-License-Identifier: BSD-3-Clause
// What a renderer does with a generation: asks a server for it, gives it to the sink, ends it.
#include <utility>

#include "model/base/planted.h"
#include "model/media/media-trace.h"
#include "model/media/renderer-role.h"

namespace crsp {

// What the server says.

void RendererRole::OnServerMessage(TimePoint now, const Message& message, Endpoint& endpoint) {
    if (const auto* error = std::get_if<ErrorMessage>(&message)) {
        if (m_asked && error->command == m_request.command && !AskLater(now, *error)) {
            const bool silent = error->code == MediaErrorCode::kNone;
            const auto code = silent ? MediaErrorCode::kReadFailed : error->code;
            FailGeneration(now, code, error->text, endpoint);
        }
    } else if (std::holds_alternative<ExitMessage>(message)) {
        m_link.Channel().Close(now, endpoint, MediaErrorCode::kNone, "exit");
    }
}

bool RendererRole::AskLater(TimePoint now, const ErrorMessage& error) {
    const auto after = RetryAfter(error);
    if (!after || !m_deadline || now + *after >= *m_deadline) return false;
    m_askAt = now + *after;
    m_asked = false;
    return true;
}

void RendererRole::OnServerLost(TimePoint now, Endpoint& endpoint) {
    const bool awaited = m_deadline.has_value();
    if (!awaited && !m_player.NeedsSource()) return;
    const bool progress = m_fruitless == 0 || m_player.SourcePosition() > m_lostAt;
    m_lostAt = m_player.SourcePosition();
    m_fruitless = progress ? 1 : m_fruitless + 1;
    if (m_fruitless > kMaxFruitlessReconnects) {
        return FailGeneration(now, MediaErrorCode::kServerUnreachable,
                              "the connection to the server is lost again and again", endpoint);
    }
    m_asked = false;
    m_askAt = m_fruitless == 1 ? now : now + kReconnectPause;
    if (awaited) return;
    m_deadline = now + m_config.serverTimeout;
    SetState(now, Next(m_state, TransportOccurrence::kStarved));
}

void RendererRole::GiveUp(TimePoint now, Endpoint& endpoint) {
    if (m_link.Connected()) {
        return FailGeneration(now, MediaErrorCode::kTimeout, "the server did not answer", endpoint);
    }
    m_link.Drop(now, endpoint, "renderer leaves");
    FailGeneration(now, MediaErrorCode::kServerUnreachable,
                   m_player.Begun() ? "the connection to the server is lost, and no other comes"
                                    : "the server cannot be reached",
                   endpoint);
}

RenderMessage RendererRole::Wanted() const {
    RenderMessage wanted = m_request;
    if (!m_player.Begun()) return wanted;
    wanted.version = m_player.Info().version;
    wanted.offset = m_player.SourcePosition();
    return wanted;
}

bool RendererRole::IsWhatWasAsked(const ContentsMessage& header) const {
    const RenderMessage wanted = Wanted();
    const bool version = wanted.version == 0 || header.version == wanted.version;
    const bool size = !m_player.Begun() || header.size == m_player.Info().size;
    return header.entry == wanted.entry && version && size && header.offset == wanted.offset &&
           header.size >= header.offset;
}

void RendererRole::OnContents(TimePoint now, const ContentsInbox::Arrival& arrival,
                              Endpoint& endpoint) {
    const ContentsMessage& header = arrival.header;
    const ConnectionHandle server = m_link.Channel().Connection();
    TraceMessage(m_config.tracer, now, "received", header);
    const bool current = header.generation == m_generation && header.command == m_request.command;
    if (!m_deadline || (!current && !CRSP_PLANTED(kOldGenerationAccepted))) {
        return RefuseStream(endpoint, server, arrival.stream);
    }
    m_deadline.reset();
    if (!IsWhatWasAsked(header)) {
        RefuseStream(endpoint, server, arrival.stream);
        return FailGeneration(now, MediaErrorCode::kMalformedMessage,
                              "the server sent other contents than asked for", endpoint);
    }
    const Player::Source source{server, arrival.stream, arrival.finished};
    if (m_player.Begun()) {
        m_player.Continue(source);
        return Advance(now, endpoint);
    }
    Begin(now, source, header, endpoint);
}

void RendererRole::Begin(TimePoint now, const Player::Source& source, const ContentsMessage& header,
                         Endpoint& endpoint) {
    const ContentInfo info{header.entry, header.version, header.size, header.offset};
    const auto begun = m_player.Begin(now, source, m_generation, info);
    if (!begun) {
        RefuseStream(endpoint, source.connection, source.stream);
        return FailGeneration(now, begun.error(), {}, endpoint);
    }
    SetState(now, Next(m_state, TransportOccurrence::kContentsBegun));
    AnnounceBegun(now, endpoint);
    Advance(now, endpoint);
}

// The life of a generation.

void RendererRole::StartGeneration(TimePoint now, RenderMessage request, TransportVerb verb,
                                   Endpoint& endpoint) {
    EndGeneration(now, EndReason::kReplaced, MediaErrorCode::kNone, {}, endpoint);
    m_request = std::move(request);
    m_request.generation = ++m_generation;
    m_asked = false;
    m_askAt = now;
    m_fruitless = 0;
    m_deadline = now + m_config.serverTimeout;
    SetState(now, *Next(m_state, verb));
}

void RendererRole::AskServer(TimePoint now, Endpoint& endpoint) {
    if (!m_deadline || m_asked || now < m_askAt) return;
    const KnownServer& server = *FindServer(m_request.server);
    if (server.revoked || !m_link.Use(now, endpoint, server.target)) {
        const std::string why = server.revoked ? "the server was revoked" : m_link.Reason();
        return FailGeneration(now, MediaErrorCode::kServerUnreachable, why, endpoint);
    }
    if (!m_link.Connected()) return;
    m_asked = true;
    m_link.Channel().Send(now, endpoint, Wanted());
}

void RendererRole::AnnounceBegun(TimePoint now, Endpoint& endpoint) {
    const ContentInfo& info = m_player.Info();
    RenderingBegunMessage begun{0, m_generation, info.entry, info.version, info.size};
    const ConnectionHandle asker = m_pending ? m_pending->controller : 0;
    const bool asked = m_pending.has_value();
    for (auto& [connection, to] : m_controllers) {
        if (!asked || connection != asker) to.channel.Send(now, endpoint, begun);
    }
    m_announced = true;
    if (!asked) return;
    begun.command = m_pending->command;
    AnswerRender(now, begun, endpoint);
}

bool RendererRole::MayRender() const {
    const bool wants = m_state == TransportState::kBuffering || m_state == TransportState::kPlaying;
    return wants && m_player.Begun();
}

void RendererRole::Advance(TimePoint now, Endpoint& endpoint) {
    if (!MayRender()) return;
    const auto advanced = m_player.Advance(now, endpoint);
    if (!advanced) return FailGeneration(now, advanced.error(), {}, endpoint);
    if (advanced->rendered) SetState(now, Next(m_state, TransportOccurrence::kDataFlowing));
    if (advanced->outcome == Player::Outcome::kStarved && m_config.renderRate != 0) {
        SetState(now, Next(m_state, TransportOccurrence::kStarved));
    } else if (advanced->outcome == Player::Outcome::kCompleted) {
        CompleteGeneration(now, endpoint);
    }
}

void RendererRole::CompleteGeneration(TimePoint now, Endpoint& endpoint) {
    const auto ended = m_player.End(now, endpoint, true);
    if (!ended) return FailGeneration(now, ended.error(), {}, endpoint);
    EndGeneration(now, EndReason::kComplete, MediaErrorCode::kNone, {}, endpoint);
    SetState(now, Next(m_state, TransportOccurrence::kCompleted));
}

void RendererRole::EndGeneration(TimePoint now, EndReason reason, MediaErrorCode code,
                                 std::string_view text, Endpoint& endpoint) {
    if (!IsActive(m_state)) return;
    m_deadline.reset();
    // A complete one has ended there by now.
    const auto ended = m_player.End(now, endpoint, false);
    if (!ended && code != MediaErrorCode::kSinkFailed) TellFailure(reason, ended.error(), {});
    if (m_pending) {
        const bool failed = reason == EndReason::kFailed;
        const auto why = failed ? code : MediaErrorCode::kSuperseded;
        AnswerRender(now, MakeError(m_pending->command, why, text), endpoint);
    }
    if (!std::exchange(m_announced, false)) return;
    const std::uint64_t rendered = PlayerIsCurrent() ? m_player.Rendered() : 0;
    if (reason == EndReason::kFailed) Broadcast(now, MakeError(0, code, text), endpoint);
    Broadcast(now, RenderingEndedMessage{0, m_generation, rendered, reason, code}, endpoint);
}

void RendererRole::FailGeneration(TimePoint now, MediaErrorCode code, std::string_view text,
                                  Endpoint& endpoint) {
    if (!IsActive(m_state)) return;
    EndGeneration(now, EndReason::kFailed, code, text, endpoint);
    SetState(now, Next(m_state, TransportOccurrence::kFailed));
    m_stateCode = code;
    TellFailure(EndReason::kFailed, code, text);
}

void RendererRole::TellFailure(EndReason reason, MediaErrorCode code, std::string_view text) const {
    if (!m_config.onFailure) return;
    m_config.onFailure({m_generation, m_request.entry, FindServer(m_request.server)->name,
                        Position(), reason, code, text});
}

void RendererRole::SetState(TimePoint now, TransportState state) {
    if (state == m_state) return;
    m_state = state;
    m_stateCode = MediaErrorCode::kNone;
    TraceState(m_config.tracer, now, state, m_generation, Position());
}

}  // namespace crsp
