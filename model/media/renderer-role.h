// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/host/role.h"
#include "model/media/access-list.h"
#include "model/media/command-memory.h"
#include "model/media/contents-inbox.h"
#include "model/media/control-channel.h"
#include "model/media/ownership.h"
#include "model/media/peer-link.h"
#include "model/media/player.h"
#include "model/media/session-gate.h"
#include "model/media/sink.h"

namespace crsp {

class Tracer;

/// A server that a renderer may pull from. Controllers name it; only the renderer's own
/// configuration says where it is.
struct KnownServer {
    std::string name;  ///< at most kMaxNameSize bytes
    PeerTarget target;
    bool revoked = false;  ///< its owner does not trust it any more: never connected to
};

/// What went wrong with a rendering, for whoever runs the renderer.
struct RenderingFailure {
    Generation generation = 0;
    EntryId entry = 0;
    std::string_view server;     ///< its name, of the renderer's own configuration
    std::uint64_t position = 0;  ///< bytes into the entry
    /// kFailed; with another one the rendering is over for that reason, and only the sink failed.
    EndReason reason = EndReason::kFailed;
    MediaErrorCode code = MediaErrorCode::kNone;
    /// More about `code`; may be empty. Perhaps from the server: print with PrintableName.
    std::string_view text;
};

/// A renderer that loses its server again before another byte came waits so long before it connects
/// anew, and gives up after so many times.
inline constexpr Duration kReconnectPause = milliseconds(200);
inline constexpr std::uint32_t kMaxFruitlessReconnects = 16;

/// Connections of one key at a renderer, at most.
inline constexpr std::size_t kMaxControllersPerPeer = 4;

struct RendererConfig {
    /// The first serves a RENDER that names none.
    std::vector<KnownServer> servers;
    /// Bytes read from the stream and offered to the sink in one step; > 0.
    std::size_t portion = 16 * 1024;
    /// Bytes per second of the timetable; 0 renders as fast as content arrives.
    std::uint64_t renderRate = 0;
    /// From RENDER or RESTART, or from the loss of the connection to the server, to CONTENTS,
    /// connecting included; then kServerUnreachable.
    Duration serverTimeout = seconds(8);
    /// Controllers connected at once; more are closed with kBusy.
    std::size_t maxControllers = 16;
    std::size_t maxControllersPerPeer = kMaxControllersPerPeer;
    /// Told of every failure, before or in mid-stream; may be empty. Must not call the role.
    std::function<void(const RenderingFailure&)> onFailure = nullptr;
    /// Observer of messages and states; may be null. Must outlive the role.
    Tracer* tracer = nullptr;
};

/// Obeys controllers and pulls what they name from servers, through the same endpoint (CRSP §9.4 to
/// §9.7). Never holds more than one portion itself; what else is on the way is bounded by the
/// transport's credit.
class RendererRole : public Role {
  public:
    /// `sink` must outlive the role.
    RendererRole(RendererConfig config, Sink& sink);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// Who may command and observe from now on; everyone, before the first call (CRSP §9.10). What
    /// plays goes on, but an owner without the right to command owns nothing any more.
    void SetAccess(TimePoint now, Endpoint& endpoint, AccessList access);

    /// What has become of the servers: those that the role began with, in the same order, with
    /// their targets as they are now. Connections that stand are the endpoint's affair
    /// (Endpoint::SetPeers).
    void SetServers(std::vector<KnownServer> servers);

    TransportState State() const { return m_state; }
    Generation CurrentGeneration() const { return m_generation; }
    /// Bytes into the entry.
    std::uint64_t Position() const;
    /// Nothing where nobody owns it.
    std::optional<PeerKey> Owner(TimePoint now) const { return m_ownership.Owner(now); }
    std::size_t ControllerCount() const { return m_controllers.size(); }

  private:
    struct Controller {
        ControlChannel channel;
        std::optional<PeerKey> peer;
    };

    void On(TimePoint now, const ConnectedEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const ClosedEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const StreamOpenedEvent& event, Endpoint& endpoint);
    void On(TimePoint, const DatagramReceivedEvent&, Endpoint&) {}
    void On(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const StreamWritableEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const StreamResetEvent& event, Endpoint& endpoint);
    void On(TimePoint now, const StreamStoppedEvent& event, Endpoint& endpoint);
    void On(TimePoint, const PathChangedEvent&, Endpoint&) {}

