// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-many-flows.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "apps/cli/standard-output.h"
#include "apps/version/version.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/kept-tables.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/run-file.h"
#include "scenarios/lab/run-pool.h"
#include "scenarios/lab/scenario-command.h"

namespace crsp::lab {
namespace {

constexpr const char* kScenario = CRSP_SOURCE_DIR "/scenarios/crsp-1000-flows.toml";
constexpr const char* kTablesFile = CRSP_SOURCE_DIR "/results/flows.md";
constexpr std::uint64_t kFlowCounts[] = {10, 100, 1000};
constexpr std::uint64_t kMostQuickFlows = 100;

constexpr const char* kMemory = "memory";
constexpr const char* kAtOnce = "flows-at-once";

/// The most memory that this process has held, MB.
double PeakMegabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

Job MakeJob(const Scenario& scenario, std::uint64_t seed, const std::string& folder) {
    const auto body = [&scenario, seed, folder](RunProgress& progress) {
        const RunRecord record = RunInNs3(scenario, {seed, "", false, false}, progress);
        RunFile file = RunFileOf(scenario, record);
        file.metrics[kMemory] = PeakMegabytes();
        file.metrics[kAtOnce] = static_cast<double>(MostAtOnce(record));
        SaveRunFile(folder, file);
        return file.shortfalls.empty() && file.invalid.empty() ? kExitOk : kExitFailed;
    };
    return {fmt::format("{} flows", scenario.flows.size()), body, scenario.wallLimit};
}

std::string LineOf(const Scenario& scenario, const RunFile& file, const JobResult& result) {
    const auto metric = [&](std::string_view name) {
        const auto found = file.metrics.find(name);
        return found == file.metrics.end() ? 0.0 : found->second;
    };
    std::string verdict = "all complete, equal hashes";
    if (result.exitCode != 0) {
        verdict = file.shortfalls.empty() ? file.invalid : file.shortfalls.front();
        if (verdict.empty()) verdict = fmt::format("ended with {}", result.exitCode);
    }
    return fmt::format(
        "| {} | {:.0f} | {:.1f} | {} | {:.1f} | {:.1f} | {:.1f} | {:.0f} | {} |\n",
        scenario.flows.size(), metric(kAtOnce), file.simulatedSeconds, file.packets,
        result.wallSeconds, file.cpuSeconds,
        file.packets > 0 ? file.cpuSeconds * 1e6 / static_cast<double>(file.packets) : 0.0,
        metric(kMemory), verdict);
}

std::string Heading(const BenchCommand& command) {
    return fmt::format(
        "# Many flows in one simulation\n\nMade by `{} bench flows --seed {}{}` at commit {}, "
        "engine {}, {}, ns-3 {}.\n\n"
        "`scenarios/crsp-1000-flows.toml`, and the same with fewer flows: one server, one hop of "
        "500 Mbit/s and 20 ms, and for each flow a renderer of 400 kbit/s on a node of its own, "
        "and a controller. The run checks itself and makes its "
        "digest, as every run of the laboratory does; both are in its time. Packets: sent by "
        "nodes, not those only forwarded; each crosses two links. At once: flows of which each "
        "had begun to render and had not ended.\n\n"
        "| flows | at once | simulated s | packets | wall s | CPU s | us per packet | most memory, "
        "MB | |\n|---|---|---|---|---|---|---|---|---|\n",
        FrontDoor(), command.seed, command.quick ? " --quick" : "", GitCommit(), EngineHash(),
        CompilerName(), kNs3Version);
}

std::vector<Scenario> ScenariosOf(const BenchCommand& command, int& code) {
    std::vector<Scenario> scenarios;
    for (const std::uint64_t flows : kFlowCounts) {
        if (command.quick && flows > kMostQuickFlows) break;
        auto scenario = ReadOrComplain(kScenario, {fmt::format("flow.0.copies={}", flows)}, code);
        if (!scenario) return {};
        scenarios.push_back(std::move(*scenario));
    }
    return scenarios;
}

}  // namespace

std::size_t MostAtOnce(const RunRecord& record) {
    std::map<TimePoint, int> changes;
    for (const FlowRun& flow : record.flows) {
        const auto& rows = flow.timeline;
        const auto begin = std::find_if(rows.rbegin(), rows.rend(), [](const TimelineRow& row) {
            return row.kind == TimelineRow::Kind::kBegin;
        });
        if (begin == rows.rend()) continue;
        ++changes[begin->at];
        --changes[rows.back().at];
    }
    int now = 0;
    int most = 0;
    for (const auto& [at, change] : changes) most = std::max(most, now += change);
    return static_cast<std::size_t>(most);
}

int RunManyFlows(const BenchCommand& command) {
    int code = kExitOk;
    const auto scenarios = ScenariosOf(command, code);
    if (code != kExitOk) return code;
    std::vector<Job> jobs;
    std::vector<std::string> folders;
    for (const Scenario& scenario : scenarios) {
        folders.push_back(fmt::format("{}/bench/flows/{}", command.out, scenario.flows.size()));
        std::filesystem::remove_all(folders.back());
        std::filesystem::create_directories(folders.back());
        jobs.push_back(MakeJob(scenario, command.seed, folders.back()));
    }
    std::string text = Heading(command);
    RunPool pool("flows", 1);
    pool.Run(jobs, [&](std::size_t index, const JobResult& result) {
        if (result.exitCode != 0) code = kExitFailed;
        text += LineOf(scenarios[index], LoadRunFile(folders[index]), result);
    });
    if (pool.Interrupted() != 0) return kExitSignal + pool.Interrupted();
    WriteOutput(text);
    if (command.write) KeepTables(kTablesFile, text);
    return code;
}

}  // namespace crsp::lab
