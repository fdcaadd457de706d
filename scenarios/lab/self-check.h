// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/base/time.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// A packet on one direction of a hop.
struct Crossing {
    TimePoint begun;  ///< its transmission
    TimePoint left;   ///< the last bit; before `begun` while it has not
    std::optional<TimePoint> arrived;
    std::uint32_t bytes = 0;  ///< with all headers
};

/// Chance alone goes beyond it once in 1.7 million (a normal distribution, both sides).
inline constexpr double kCheckSigmas = 5;
/// Beside them, as few losses are far from normal.
inline constexpr double kCheckPackets = 3;
/// Of a rate, and of delays in ns that were rounded on the way.
inline constexpr double kCheckRate = 0.001;
inline constexpr Duration kCheckDelay = microseconds(1);

/// Standard deviation of how many of `packets` a process loses, with the correlation of its bursts.
double LossDeviation(const LossProcess& process, double packets);

/// Holds what happened on one direction of a hop until `end` against what `link`, of a scenario
/// that stops at `until`, was to do: share of packets lost outside of blackouts, delay and its
/// variation, rate, order. Returns what does not fit in one sentence; empty if all does.
/// `damaged`: packets that the hop dropped for damage, which do not count as its losses.
std::string CheckHop(const LinkSpec& link, Duration until, Duration end,
                     const std::vector<Crossing>& crossings, std::uint64_t damaged);

}  // namespace crsp::lab
