// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include "model/connection/event.h"

namespace crsp {

/// Counts who is connected to a role, over all and by key: every connection goes through here, and
/// nothing else decides how many there may be (CRSP §9.9).
class SessionGate {
  public:
    /// `mostPerPeer` is for peers with a key. Those without are told apart by nothing, so only
    /// `most` bounds them.
    SessionGate(std::size_t most, std::size_t mostPerPeer)
        : m_most(most), m_mostPerPeer(mostPerPeer) {}

    /// False, and no change, if there are enough already.
    bool Enter(ConnectionHandle connection, const std::optional<PeerKey>& peer);
    /// Does nothing for one that is not in.
    void Leave(ConnectionHandle connection);

    std::size_t Count() const { return m_inside.size(); }
    std::size_t CountOf(const PeerKey& peer) const;

  private:
    std::size_t m_most;
    std::size_t m_mostPerPeer;
    std::map<ConnectionHandle, std::optional<PeerKey>> m_inside;
    std::map<PeerKey, std::size_t> m_byPeer;
};

}  // namespace crsp
