// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/node-runner.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "apps/live/asio-address.h"
#include "apps/live/log.h"
#include "apps/live/node-keys.h"
#include "apps/live/peers-file.h"
#include "model/crypto/mac.h"

namespace crsp {
namespace {

Verbosity VerbosityOf(const NodeOptions& options) {
    if (options.quiet) return Verbosity::kQuiet;
    return options.verbose ? Verbosity::kVerbose : Verbosity::kNormal;
}

std::string BindFailure(const SocketAddress& address, const std::error_code& error) {
    const auto where = Display(address);
    if (error == std::errc::address_in_use) {
        return fmt::format("the port is in use: {}; choose another with --listen", where);
    }
    return fmt::format("cannot listen on {}: {}", where, error.message());
}

bool IsIgnored(int number) {
    struct sigaction action {};
    return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

NodeRunner::NodeRunner(std::string_view program, NodeOptions options, Hangup hangup)
    : m_program(program), m_options(std::move(options)), m_hangup(hangup) {
    // Before the peers are read: who has changed them since then must be heard.
    if (m_hangup == Hangup::kReads) m_signals.add(SIGHUP);
    StartLog(m_program, VerbosityOf(m_options));
    ::signal(SIGPIPE, SIG_IGN);
    m_config = ValueOrExit(MakeEndpointConfig(m_options));
    auto keys = ValueOrExit(LoadNodeKeys(m_options));
    if (keys.identity) {
        m_config.identity = keys.identity->pair;
        m_secret = keys.identity->secret;
    } else if (keys.psk) {
        m_secret.emplace(*keys.psk);
    }
    m_config.psk = keys.psk;
    m_book = std::move(keys.book);
    m_listen = ResolveListen("--listen", m_options.listen);
    if (m_options.verbose) m_tracers.Add(m_logTracer);
    if (!m_options.qlogDir.empty()) OpenQlog();
    m_config.tracer = TracerOrNull();
    if (!m_options.keyLogFile.empty()) OpenKeyLog();
    if (!m_options.pcapFile.empty()) {
        m_capture.emplace(ValueOrExit(PcapWriter::Create(m_options.pcapFile, DLT_RAW)),
                          m_config.unixTimeAtZero);
    }
}

void NodeRunner::OpenKeyLog() {
    m_keyLog.emplace(ValueOrExit(KeyLogFile::Open(m_options.keyLogFile)));
    m_config.keyLog = [this](const TrafficSecret& secret) { m_keyLog->Write(secret); };
    LogWarning(
        fmt::format("the keys of all connections go to '{}': who reads it can read and "
                    "forge everything",
                    m_options.keyLogFile));
}

void NodeRunner::OpenQlog() {
    m_qlogFile.emplace(ValueOrExit(QlogFile::Create(m_options.qlogDir, m_program)));
    const QlogHeader header{.title = m_program,
                            .vantagePoint = m_program,
                            .vantageType = m_program == "crsp-server" ? "server" : "client",
                            .clockType = "monotonic",
                            .scenario = {}};
    m_qlogWriter.emplace(header, [this](std::string_view text) { m_qlogFile->Write(text); });
    m_tracers.Add(*m_qlogWriter);
}

PeerReference NodeRunner::Find(std::string_view option, const std::string& text) const {
    const auto refuse = [&](NodeError error) {
        error.message = fmt::format("{}: {}", option, error.message);
        Exit(std::move(error));
    };
    auto reference = ParsePeerReference(text);
    if (!reference) refuse({ExitCode::kUsage, reference.error()});
    auto complete = m_book.Complete(std::move(*reference));
    if (!complete) refuse(std::move(complete.error()));
    return std::move(*complete);
}

std::string NodeRunner::AddressOf(std::string_view option, const std::string& text) const {
    return Find(option, text).address;
}

NamedTarget NodeRunner::Target(std::string_view option, const std::string& text) {
    const auto reference = Find(option, text);
    const bool ipv4Only = m_listen.family == SocketAddress::Family::kIpv4;
    NamedTarget target{
        reference.name, {ResolvePeer(option, reference.address, ipv4Only), reference.key}, false};
    target.pinned = reference.key && !FindByKey(m_book.Peers(), *reference.key);
    m_book.Add(target);
    return target;
}

void NodeRunner::MakeResetSecret() {
    // Nobody comes back to a port that the system chose. And nodes that share an identity must not
    // end each other's connections: whoever brings a packet of one to another would (RFC 9000
    // §21.11). Those on one port of one host differ in their addresses.
    if (!m_config.identity || m_listen.port == 0) return;
    const auto label = fmt::format("crsp1 node {} {}", m_program, Display(m_listen));
    const auto secret = DeriveKey(m_secret->Bytes(), label);
    auto& bytes = m_config.secret.emplace();
    std::copy(secret.Bytes().begin(), secret.Bytes().end(), bytes.begin());
}

std::vector<std::string> NodeRunner::OwnPaths() const {
    const bool keyed = m_book.Keyed();
    std::vector<std::string> paths{"/dev/stdout", "/dev/stderr"};
    for (const auto& path :
         {keyed ? IdentityPath(m_options.keyFile) : std::string(),
          keyed ? m_book.Path() : std::string(), m_options.pskFile, m_options.keyLogFile,
          m_options.pcapFile, m_options.statsFile, m_options.qlogDir}) {
        if (!path.empty()) paths.push_back(path);
    }
    return paths;
}

Role& NodeRunner::Logged(Role& role) {
    if (!m_accessHook) return role;
    const auto nameOf = [this](const PeerKey& key) { return m_book.NameOf(key); };
    return m_connectionLog.emplace(role, nameOf, LogInfo);
}

DriverObserver* NodeRunner::Watched() {
    m_arrivals.emplace(m_capture ? &*m_capture : nullptr);
    for (const auto& target : m_book.Targets()) m_arrivals->Watch(target.target.address);
    return &*m_arrivals;
}

LiveNode& NodeRunner::Open(Role& role, bool announce) {
    m_config.peers = m_book.Keys();
    MakeResetSecret();
    m_node = std::make_unique<LiveNode>(m_io, std::move(m_config), Logged(role), Watched());
    m_config = EndpointConfig();  // what was moved from it still holds the bytes of secrets
    if (const auto error = m_node->Open(m_listen)) {
        Exit({ExitCode::kUnavailable, BindFailure(m_listen, error)});
    }
    if (m_options.noAuth) {
        LogWarning("UNAUTHENTICATED: running without authentication, as --no-auth says");
    }
    if (m_capture) m_capture->SetLocal(m_node->LocalAddress());
    TakeEndingSignals();
    AwaitSignal();
    if (m_book.Keyed() && m_accessHook) {
        m_node->Configure([this](TimePoint now, Endpoint& endpoint) {
            m_accessHook(now, endpoint, AccessOf(m_book.Peers()));
        });
    }
    m_node->Start();
    if (announce) fmt::print(stderr, "listening on {}\n", Display(m_node->LocalAddress()));
    LogDetail(fmt::format("receive buffer {} bytes", m_node->GetHost().ReceiveBufferBytes()));
    return *m_node;
}

ExitCode NodeRunner::Run() {
    while (!m_node->Stopped() && m_io.run_one() > 0) {
    }
    if (m_signal == SIGHUP) return ExitCode::kHungUp;
    if (m_signal == SIGINT) return ExitCode::kInterrupted;
    return m_signal == SIGTERM ? ExitCode::kTerminated : ExitCode::kOk;
}

/// Until now they ended the program at once: there was nobody to take leave of.
void NodeRunner::TakeEndingSignals() {
    m_signals.add(SIGINT);
    m_signals.add(SIGTERM);
    if (m_hangup == Hangup::kEnds && !IsIgnored(SIGHUP)) m_signals.add(SIGHUP);
}

void NodeRunner::AwaitSignal() {
    m_signals.async_wait([this](const boost::system::error_code& error, int number) {
        if (!error) OnSignal(number);
    });
}

void NodeRunner::ApplyPeers(TimePoint now, Endpoint& endpoint) {
    // The role first: it tells those that are gone that they are not allowed here any more.
    if (m_accessHook) m_accessHook(now, endpoint, AccessOf(m_book.Peers()));
    endpoint.SetPeers(now, m_book.Keys());
}

void NodeRunner::Reload() {
    if (!m_book.Keyed()) return LogWarning("SIGHUP: there is no peers file to read again");
    auto again = LoadPeersAgain(m_book.Path());
    if (!again.peers) return LogWarning("THE PEERS STAY AS THEY WERE: " + again.complaint);
    m_book.SetPeers(std::move(*again.peers));
    if (again.complaint.empty()) {
        LogInfo(fmt::format("read '{}' again: {} known", m_book.Path(), m_book.Peers().size()));
    } else {
        LogWarning("NOBODY OF THE PEERS FILE IS KNOWN ANY MORE: " + again.complaint);
    }
    m_node->Do([this](TimePoint now, Endpoint& endpoint) { ApplyPeers(now, endpoint); });
}

void NodeRunner::OnSignal(int number) {
    if (number == SIGHUP && m_hangup == Hangup::kReads) {
        AwaitSignal();
        return Reload();
    }
    if (m_signal != 0) return m_node->Stop();
    m_signal = number;
    AwaitSignal();
    m_node->Shutdown();
}

}  // namespace crsp
