// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/node-cli.h"

#include <fmt/core.h>
#include <sodium.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

#include "apps/live/key-file.h"
#include "apps/live/quantity.h"
#include "apps/version/version.h"

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

/// CLI11 prints help and errors itself, and has numbers of its own for them.
int ExitFor(const CLI::App& app, const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
}

int Complain(std::string_view program, const NodeError& error) {
    fmt::print(stderr, "{}: {}\n", program, error.message);
    return static_cast<int>(error.code);
}

template <class T, class Parser>
CLI::Option* AddQuantity(CLI::App& app, const std::string& name, std::optional<T>& value,
                         const std::string& help, const char* type, Parser parser) {
    const auto take = [&value, parser](const std::string& text) {
        const auto parsed = parser(text);
        if (!parsed) throw CLI::ValidationError(fmt::format("'{}': {}", text, parsed.error()));
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
    if (options.maxWindow) {
        transport.maxStreamReceiveWindow = *options.maxWindow;
        transport.streamReceiveWindow = std::min(transport.streamReceiveWindow, *options.maxWindow);
        transport.maxConnectionReceiveWindow =
            std::max(transport.connectionReceiveWindow, *options.maxWindow / 2 * 3);
    }
    if (options.idleTimeout) {
        if (*options.idleTimeout < kMinIdleTimeout || *options.idleTimeout > kMaxIdleTimeout) {
            return Fail(NodeError{ExitCode::kUsage, "--idle-timeout must be from 1s to 1h"});
        }
        transport.idleTimeout = *options.idleTimeout;
        transport.keepAlive = *options.idleTimeout / kKeepAlivesPerIdleTimeout;
    }
    return {};
}

}  // namespace

int RunProgram(std::string_view program, int argc, char** argv,
               const std::function<ExitCode(CLI::App&)>& body) {
    CLI::App app{"", std::string(program)};
    g_commandLine = {argc, argv};
    try {
        if (sodium_init() < 0) return Complain(program, {ExitCode::kInternal, "no random source"});
        app.set_version_flag("--version", VersionText(program));
        return static_cast<int>(body(app));
    } catch (const CLI::ParseError& error) {
        return ExitFor(app, error);
    } catch (const EarlyExit& early) {
        return Complain(program, early.error);
    } catch (const std::exception& error) {
        return Complain(program,
                        {ExitCode::kInternal, fmt::format("internal error: {}", error.what())});
    } catch (...) {
        return Complain(program, {ExitCode::kInternal, "internal error"});
    }
}

void ParseCommandLine(CLI::App& app) {
    app.parse(g_commandLine.argc, g_commandLine.argv);
}

void Exit(NodeError error) {
    throw EarlyExit{std::move(error)};
}

void AddNodeOptions(CLI::App& app, NodeOptions& options, std::string defaultListen) {
    options.listen = std::move(defaultListen);
    if (const char* dir = std::getenv("QLOGDIR")) options.qlogDir = dir;
    app.add_option("--listen", options.listen,
                   "UDP address to bind; port 0 picks a free one, [::] takes IPv4 as well")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    auto* psk = app.add_option("--psk", options.pskFile,
                               "File with the key that all nodes share: 32 bytes or 64 hex digits, "
                               "mode 0600")
                    ->type_name("FILE");
    app.add_flag("--no-auth", options.noAuth,
                 "Talk to anybody, without a shared key; both ends must say so")
        ->excludes(psk);
    app.add_option("--qlog-dir", options.qlogDir,
                   "Write a qlog of everything into this directory [QLOGDIR]")
        ->type_name("DIR");
    app.add_option("--stats", options.statsFile, "Write counters as JSON into this file at the end")
        ->type_name("FILE");
    AddByteCount(app, "--window", options.window,
                 "Fix what a peer may send ahead of what was consumed, per stream");
    AddByteCount(app, "--max-window", options.maxWindow,
                 "Let it grow with the path up to this instead, from 256KiB or --window (32MiB)");
    AddTimeout(app, "--idle-timeout", options.idleTimeout,
               "Give a silent connection up after this long (15s)");
    auto* quiet = app.add_flag("-q,--quiet", options.quiet, "Only warnings and errors");
    app.add_flag("-v,--verbose", options.verbose, "Tell what happens")->excludes(quiet);
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
    if (options.pskFile.empty() == !options.noAuth) {
        return Fail(NodeError{ExitCode::kUsage,
                              "give --psk FILE with the key that the nodes share, or --no-auth to "
                              "talk to anybody"});
    }
    if (!options.noAuth) {
        auto key = LoadKeyFile(options.pskFile);
        if (!key) return Fail(std::move(key.error()));
        config.psk = *key;
    }
    if (auto limits = ApplyLimits(options, config.transport); !limits) {
        return Fail(std::move(limits.error()));
    }
    config.seed = SystemSeed();
    return config;
}

}  // namespace crsp
