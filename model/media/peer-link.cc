// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/peer-link.h"

namespace crsp {

bool PeerLink::Use(TimePoint now, Endpoint& endpoint, const PeerTarget& target) {
    if (m_channel && !m_channel->Closed() && m_target == target) return true;
    Drop(now, endpoint, "another peer is wanted");
    if (m_congestedUntil && now < *m_congestedUntil && m_congested == target.address) {
        return Refuse(TransportErrorCode::kCongested, "the path was congested a moment ago");
    }
    const auto connection = endpoint.Connect(now, target.address, target.key);
    if (!connection) {
        return Refuse(TransportErrorCode::kConnectionRefused, ToString(connection.error()));
    }
    m_target = target;
    m_channel.emplace(*connection, m_tracer);
    m_state = State::kConnecting;
    return true;
}

bool PeerLink::Is(ConnectionHandle connection) const {
    return m_channel && m_channel->Connection() == connection;
}

void PeerLink::OnConnected(Endpoint& endpoint) {
    m_channel->Open(endpoint);
    m_state = State::kConnected;
}

bool PeerLink::Refuse(TransportErrorCode why, std::string_view reason) {
    m_state = State::kClosed;
    m_why = why;
    m_reason = reason;
    return false;
}

void PeerLink::OnClosed(TimePoint now, const ClosedEvent& event) {
    if (event.code == TransportErrorCode::kCongested) {
        m_congested = m_target.address;
        m_congestedUntil = now + kCongestedPause;
    }
    m_channel.reset();
    m_state = State::kClosed;
    m_why = event.code;
    m_reason = event.reason;
}

void PeerLink::Close(TimePoint now, Endpoint& endpoint, std::string_view reason) {
    if (m_channel) m_channel->Close(now, endpoint, MediaErrorCode::kNone, reason);
}

void PeerLink::Drop(TimePoint now, Endpoint& endpoint, std::string_view reason) {
    Close(now, endpoint, reason);
    m_channel.reset();
    m_state = State::kIdle;
}

}  // namespace crsp
