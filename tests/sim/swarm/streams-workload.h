// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tests/sim/swarm/talker.h"
#include "tests/sim/swarm/workload.h"

namespace crsp::sim {

/// Diallers and those they dial, below any media: streams of every kind, each way.
class StreamsWorkload : public Workload {
  public:
    StreamsWorkload(const SwarmPlan& plan, Verdict& verdict);

    void Build(World& world) override;
    std::vector<Errand> Errands() override;
    std::vector<std::size_t> Movers() const override;
    bool IsDialled(std::size_t node) const override { return node < m_plan.servers; }
    void Close() override;
    void Check() override {}

  private:
    /// The roles of a node's latest life, which its node owns.
    std::unique_ptr<Role> MakeAcceptor(std::size_t node);
    std::unique_ptr<Role> MakeDialler(std::size_t node);
    std::uint64_t Diallers() const { return m_plan.renderers + m_plan.controllers - 1; }
    std::uint64_t DialledBy(std::uint64_t dialler) const { return dialler % m_plan.servers; }
    bool BothDone(std::uint64_t dialler) const;

    const SwarmPlan& m_plan;
    Verdict& m_verdict;
    World* m_world = nullptr;
    std::vector<DialoguePlan> m_dialogues;
    std::vector<Talker*> m_talkers;
};

}  // namespace crsp::sim
