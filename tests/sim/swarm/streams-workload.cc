// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/streams-workload.h"

#include <fmt/format.h>

#include <algorithm>

namespace crsp::sim {

StreamsWorkload::StreamsWorkload(const SwarmPlan& plan, Verdict& verdict)
    : m_plan(plan), m_verdict(verdict) {
    for (std::uint64_t i = 0; i < Diallers(); ++i) m_dialogues.push_back(DrawDialogue(plan, i));
    m_talkers.resize(plan.servers + Diallers());
}

void StreamsWorkload::Build(World& world) {
    m_world = &world;
    for (std::size_t node = 0; node < m_talkers.size(); ++node) {
        world.Add([this, node](std::uint64_t) {
            return node < m_plan.servers ? MakeAcceptor(node) : MakeDialler(node);
        });
    }
}

std::unique_ptr<Role> StreamsWorkload::MakeAcceptor(std::size_t node) {
    const auto whoIs = [this](const SocketAddress& shown) -> std::uint64_t {
        const SocketAddress owner = m_world->Net().OwnerOf(shown);
        for (std::uint64_t i = 0; i < Diallers(); ++i) {
            if (m_world->At(m_plan.servers + i).Address() == owner) return i;
        }
        return Diallers();
    };
    auto talker = std::make_unique<Talker>(m_dialogues, std::nullopt, whoIs, m_verdict);
    m_talkers[node] = talker.get();
    return talker;
}

std::unique_ptr<Role> StreamsWorkload::MakeDialler(std::size_t node) {
    const std::uint64_t dialler = node - m_plan.servers;
    const Talker::Call call{m_world->TargetOf(DialledBy(dialler)), dialler};
    auto talker = std::make_unique<Talker>(m_dialogues, call, nullptr, m_verdict);
    m_talkers[node] = talker.get();
    return talker;
}

bool StreamsWorkload::BothDone(std::uint64_t dialler) const {
    const Dialogue* ours = m_talkers[m_plan.servers + dialler]->Current();
    if (!ours || !ours->Done()) return false;
    const auto theirs = m_talkers[DialledBy(dialler)]->With(dialler);
    return std::any_of(theirs.begin(), theirs.end(), [](const auto* d) { return d->Done(); });
}

std::vector<Errand> StreamsWorkload::Errands() {
    std::vector<Errand> errands;
    for (std::uint64_t i = 0; i < Diallers(); ++i) {
        const std::size_t node = m_plan.servers + i;
        const Talker& talker = *m_talkers[node];
        Errand errand{.name = fmt::format("dialler {}", node)};
        errand.done = !m_world->At(node).Alive() || talker.GivenUp() || BothDone(i);
        errand.progress = talker.Attempts() << 40;
        if (talker.Current()) errand.progress += talker.Current()->Progress();
        for (const Dialogue* d : m_talkers[DialledBy(i)]->With(i)) {
            errand.progress += d->Progress();
        }
        errands.push_back(std::move(errand));
    }
    return errands;
}

std::vector<std::size_t> StreamsWorkload::Movers() const {
    std::vector<std::size_t> movers;
    for (std::size_t i = m_plan.servers; i < m_talkers.size(); ++i) movers.push_back(i);
    return movers;
}

void StreamsWorkload::Close() {
    for (std::size_t node = 0; node < m_talkers.size(); ++node) {
        if (m_world->At(node).Alive()) m_world->At(node).GetDriver().Shutdown();
    }
}

}  // namespace crsp::sim
