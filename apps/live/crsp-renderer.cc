// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/cli/standard-output.h"
#include "apps/live/failure-text.h"
#include "apps/live/log.h"
#include "apps/live/node-cli.h"
#include "apps/live/node-runner.h"
#include "apps/live/renderer-output.h"
#include "apps/live/rendering-log.h"
#include "apps/live/stats-json.h"
#include "apps/live/timeline-file.h"
#include "model/media/renderer-role.h"

namespace crsp {
namespace {

constexpr std::string_view kProgram = "crsp-renderer";
/// With --once: how long controllers get to hear of the end before the renderer leaves.
constexpr Duration kOnceLinger = seconds(2);
/// How long ago a server may have been lost to have been lost in this rendering.
constexpr Duration kMomentAgo = seconds(1);
constexpr std::uint64_t kMaxPortion = 1024 * 1024;

struct Options {
    NodeOptions node;
    std::vector<std::string> servers;
    RendererOutput::Options output;
    std::optional<std::uint64_t> rate;
    std::optional<std::uint64_t> portion;
    std::string timelineFile;
    bool once = false;
};

void Declare(CLI::App& app, Options& options) {
    app.description("Plays what controllers tell it to, pulling it from the servers it knows.");
    AddNodeOptions(app, options.node, fmt::format("0.0.0.0:{}", kRendererPort));
    app.add_option("--server", options.servers,
                   "A server to pull from, and the name that controllers call it by; repeatable, "
                   "the first serves when none is named")
        ->type_name("NAME=HOST:PORT");
    AddFile(app, "--output", options.output.output,
            "File to render into, or - for standard output (as text that is safe on a terminal); "
            "without it nothing is kept");
    app.add_flag("--raw", options.output.raw,
                 "With --output -: the bytes as they are; refused on a terminal");
    AddByteCount(app, "--max-bytes", options.output.maxBytes,
                 "With --output FILE: refuse contents that are longer (no limit)");
    AddByteCount(app, "--rate", options.rate, "Bytes per second to render; as fast as it comes");
    AddByteCount(app, "--portion", options.portion, "Bytes rendered in one step (16KiB)");
    AddFile(app, "--timeline", options.timelineFile,
            "Write when how much was rendered into this CSV file at the end");
    app.add_flag("--once", options.once,
                 "End when a rendering has ended; exit 0 if it was complete, else 1");
}

KnownServer ParseServer(NodeRunner& runner, const std::vector<KnownServer>& before,
                        const std::string& text) {
    if (const auto reference = ParsePeerReference(text); reference && reference->name.empty()) {
        Exit({ExitCode::kUsage,
              fmt::format("--server '{}': expected NAME=HOST:PORT", PrintableName(text))});
    }
    const auto found = runner.Target("--server", text);
    const auto& name = found.name;
    if (std::any_of(before.begin(), before.end(), [&](auto& one) { return one.name == name; })) {
        Exit({ExitCode::kUsage, fmt::format("--server: two servers are called '{}'; expected a "
                                            "name of its own for each",
                                            PrintableName(name))});
    }
    return {name, found.target};
}

/// The servers as the peers file knows them now: a revoked one is not connected to again.
std::vector<KnownServer> ServersNow(const PeerBook& book) {
    std::vector<KnownServer> servers;
    for (const auto& known : book.Targets()) {
        const auto key = book.KeyNow(known);
        servers.push_back({known.name, {known.target.address, key}, !key});
    }
    return servers;
}

RendererConfig MakeConfig(NodeRunner& runner, const Options& options) {
    if (options.servers.empty()) {
        Exit({ExitCode::kUsage, "give at least one --server NAME=HOST:PORT to pull from"});
    }
    RendererConfig config;
    for (const auto& text : options.servers) {
        config.servers.push_back(ParseServer(runner, config.servers, text));
    }
    if (options.portion) {
        if (*options.portion < 1 || *options.portion > kMaxPortion) {
            Exit({ExitCode::kUsage,
                  fmt::format("--portion must be from 1 to {} bytes", kMaxPortion)});
        }
        config.portion = *options.portion;
    }
    config.renderRate = options.rate.value_or(0);
    config.tracer = runner.TracerOrNull();
    return config;
}

/// What to do when a server with a key is the reason of a failure because it did not answer;
/// nothing if it is not. One that was there a moment ago has answered.
std::optional<NodeError> Unanswered(const RenderingFailure& failure, const LiveNode& node,
                                    const NodeRunner& runner) {
    if (failure.code != MediaErrorCode::kServerUnreachable) return std::nullopt;
    for (const auto& [name, target, pinned] : runner.Peers().Targets()) {
        if (name != failure.server) continue;
        const auto* ended = node.Ledger().LastEnded(target.address);
        if (ended && node.Now() - ended->endedAt < kMomentAgo) return std::nullopt;
        const auto last = runner.Arrivals().LastFrom(target.address);
        const bool heard = last && node.Now() - *last < RendererConfig().serverTimeout;
        return runner.Peers().NoAnswer(target.address, heard);
    }
    return std::nullopt;
}

std::string ResultText(const Rendering& rendering) {
    return fmt::format("rendered generation={} bytes={} complete={} sha256={}\n",
                       rendering.generation, rendering.bytes, rendering.complete ? "yes" : "no",
                       rendering.sha256);
}

/// The result of a generation: on standard output, unless that carries the content itself.
void Announce(const std::string& text, bool toStderr) {
    if (toStderr) {
        fmt::print(stderr, "{}", text);
    } else {
        WriteOutput(text);
    }
}

/// With --once: ends the node when a rendering is over and controllers have left or had their time.
class OncePolicy {
  public:
    OncePolicy(LiveNode& node, const RendererRole& role) : m_node(node), m_role(role) {}

