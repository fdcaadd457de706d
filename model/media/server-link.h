// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "model/media/control-channel.h"

namespace crsp {

/// A renderer's connection to the server it pulls from; one at a time, kept for the next RENDER.
class ServerLink {
  public:
    explicit ServerLink(Tracer* tracer) : m_tracer(tracer) {}

    /// Keeps the connection if it goes to `address`; else ends it and starts another. Connected()
    /// may take until the ConnectedEvent. kServerUnreachable if no connection can be started.
    Expected<void, MediaErrorCode> Use(TimePoint now, Endpoint& endpoint,
                                       const SocketAddress& address);
    bool Is(ConnectionHandle connection) const;
    bool Connected() const { return m_connected; }
    /// At the ConnectedEvent: opens the control stream.
    void OnConnected(Endpoint& endpoint);
    /// At the ClosedEvent.
    void OnClosed();
    /// Ends the connection, if there is one, and forgets it.
    void Drop(TimePoint now, Endpoint& endpoint);
    /// Only while there is a connection.
    ControlChannel& Channel() { return *m_channel; }

  private:
    Tracer* m_tracer;
    SocketAddress m_address;
    std::optional<ControlChannel> m_channel;
    bool m_connected = false;
};

}  // namespace crsp
