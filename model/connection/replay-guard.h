// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "model/connection/known-peer.h"
#include "model/connection/token-bucket.h"

namespace crsp {

/// Timestamps remembered of each peer.
inline constexpr std::size_t kRememberedTimestamps = 64;
/// Handshakes of a peer in a second, and in a row, whose timestamps are older than all of these.
inline constexpr std::uint32_t kOldTimestampsPerSecond = 1;
inline constexpr std::uint32_t kOldTimestampBurst = 2;

/// Keeps a keyed Initial from being taken a second time (CRSP §4.6, Noise rev 34 §7.7): the
/// timestamps of a peer's handshakes are all different. The newest are remembered; programs that
/// share a key may so connect at once, and their Initials overtake one another. What is older than
/// all of them may be a replay, or come from a clock that lags behind that of another program, so
/// that only few are taken. Bounded by the number of peers, as it is asked about known ones only.
class ReplayGuard {
  public:
    /// Whether a handshake of `peer` with this timestamp may begin; remembers it then.
    bool Accept(TimePoint now, const PeerKey& peer, std::uint64_t timestamp);

  private:
    struct Seen {
        std::vector<std::uint64_t> newest;  ///< ascending
        TokenBucket old;
    };

    std::map<PeerKey, Seen> m_seen;
};

}  // namespace crsp
