// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "tests/sim/session.h"

namespace crsp::sim {

/// The session of a seed: a network, impairments and a workload drawn from it.
SessionConfig RandomSession(std::uint64_t seed);

/// Longest simulated time that any of them may take.
inline constexpr Duration kSwarmLimit = seconds(900);

}  // namespace crsp::sim
