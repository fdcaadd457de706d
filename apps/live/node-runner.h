// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/live/arrival-watch.h"
#include "apps/live/capture-observer.h"
#include "apps/live/connection-log.h"
#include "apps/live/exit-code.h"
#include "apps/live/key-log-file.h"
#include "apps/live/live-node.h"
#include "apps/live/log-tracer.h"
#include "apps/live/node-cli.h"
#include "apps/live/peer-book.h"
#include "apps/live/qlog-file.h"
#include "model/trace/qlog-writer.h"

namespace crsp {

/// What SIGHUP does to a node.
enum class Hangup : bool {
    kReads,  ///< has it read its peers file again, also if it comes while the node starts
    kEnds,   ///< ends it as SIGTERM does, unless it was started with SIGHUP ignored (nohup)
};

/// What all node programs do around their role: log and qlog, the socket, signals, the loop.
///
/// Lifetime of a program: construct, give TracerOrNull() to the role's configuration, Open(),
/// Run().
class NodeRunner {
  public:
    /// Starts the log and opens the qlog. Leaves the program (see Exit) if a key, an address or the
    /// qlog is no good.
    NodeRunner(std::string_view program, NodeOptions options, Hangup hangup);

    /// Observer of engine and role; null if nobody wants to know.
    Tracer* TracerOrNull() { return m_tracers.Empty() ? nullptr : &m_tracers; }
    const SocketAddress& ListenAddress() const { return m_listen; }
    /// Binds `text` instead of what --listen says.
    void ListenOn(const std::string& text) { m_listen = ResolveListen("--listen", text); }
    /// The peer that `text`, given with `option`, refers to (see PeerReference): its key from the
    /// peers file, its address as from ResolvePeer, of a kind that the listening socket can reach.
    NamedTarget Target(std::string_view option, const std::string& text);
    /// Where that peer is, before it is looked up.
    std::string AddressOf(std::string_view option, const std::string& text) const;
    const PeerBook& Peers() const { return m_book; }
    /// Of the peers that Target has found; after Open.
    const ArrivalWatch& Arrivals() const { return *m_arrivals; }
    /// The files and folders that the options name, or that stand in for them, and where the talk
    /// goes: nothing for others.
    std::vector<std::string> OwnPaths() const;
    /// Called with what the peers file says, before the node starts and each time that it has
    /// changed; never without an identity. A node with a hook says who comes and goes.
    using AccessHook = std::function<void(TimePoint, Endpoint&, AccessList)>;
    void SetAccessHook(AccessHook hook) { m_accessHook = std::move(hook); }
    /// What this node knows beyond its own life and outsiders do not; nothing without a key.
    const std::optional<SecretKey>& Secret() const { return m_secret; }
    TransportConfig& Transport() { return m_config.transport; }
    /// Until Open().
    Duration UnixTimeAtZero() const { return m_config.unixTimeAtZero; }
    /// For nodes that only connect.
    void RefuseConnections() { m_config.acceptConnections = false; }
    /// For pairing: talks to keys that nobody knows yet.
    void AllowPairing() { m_config.pairing = true; }
    boost::asio::io_context& Io() { return m_io; }

    /// Binds, says `listening on HOST:PORT` on stderr if `announce`, and is ready for Run().
    /// Leaves with kUnavailable if the port is taken.
    LiveNode& Open(Role& role, bool announce);
    /// Runs until the node has stopped; the first signal to end it shuts it down in good order,
    /// the second at once. kInterrupted, kTerminated or kHungUp if one was the cause, else kOk.
    ExitCode Run();

  private:
    void TakeEndingSignals();
    void AwaitSignal();
    void OnSignal(int number);
    void Reload();
    void ApplyPeers(TimePoint now, Endpoint& endpoint);
    PeerReference Find(std::string_view option, const std::string& text) const;
    void OpenQlog();
    /// What Resets outlive this process by (CRSP §3.11), for this program at this address.
    void MakeResetSecret();
    /// `role`, and around it what says who comes and goes.
    Role& Logged(Role& role);
    DriverObserver* Watched();
    void OpenKeyLog();

    std::string m_program;
    NodeOptions m_options;
    Hangup m_hangup;
    EndpointConfig m_config;
    std::optional<SecretKey> m_secret;
    PeerBook m_book;
    AccessHook m_accessHook;
    SocketAddress m_listen;
    TracerFan m_tracers;
    LogTracer m_logTracer;
    std::optional<QlogFile> m_qlogFile;
    std::optional<QlogWriter> m_qlogWriter;
    std::optional<KeyLogFile> m_keyLog;
    std::optional<CaptureObserver> m_capture;
    std::optional<ArrivalWatch> m_arrivals;
    std::optional<ConnectionLog> m_connectionLog;
    boost::asio::io_context m_io{1};
    boost::asio::signal_set m_signals{m_io};
    std::unique_ptr<LiveNode> m_node;
    int m_signal = 0;
};

}  // namespace crsp
