// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/session-gate.h"

namespace crsp {

bool SessionGate::Enter(ConnectionHandle connection, const std::optional<PeerKey>& peer) {
    if (m_inside.size() >= m_most) return false;
    if (peer && CountOf(*peer) >= m_mostPerPeer) return false;
    if (m_inside.try_emplace(connection, peer).second && peer) ++m_byPeer[*peer];
    return true;
}

void SessionGate::Leave(ConnectionHandle connection) {
    const auto left = m_inside.extract(connection);
    if (left.empty() || !left.mapped()) return;
    const auto at = m_byPeer.find(*left.mapped());
    if (--at->second == 0) m_byPeer.erase(at);
}

std::size_t SessionGate::CountOf(const PeerKey& peer) const {
    const auto at = m_byPeer.find(peer);
    return at == m_byPeer.end() ? 0 : at->second;
}

}  // namespace crsp
