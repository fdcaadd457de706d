// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/server-link.h"

namespace crsp {

Expected<void, MediaErrorCode> ServerLink::Use(TimePoint now, Endpoint& endpoint,
                                               const SocketAddress& address) {
    if (m_channel && !m_channel->Closed() && m_address == address) return {};
    Drop(now, endpoint);
    const auto connection = endpoint.Connect(now, address);
    if (!connection) return Fail(MediaErrorCode::kServerUnreachable);
    m_address = address;
    m_channel.emplace(*connection, m_tracer);
    return {};
}

bool ServerLink::Is(ConnectionHandle connection) const {
    return m_channel && m_channel->Connection() == connection;
}

void ServerLink::OnConnected(Endpoint& endpoint) {
    m_channel->Open(endpoint);
    m_connected = true;
}

void ServerLink::OnClosed() {
    m_channel.reset();
    m_connected = false;
}

void ServerLink::Drop(TimePoint now, Endpoint& endpoint) {
    if (m_channel) m_channel->Close(now, endpoint, MediaErrorCode::kNone, "renderer leaves");
    OnClosed();
}

}  // namespace crsp
