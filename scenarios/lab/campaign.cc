// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "apps/version/version.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/lab-hash.h"
#include "scenarios/lab/live-runner.h"
#include "scenarios/lab/ns3-runner.h"
#include "scenarios/lab/run-end.h"
#include "scenarios/lab/run-file.h"
#include "scenarios/lab/run-folders.h"

namespace crsp::lab {
namespace {

/// A live run starts three programs; what they need beyond the scenario's own time.
constexpr Duration kLiveOverhead = seconds(20);

/// Enough of a hash that no two runs of one name and seed share a folder.
constexpr std::size_t kFolderDigits = 12;
/// Behind the folder of a run that is not stored, as the one that is keeps its own.
constexpr const char* kUnstored = ".unstored";

/// One run of a campaign.
struct Place {
    const Campaign* campaign;
    std::size_t index;  ///< of the campaign
    RunIdentity identity;
    std::string folder;  ///< while it is in flight
    std::string kept;    ///< once it has ended
};

RunIdentity IdentityOf(const Campaign& campaign, const std::string& hash, std::uint64_t seed) {
    return {hash,
            ParametersText(campaign.scenario->parameters),
            std::string(ToString(campaign.world)),
            seed,
            std::string(EngineHash()),
            std::string(LabHash())};
}

RunRecord RunOne(const Place& place, RunProgress& progress) {
    const auto& [scenario, world, options] = *place.campaign;
    const std::uint64_t seed = place.identity.seed;
    if (world == World::kNs3) {
        return RunInNs3(*scenario, {seed, place.folder, options.pcap, options.qlog, options.extra},
                        progress);
    }
    return RunLive(*scenario,
                   {seed, place.folder, options.programs, options.qlog, options.extra.keyLog});
}

Job MakeJob(const Place& place, bool named) {
    const Scenario& scenario = *place.campaign->scenario;
    const auto body = [&place, &scenario](RunProgress& progress) {
        std::filesystem::create_directory(place.folder);
        RunFile file = RunFileOf(scenario, RunOne(place, progress));
        file.identity = place.identity;
        SaveRunFile(place.folder, file);
        return file.shortfalls.empty() ? kExitOk : kExitFailed;
    };
    const bool simulated = place.campaign->world == World::kNs3;
    const Duration limit = simulated ? scenario.wallLimit : scenario.stop + kLiveOverhead;
    const auto label = fmt::format("seed {}", place.identity.seed);
    return {named ? scenario.name + " " + label : label, body, limit};
}

/// What the run's process has left; a file that is not of this run is as good as a crash.
void TakeFile(const Place& place, const JobResult& result, StoredRun& run) {
    run.file = LoadRunFile(place.folder);
    run.end = EndOf(result);
    run.problem = ProblemOf(run.file, result);
    if (run.end == RunEnd::kWhole && run.file.identity != place.identity) {
        run.file = {};
        run.end = RunEnd::kCrashed;
        run.problem = "its run.json is missing, or that of another run";
    }
    run.ok = run.problem.empty();
}

StoredRun StoredFrom(const Place& place, const JobResult& result) {
    const auto& [scenario, world, options] = *place.campaign;
    const std::uint64_t seed = place.identity.seed;
    StoredRun run;
    run.scenario = scenario->name;
    run.scenarioHash = place.identity.scenarioHash;
    run.scenarioBase = HashOf(scenario->base);
    run.scenarioText = scenario->canonical;
    run.parameters = scenario->parameters;
    run.world = ToString(world);
    run.seed = seed;
    run.started = result.started;
    run.wallSeconds = result.wallSeconds;
    run.command = fmt::format("{} --seed {}", options.command, seed);
    // A process that died early has not made one.
    const bool kept = options.keep && std::filesystem::exists(place.folder);
    if (kept) run.folder = place.kept;
    TakeFile(place, result, run);
    return run;
}

Outcome OutcomeOf(const StoredRun& run) {
    return {run.seed,           run.ok, run.problem, run.folder, run.file.metrics,
            run.file.latencies, run.end};
}

std::string FolderDigits(const Scenario& scenario, const std::string& hash) {
    const auto all = fmt::format("{} {} {} {}", hash, ParametersText(scenario.parameters),
                                 EngineHash(), LabHash());
    return HashOf(all).substr(0, kFolderDigits);
}

std::vector<Place> PlacesOf(const std::vector<Campaign>& campaigns, const RunFolders& folders) {
    std::vector<Place> places;
    for (std::size_t i = 0; i < campaigns.size(); ++i) {
        const auto& [scenario, world, options] = campaigns[i];
        const std::string hash = ScenarioHash(*scenario);
        const std::string digits = FolderDigits(*scenario, hash);
        const std::string branch = options.branch.empty() ? "" : options.branch + "/";
        for (const std::uint64_t seed : options.seeds) {
            auto kept = fmt::format("{}/{}/{}{}-{}-{}", options.out, scenario->name, branch,
                                    ToString(world), seed, digits);
            places.push_back({&campaigns[i], i, IdentityOf(campaigns[i], hash, seed),
                              folders.InFlight(places.size()), std::move(kept)});
        }
    }
    return places;
}

}  // namespace

std::string FolderDigits(const Scenario& scenario) {
    return FolderDigits(scenario, ScenarioHash(scenario));
}

std::string_view ToString(World world) {
    return world == World::kNs3 ? "ns3" : "live";
}

std::vector<std::vector<Outcome>> RunCampaigns(const std::string& title,
                                               const std::vector<Campaign>& campaigns,
                                               ResultsStore& store, int& interrupted) {
    const RunFolders folders(campaigns.at(0).options.out);
    const std::vector<Place> places = PlacesOf(campaigns, folders);
    std::vector<Job> jobs;
    for (const Place& place : places) jobs.push_back(MakeJob(place, campaigns.size() > 1));
    std::vector<std::vector<Outcome>> outcomes(campaigns.size());
    RunPool pool(title, campaigns[0].options.parallel, campaigns[0].options.quiet);
    pool.Run(jobs, [&](std::size_t index, const JobResult& result) {
        StoredRun run = StoredFrom(places[index], result);
        const bool stored = Store(store, run);
        if (!run.folder.empty()) {
            if (!stored) run.folder += kUnstored;
            folders.Keep(index, run.folder);
        }
        outcomes[places[index].index].push_back(OutcomeOf(run));
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
