// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/swarm/world.h"

namespace crsp::sim {

/// One thing that must come to its end: the connections of one dialler, or the script of one
/// controller.
struct Errand {
    std::string name;
    bool done = false;
    std::uint64_t progress = 0;  ///< changes whenever it comes nearer to its end
    std::string pending{};       ///< what it waits for, in words
};

/// What the nodes of a run do, and what must be true of it.
class Workload {
  public:
    virtual ~Workload() = default;

    virtual void Build(World& world) = 0;
    virtual std::vector<Errand> Errands() = 0;
    /// Nodes behind a NAT that may show them elsewhere.
    virtual std::vector<std::size_t> Movers() const = 0;
    /// Whether others connect to the node.
    virtual bool IsDialled(std::size_t node) const = 0;
    /// All errands are done: ends every connection.
    virtual void Close() = 0;
    /// Everything has ended: says what was wrong with it.
    virtual void Check() = 0;
};

/// The workload of the plan. All must outlive it.
std::unique_ptr<Workload> MakeWorkload(const SwarmPlan& plan, Verdict& verdict);

}  // namespace crsp::sim
