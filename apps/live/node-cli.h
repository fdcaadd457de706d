// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "apps/cli/usage.h"
#include "apps/live/exit-code.h"
#include "model/base/result.h"
#include "model/base/socket-address.h"
#include "model/connection/endpoint-config.h"

namespace crsp {

/// The UDP ports of the first CRSP (CRSP §1.3).
inline constexpr std::uint16_t kServerPort = 59001;
inline constexpr std::uint16_t kRendererPort = 59002;

/// The largest datagram that a node probes its paths for unless it is told: what an Ethernet frame
/// takes of IPv6 and UDP.
inline constexpr std::size_t kEthernetDatagramSize = 1452;

/// What every node understands on its command line.
struct NodeOptions {
    std::string listen;
    std::string keyFile;
    std::string peersFile;
    std::string pskFile;
    /// For pairing: there is always an identity, and the peers file may be missing.
    bool pairing = false;
    bool noAuth = false;
    std::string qlogDir;
    std::string keyLogFile;
    std::string pcapFile;
    std::string statsFile;
    std::optional<std::uint64_t> window;
    std::optional<std::uint64_t> maxWindow;
    std::optional<std::uint64_t> maxDatagramSize;
    std::optional<Duration> idleTimeout;
    std::optional<CongestionAlgorithm> congestion;
    std::optional<std::uint64_t> fixedRate;  ///< bit/s
    bool noEcn = false;
    bool quiet = false;
    bool verbose = false;
};

/// The whole life of a program: runs `body`, turns whatever leaves it (CLI11's exits, NodeError,
/// exceptions) into one sentence on stderr and an exit code. A file that outgrows `ulimit -f` fails
/// to be written (EFBIG), and no signal ends the program.
int RunProgram(std::string_view program, int argc, char** argv,
               const std::function<ExitCode(CLI::App&)>& body);

/// Parses the command line given to RunProgram into what the body declared. Throws CLI::ParseError,
/// which RunProgram takes care of, also for --help and --version.
void ParseCommandLine(CLI::App& app);

/// Declares the options of NodeOptions; `defaultListen` as in `0.0.0.0:59001`.
void AddNodeOptions(CLI::App& app, NodeOptions& options, std::string defaultListen);

/// The name of a file. An empty one is refused: it is more likely a variable of a script that is
/// not set than the wish for the default.
CLI::Option* AddFile(CLI::App& app, const std::string& name, std::string& path,
                     const std::string& help);

/// Options whose values carry units; each refuses what quantity.h refuses.
CLI::Option* AddDuration(CLI::App& app, const std::string& name, std::optional<Duration>& value,
                         const std::string& help);
/// A duration where a bare number counts seconds.
CLI::Option* AddTimeout(CLI::App& app, const std::string& name, std::optional<Duration>& value,
                        const std::string& help);
CLI::Option* AddByteCount(CLI::App& app, const std::string& name,
                          std::optional<std::uint64_t>& value, const std::string& help);
CLI::Option* AddBitRate(CLI::App& app, const std::string& name, std::optional<std::uint64_t>& value,
                        const std::string& help);
CLI::Option* AddProbability(CLI::App& app, const std::string& name, std::optional<double>& value,
                            const std::string& help);

/// The endpoint that the options ask for, with a seed and the date from the system; but for its
/// keys, see LoadNodeKeys.
Expected<EndpointConfig, NodeError> MakeEndpointConfig(const NodeOptions& options);

/// The first address of `text`, which was given with `option` and is somewhere to send to. Leaves
/// the program with kUsage if it is not HOST:PORT or the port is 0, with kUnavailable if nobody
/// knows the host.
SocketAddress ResolvePeer(std::string_view option, const std::string& text, bool ipv4Only = false);

/// The same for an address to bind, where port 0 means any; kUsage whatever is wrong.
SocketAddress ResolveListen(std::string_view option, const std::string& text);

/// Ends the program from anywhere within RunProgram's body.
[[noreturn]] void Exit(NodeError error);

/// The value, or the program's end with the error.
template <class T>
T ValueOrExit(Expected<T, NodeError> result) {
    if (!result) Exit(std::move(result.error()));
    return std::move(*result);
}

inline void ValueOrExit(Expected<void, NodeError> result) {
    if (!result) Exit(std::move(result.error()));
}

template <class T>
T ValueOrExit(Expected<T, std::string> result, ExitCode code) {
    if (!result) Exit({code, std::move(result.error())});
    return std::move(*result);
}

}  // namespace crsp
