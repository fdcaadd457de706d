// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "model/connection/known-peer.h"
#include "model/media/control-channel.h"

namespace crsp {

/// After a connection that ended with CONGESTED there is none to the same address for so long
/// (CRSP §6.8, RFC 8084 §4).
inline constexpr Duration kCongestedPause = seconds(30);

/// Where a peer is, and who it has to prove to be.
struct PeerTarget {
    SocketAddress address;
    /// Absent where peers have no keys of their own (CRSP §4.1).
    std::optional<PeerKey> key = std::nullopt;

    bool operator==(const PeerTarget&) const = default;
};

/// A connection that a role opens itself: a renderer's to the server it pulls from, a controller's
/// to its server and its renderer.
class PeerLink {
  public:
    explicit PeerLink(Tracer* tracer) : m_tracer(tracer) {}

    enum class State : std::uint8_t { kIdle, kConnecting, kConnected, kClosed };
    State Current() const { return m_state; }
    bool Connected() const { return m_state == State::kConnected; }

    /// Keeps the connection if it goes to `target`; else ends it and starts another, which may
    /// take until OnConnected. False, and kClosed, if none can be started: also within
    /// kCongestedPause of the circuit breaker's word.
    bool Use(TimePoint now, Endpoint& endpoint, const PeerTarget& target);
    bool Is(ConnectionHandle connection) const;
    /// At the ConnectedEvent of this connection: opens the control stream.
    void OnConnected(Endpoint& endpoint);
    /// At its ClosedEvent.
    void OnClosed(TimePoint now, const ClosedEvent& event);
    /// Closes the connection, if there is one; its ClosedEvent is still to come.
    void Close(TimePoint now, Endpoint& endpoint, std::string_view reason);
    /// Closes the connection, if there is one, and is kIdle again: its ClosedEvent is not for this.
    void Drop(TimePoint now, Endpoint& endpoint, std::string_view reason);
    /// Only while connecting or connected.
    ControlChannel& Channel() { return *m_channel; }

    /// Why it is kClosed.
    TransportErrorCode Why() const { return m_why; }
    const std::string& Reason() const { return m_reason; }

  private:
    bool Refuse(TransportErrorCode why, std::string_view reason);

    Tracer* m_tracer;
    State m_state = State::kIdle;
    PeerTarget m_target;
    std::optional<ControlChannel> m_channel;
    TransportErrorCode m_why = TransportErrorCode::kNoError;
    std::string m_reason;
    SocketAddress m_congested;  ///< where the circuit breaker ended a connection
    std::optional<TimePoint> m_congestedUntil;
};

}  // namespace crsp
