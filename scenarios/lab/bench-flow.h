// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>

#include "ns3/node.h"
#include "ns3/ptr.h"
#include "scenarios/lab/bench-cell.h"
#include "scenarios/lab/bench-record.h"

namespace crsp::lab {

/// A flow of a running simulation, of whatever protocol. Not to be touched after the simulator has
/// been destroyed.
class RunningFlow {
  public:
    virtual ~RunningFlow() = default;

    /// As BenchRecord::arrived and BenchRecord::read.
    virtual std::uint64_t Arrived() const = 0;
    virtual std::uint64_t Read() const = 0;
    virtual FlowCounters Counters() const = 0;
    /// Times and failure so far.
    virtual FlowRecord Record() const = 0;
};

/// Sets ns-3's TCP up for the bench: as ConfigureTcp, with buffers for the longest path and timers
/// as a Linux host has them. Call before nodes are made.
void ConfigureBenchTcp();

/// Installs one flow; its sender begins at `flow.start`.
std::unique_ptr<RunningFlow> StartBenchFlow(const BenchFlow& flow, ns3::Ptr<ns3::Node> sender,
                                            ns3::Ptr<ns3::Node> receiver);

}  // namespace crsp::lab
