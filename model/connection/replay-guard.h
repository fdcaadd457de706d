// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "model/connection/known-peer.h"

namespace crsp {

/// Timestamps remembered of each peer.
inline constexpr std::size_t kRememberedTimestamps = 64;

/// Keeps a keyed Initial from being taken a second time (CRSP §4.6, Noise rev 34 §7.7): the
/// timestamps of a peer's handshakes are all different. The newest are remembered, and what is
/// older than all of them is refused. Programs that share a key may so connect at once, and their
/// Initials overtake one another. Bounded by the number of peers, as it is asked about known ones
/// only.
class ReplayGuard {
  public:
    /// Whether this is the first handshake of `peer` with this timestamp; remembers it then.
    bool Accept(const PeerKey& peer, std::uint64_t timestamp);

  private:
    std::map<PeerKey, std::vector<std::uint64_t>> m_seen;  ///< ascending
};

}  // namespace crsp
