// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "scenarios/lab/content.h"
#include "scenarios/lab/live-runner.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/run-file.h"

namespace crsp::lab {
namespace {

/// A live run starts three programs; what they need beyond the scenario's own time.
constexpr Duration kLiveOverhead = seconds(20);

std::string FolderOf(const Scenario& scenario, World world, const CampaignOptions& options,
                     std::uint64_t seed) {
    return fmt::format("{}/{}/{}-{}", options.out, scenario.name, ToString(world), seed);
}

RunRecord RunOne(const Scenario& scenario, World world, const CampaignOptions& options,
                 std::uint64_t seed, RunProgress& progress) {
    const std::string folder = FolderOf(scenario, world, options, seed);
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
        RunFile file;
        file.metrics = ComputeMetrics(scenario, record);
        file.latencies = CommandLatencies(record);
        file.shortfalls = Shortfalls(scenario, record, file.metrics);
        SaveRunFile(FolderOf(scenario, world, options, seed), file);
        return file.shortfalls.empty() ? 0 : 1;
    };
    const Duration limit =
        world == World::kNs3 ? scenario.wallLimit : scenario.stop + kLiveOverhead;
    return {fmt::format("seed {}", seed), body, limit};
}

Outcome OutcomeOf(std::uint64_t seed, const std::string& folder, const JobResult& result) {
    Outcome outcome;
    outcome.seed = seed;
    outcome.folder = folder;
    const RunFile file = LoadRunFile(folder);
    outcome.metrics = file.metrics;
    outcome.latencies = file.latencies;
    outcome.ok = result.exitCode == 0 && !result.timedOut && file.shortfalls.empty();
    if (outcome.ok) return outcome;
    outcome.problem =
        file.shortfalls.empty()
            ? fmt::format("the run's process ended with exit code {}", result.exitCode)
            : fmt::format("{}", fmt::join(file.shortfalls, "; "));
    if (result.timedOut) {
        outcome.problem =
            fmt::format("killed at its wall limit after {:.0f} s", result.wallSeconds);
    }
    return outcome;
}

StoredRun StoredFrom(const Scenario& scenario, World world, const CampaignOptions& options,
                     const Outcome& outcome, const JobResult& result) {
    StoredRun run;
    run.scenario = scenario.name;
    run.world = ToString(world);
    run.seed = outcome.seed;
    run.started = result.started;
    run.wallSeconds = result.wallSeconds;
    run.command = fmt::format("{} --seed {}", options.command, outcome.seed);
    run.folder = outcome.folder;
    run.ok = outcome.ok;
    run.problem = outcome.problem;
    run.metrics = outcome.metrics;
    run.samples["command-latency"] = outcome.latencies;
    return run;
}

/// Whose run a job is.
struct Place {
    std::size_t campaign = 0;
    std::uint64_t seed = 0;
};

void AddJobs(const Campaign& campaign, bool named, std::vector<Job>& jobs) {
    const auto& [scenario, world, options] = campaign;
    for (const std::uint64_t seed : options.seeds) {
        const std::string folder = FolderOf(*scenario, world, options, seed);
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        jobs.push_back(MakeJob(*scenario, world, options, seed));
        if (named) jobs.back().label = scenario->name + " " + jobs.back().label;
    }
}

}  // namespace

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
        outcomes[at].push_back(OutcomeOf(seed, FolderOf(*scenario, world, options, seed), result));
        StoredRun run = StoredFrom(*scenario, world, options, outcomes[at].back(), result);
        run.scenarioHash = hashes[at];
        store.Add(run);
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
