// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/swarm/watched-role.h"

namespace crsp::sim {
namespace {

const X25519KeyPair& IdentityOf(std::size_t index) {
    static std::vector<X25519KeyPair> pairs;
    while (pairs.size() <= index) {
        SecretKey secret;
        std::fill(secret.Bytes().begin(), secret.Bytes().end(),
                  static_cast<std::byte>(pairs.size() + 1));
        pairs.push_back(X25519PairOf(secret));
    }
    return pairs[index];
}

}  // namespace

World::World(const SwarmPlan& plan, Verdict& verdict)
    : m_plan(plan), m_verdict(verdict), m_network(plan.seed, plan.broken) {}

std::size_t World::Add(RoleMaker maker) {
    const std::size_t index = m_places.size();
    Place& place = m_places.emplace_back();
    place.maker = std::move(maker);
    place.config.transport = DrawTransport(m_plan, index);
    SetTrust(place.config, index);
    // What a node that is restarted keeps, and a server without a place for it does not.
    if (m_plan.seed % 2 == 0) place.config.secret.emplace().fill(static_cast<std::byte>(index));
    if (m_plan.Has(Fault::kTinyMemory)) {
        place.config.maxReceiveMemory = place.config.maxSendMemory = 64 * 1024;
    }
    auto role = NextLife(place);
    place.node = &m_network.AddNode(place.config, std::move(role), place.ledger);
    return index;
}

void World::SetTrust(EndpointConfig& config, std::size_t index) const {
    if (m_plan.trust == Trust::kSharedKey) config.psk.emplace().fill(std::byte{1});
    if (m_plan.trust != Trust::kKeys) return;
    config.identity = IdentityOf(index);
    for (std::size_t i = 0; i < m_plan.Nodes(); ++i) {
        if (i != index) config.peers.push_back(IdentityOf(i).publicKey);
    }
}

PeerTarget World::TargetOf(std::size_t index) const {
    const SocketAddress address = m_places[index].node->Address();
    if (m_plan.trust != Trust::kKeys) return {address};
    return {address, IdentityOf(index).publicKey};
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
