// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "model/connection/event.h"

namespace crsp {

/// Which of the running transfers of a server may write (CRSP §9.10). While more than one key is
/// served, the connections of each take turns, so that a key gets no larger part of the path by
/// opening more of them: congestion control shares between connections, and each key has one.
/// A connection without a key takes part as if it had one of its own.
class FairTurns {
  public:
    /// A transfer on `connection` runs from now on; the one before it there is over.
    void Begin(ConnectionHandle connection, const std::optional<PeerKey>& peer);
    void End(ConnectionHandle connection);

    /// Whether somebody has to wait for a turn.
    bool Contended() const;
    bool MayWrite(ConnectionHandle connection) const;
    /// Those whose turn it is while others wait for theirs.
    std::vector<ConnectionHandle> Holders() const;
    /// The next connection of the same key has its turn.
    void Pass(ConnectionHandle holder);
    /// All that run.
    std::vector<ConnectionHandle> Running() const;

  private:
    std::map<ConnectionHandle, std::optional<PeerKey>> m_running;
    std::map<PeerKey, std::deque<ConnectionHandle>> m_queues;  ///< whose turn it is stands first
    std::size_t m_keyless = 0;
};

}  // namespace crsp
