// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/sim/swarm/fault.h"

namespace crsp::sim {

/// What is found out about one run while it goes on. All oracles write here.
class Verdict {
  public:
    static constexpr std::size_t kMaxFailures = 5;

    /// An invariant is broken. The first few are kept.
    void Fail(std::string what) {
        if (m_failures.size() < kMaxFailures) m_failures.push_back(std::move(what));
    }
    bool Ok() const { return m_failures.empty(); }
    const std::vector<std::string>& Failures() const { return m_failures; }

    /// The fault did not only stand in the plan, it happened.
    void Fired(Fault fault) { m_fired.Add(fault); }
    void Reached(Moment moment) { m_reached.Add(moment); }
    const FaultSet& FiredFaults() const { return m_fired; }
    const MomentSet& ReachedMoments() const { return m_reached; }

  private:
    std::vector<std::string> m_failures;
    FaultSet m_fired;
    MomentSet m_reached;
};

}  // namespace crsp::sim
