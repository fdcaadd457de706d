// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/token-bucket.h"

#include <algorithm>

namespace crsp {

bool TokenBucket::Take(TimePoint now, std::uint32_t perSecond, std::uint32_t burst) {
    const Duration each = Duration(seconds(1)) / perSecond;
    const TimePoint full = std::max(m_full, now) + each;
    if (full > now + each * burst) return false;
    m_full = full;
    return true;
}

}  // namespace crsp
