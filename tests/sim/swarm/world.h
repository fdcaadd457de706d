// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "model/media/peer-link.h"
#include "tests/sim/simulation.h"
#include "tests/sim/swarm/plan.h"
#include "tests/sim/swarm/verdict.h"
#include "tests/sim/swarm/wire-ledger.h"

namespace crsp::sim {

/// The nodes of a run through all their lives, each watched from the wire and from the application.
class World {
  public:
    /// Makes the role of a node for its `life`th life, from 0.
    using RoleMaker = std::function<std::unique_ptr<Role>(std::uint64_t life)>;

    World(const SwarmPlan& plan, Verdict& verdict);

    /// Returns the new node's number.
    std::size_t Add(RoleMaker maker);
    std::size_t Size() const { return m_places.size(); }
    /// The latest life of a node.
    Node& At(std::size_t index) { return *m_places[index].node; }
    const WireLedger& LedgerOf(std::size_t index) const { return *m_places[index].ledger; }
    /// Where a node is, and the key that it proves if nodes have keys.
    PeerTarget TargetOf(std::size_t index) const;
    void Restart(std::size_t index);
    Network& Net() { return m_network; }
    TimePoint Now() const { return m_network.Now(); }
    const SwarmPlan& Plan() const { return m_plan; }

  private:
    struct Place {
        RoleMaker maker;
        EndpointConfig config;
        std::uint64_t lives = 0;
        Node* node = nullptr;
        WireLedger* ledger = nullptr;
    };

    std::unique_ptr<Role> NextLife(Place& place);
    void SetTrust(EndpointConfig& config, std::size_t index) const;

    const SwarmPlan& m_plan;
    Verdict& m_verdict;
    std::vector<std::unique_ptr<WireLedger>> m_ledgers;  ///< outlive the nodes
    std::vector<Place> m_places;
    Network m_network;
};

}  // namespace crsp::sim
