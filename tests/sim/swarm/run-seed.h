// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/swarm/verdict.h"

namespace crsp::sim {

/// What became of one seed.
struct SeedResult {
    Verdict verdict;
    std::string digest;  ///< of every datagram sent (R16)
};

/// Draws a run from `seed`, runs it, and holds it against every oracle.
SeedResult RunSeed(std::uint64_t seed);

/// What the seed draws, for whoever looks into a failure; several lines.
std::string DescribeSeed(std::uint64_t seed);

}  // namespace crsp::sim
