// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "model/base/ring-queue.h"
#include "model/connection/connection-table.h"
#include "model/connection/connection.h"
#include "model/connection/deadline-queue.h"
#include "model/connection/endpoint.h"
#include "model/connection/handshake-gate.h"
#include "model/connection/replay-guard.h"
#include "model/connection/source-limit.h"
#include "model/wire/packet-header.h"

namespace crsp {

/// What stands behind Endpoint: routes datagrams and deadlines to connections, and takes turns in
/// letting them send.
class Endpoint::Impl {
  public:
    explicit Impl(EndpointConfig config);

    void HandleDatagram(TimePoint now, const Datagram& datagram);
    void HandleTimeout(TimePoint now);
    std::optional<Transmit> PollTransmit(TimePoint now, ByteSpan buffer);
    std::optional<TimePoint> NextTimeout() const { return m_deadlines.Next(); }
    std::optional<Event> PollEvent();
    Expected<ConnectionHandle, UsageError> Connect(
        TimePoint now, const SocketAddress& remote,
        const std::optional<PeerKey>& peer = std::nullopt);
    void SetPeers(TimePoint now, std::vector<PeerKey> peers);

    /// The connection, or null if there is none of that handle.
    Connection* Find(ConnectionHandle handle) const;
    Expected<StreamSet*, UsageError> StreamsOf(ConnectionHandle handle) const;
    /// The connection while it can be used.
    Expected<Connection*, UsageError> EstablishedOf(ConnectionHandle handle) const;
    /// Something about the connection has changed: it may have to send, and its deadline may
    /// differ. PollTransmit sees to both.
    void Touch(ConnectionTable::Slot& slot);
    void Touch(ConnectionHandle handle) { Touch(*m_connections.Find(handle)); }

    const EndpointConfig& Config() const { return m_config; }
    const EndpointStats& Stats() const { return m_stats; }
    std::size_t ConnectionCount() const { return m_connections.Size(); }

  private:
    /// What is sent without a connection behind it.
    struct Reply {
        SocketAddress destination;
        std::variant<VersionNegotiationHeader, RetryHeader, ResetHeader> packet;
    };

    // endpoint-handshake.cc
    void PrepareHandshakes();
    void OnInitial(TimePoint now, const Datagram& datagram, const InitialHeader& header);
    /// `elsewhere`: the Initial has come from another address, and is not confirmed yet.
    void Accept(TimePoint now, const Datagram& datagram, const InitialHeader& header,
                bool elsewhere);
    /// Whether there may be one more handshake of `mode` with whoever sent this.
    bool HasRoomFor(const Datagram& datagram, HandshakeMode mode);
    /// Ends a half-open connection if one more would be too many; false if none may give way.
    bool MakeRoom(const Attempt& attempt, const std::optional<PeerKey>& peer, bool elsewhere);
    /// Whether an Initial with a right mac1 may go on to what costs more.
    bool PassesGate(TimePoint now, const Datagram& datagram, const InitialHeader& header,
                    bool elsewhere);
    std::optional<ReceivedInitial> ReadInitial(TimePoint now, const Datagram& datagram,
                                               const InitialHeader& header, bool elsewhere);
    void OnResponse(TimePoint now, const Datagram& datagram, ConnectionId destination);
    void OnVersionNegotiation(TimePoint now, const VersionNegotiationHeader& header);
    void OnRetry(TimePoint now, const RetryHeader& header);
    void OnFinish(TimePoint now, const Datagram& datagram, ConnectionId destination);
    void OnReset(TimePoint now, const ResetHeader& header);
    void OnUnknownConnection(TimePoint now, const Datagram& datagram, const DataHeader& header);
    /// A packet of the peer has opened, or its Finish has: it is where it says.
    void OnConfirmed(ConnectionTable::Slot& slot);
    ResetToken ResetTokenOf(ConnectionId own) const;
    void QueueReply(Reply reply);
    std::uint64_t NextTimestamp(TimePoint now);
    /// The slot, or null, and the datagram is counted.
    ConnectionTable::Slot* SlotOf(ConnectionId destination);

    // endpoint-impl.cc
    void OnData(TimePoint now, const Datagram& datagram, const DataHeader& header);
    ConnectionId NewConnectionId();
    ConnectionSetup MakeSetup(Side side, const SocketAddress& remote);
    void Remove(ConnectionHandle handle);
    std::optional<Transmit> WriteReply(ByteSpan buffer);
    /// One train at most; the second says whether there may be more.
    std::pair<Transmit, bool> WriteTrain(TimePoint now, Connection& connection, ByteSpan buffer);
    std::optional<Transmit> WriteTurn(TimePoint now, ConnectionTable::Slot& slot, ByteSpan buffer);

    EndpointConfig m_config;
    HandshakeConfig m_handshake;
    SecretKey m_mac1Key;         ///< of Initials in our mode
    SecretKey m_pairingMac1Key;  ///< of those that want to pair
    SecretKey m_resetKey;
    std::set<PeerKey> m_peers;
    ReplayGuard m_replays;
    std::uint64_t m_lastTimestamp = 0;
    SecureRandom m_random;
    HandshakeGate m_gate;
    TokenBucket m_resets;
    SourceLimit m_resetsOfSource;
    SourceLimit m_resetsOfHost;  ///< whatever port its packets come from
    TokenBucket m_versions;
    RingQueue<Event> m_events;
    EndpointStats m_stats;
    DeadlineQueue m_deadlines;
    MemoryBudget m_receiveBudget;
    MemoryBudget m_sendBudget;
    ConnectionTable m_connections;
    RingQueue<Reply> m_replies;
    RingQueue<ConnectionHandle> m_ready;  ///< may have something to send; served in turn
    ConnectionHandle m_nextHandle = 1;
};

}  // namespace crsp
