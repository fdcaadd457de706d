// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "model/host/role.h"
#include "model/media/catalogue-walk.h"
#include "model/media/command.h"
#include "model/media/peer-link.h"

namespace crsp {

class Tracer;

/// After EXIT the peer has this long to close before the controller does.
inline constexpr Duration kExitTimeout = seconds(1);

/// How long a grant that is asked for holds: a film, and what is paused and repeated of it.
inline constexpr Duration kGrantLifetime = std::chrono::hours(8);

/// Commands of one controller under way at once; more end with kBusy at once.
inline constexpr std::size_t kMaxPendingCommands = 64;
/// Notifications kept until polled; the oldest is dropped for the newest.
inline constexpr std::size_t kMaxNotifications = 64;

struct ControllerConfig {
    /// Needed for list, and for play by name. Absent: not connected to.
    std::optional<PeerTarget> server;
    /// Needed for everything else. Absent: not connected to.
    std::optional<PeerTarget> renderer;
    /// Without an answer for this long a command ends with kTimeout. list, and play by name, are
    /// several requests; each has this bound of its own.
    Duration commandTimeout = seconds(10);
    /// Makes command ids differ from those of every other controller of the same renderer. Random
    /// in a real node, the node's number in a simulation.
    std::uint64_t instance = 0;
    /// The name by which the renderer knows the server; empty: the renderer's first.
    std::string serverName;
    /// Observer of messages; may be null. Must outlive the role.
    Tracer* tracer = nullptr;
};

/// Sends commands to one server and one renderer, and says how each ended (CRSP §9.7).
///
/// Commands may be given at any time, also before the connections stand: they wait. After giving
/// one from outside the driver's own calls, call Driver::Pump(). There is no reconnecting: when a
/// connection ends, its commands end with kConnectionLost, and so do later ones.
class ControllerRole : public Role {
  public:
    explicit ControllerRole(ControllerConfig config);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    /// Closes the connections at once, with code 0.
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// Gathers the whole catalogue.
    CommandId List(TimePoint now);
    /// `entry` is the name of an entry of the server, as it is or as PrintableName writes it; or
    /// its id in decimal, if no entry has that name; or `#` and the id, which asks no server but
    /// for a grant.
    CommandId Play(TimePoint now, std::string_view entry, std::uint64_t offset = 0,
                   Generation expected = 0);
    /// These have no effect but kStaleGeneration if the renderer is at another generation than
    /// `expected`; 0 is any.
    CommandId Pause(TimePoint now, Generation expected = 0) {
        return Issue(now, Verb::kPause, {}, expected);
    }
    CommandId Resume(TimePoint now, Generation expected = 0) {
        return Issue(now, Verb::kResume, {}, expected);
    }
    CommandId Restart(TimePoint now, Generation expected = 0) {
        return Issue(now, Verb::kRestart, {}, expected);
    }
    CommandId Stop(TimePoint now, Generation expected = 0) {
        return Issue(now, Verb::kStop, {}, expected);
    }
    CommandId Status(TimePoint now) { return Issue(now, Verb::kStatus); }
    /// Owns the renderer from then on, whoever did (CRSP §9.10).
    CommandId TakeOver(TimePoint now) { return Issue(now, Verb::kTakeOver); }
    /// Any of the above by verb; `argument` is for play.
    CommandId Issue(TimePoint now, Verb verb, std::string_view argument = {},
                    Generation expected = 0);

    /// Says EXIT to both peers, which then close; closes itself if they do not within kExitTimeout.
    void Exit(TimePoint now);

    /// The oldest result not yet seen.
    std::optional<CommandResult> PollResult();
    std::optional<Notification> PollNotification();

    std::size_t PendingCommands() const { return m_commands.size(); }
    /// Every configured connection stands.
    bool Connected() const;
    /// Every configured connection has ended.
    bool Closed() const;
    /// Nothing more can be heard of the renderer: its connection has ended, or none is configured.
    bool RendererGone() const;

  private:
    /// A command that has not been answered. It is on its way to the server while it has a walk or
    /// wants a grant, and to the renderer when it is done with that.
    struct Command {
        CommandResult result;
        TimePoint deadline;
        CommandId wireId = 0;  ///< of the request on its way; 0 if none is
        TimePoint sendAt{};    ///< not before: a peer was busy
        std::optional<CatalogueWalk> walk;
        bool wantsGrant = false;
        RenderMessage render;  ///< play
        Generation expected = 0;

        bool ToServer() const { return walk || wantsGrant; }
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

    void Handle(TimePoint now, const ListingMessage& m);
    void Handle(TimePoint now, const GrantedMessage& m);
    void Handle(TimePoint now, const OwnershipMessage& m);
    void Handle(TimePoint now, const RenderingBegunMessage& m);
    void Handle(TimePoint now, const RenderingEndedMessage& m);
    void Handle(TimePoint now, const PausedMessage& m);
    void Handle(TimePoint now, const ResumedMessage& m);
    void Handle(TimePoint now, const RestartedMessage& m);
    void Handle(TimePoint now, const StoppedMessage& m);
    void Handle(TimePoint now, const StatusReportMessage& m);
    void Handle(TimePoint now, const ErrorMessage& m);
    template <class M>
    void Handle(TimePoint now, const M& m);

    PeerLink* LinkOf(ConnectionHandle connection);
    /// A renderer knows of a controller from its first message on: one that has nothing to say yet
    /// asks for the status, and need not heed the answer (CRSP §9.1).
    void MakeHeard(TimePoint now, Endpoint& endpoint);
    CommandId Enter(TimePoint now, Command command);
    void Send(TimePoint now, Command& command);
    void SendWaiting(TimePoint now);
    Message RequestFor(Command& command);
    Command* Find(CommandId wireId, Verb verb);
    bool AsksForGrants() const;
    /// The next request of `command` goes out, in its turn.
    void GoOn(TimePoint now, Command& command);
    bool HandleError(TimePoint now, Command& command, const ErrorMessage& m);
    void Walked(TimePoint now, Command& command);
    void Finish(TimePoint now, Command& command);
    void FailCommand(TimePoint now, Command& command, MediaErrorCode code, std::string_view text);
    void FailLostCommands(TimePoint now);
    template <class M>
    void VerbDone(TimePoint now, const M& m, Verb verb);
    void Notify(Notification notification);

    ControllerConfig m_config;
    CommandIds m_ids;
    Endpoint* m_endpoint = nullptr;  ///< from OnStart on, so that commands can be sent at once
    PeerLink m_server;
    PeerLink m_renderer;
    std::list<Command> m_commands;  ///< in the order of issue
    std::deque<CommandResult> m_results;
    std::deque<Notification> m_notifications;
    std::optional<TimePoint> m_exitAt;
};

}  // namespace crsp
