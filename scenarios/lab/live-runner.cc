// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/live-runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include "scenarios/lab/child-process.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/live-files.h"
#include "scenarios/lab/live-relay.h"
#include "scenarios/lab/series-book.h"
#include "scenarios/lab/transport-arguments.h"

namespace crsp::lab {
namespace {

/// How long a program may take to say where it listens, and to end when asked to.
constexpr Duration kStartLimit = seconds(10);
constexpr Duration kEndLimit = seconds(5);
/// Beyond the scenario's stop time, for the controller to give up by itself.
constexpr Duration kGrace = seconds(10);
constexpr Duration kCheckInterval = milliseconds(500);

const std::string kLocal = "127.0.0.1:0";

/// Why a run cannot go on; becomes the record's failure.
struct LiveFailure {
    std::string what;
};

void WriteText(const std::string& path, const std::string& text, bool secret = false) {
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    if (secret) {
        std::filesystem::permissions(
            path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    stream << text;
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), path);
}

std::string ScriptText(const Scenario& scenario) {
    std::string text;
    for (const ScriptStep& step : scenario.flows[0].script) {
        text += fmt::format("{}{:.6f} {} {}", step.afterEnd ? "+" : "", ToSeconds(step.at),
                            ToString(step.verb), step.argument);
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    return text;
}

/// The programs of one run, in the order in which they were started.
class LiveRun {
  public:
    LiveRun(const Scenario& scenario, const LiveRunOptions& options)
        : m_scenario(scenario), m_options(options) {
        // Nodes take no key from a folder that others can write, which a umask may have made it.
        std::filesystem::permissions(
            options.folder,
            std::filesystem::perms::group_write | std::filesystem::perms::others_write,
            std::filesystem::perm_options::remove);
        WriteContents(scenario, File("content"));
        WriteText(File("key"), std::string(64, '5') + "\n", true);
        WriteText(File("script"), ScriptText(scenario));
    }

    RunRecord Run() {
        RunRecord record;
        try {
            Start();
            Follow(record);
        } catch (const LiveFailure& failure) {
            record.failure = failure.what;
        }
        End(record);
        Collect(record);
        return record;
    }

  private:
    std::string File(const std::string& name) const { return m_options.folder + "/" + name; }

    std::vector<std::string> NodeArguments(const std::string& program) const {
        std::vector<std::string> arguments{m_options.programs + "/crsp-" + program,
                                           "--listen",
                                           kLocal,
                                           "--psk",
                                           File("key"),
                                           "--stats",
                                           File(program + ".json")};
        const auto transport = TransportArguments(m_scenario.transport);
        arguments.insert(arguments.end(), transport.begin(), transport.end());
        if (m_options.qlog) arguments.insert(arguments.end(), {"--qlog-dir", File("qlog")});
        if (m_options.keyLog) {
            arguments.insert(arguments.end(),
                             {"--pcap", File(program + ".pcap"), "--keylog", File("keys.log")});
        }
        return arguments;
    }

    ChildProcess& Launch(const std::string& name, const std::vector<std::string>& arguments) {
        m_processes.push_back(std::make_unique<ChildProcess>(name, arguments, m_options.folder));
        return *m_processes.back();
    }

    /// Starts a program that listens, and returns where.
    std::string Listen(const std::string& name, const std::vector<std::string>& arguments) {
        ChildProcess& process = Launch(name, arguments);
        const auto address = process.AwaitLine("listening on ", kStartLimit);
        if (!address)
            throw LiveFailure{fmt::format("{} did not start: {}", name, process.LastWords())};
        return address->substr(0, address->find(' '));
    }

    std::string Relay(const std::string& name, const RelayPath& path) {
        return Listen(
            name, RelayArguments(m_options.programs, path, m_options.seed, File(name + ".json")));
    }

    void Start() {
        auto server = NodeArguments("server");
        server.insert(server.end(), {"--root", File("content")});
        const std::string serverAt = Listen("server", server);
        const std::string serverFar = Relay("relay-server", TowardServer(m_scenario, serverAt));
        auto renderer = NodeArguments("renderer");
        renderer.insert(renderer.end(),
                        {"--server", "server=" + serverFar, "--timeline", File("timeline.csv")});
        const std::string rendererAt = Listen("renderer", renderer);
        const bool far = m_scenario.nodes.controller == PathSide::kServer;
        const RelayPath path =
            far ? TowardRenderer(m_scenario, rendererAt) : WithinClientSide(m_scenario, rendererAt);
        const std::string rendererFar = Relay("relay-renderer", path);
        StartController(far ? serverAt : serverFar, rendererFar);
    }

    void StartController(const std::string& server, const std::string& renderer) {
        auto arguments = NodeArguments("controller");
        arguments.insert(arguments.end(),
                         {"--server", server, "--renderer", renderer, "--json", "script",
                          File("script"), "--limit", fmt::format("{}ns", m_scenario.stop.count())});
        m_controller = &Launch("controller", arguments);
    }

    /// Waits for the controller, and for anything that should not end before it.
    void Follow(RunRecord& record) {
        Duration waited{};
        while (!m_controller->Wait(kCheckInterval)) {
            waited += kCheckInterval;
            for (const auto& process : m_processes) {
                if (process.get() == m_controller || !process->Poll()) continue;
                throw LiveFailure{fmt::format("{} ended early with exit code {}: {}",
                                              process->Name(), *process->Poll(),
                                              process->LastWords())};
            }
            if (waited > m_scenario.stop + kGrace) {
                throw LiveFailure{"the controller did not end at its limit"};
            }
        }
        const int code = *m_controller->Poll();
        if (code != 0 && m_scenario.completes) {
            record.failure = fmt::format("the controller ended with exit code {}: {}", code,
                                         m_controller->LastWords());
        }
    }

    /// In the reverse order of starting, so that everybody can still say goodbye.
    void End(RunRecord& record) {
        for (auto process = m_processes.rbegin(); process != m_processes.rend(); ++process) {
            const bool running = !(*process)->Poll();
            const int code = (*process)->End(kEndLimit);
            const bool clean = code == 0 || code == 128 + SIGTERM;
            if (running && !clean && record.failure.empty()) {
                record.failure = fmt::format("{} ended with exit code {}: {}", (*process)->Name(),
                                             code, (*process)->LastWords());
            }
        }
    }

    void Collect(RunRecord& record) const {
        FlowRun& flow = record.flows[0];
        flow.name = m_scenario.flows[0].name;
        flow.commands = ReadCommands(File("controller.stdout"));
        flow.timeline = ReadTimeline(File("timeline.csv"));
        flow.renderedHash = ReadRenderedHash(File("renderer.json"));
        ReadStreamBytes(File("server.json"), record);
        ReadRelayLoss(File("relay-server.json"), record);
        if (const ContentSpec* played = PlayedLast(m_scenario, m_scenario.flows[0])) {
            flow.contentSize = played->size;
            flow.expectedHash = ContentHash(*played);
        }
        SetSpan(record);
        AddRecordSeries(record, SeriesStepOf(record.length));
        std::error_code ignored;
        std::filesystem::remove_all(File("content"), ignored);
    }

    /// From the first command to the last thing that the controller or the renderer noted.
    static void SetSpan(RunRecord& record) {
        const FlowRun& flow = record.flows[0];
        if (flow.commands.empty()) return;
        record.begin = flow.commands.front().issued;
        TimePoint end = flow.commands.back().answered;
        if (!flow.timeline.empty()) end = std::max(end, flow.timeline.back().at);
        record.length = std::max(end - record.begin, Duration::zero());
    }

    const Scenario& m_scenario;
    const LiveRunOptions& m_options;
    std::vector<std::unique_ptr<ChildProcess>> m_processes;
    ChildProcess* m_controller = nullptr;
};

}  // namespace

std::string LiveObstacle(const Scenario& scenario) {
    const FlowSpec& flow = scenario.flows[0];
    if (scenario.flows.size() > 1) return "live runs have one flow";
    if (flow.sessions > 1) return "live runs have one session";
    if (!flow.down) return "live runs have no flow toward the server's side";
    if (flow.renderRate > 0) return "live runs have no render-rate";
    if (!scenario.hops.empty()) return "live runs have one shared hop";
    if (scenario.access.kind != AccessKind::kPointToPoint) return "live runs have clean hops only";
    for (const TrafficSpec& traffic : scenario.traffic) {
        if (traffic.kind == TrafficKind::kMessages) return "live runs have no messages";
    }
    if (!scenario.faults.empty()) return "live runs have no faults";
    if (!scenario.controllers.empty()) return "live runs have one controller";
    if (scenario.nodes.firstOfTypeLost) return "live runs cannot look into packets";
    if (scenario.nat && scenario.nat->address) return "a relay on loopback changes ports only";
    for (const LinkSpec* link : {&scenario.link.down, &scenario.link.up}) {
        if (!link->steps.empty()) return "live links have no steps";
        if (!link->drop.empty()) return "live links have no drop list";
        if (link->trace) return "live links have no trace";
        if (link->policer) return "live links have no policer";
        if (link->discipline != QueueKind::kDropTail) return "live queues are drop-tail";
        if (link->gilbertElliott) return "live links have no gilbert-elliott";
        if (link->jitterNormal) return "live jitter is uniform";
        if (link->duplicateCopies > 1) return "live links make one copy of a packet";
        if (link->lossBurstLimit + link->corruptBurstLimit > 0) {
            return "live links have no limit of bursts";
        }
    }
    return {};
}

RunRecord RunLive(const Scenario& scenario, const LiveRunOptions& options) {
    return LiveRun(scenario, options).Run();
}

}  // namespace crsp::lab
