// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>
#include <string>

#include "apps/live/exit-code.h"
#include "apps/live/live-node.h"
#include "apps/live/log-tracer.h"
#include "apps/live/node-cli.h"
#include "apps/live/qlog-file.h"
#include "model/trace/qlog-writer.h"

namespace crsp {

/// What all node programs do around their role: log and qlog, the socket, signals, the loop.
///
/// Lifetime of a program: construct, give TracerOrNull() to the role's configuration, Open(),
/// Run().
class NodeRunner {
  public:
    /// Starts the log and opens the qlog. Leaves the program (see Exit) if a key, an address or the
    /// qlog is no good.
    NodeRunner(std::string_view program, NodeOptions options);

    /// Observer of engine and role; null if nobody wants to know.
    Tracer* TracerOrNull() { return m_tracers.Empty() ? nullptr : &m_tracers; }
    const SocketAddress& ListenAddress() const { return m_listen; }
    /// As ResolvePeer (node-cli.h), to something that the listening socket can reach.
    SocketAddress Resolve(std::string_view option, const std::string& text) const;
    TransportConfig& Transport() { return m_config.transport; }
    /// For nodes that only connect.
    void RefuseConnections() { m_config.acceptConnections = false; }

    /// Binds, says `listening on HOST:PORT` on stderr if `announce`, and is ready for Run().
    /// Leaves with kUnavailable if the port is taken.
    LiveNode& Open(Role& role, bool announce);
    /// Runs until the node has stopped; the first SIGINT or SIGTERM shuts it down in good order,
    /// the second at once. kInterrupted or kTerminated if a signal was the cause, else kOk.
    ExitCode Run();

  private:
    void AwaitSignal();
    void OnSignal(int number);
    void OpenQlog();

    std::string m_program;
    NodeOptions m_options;
    EndpointConfig m_config;
    SocketAddress m_listen;
    TracerFan m_tracers;
    LogTracer m_logTracer;
    std::optional<QlogFile> m_qlogFile;
    std::optional<QlogWriter> m_qlogWriter;
    boost::asio::io_context m_io{1};
    boost::asio::signal_set m_signals{m_io};
    std::unique_ptr<LiveNode> m_node;
    int m_signal = 0;
};

}  // namespace crsp
