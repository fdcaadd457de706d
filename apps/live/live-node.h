// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <system_error>

#include "apps/live/asio-host.h"
#include "apps/live/connection-ledger.h"
#include "model/connection/endpoint.h"
#include "model/host/driver.h"

namespace crsp {

/// How long an orderly end may take: long enough for the last packets to leave, short enough for
/// somebody who waits at a prompt.
inline constexpr std::chrono::milliseconds kShutdownBound{2000};

/// A whole node: socket, endpoint, driver and somebody's role. What a program runs, and what a test
/// can run several of on one io_context.
class LiveNode {
  public:
    /// `role` must outlive the node, and the node the last turn of `io`.
    LiveNode(boost::asio::io_context& io, EndpointConfig config, Role& role,
             DriverObserver* observer = nullptr);

    /// Binds `local`; then Start() may be called.
    std::error_code Open(const SocketAddress& local) { return m_host.Open(local); }
    void Start();
    /// Ends in good order: the role closes its connections, then the socket closes; at the latest
    /// after kShutdownBound. Further calls do nothing.
    void Shutdown();
    /// Calls Shutdown() after `delay`; nothing calls an earlier wish off.
    void ScheduleShutdown(std::optional<Duration> delay);
    /// Closes the socket without a word.
    void Stop();
    bool Stopped() const { return m_stopped; }

    /// Called after every turn until the node has stopped; may call Shutdown() or Stop().
    void SetAfterTurn(std::function<void()> hook) { m_afterTurn = std::move(hook); }
    /// Does something with the endpoint, before Start().
    using Change = std::function<void(TimePoint, Endpoint&)>;
    void Configure(const Change& change) { change(Now(), m_endpoint); }
    /// The same while the node runs, and what follows from it.
    void Do(const Change& change);
    /// Call after giving the role a command.
    void Pump() { m_host.Pump(); }

    SocketAddress LocalAddress() const { return m_local; }
    const Endpoint& GetEndpoint() const { return m_endpoint; }
    const AsioHost& GetHost() const { return m_host; }
    const ConnectionLedger& Ledger() const { return m_ledger; }
    TimePoint Now() const { return m_host.Now(); }

  private:
    void EndTurn();
    bool MayStop() const;

    AsioHost m_host;
    Endpoint m_endpoint;
    ConnectionLedger m_ledger;
    Driver m_driver;
    boost::asio::steady_timer m_shutdownTimer;
    boost::asio::steady_timer m_delayTimer;
    std::function<void()> m_afterTurn;
    SocketAddress m_local;
    bool m_shuttingDown = false;
    bool m_stopped = false;
};

}  // namespace crsp