    // What controllers say.
    void Handle(TimePoint now, Controller& from, const RenderMessage& m, Endpoint& endpoint);
    void Handle(TimePoint now, Controller& from, const PauseMessage& m, Endpoint& endpoint);
    void Handle(TimePoint now, Controller& from, const ResumeMessage& m, Endpoint& endpoint);
    void Handle(TimePoint now, Controller& from, const RestartMessage& m, Endpoint& endpoint);
    void Handle(TimePoint now, Controller& from, const StopMessage& m, Endpoint& endpoint);
    void Handle(TimePoint now, Controller& from, const StatusMessage& m, Endpoint& endpoint);
    void Handle(TimePoint now, Controller& from, const TakeOverMessage& m, Endpoint& endpoint);
    void Handle(TimePoint now, Controller& from, const ExitMessage& m, Endpoint& endpoint);
    void Handle(TimePoint now, Controller& from, const ErrorMessage& m, Endpoint& endpoint);
    template <class M>
    void Handle(TimePoint now, Controller& from, const M& m, Endpoint& endpoint);
    MediaErrorCode WhyNot(TimePoint now, const Controller& from) const;
    bool IsKnown(TimePoint now, Controller& from, CommandId command, Endpoint& endpoint);
    template <class M>
    bool Admit(TimePoint now, Controller& from, const M& m, TransportVerb verb, Endpoint& endpoint);
    void Answer(TimePoint now, Controller& to, const Message& message, Endpoint& endpoint);
    void Broadcast(TimePoint now, const Message& message, Endpoint& endpoint);

    // What the server says.
    void OnServerMessage(TimePoint now, const Message& message, Endpoint& endpoint);
    void OnContents(TimePoint now, const ContentsInbox::Arrival& arrival, Endpoint& endpoint);
    /// Whether there is time to ask again when the server said.
    bool AskLater(TimePoint now, const ErrorMessage& error);
    bool IsWhatWasAsked(const ContentsMessage& header) const;
    /// The connection has ended though neither side wanted it to: connects anew, and goes on.
    void OnServerLost(TimePoint now, Endpoint& endpoint);
    /// The server did not do within the time what was asked of it.
    void GiveUp(TimePoint now, Endpoint& endpoint);
    /// What to ask the server for: the request, or what is left of it.
    RenderMessage Wanted() const;
    void Begin(TimePoint now, const Player::Source& source, const ContentsMessage& header,
               Endpoint& endpoint);

    // The life of a generation.
    void StartGeneration(TimePoint now, RenderMessage request, TransportVerb verb,
                         Endpoint& endpoint);
    void AskServer(TimePoint now, Endpoint& endpoint);
    void AnnounceBegun(TimePoint now, Endpoint& endpoint);
    void Advance(TimePoint now, Endpoint& endpoint);
    void CompleteGeneration(TimePoint now, Endpoint& endpoint);
    void EndGeneration(TimePoint now, EndReason reason, MediaErrorCode code, std::string_view text,
                       Endpoint& endpoint);
    void FailGeneration(TimePoint now, MediaErrorCode code, std::string_view text,
                        Endpoint& endpoint);
    void TellFailure(EndReason reason, MediaErrorCode code, std::string_view text) const;
    void AnswerRender(TimePoint now, const Message& message, Endpoint& endpoint);
    void SetState(TimePoint now, TransportState state);

    const KnownServer* FindServer(std::string_view name) const;
    bool IsServerKnown(const RenderMessage& m) const { return FindServer(m.server) != nullptr; }
    /// Other commands name none.
    template <class M>
    bool IsServerKnown(const M&) const {
        return true;
    }
    /// Whether `from` may have it rendered: what a server lets us read is not ours to lend.
    bool MayHave(const Controller& from, const RenderMessage& m) const;
    template <class M>
    bool MayHave(const Controller&, const M&) const {
        return true;
    }
    bool MayRender() const;
    bool PlayerIsCurrent() const { return m_player.LatestGeneration() == m_generation; }

    /// A RENDER that was accepted and not yet answered.
    struct PendingRender {
        CommandId command;
        ConnectionHandle controller;
        std::optional<PeerKey> peer;
    };

    RendererConfig m_config;
    Player m_player;
    PeerLink m_link;
    ContentsInbox m_inbox;
    CommandMemory m_memory;
    AccessList m_access = AccessList::Everyone();
    Ownership m_ownership;
    SessionGate m_gate;
    std::map<ConnectionHandle, Controller> m_controllers;

    TransportState m_state = TransportState::kNoMedia;
    MediaErrorCode m_stateCode = MediaErrorCode::kNone;
    Generation m_generation = 0;
    RenderMessage m_request;   ///< to the server, of this generation
    bool m_asked = false;      ///< it has been sent
    TimePoint m_askAt{};       ///< not before
    bool m_announced = false;  ///< controllers know of this generation: they will hear its end
    std::optional<PendingRender> m_pending;
    std::uint64_t m_lostAt = 0;     ///< source's position when the server was lost last...
    std::uint32_t m_fruitless = 0;  ///< ...and how often in a row it was lost there
    /// While CONTENTS is awaited: until when.
    std::optional<TimePoint> m_deadline;
};

}  // namespace crsp
