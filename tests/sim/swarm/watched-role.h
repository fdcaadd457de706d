// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <string>

#include "model/host/role.h"
#include "tests/sim/swarm/verdict.h"
#include "tests/sim/swarm/wire-ledger.h"

namespace crsp::sim {

/// Passes everything on to a role, and sees how its connections begin and end: honest peers never
/// accuse each other, and the counters add up.
class WatchedRole : public Role {
  public:
    WatchedRole(std::unique_ptr<Role> inner, std::string node, const EndpointConfig& config,
                WireLedger& ledger, Verdict& verdict);

    void OnStart(TimePoint now, Endpoint& endpoint) override { m_inner->OnStart(now, endpoint); }
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override;
    void OnTimeout(TimePoint now, Endpoint& endpoint) override {
        m_inner->OnTimeout(now, endpoint);
    }
    std::optional<TimePoint> NextTimeout() const override { return m_inner->NextTimeout(); }
    void OnShutdown(TimePoint now, Endpoint& endpoint) override {
        m_over = true;
        m_inner->OnShutdown(now, endpoint);
    }

  private:
    void OnClosed(const ClosedEvent& event, const Endpoint& endpoint);
    void CheckCounters(const ConnectionStats& stats);
    void Fail(const std::string& what) { m_verdict.Fail(m_node + ": " + what); }

    std::unique_ptr<Role> m_inner;
    std::string m_node;
    TransportConfig m_limits;
    WireLedger& m_ledger;
    Verdict& m_verdict;
    bool m_over = false;
};

}  // namespace crsp::sim
