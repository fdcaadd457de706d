// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>

#include "scenarios/lab/bench-flow.h"

namespace crsp::lab {

/// Installs a flow that has a load of messages: over a deadline stream, with or without forward
/// error correction, or as unreliable datagrams, as its variant says.
std::unique_ptr<RunningFlow> StartMessageFlow(const BenchFlow& flow, ns3::Ptr<ns3::Node> sender,
                                              ns3::Ptr<ns3::Node> receiver);

}  // namespace crsp::lab
