// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/base/random.h"
#include "model/connection/endpoint-config.h"
#include "model/impair/impairment-config.h"
#include "tests/sim/swarm/fault.h"

namespace crsp::sim {

/// What the nodes of a run do.
enum class WorkloadKind : std::uint8_t { kStreams, kMedia };

/// What the nodes of a run prove to each other (CRSP §4.1).
enum class Trust : std::uint8_t { kOpen, kSharedKey, kKeys };

/// What a seed makes: everything that is drawn before the run begins.
struct SwarmPlan {
    std::uint64_t seed = 0;
    WorkloadKind workload = WorkloadKind::kStreams;
    /// Servers, renderers and controllers; with kStreams the first accept and the others dial.
    std::uint64_t servers = 1;
    std::uint64_t renderers = 1;
    std::uint64_t controllers = 1;
    Trust trust = Trust::kOpen;
    FaultSet faults;
    ImpairmentConfig broken;    ///< every link in the safety phase
    ImpairmentConfig healed;    ///< every link in the liveness phase
    Duration safety{};          ///< how long faults happen
    std::size_t mtu = 0;        ///< of a link with kMtuDrop
    std::uint64_t maxSize = 0;  ///< of what is transferred at once, bytes

    bool Has(Fault fault) const { return faults.Has(fault); }
    std::uint64_t Nodes() const { return servers + renderers + controllers; }
    /// Longest round trip of a healed link.
    Duration RoundTrip() const { return 2 * healed.delay; }
    /// A stream of randomness for one purpose, so that one more draw moves no other.
    Random Stream(std::string_view label) const { return Random::Stream(seed, label); }
};

SwarmPlan DrawPlan(std::uint64_t seed);

/// Limits of the `node`th node: the faults' tiny ones, and a controller of congestion.
TransportConfig DrawTransport(const SwarmPlan& plan, std::uint64_t node);

/// Uniform in [low, high].
Duration Between(Random& random, Duration low, Duration high);

}  // namespace crsp::sim
