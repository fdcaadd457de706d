// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/world.h"

#include <fmt/format.h>

#include "tests/sim/swarm/watched-role.h"

namespace crsp::sim {

World::World(const SwarmPlan& plan, Verdict& verdict)
    : m_plan(plan), m_verdict(verdict), m_network(plan.seed, plan.broken) {}

std::size_t World::Add(RoleMaker maker) {
    const std::size_t index = m_places.size();
    Place& place = m_places.emplace_back();
    place.maker = std::move(maker);
    place.config.transport = DrawTransport(m_plan, index);
    if (m_plan.keyed) place.config.psk.emplace().fill(std::byte{1});
    // What a node that is restarted keeps, and a server without a place for it does not.
    if (m_plan.seed % 2 == 0) place.config.secret.emplace().fill(static_cast<std::byte>(index));
    if (m_plan.Has(Fault::kTinyMemory)) place.config.maxReceiveMemory = 64 * 1024;
    auto role = NextLife(place);
    place.node = &m_network.AddNode(place.config, std::move(role), place.ledger);
    return index;
}

void World::Restart(std::size_t index) {
    Place& place = m_places[index];
    auto role = NextLife(place);
    place.node = &m_network.Restart(*place.node, place.config, std::move(role), place.ledger);
}

std::unique_ptr<Role> World::NextLife(Place& place) {
    const auto name = fmt::format("node {} life {}", &place - m_places.data(), place.lives);
    m_ledgers.push_back(std::make_unique<WireLedger>(name, m_verdict));
    place.ledger = m_ledgers.back().get();
    return std::make_unique<WatchedRole>(place.maker(place.lives++), name, place.config,
                                         *place.ledger, m_verdict);
}

}  // namespace crsp::sim
