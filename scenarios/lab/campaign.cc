// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "scenarios/lab/content.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/live-runner.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/run-end.h"
#include "scenarios/lab/run-file.h"

namespace crsp::lab {
namespace {

/// A live run starts three programs; what they need beyond the scenario's own time.
constexpr Duration kLiveOverhead = seconds(20);

RunRecord RunOne(const Scenario& scenario, World world, const CampaignOptions& options,
                 std::uint64_t seed, RunProgress& progress) {
    const std::string folder = RunFolder(scenario, world, options, seed);
    if (world == World::kNs3) {
        return RunInNs3(scenario, {seed, folder, options.pcap, options.qlog, options.extra},
                        progress);
    }
    return RunLive(scenario, {seed, folder, options.programs, options.qlog, options.extra.keyLog});
}

Job MakeJob(const Scenario& scenario, World world, const CampaignOptions& options,
            std::uint64_t seed) {
    const auto body = [&scenario, world, &options, seed](RunProgress& progress) {
        const RunRecord record = RunOne(scenario, world, options, seed, progress);
        const RunFile file = RunFileOf(scenario, record);
        SaveRunFile(RunFolder(scenario, world, options, seed), file);
        return file.shortfalls.empty() ? kExitOk : kExitFailed;
    };
    const Duration limit =
        world == World::kNs3 ? scenario.wallLimit : scenario.stop + kLiveOverhead;
    return {fmt::format("seed {}", seed), body, limit};
}

StoredRun StoredFrom(const Scenario& scenario, World world, const CampaignOptions& options,
                     std::uint64_t seed, const JobResult& result) {
    StoredRun run;
    run.scenario = scenario.name;
    run.scenarioBase = HashOf(scenario.base);
    run.scenarioText = scenario.canonical;
    run.parameters = scenario.parameters;
    run.world = ToString(world);
    run.seed = seed;
    run.started = result.started;
    run.wallSeconds = result.wallSeconds;
    run.command = fmt::format("{} --seed {}", options.command, seed);
    run.folder = RunFolder(scenario, world, options, seed);
    run.file = LoadRunFile(run.folder);
    run.end = EndOf(result);
    run.problem = ProblemOf(run.file, result);
    run.ok = run.problem.empty();
    return run;
}

Outcome OutcomeOf(const StoredRun& run) {
    return {run.seed,           run.ok, run.problem, run.folder, run.file.metrics,
            run.file.latencies, run.end};
}

/// And those above it that held nothing else.
void RemoveFolder(StoredRun& run) {
    std::filesystem::path path(run.folder);
    std::filesystem::remove_all(path);
    std::error_code ignored;
    for (int level = 0; level < 2; ++level) {
        path = path.parent_path();
        std::filesystem::remove(path, ignored);
    }
    run.folder.clear();
}

/// Whose run a job is.
struct Place {
    std::size_t campaign = 0;
    std::uint64_t seed = 0;
};

void AddJobs(const Campaign& campaign, bool named, std::vector<Job>& jobs) {
    const auto& [scenario, world, options] = campaign;
    for (const std::uint64_t seed : options.seeds) {
        const std::string folder = RunFolder(*scenario, world, options, seed);
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        jobs.push_back(MakeJob(*scenario, world, options, seed));
        if (named) jobs.back().label = scenario->name + " " + jobs.back().label;
    }
}

}  // namespace

std::string RunFolder(const Scenario& scenario, World world, const CampaignOptions& options,
                      std::uint64_t seed) {
    const std::string branch = options.branch.empty() ? "" : options.branch + "/";
    return fmt::format("{}/{}/{}{}-{}", options.out, scenario.name, branch, ToString(world), seed);
}

std::string_view ToString(World world) {
    return world == World::kNs3 ? "ns3" : "live";
}

std::vector<std::vector<Outcome>> RunCampaigns(const std::string& title,
                                               const std::vector<Campaign>& campaigns,
                                               ResultsStore& store, int& interrupted) {
    std::vector<Job> jobs;
    std::vector<Place> places;
    std::vector<std::string> hashes;
    for (std::size_t i = 0; i < campaigns.size(); ++i) {
        AddJobs(campaigns[i], campaigns.size() > 1, jobs);
        for (const std::uint64_t seed : campaigns[i].options.seeds) places.push_back({i, seed});
        hashes.push_back(ScenarioHash(*campaigns[i].scenario));
    }
    std::vector<std::vector<Outcome>> outcomes(campaigns.size());
    RunPool pool(title, campaigns.at(0).options.parallel, campaigns[0].options.quiet);
    pool.Run(jobs, [&](std::size_t index, const JobResult& result) {
        const auto [at, seed] = places[index];
        const auto& [scenario, world, options] = campaigns[at];
        StoredRun run = StoredFrom(*scenario, world, options, seed, result);
        run.scenarioHash = hashes[at];
        if (!options.keep) RemoveFolder(run);
        Store(store, run);
        outcomes[at].push_back(OutcomeOf(run));
    });
    interrupted = pool.Interrupted();
    for (auto& each : outcomes) {
        std::sort(each.begin(), each.end(),
                  [](const auto& a, const auto& b) { return a.seed < b.seed; });
    }
    return outcomes;
}

std::vector<Outcome> RunCampaign(const Scenario& scenario, World world,
                                 const CampaignOptions& options, ResultsStore& store,
                                 int& interrupted) {
    const auto title = fmt::format("{} {}", ToString(world), scenario.name);
    return RunCampaigns(title, {{&scenario, world, options}}, store, interrupted)[0];
}

}  // namespace crsp::lab
