// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "model/connection/key-log.h"
#include "ns3/animation-interface.h"
#include "ns3/flow-monitor-helper.h"
#include "ns3/flow-monitor.h"
#include "ns3/node.h"
#include "ns3/ptr.h"
#include "scenarios/lab/extra-traces.h"

namespace crsp::lab {

/// Writes what ExtraTraces asks for into a run's folder. None of it changes the run.
class Ns3ExtraTraces {
  public:
    /// Once all nodes and links are there. In the picture nodes stand by their distance from
    /// `first`. Without a folder nothing is written.
    Ns3ExtraTraces(const ExtraTraces& traces, const std::string& folder, ns3::Ptr<ns3::Node> first);
    ~Ns3ExtraTraces();
    Ns3ExtraTraces(const Ns3ExtraTraces&) = delete;
    Ns3ExtraTraces& operator=(const Ns3ExtraTraces&) = delete;

    /// For every node that is installed; empty if nobody asked. This must outlive the simulation.
    KeyLog GetKeyLog() const;
    /// After the simulation has run, before it is destroyed.
    void Finish();

  private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    std::string m_folder;
    std::unique_ptr<std::FILE, Close> m_keys;
    std::unique_ptr<ns3::AnimationInterface> m_animation;
    ns3::FlowMonitorHelper m_flowHelper;
    ns3::Ptr<ns3::FlowMonitor> m_flows;
};

}  // namespace crsp::lab
