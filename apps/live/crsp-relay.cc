// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>

#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "apps/cli/standard-output.h"
#include "apps/live/asio-address.h"
#include "apps/live/asio-host.h"
#include "apps/live/log.h"
#include "apps/live/node-cli.h"
#include "apps/live/relay-link.h"
#include "apps/live/relay-options.h"
#include "apps/live/relay-report.h"
#include "apps/live/stats-json.h"

namespace crsp {
namespace {

constexpr std::string_view kProgram = "crsp-relay";
constexpr std::size_t kMaxLinks = 64;
constexpr Duration kMinRebind = milliseconds(10);

struct Options {
    std::string listen;
    std::string target;
    std::vector<std::string> maps;
    ImpairmentOptions both;
    ImpairmentOptions up;
    ImpairmentOptions down;
    std::uint64_t seed = 1;
    std::optional<Duration> rebind;
    std::string statsFile;
};

void Declare(CLI::App& app, Options& options) {
    app.description(
        "Passes UDP datagrams on, impaired as told: a bad network on one machine.\n"
        "Counters come as JSON at the end (SIGINT, SIGTERM) and on SIGUSR1.");
    app.add_option("--listen", options.listen, "UDP address to bind; port 0 picks a free one")
        ->type_name("HOST:PORT");
    app.add_option("--to", options.target, "Where to pass datagrams on to")->type_name("HOST:PORT");
    app.add_option("--map", options.maps,
                   "Both in one; repeatable, each a link with chances of its own")
        ->type_name("LISTEN=TARGET");
    AddCount(app, "--seed", options.seed, 0, std::numeric_limits<std::uint64_t>::max(),
             "Decides every chance");
    AddDuration(
        app, "--rebind", options.rebind,
        "Gives each client another port toward the target this often, as a NAT that forgets");
    app.add_option("--stats", options.statsFile, "Where the counters go; standard output without")
        ->type_name("FILE");
    AddImpairmentOptions(app, options.both, "", "Both ways");
    AddImpairmentOptions(app, options.up, "up-", "Toward the target, instead");
    AddImpairmentOptions(app, options.down, "down-", "Back from the target, instead");
}

/// A link that passes on to itself would do so for ever.
bool IsLoop(const SocketAddress& listen, const SocketAddress& target) {
    const bool hears = listen.family == target.family ||
                       listen.family == SocketAddress::Family::kIpv6;  // which takes IPv4 as well
    return listen == target ||
           (listen.port == target.port && hears && IsWildcard(listen) && IsLoopback(target));
}

RelayLinkConfig MakeLink(const Options& options, std::string_view option, const std::string& listen,
                         const std::string& target, std::size_t index) {
    RelayLinkConfig config;
    config.name = fmt::format("relay{}", index);
    config.seed = options.seed;
    config.rebind = options.rebind.value_or(Duration{});
    if (options.rebind && config.rebind < kMinRebind) {
        Exit({ExitCode::kUsage, "--rebind: at least 10ms"});
    }
    config.listen = ResolveListen(option == "--map" ? option : "--listen", listen);
    config.target = ResolvePeer(option, target);
    if (IsLoop(config.listen, config.target)) {
        Exit({ExitCode::kUsage,
              fmt::format("{}: passing on from {} to itself would go round for ever", option,
                          Display(config.target))});
    }
    config.up = ValueOrExit(MakeImpairment(options.both, options.up));
    config.down = ValueOrExit(MakeImpairment(options.both, options.down));
    return config;
}

std::vector<RelayLinkConfig> MakeLinks(const Options& options) {
    std::vector<RelayLinkConfig> links;
    if (options.listen.empty() != options.target.empty()) {
        Exit({ExitCode::kUsage, "--listen and --to go together"});
    }
    if (!options.listen.empty()) {
        links.push_back(MakeLink(options, "--to", options.listen, options.target, 0));
    }
    for (const auto& map : options.maps) {
        const auto equals = map.find('=');
        if (equals == std::string::npos) {
            Exit({ExitCode::kUsage, fmt::format("--map '{}': expected LISTEN=TARGET", map)});
        }
        links.push_back(MakeLink(options, "--map", map.substr(0, equals), map.substr(equals + 1),
                                 links.size()));
    }
    if (links.empty() || links.size() > kMaxLinks) {
        Exit({ExitCode::kUsage,
              fmt::format("give --listen and --to, or one to {} --map LISTEN=TARGET", kMaxLinks)});
    }
    return links;
}

class Relay {
  public:
    explicit Relay(const Options& options) : m_options(options) {
        const auto origin = SteadyNow();
        for (auto& config : MakeLinks(options)) {
            m_links.push_back(
                std::make_unique<RelayLink>(m_io, m_queue, std::move(config), origin));
        }
    }

    ExitCode Run() {
        ValueOrExit(CheckTextFile(m_options.statsFile));
        for (auto& link : m_links) Open(*link);
        AwaitSignal();
        m_io.run();
        Report();
        return m_signal == SIGINT ? ExitCode::kInterrupted : ExitCode::kTerminated;
    }

  private:
    void Open(RelayLink& link) {
        if (const auto error = link.Open()) {
            const bool taken = error == std::errc::address_in_use;
            Exit({ExitCode::kUnavailable,
                  fmt::format("{}: {}", taken ? "the port is in use" : "cannot listen",
                              taken ? Display(link.Config().listen)
                                    : Display(link.Config().listen) + ": " + error.message())});
        }
        fmt::print(stderr, "listening on {}\n", Display(link.LocalAddress()));
    }

    void AwaitSignal() {
        m_signals.async_wait([this](const boost::system::error_code& error, int number) {
            if (error) return;
            if (number == SIGUSR1) {
                Report();
                return AwaitSignal();
            }
            m_signal = number;
            m_io.stop();
        });
    }

    void Report() {
        const auto stats = RelayStatsJson(m_links, m_queue);
        if (!m_options.statsFile.empty()) {
            return ValueOrExit(WriteJsonFile(m_options.statsFile, stats));
        }
        WriteOutput(stats.dump(2) + "\n");
    }

    const Options& m_options;
    boost::asio::io_context m_io{1};
    boost::asio::signal_set m_signals{m_io, SIGINT, SIGTERM, SIGUSR1};
    DeliveryQueue m_queue{m_io};
    std::vector<std::unique_ptr<RelayLink>> m_links;
    int m_signal = 0;
};

ExitCode Main(CLI::App& app) {
    Options options;
    Declare(app, options);
    ParseCommandLine(app);
    StartLog(kProgram, Verbosity::kNormal);
    // Timers to the nanosecond instead of the usual 50 us of slack.
    ::prctl(PR_SET_TIMERSLACK, 1);
    return Relay(options).Run();
}

}  // namespace
}  // namespace crsp

int main(int argc, char** argv) {
    return crsp::RunProgram(crsp::kProgram, argc, argv, crsp::Main);
}
