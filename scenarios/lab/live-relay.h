// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/lab/run-record.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// What one relay does between whoever talks to it and its target: the path of the simulation
/// between the two nodes, with the clean hops' delay added to the shared hop's.
struct RelayPath {
    std::string target;  ///< HOST:PORT
    LinkSpec toTarget;   ///< delay of the whole path
    LinkSpec fromTarget;
    AccessSpec access;  ///< for the queue in bandwidth-delay products
    Duration until{};   ///< periodic blackouts are written out until here
    Duration rebind{};  ///< how often whoever talks to it gets another port; 0: never
};

/// From the client side to the server.
RelayPath TowardServer(const Scenario& scenario, const std::string& server);
/// From the server's side to the renderer.
RelayPath TowardRenderer(const Scenario& scenario, const std::string& renderer);
/// Between two nodes of the client side, without crossing the shared hop.
RelayPath WithinClientSide(const Scenario& scenario, const std::string& renderer);

/// The command line of a `crsp-relay` that is such a path and listens on any port of loopback.
std::vector<std::string> RelayArguments(const std::string& programs, const RelayPath& path,
                                        std::uint64_t seed, const std::string& statsFile);

/// Loss counts from a relay's `--stats` file: `down` is what came back from the target.
void ReadRelayLoss(const std::string& path, RunRecord& record);

}  // namespace crsp::lab
