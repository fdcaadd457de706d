// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/live-node.h"

#include <utility>

namespace crsp {

LiveNode::LiveNode(boost::asio::io_context& io, EndpointConfig config, Role& role,
                   DriverObserver* observer)
    : m_host(io),
      m_endpoint(std::move(config)),
      m_ledger(role),
      m_driver(m_host, m_endpoint, m_ledger, observer),
      m_shutdownTimer(io),
      m_delayTimer(io) {
    m_host.SetAfterTurn([this] { EndTurn(); });
}

void LiveNode::Start() {
    m_local = m_host.LocalAddress();
    m_host.Start(m_driver);
}

void LiveNode::Shutdown() {
    if (m_shuttingDown || m_stopped) return;
    m_shuttingDown = true;
    m_shutdownTimer.expires_after(kShutdownBound);
    m_shutdownTimer.async_wait([this](const boost::system::error_code& error) {
        if (!error) Stop();
    });
    m_driver.Shutdown();
    EndTurn();
}

void LiveNode::Do(const Change& change) {
    change(Now(), m_endpoint);
    Pump();
}

void LiveNode::ScheduleShutdown(std::optional<Duration> delay) {
    m_delayTimer.cancel();
    if (!delay) return;
    m_delayTimer.expires_after(*delay);
    m_delayTimer.async_wait([this](const boost::system::error_code& error) {
        if (!error) Shutdown();
    });
}

void LiveNode::Stop() {
    if (m_stopped) return;
    m_stopped = true;
    m_delayTimer.cancel();
    m_shutdownTimer.cancel();
    m_host.Stop();
}

void LiveNode::EndTurn() {
    m_ledger.Sample(m_host.Now(), m_endpoint);
    if (m_afterTurn && !m_stopped) m_afterTurn();
    if (m_shuttingDown && MayStop()) Stop();
}

/// Connections that the peer closed need nothing more. Those we closed linger in the endpoint for
/// some round trips (CRSP §8.4), to tell a peer that missed it.
bool LiveNode::MayStop() const {
    if (m_endpoint.ConnectionCount() == 0) return true;
    const auto ownClose = m_ledger.LastOwnClose();
    const bool lingering = ownClose && m_host.Now() - *ownClose < kShutdownBound;
    return m_ledger.Open().empty() && !lingering;
}

}  // namespace crsp
