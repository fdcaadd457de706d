// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "apps/live/exit-code.h"
#include "apps/live/live-node.h"
#include "apps/live/node-runner.h"
#include "model/media/controller-role.h"

namespace crsp {

/// Tells failures that only mean that a peer has never been reached from all others, so that a
/// person reads one sentence about the peer and not one about each command.
class Silence {
  public:
    /// `node` and `runner` must outlive this.
    Silence(const LiveNode& node, ControllerConfig config, const NodeRunner& runner)
        : m_node(node), m_config(std::move(config)), m_runner(runner) {}

    /// Whether `result` failed because a peer that it needed has never been reached. Ask when the
    /// result comes.
    bool Explains(const CommandResult& result);
    /// One sentence about the peers that have never been reached; empty if that explained nothing.
    /// kUnavailable; kRefused if one did say something, and did not prove its key.
    std::optional<NodeError> Failure() const;

  private:
    bool Unreached(const std::optional<PeerTarget>& peer) const;

    const LiveNode& m_node;
    ControllerConfig m_config;
    const NodeRunner& m_runner;
    bool m_found = false;
};

}  // namespace crsp
