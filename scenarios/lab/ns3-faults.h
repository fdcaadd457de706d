// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "scenarios/lab/ns3-flow.h"
#include "scenarios/lab/ns3-parties.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Lets the faults of a scenario happen. Lives as long as the simulation.
class Ns3Faults {
  public:
    /// `told` is called with each, as it happens.
    Ns3Faults(const Scenario& scenario, Ns3Server& server,
              const std::vector<std::unique_ptr<Ns3Flow>>& flows,
              std::function<void(const FaultSpec&)> told);
    Ns3Faults(const Ns3Faults&) = delete;
    Ns3Faults& operator=(const Ns3Faults&) = delete;

  private:
    void Await(std::size_t index);
    void Look(std::size_t index);
    void Happen(std::size_t index);
    void Befall(const FaultSpec& fault);

    const Scenario& m_scenario;
    Ns3Server& m_server;
    const std::vector<std::unique_ptr<Ns3Flow>>& m_flows;
    std::function<void(const FaultSpec&)> m_told;
};

}  // namespace crsp::lab