    void AfterTurn() {
        const bool over = m_role.CurrentGeneration() > 0 && !IsActive(m_role.State()) &&
                          m_role.State() != TransportState::kNoMedia;
        if (over != m_over) {
            m_over = over;
            m_node.ScheduleShutdown(over ? std::optional(kOnceLinger) : std::nullopt);
        }
        if (over && m_role.ControllerCount() == 0) m_node.Shutdown();
    }

  private:
    LiveNode& m_node;
    const RendererRole& m_role;
    bool m_over = false;
};

/// Says what went wrong, if anything did.
bool Succeeded(const Expected<void, NodeError>& result) {
    if (!result) LogWarning(result.error().message);
    return result.has_value();
}

nlohmann::ordered_json StatsOf(const LiveNode& node, const RendererRole& role,
                               const RendererOutput& output) {
    auto stats = NodeStatsJson(kProgram, node);
    stats["renderer"] = {{"state", ToString(role.State())},
                         {"generation", role.CurrentGeneration()},
                         {"position", role.Position()}};
    if (output.Last()) stats["renderer"]["last"] = ToJson(*output.Last());
    return stats;
}

bool WriteTimeline(const std::string& path, const TimelineSink& timeline) {
    if (const auto dropped = timeline.Dropped(); dropped > 0) {
        LogWarning(fmt::format("the timeline was too long: {} rows left out", dropped));
    }
    return Succeeded(WriteTextFile(path, TimelineCsv(timeline)));
}

/// Tries each, says what could not be written, and returns whether all could.
bool WriteFiles(const Options& options, const LiveNode& node, const RendererRole& role,
                const RendererOutput& output) {
    bool written = true;
    if (!options.timelineFile.empty()) {
        written = WriteTimeline(options.timelineFile, *output.Timeline());
    }
    if (options.node.statsFile.empty()) return written;
    return Succeeded(WriteJsonFile(options.node.statsFile, StatsOf(node, role, output))) && written;
}

ExitCode Conclude(const Options& options, const RendererOutput& output, ExitCode code) {
    if (options.once && !output.Failure().empty()) return ExitCode::kFailed;
    if (!options.once || code != ExitCode::kOk) return code;
    return output.Last() && output.Last()->complete ? ExitCode::kOk : ExitCode::kFailed;
}

ExitCode Main(CLI::App& app) {
    Options options;
    Declare(app, options);
    ParseCommandLine(app);
    ValueOrExit(CheckTextFile(options.timelineFile));
    options.output.timeline = !options.timelineFile.empty();
    const bool stdoutTaken = options.output.output == "-";
    std::optional<RenderingLog> log;
    const auto output = ValueOrExit(RendererOutput::Create(
        options.output, [&](const Rendering& r) { log->SayEnded(r.endedAt, ResultText(r)); }));
    NodeRunner runner(kProgram, options.node, Hangup::kReads);
    auto config = MakeConfig(runner, options);
    const LiveNode* running = nullptr;
    std::optional<NodeError> unanswered;
    config.onFailure = [&](const RenderingFailure& failure) {
        const auto now = running ? running->Now() : TimePoint{};
        log->SayFailed(now, FailureText(failure, output->Failure()));
        unanswered = running ? Unanswered(failure, *running, runner) : std::nullopt;
        if (unanswered) log->SayUnanswered(now, unanswered->message);
    };
    RendererRole role(std::move(config), output->First());
    log.emplace(
        role, [&](const std::string& text) { Announce(text, stdoutTaken); }, LogWarning);
    runner.SetAccessHook([&](TimePoint now, Endpoint& endpoint, AccessList access) {
        role.SetServers(ServersNow(runner.Peers()));
        role.SetAccess(now, endpoint, std::move(access));
    });
    auto& node = runner.Open(*log, true);
    running = &node;
    OncePolicy once(node, role);
    if (options.once) node.SetAfterTurn([&] { once.AfterTurn(); });
    const auto code = runner.Run();
    log->Finish();
    if (!WriteFiles(options, node, role, *output)) return ExitCode::kFailed;
    if (options.once && unanswered && code == ExitCode::kOk) return unanswered->code;
    return Conclude(options, *output, code);
}

}  // namespace
}  // namespace crsp

int main(int argc, char** argv) {
    return crsp::RunProgram(crsp::kProgram, argc, argv, crsp::Main);
}
