// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/node-cli.h"

#include <fmt/format.h>
#include <signal.h>
#include <sodium.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <utility>

#include "apps/cli/standard-output.h"
#include "apps/live/asio-address.h"
#include "apps/live/asio-host.h"
#include "apps/live/key-file.h"
#include "apps/live/quantity.h"
#include "apps/live/safe-text.h"
#include "apps/live/stats-json.h"
#include "apps/version/version.h"
#include "model/media/catalogue.h"

namespace crsp {
namespace {

/// One portion of contents: the least that a renderer without a buffer takes at once.
constexpr std::uint64_t kMinWindow = 1024;
constexpr std::uint64_t kMaxWindow = std::uint64_t{1} << 30;
constexpr Duration kMinIdleTimeout = seconds(1);
constexpr Duration kMaxIdleTimeout = std::chrono::hours(1);
/// PINGs in one idle timeout, so that the loss of one or two does not end a quiet connection.
constexpr int kKeepAlivesPerIdleTimeout = 3;

struct CommandLine {
    int argc;
    char** argv;
};

/// Where ParseCommandLine finds what RunProgram was given. One program runs per process.
CommandLine g_commandLine{0, nullptr};

/// Carries a NodeError out of the body; never leaves RunProgram.
struct EarlyExit {
    NodeError error;
};

int Complain(std::string_view program, const NodeError& error) {
    fmt::print(stderr, "{}: {}\n", program, SafeLine(error.message));
    return static_cast<int>(error.code);
}

template <class T, class Parser>
CLI::Option* AddQuantity(CLI::App& app, const std::string& name, std::optional<T>& value,
                         const std::string& help, const char* type, Parser parser) {
    const auto take = [&value, parser, name](const std::string& text) {
        const auto parsed = parser(text);
        if (!parsed) RefuseValue(name, parsed.error(), text);
        value = *parsed;
    };
    return app.add_option_function<std::string>(name, take, help)->type_name(type);
}

Expected<void, NodeError> ApplyLimits(const NodeOptions& options, TransportConfig& transport) {
    for (const auto& [name, window] :
         {std::pair("--window", options.window), std::pair("--max-window", options.maxWindow)}) {
        if (window && (*window < kMinWindow || *window > kMaxWindow)) {
            return Fail(
                NodeError{ExitCode::kUsage, fmt::format("{} must be from {} to {} bytes, not {}",
                                                        name, kMinWindow, kMaxWindow, *window)});
        }
    }
    if (options.window) {
        transport.FixStreamWindow(*options.window);
        transport.connectionReceiveWindow = 2 * *options.window;
        transport.maxConnectionReceiveWindow = transport.connectionReceiveWindow;
    }
    if (options.window && options.maxWindow && *options.maxWindow < *options.window) {
        return Fail(NodeError{ExitCode::kUsage, "--max-window must not be below --window"});
    }
    if (options.maxWindow) {
        transport.maxStreamReceiveWindow = *options.maxWindow;
        transport.streamReceiveWindow = std::min(transport.streamReceiveWindow, *options.maxWindow);
        transport.maxConnectionReceiveWindow =
            std::max(transport.connectionReceiveWindow, *options.maxWindow / 2 * 3);
    }
    const auto datagram = options.maxDatagramSize.value_or(kEthernetDatagramSize);
    if (datagram < kMinDatagramSize || datagram > kMaxDatagramSize) {
        return Fail(NodeError{ExitCode::kUsage,
                              fmt::format("--max-datagram-size must be from {} to {} bytes, not {}",
                                          kMinDatagramSize, kMaxDatagramSize, datagram)});
    }
    transport.maxDatagramSize = datagram;
    if (options.idleTimeout) {
        if (*options.idleTimeout < kMinIdleTimeout || *options.idleTimeout > kMaxIdleTimeout) {
            return Fail(NodeError{ExitCode::kUsage, "--idle-timeout must be from 1s to 1h"});
        }
        transport.idleTimeout = *options.idleTimeout;
        transport.keepAlive = *options.idleTimeout / kKeepAlivesPerIdleTimeout;
    }
    return {};
}

Expected<CongestionAlgorithm, std::string> ParseCongestion(std::string_view text) {
    if (const auto algorithm = ParseCongestionAlgorithm(text)) return *algorithm;
    return Fail(fmt::format("expected one of {}", fmt::join(CongestionAlgorithmNames(), ", ")));
}

Expected<void, NodeError> ApplyCongestion(const NodeOptions& options, TransportConfig& transport) {
    transport.congestion = options.congestion.value_or(transport.congestion);
    transport.ecn = !options.noEcn;
    const bool fixed = transport.congestion == CongestionAlgorithm::kFixedRate;
    if (fixed != options.fixedRate.has_value()) {
        return Fail(NodeError{ExitCode::kUsage,
                              "--congestion fixed_rate and --fixed-rate need each other"});
    }
    if (!fixed) return {};
    if (*options.fixedRate == 0 || *options.fixedRate > kMaxFixedRate) {
        return Fail(
            NodeError{ExitCode::kUsage, "--fixed-rate must be above 0 and at most 1000Gbit"});
    }
    transport.fixedRate = *options.fixedRate;
    return {};
}

void AddKeyOptions(CLI::App& app, NodeOptions& options) {
    auto* key = AddFile(app, "--key", options.keyFile,
                        "Identity of this node (~/.config/crsp/identity.key); crsp key generate "
                        "makes one");
    auto* peers = AddFile(app, "--peers", options.peersFile,
                          "Who may connect, and what they may do (~/.config/crsp/peers); read "
                          "again at SIGHUP");
    auto* psk = AddFile(app, "--psk", options.pskFile,
                        "File with a key that all nodes share: 32 bytes or 64 hex digits, mode "
                        "0600; in place of an identity, or with --key beside it");
    app.add_flag("--no-auth", options.noAuth,
                 "Talk to anybody, without any key; both ends must say so")
        ->excludes(psk)
        ->excludes(key)
        ->excludes(peers);
}

Duration UnixTime() {
    return std::chrono::system_clock::now().time_since_epoch();
}

int RunBody(std::string_view program, const std::function<ExitCode(CLI::App&)>& body) {
    CLI::App app{"", std::string(program)};
    try {
        if (sodium_init() < 0) return Complain(program, {ExitCode::kInternal, "no random source"});
        app.set_version_flag("--version", VersionText(program));
        return static_cast<int>(body(app));
    } catch (const CLI::ParseError& error) {
        // Help and version are no errors, and CLI11 words them itself.
        if (error.get_exit_code() == 0) {
            std::ostringstream text;
            const int code = app.exit(error, text, text);
            WriteOutput(text.str());
            return code;
        }
        return Complain(program, {ExitCode::kUsage, UsageSentence(app, error)});
    } catch (const EarlyExit& early) {
        return Complain(program, early.error);
    } catch (const std::exception& error) {
        return Complain(program,
                        {ExitCode::kInternal, fmt::format("internal error: {}", error.what())});
    } catch (...) {
        return Complain(program, {ExitCode::kInternal, "internal error"});
    }
}

}  // namespace

int RunProgram(std::string_view program, int argc, char** argv,
               const std::function<ExitCode(CLI::App&)>& body) {
    g_commandLine = {argc, argv};
    // A file that may not grow is the trouble of who writes it, as a full disk is.
    ::signal(SIGXFSZ, SIG_IGN);
    return FinishOutput(program, RunBody(program, body));
}

void ParseCommandLine(CLI::App& app) {
    app.parse(g_commandLine.argc, g_commandLine.argv);
}

void Exit(NodeError error) {
    throw EarlyExit{std::move(error)};
}

SocketAddress ResolvePeer(std::string_view option, const std::string& text, bool ipv4Only) {
    const auto refuse = [&](ExitCode code, std::string_view why) {
        Exit({code, fmt::format("{}: {}", option, why)});
    };
    const auto parsed = ParseHostPort(text);
    if (!parsed) refuse(ExitCode::kUsage, parsed.error());
    if (parsed->port == 0) {
        refuse(ExitCode::kUsage, fmt::format("nobody can be reached at port 0 of '{}'; expected a "
                                             "port from 1 to 65535",
                                             PrintableName(parsed->host)));
    }
    const auto address = ResolveAddress(text, ipv4Only);
    if (!address) refuse(ExitCode::kUnavailable, address.error());
    return *address;
}

SocketAddress ResolveListen(std::string_view option, const std::string& text) {
    const auto address = ResolveAddress(text);
    if (!address) Exit({ExitCode::kUsage, fmt::format("{}: {}", option, address.error())});
    return *address;
}

void AddNodeOptions(CLI::App& app, NodeOptions& options, std::string defaultListen) {
    options.listen = std::move(defaultListen);
    if (const char* dir = std::getenv("QLOGDIR")) options.qlogDir = dir;
    app.add_option("--listen", options.listen,
                   "UDP address to bind; port 0 picks a free one, [::] takes IPv4 as well")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    AddKeyOptions(app, options);
    app.add_option("--qlog-dir", options.qlogDir,
                   "Write a qlog of everything into this directory [QLOGDIR]")
        ->type_name("DIR");
    AddFile(app, "--pcap", options.pcapFile, "Capture what this node sends and receives");
    AddFile(app, "--keylog", options.keyLogFile,
            "Append the keys of all connections to this file, to read captures with: who has it "
            "can read and forge everything")
        ->envname("CRSPKEYLOGFILE");
    AddFile(app, "--stats", options.statsFile, "Write counters as JSON into this file at the end");
    AddByteCount(app, "--window", options.window,
                 "Fix what a peer may send ahead of what was consumed, per stream");
    AddByteCount(app, "--max-window", options.maxWindow,
                 "Let it grow with the path up to this instead, from 256KiB or --window (32MiB)");
    AddByteCount(
        app, "--max-datagram-size", options.maxDatagramSize,
        fmt::format("Send datagrams up to this long where the path is found to carry them, "
                    "{} for jumbo frames ({})",
                    kMaxDatagramSize, kEthernetDatagramSize));
    AddTimeout(app, "--idle-timeout", options.idleTimeout,
               "Give a silent connection up after this long (15s)");
    AddQuantity(app, "--congestion", options.congestion,
                fmt::format("What decides how fast this node sends: {} ({})",
                            fmt::join(CongestionAlgorithmNames(), ", "),
                            ToString(TransportConfig().congestion)),
                "NAME", ParseCongestion);
    AddBitRate(app, "--fixed-rate", options.fixedRate,
               "With --congestion fixed_rate: send this fast whatever is lost, so only on a path "
               "that is all yours");
    app.add_flag("--no-ecn", options.noEcn,
                 "Mark no packet as ECN-capable, not even where the path carries it");
    auto* quiet = app.add_flag("-q,--quiet", options.quiet, "Only warnings and errors");
    app.add_flag("-v,--verbose", options.verbose, "Tell what happens")->excludes(quiet);
}

CLI::Option* AddFile(CLI::App& app, const std::string& name, std::string& path,
                     const std::string& help) {
    const auto take = [&path, name](const std::string& text) {
        if (text.empty()) RefuseValue(name, "expected the name of a file", text);
        path = text;
    };
    return app.add_option_function<std::string>(name, take, help)->type_name("FILE");
}

CLI::Option* AddDuration(CLI::App& app, const std::string& name, std::optional<Duration>& value,
                         const std::string& help) {
    return AddQuantity(app, name, value, help, "TIME", ParseDuration);
}

CLI::Option* AddTimeout(CLI::App& app, const std::string& name, std::optional<Duration>& value,
                        const std::string& help) {
    return AddQuantity(app, name, value, help, "SECONDS", ParseSeconds);
}

CLI::Option* AddByteCount(CLI::App& app, const std::string& name,
                          std::optional<std::uint64_t>& value, const std::string& help) {
    return AddQuantity(app, name, value, help, "BYTES", ParseByteCount);
}

CLI::Option* AddBitRate(CLI::App& app, const std::string& name, std::optional<std::uint64_t>& value,
                        const std::string& help) {
    return AddQuantity(app, name, value, help, "BITRATE", ParseBitRate);
}

CLI::Option* AddProbability(CLI::App& app, const std::string& name, std::optional<double>& value,
                            const std::string& help) {
    return AddQuantity(app, name, value, help, "PROBABILITY", ParseProbability);
}

Expected<EndpointConfig, NodeError> MakeEndpointConfig(const NodeOptions& options) {
    EndpointConfig config;
    if (auto stats = CheckTextFile(options.statsFile); !stats) {
        return Fail(std::move(stats.error()));
    }
    if (auto limits = ApplyLimits(options, config.transport); !limits) {
        return Fail(std::move(limits.error()));
    }
    if (auto congestion = ApplyCongestion(options, config.transport); !congestion) {
        return Fail(std::move(congestion.error()));
    }
    config.seed = SystemSeed();
    config.entropy = SystemSeed;
    config.unixTimeAtZero = UnixTime() - SteadyNow().time_since_epoch();
    return config;
}

}  // namespace crsp
