// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/replay-guard.h"

#include <algorithm>

namespace crsp {

bool ReplayGuard::Accept(TimePoint now, const PeerKey& peer, std::uint64_t timestamp) {
    Seen& seen = m_seen[peer];
    auto& newest = seen.newest;
    const auto at = std::lower_bound(newest.begin(), newest.end(), timestamp);
    if (at != newest.end() && *at == timestamp) return false;
    const bool full = newest.size() == kRememberedTimestamps;
    if (full && at == newest.begin()) {
        return seen.old.Take(now, kOldTimestampsPerSecond, kOldTimestampBurst);
    }
    newest.insert(at, timestamp);
    if (full) newest.erase(newest.begin());
    return true;
}

}  // namespace crsp
