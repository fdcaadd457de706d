// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/replay-guard.h"

#include <algorithm>

namespace crsp {

bool ReplayGuard::Accept(const PeerKey& peer, std::uint64_t timestamp) {
    auto& seen = m_seen[peer];
    const auto at = std::lower_bound(seen.begin(), seen.end(), timestamp);
    if (at != seen.end() && *at == timestamp) return false;
    const bool full = seen.size() == kRememberedTimestamps;
    if (full && at == seen.begin()) return false;
    seen.insert(at, timestamp);
    if (full) seen.erase(seen.begin());
    return true;
}

}  // namespace crsp
