// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "model/host/role.h"
#include "model/media/access-list.h"
#include "model/media/catalogue-view.h"
#include "model/media/content-store.h"
#include "model/media/control-channel.h"
#include "model/media/fair-turns.h"
#include "model/media/grant.h"
#include "model/media/request-budget.h"
#include "model/media/session-gate.h"
#include "model/media/transfer.h"

namespace crsp {

class Tracer;

/// Connections of one key at a server, and contents streams to it, at most.
inline constexpr std::size_t kMaxSessionsPerPeer = 32;
inline constexpr std::size_t kMaxContentsPerPeer = 16;
/// After BUSY a peer is asked to wait so long, and a little longer for each other one that waits.
inline constexpr Duration kBusyRetryAfter = milliseconds(500);
inline constexpr Duration kBusyRetrySpread = milliseconds(10);

struct ServerConfig {
    /// Connections served at once. Others are answered with kBusy and when to ask again.
    std::size_t maxSessions = 256;
    /// Connections that may wait for that; more are closed with kBusy.
    std::size_t maxWaiting = 64;
    std::size_t maxSessionsPerPeer = kMaxSessionsPerPeer;
    std::size_t maxContentsPerPeer = kMaxContentsPerPeer;
    /// Random bytes that nobody else has; grants are given, and known again, while they stay the
    /// same (CRSP §9.10). Without them there are none.
    std::optional<SecretKey> serverSecret{};
    /// Unix time at TimePoint zero: grants expire by it, as the clock of a machine that starts anew
    /// begins anew.
    Duration unixTimeAtZero{};
    /// Observer of messages; may be null. Must outlive the role.
    Tracer* tracer = nullptr;
};

/// What a server has done since it began.
struct ServerCounters {
    std::uint64_t sessions = 0;
    std::uint64_t listings = 0;
    std::uint64_t transfersBegun = 0;
    std::uint64_t transfersCompleted = 0;  ///< all bytes handed to the stream
    std::uint64_t transfersStopped = 0;    ///< by the renderer, or replaced by its next RENDER
    std::uint64_t transfersFailed = 0;
    std::uint64_t contentBytes = 0;  ///< handed to contents streams
    std::uint64_t errorsSent = 0;
    std::uint64_t turnedAway = 0;  ///< requests answered with kBusy, connections closed with it
    std::uint64_t grants = 0;
};

/// Serves LIST, GRANT and RENDER from a content store to any number of connections (CRSP §9.3,
/// §9.4, §9.10). A connection has one contents stream at a time: its next RENDER replaces it.
class ServerRole : public Role {
  public:
    /// `store` must outlive the role.
    ServerRole(ServerConfig config, ContentStore& store);

    void OnStart(TimePoint now, Endpoint& endpoint) override;
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override;
    std::optional<TimePoint> NextTimeout() const override;
    void OnShutdown(TimePoint now, Endpoint& endpoint) override;

    /// Who may read what from now on; everyone, before the first call (CRSP §9.10). What is under
    /// way and no longer allowed ends.
    void SetAccess(TimePoint now, Endpoint& endpoint, AccessList access);

    const ServerCounters& Counters() const { return m_counters; }
    std::size_t SessionCount() const { return m_sessions.size(); }

  private:
    struct Session {
        Session(const ConnectedEvent& event, Tracer* tracer)
            : channel(event.connection, tracer), peer(event.peer) {}
        ControlChannel channel;
        std::optional<PeerKey> peer;
        bool served = false;   ///< holds one of maxSessions; else it waits for one
        RequestBudget budget;  ///< of a connection without a key
        std::optional<Transfer> transfer;
        RenderMessage request;      ///< of `transfer`
        std::uint64_t counted = 0;  ///< bytes of `transfer` that are in m_counters
        std::uint64_t base = 0;     ///< stream bytes that the connection had sent before `transfer`
        std::uint64_t left = 0;     ///< bytes of `transfer` that had left at the last tick
        int ticks = 0;              ///< of its turn
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

    void Handle(TimePoint now, Session& session, const ListMessage& message, Endpoint& endpoint);
    void Handle(TimePoint now, Session& session, const GrantMessage& message, Endpoint& endpoint);
    void Handle(TimePoint now, Session& session, const RenderMessage& message, Endpoint& endpoint);
    void Handle(TimePoint now, Session& session, const ExitMessage& message, Endpoint& endpoint);
    void Handle(TimePoint now, Session& session, const ErrorMessage& message, Endpoint& endpoint);
    template <class M>
    void Handle(TimePoint now, Session& session, const M& message, Endpoint& endpoint);

    Session* Find(ConnectionHandle connection);
    bool HasRoomFor(Session& session);
    bool IsFull(const Session& session) const;
    void TurnAway(TimePoint now, Session& session, const Message& message, Endpoint& endpoint);
    /// How long to wait until the key of `session` may ask for `message`, if it has asked for too
    /// much of late.
    std::optional<Duration> OverBudget(TimePoint now, Session& session, const Message& message);
    /// How long a connection should wait for a place, or a key for one of its streams to end.
    Duration WaitForAPlace() const;
    void SayBusy(TimePoint now, Session& session, CommandId command, Duration after,
                 Endpoint& endpoint);
    /// Milliseconds.
    std::uint64_t UnixTime(TimePoint now) const;
    bool MayRead(const std::optional<PeerKey>& peer, const CatalogueEntry& entry) const;
    /// The version to open for `request` of a peer that may open it at all.
    std::optional<EntryVersion> VersionFor(TimePoint now, const std::optional<PeerKey>& peer,
                                           const RenderMessage& request);
    std::optional<EntryVersion> GrantedVersion(TimePoint now, const PeerKey& peer,
                                               const RenderMessage& request,
                                               const std::optional<CatalogueEntry>& entry) const;
    void Refuse(TimePoint now, Session& session, Endpoint& endpoint, CommandId command,
                MediaErrorCode code);
    void Replace(TimePoint now, Session& session, Endpoint& endpoint, Transfer next);
    void ChargeForUnsent(TimePoint now, Session& session, const Endpoint& endpoint);
    RequestBudget& BudgetOf(Session& session);
    void Pump(TimePoint now, Session& session, Endpoint& endpoint);
    /// How many bytes may be written now: in its turn, what goes out until the next tick but one.
    std::uint64_t Allowance(const Session& session, const Endpoint& endpoint) const;
    /// Bytes of its transfer that the connection has put on the wire.
    static std::uint64_t Left(const Session& session, const ConnectionStats& stats);
    void EndTransfer(Session& session);
    void Tick(TimePoint now, Endpoint& endpoint);
    void MindTurns(TimePoint now);
    void FailTransfer(TimePoint now, Session& session, Endpoint& endpoint, MediaErrorCode code);
    void Count(Session& session);

    ServerConfig m_config;
    ContentStore& m_store;
    AccessList m_access = AccessList::Everyone();
    std::optional<GrantMint> m_mint;
    SessionGate m_gate;
    std::map<ConnectionHandle, Session> m_sessions;
    std::size_t m_served = 0;                  ///< sessions that hold one of maxSessions
    std::map<PeerKey, CatalogueView> m_views;  ///< of peers that may not read everything
    std::map<PeerKey, RequestBudget> m_budgets;
    ServerCounters m_counters;
    FairTurns m_turns;
    std::optional<TimePoint> m_tickAt;  ///< while anybody waits for a turn
    /// When transfers that wait for a stream are tried again.
    std::optional<TimePoint> m_retryAt;
};

}  // namespace crsp
