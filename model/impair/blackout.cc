// SPDX-License-Identifier: BSD-3-Clause
#include "model/impair/blackout.h"

#include <algorithm>

namespace crsp {

bool InBlackout(const BlackoutConfig& config, Duration time) {
    const Duration period = config.on + config.off;
    if (period > Duration{0} && time % period >= config.on) return true;
    const auto next =
        std::upper_bound(config.intervals.begin(), config.intervals.end(), time,
                         [](Duration t, const Interval& interval) { return t < interval.begin; });
    return next != config.intervals.begin() && time < std::prev(next)->end;
}

}  // namespace crsp
