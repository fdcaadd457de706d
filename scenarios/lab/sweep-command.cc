// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/sweep-command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "scenarios/lab/campaign.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/library.h"
#include "scenarios/lab/live-runner.h"
#include "scenarios/lab/results-reader.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/table.h"
#include "scenarios/lab/units.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kDefaultSeeds = 5;

/// One file with one value of each key.
struct Variant {
    Scenario scenario;
    std::string hash;
    std::string command;  ///< that repeats a run, without its seed
    std::string branch;
    std::vector<std::uint64_t> seeds;    ///< of this shard
    std::vector<std::uint64_t> missing;  ///< of these
};

struct Sweep {
    std::vector<Variant> variants;
    std::size_t runs = 0;
    std::size_t missing = 0;
};

World WorldOf(const SweepCommand& command) {
    return command.live ? World::kLive : World::kNs3;
}

std::string ResultsPath(const SweepCommand& command) {
    return command.results.empty() ? command.out + "/results.sqlite" : command.results;
}

std::string RepeatOf(const SweepCommand& command, const std::string& file,
                     const std::vector<std::string>& assignments) {
    ScenarioCommand one;
    one.overrides = assignments;
    one.live = command.live;
    one.programs = command.programs;
    one.out = command.out;
    return RepeatCommand(one, file);
}

std::optional<Variant> ReadVariant(const SweepCommand& command, const std::string& file,
                                   const std::vector<std::string>& varied, int& code) {
    std::vector<std::string> assignments = command.overrides;
    assignments.insert(assignments.end(), varied.begin(), varied.end());
    auto scenario = ReadOrComplain(file, assignments, code);
    if (!scenario) return std::nullopt;
    const std::string obstacle = command.live ? LiveObstacle(*scenario) : std::string();
    if (!obstacle.empty()) {
        fmt::print(stderr, "crsp-lab: {}: {}: expected a run in ns-3\n", file, obstacle);
        code = kExitBadData;
        return std::nullopt;
    }
    if (command.wallLimit > Duration::zero()) scenario->wallLimit = command.wallLimit;
    Variant variant;
    variant.hash = ScenarioHash(*scenario);
    variant.command = RepeatOf(command, file, assignments);
    if (!assignments.empty()) variant.branch = BranchName(assignments);
    variant.scenario = std::move(*scenario);
    return variant;
}

/// The variants of one file, as it and the command line say.
bool AddFile(const SweepCommand& command, const std::string& file, Sweep& sweep, int& code) {
    const auto plain = ReadOrComplain(file, command.overrides, code);
    if (!plain) return false;
    const auto combinations = Combinations(JoinVariations(plain->sweep.vary, command.vary));
    std::uint64_t seeds = command.seeds > 0 ? command.seeds : plain->sweep.seeds;
    if (seeds == 0) seeds = kDefaultSeeds;
    for (const auto& combination : combinations) {
        auto variant = ReadVariant(command, file, combination, code);
        if (!variant) return false;
        for (const std::uint64_t seed : SeedsFrom(command.seed, seeds)) {
            if (command.shard.Has(sweep.runs++)) variant->seeds.push_back(seed);
        }
        sweep.variants.push_back(std::move(*variant));
    }
    return true;
}

std::optional<Sweep> PlanOf(const SweepCommand& command, int& code) {
    Sweep sweep;
    const auto files = command.all ? LibraryFiles(command.only) : command.files;
    if (files.empty()) {
        fmt::print(stderr, "crsp-lab: --only: no scenario matches '{}'\n", command.only);
        code = kExitUsage;
        return std::nullopt;
    }
    for (const std::string& file : files) {
        if (!AddFile(command, file, sweep, code)) return std::nullopt;
    }
    return sweep;
}

void FindMissing(const SweepCommand& command, ResultsStore& store, Sweep& sweep) {
    sweep.runs = 0;
    for (Variant& variant : sweep.variants) {
        variant.missing.clear();
        for (const std::uint64_t seed : variant.seeds) {
            ++sweep.runs;
            const auto known = store.Find(variant.hash, variant.scenario.parameters,
                                          ToString(WorldOf(command)), seed);
            if (!known) variant.missing.push_back(seed);
        }
        sweep.missing += variant.missing.size();
    }
}

std::vector<Campaign> CampaignsOf(const SweepCommand& command, const Sweep& sweep) {
    std::vector<Campaign> campaigns;
    for (const Variant& variant : sweep.variants) {
        CampaignOptions options;
        options.out = command.out;
        options.seeds = variant.missing;
        options.parallel = command.jobs;
        options.pcap = options.qlog = options.keep = command.traces;
        options.branch = variant.branch;
        options.programs = ProgramsFolder(command.programs);
        options.command = variant.command;
        campaigns.push_back({&variant.scenario, WorldOf(command), std::move(options)});
    }
    return campaigns;
}

/// What is stored of a variant, as if it had just been run.
std::vector<Outcome> StoredOutcomes(const SweepCommand& command, const Variant& variant,
                                    ResultsStore& store, ResultsReader& reader) {
    std::vector<Outcome> outcomes;
    for (const std::uint64_t seed : variant.seeds) {
        const auto known =
            store.Find(variant.hash, variant.scenario.parameters, ToString(WorldOf(command)), seed);
        if (!known) continue;
        Outcome outcome{seed, known->ok, known->problem, known->folder, {}, {}};
        for (const MetricRow& row : reader.MetricsOf(known->id)) {
            outcome.metrics[row.name] = row.value;
        }
        for (const SampleRow& row : reader.SamplesOf(known->id)) {
            if (row.name != "command-latency") continue;
            for (const auto& [value, count] : row.samples.Values()) {
                outcome.latencies.insert(outcome.latencies.end(), count, value);
            }
        }
        outcomes.push_back(std::move(outcome));
    }
    return outcomes;
}

/// Those that were killed or crashed, which are as good as missing.
void AddUnstored(const std::vector<Outcome>& ran, std::vector<Outcome>& outcomes) {
    for (const Outcome& outcome : ran) {
        if (!outcome.ok && outcome.end != RunEnd::kWhole) outcomes.push_back(outcome);
    }
}

int PrintSweep(const SweepCommand& command, const Sweep& sweep,
               const std::vector<std::vector<Outcome>>& ran, ResultsStore& store) {
    ResultsReader reader(ResultsPath(command));
    Table table(5);
    table.Add({"scenario", "parameters", "runs", "verdict", "figure"});
    bool ok = true;
    for (std::size_t i = 0; i < sweep.variants.size(); ++i) {
        const Variant& variant = sweep.variants[i];
        if (variant.seeds.empty()) continue;
        auto outcomes = StoredOutcomes(command, variant, store, reader);
        AddUnstored(ran[i], outcomes);
        const LibraryLine line = LineOf(variant.scenario, outcomes);
        table.Add({line.name, ParametersLine(variant.scenario.parameters),
                   std::to_string(outcomes.size()), line.verdict, line.figure});
        ok = ok && line.verdict == "ok";
        ComplainAbout(outcomes, variant.command);
    }
    WriteOutput(table.Text());
    WriteOutput(fmt::format("results: {}\n", ResultsPath(command)));
    return ok ? kExitOk : kExitFailed;
}

void DeclareWhat(CLI::App& sub, SweepCommand& command) {
    sub.add_option("file", command.files, "Scenario files (TOML)")->type_name("FILE");
    auto* all = sub.add_flag("--all", command.all, "Every scenario of the project");
    sub.add_option("--only", command.only, "With --all: those whose name matches, as in 'quic-*'")
        ->type_name("PATTERN")
        ->needs(all);
    sub.add_option_function<std::vector<std::string>>(
           "--vary",
           [&command](const std::vector<std::string>& texts) {
               for (const std::string& text : texts) {
                   const auto variation = ParseVariation(text);
                   if (!variation) throw CLI::ValidationError("--vary", variation.error());
                   command.vary.push_back(*variation);
               }
           },
           "Values to try of a key, as in --vary congestion=cubic,bbr; repeatable, for all "
           "combinations; in place of the file's")
        ->type_name("KEY=V1,V2,...")
        ->take_all()
        ->expected(1);
    sub.add_option("--set", command.overrides,
                   "Replace a value of the files, as in --set \"link.loss=2 %\"; repeatable")
        ->type_name("KEY=VALUE")
        ->take_all()
        ->expected(1);
    AddCount(sub, "--seed", command.seed, 0, kMaxSeed, "First seed");
    AddCount(sub, "--seeds", command.seeds, 0, kMaxSeeds,
             "How many seeds; 0 means as the file says, or five");
}

void DeclareHow(CLI::App& sub, SweepCommand& command) {
    AddCount(sub, "-j,--jobs", command.jobs, 1, kMaxJobs, "Runs at a time");
    sub.add_option_function<std::string>(
           "--wall-limit",
           [&command](const std::string& text) {
               const auto limit = ParseDuration(text);
               if (!limit || *limit <= Duration::zero()) {
                   RefuseValue("--wall-limit", "expected a time such as \"90 s\"", text);
               }
               command.wallLimit = *limit;
           },
           "Real time after which a run is killed, in place of the files'")
        ->type_name("DURATION");
    sub.add_option_function<std::string>(
           "--shard",
           [&command](const std::string& text) {
               const auto shard = ParseShard(text);
               if (!shard) throw CLI::ValidationError("--shard", shard.error());
               command.shard = *shard;
           },
           "Only part I of N of the runs")
        ->type_name("I/N");
    sub.add_flag("--dry-run", command.dryRun, "Count the runs, and run none");
    sub.add_flag("--traces", command.traces, "Keep pcap, qlog and run.json of each run");
    sub.add_flag("--live", command.live,
                 "Run the node programs over loopback and a relay, in place of ns-3");
    sub.add_option("--programs", command.programs,
                   "With --live: folder of the node programs; that of crsp-lab if not given")
        ->type_name("DIR");
    sub.add_option("--out", command.out, "Where results and traces go")
        ->type_name("DIR")
        ->capture_default_str();
    sub.add_option("--results", command.results, "The database; OUT/results.sqlite if not given")
        ->type_name("FILE");
}

}  // namespace

void DeclareSweepCommand(CLI::App& app, SweepCommand& command) {
    CLI::App* sub = app.add_subcommand(
        "sweep", "Run what is missing of every combination of scenario, values and seed");
    DeclareWhat(*sub, command);
    DeclareHow(*sub, command);
    sub->final_callback([&command] {
        if (command.files.empty() && !command.all) throw CLI::RequiredError("FILE or --all");
    });
}

int RunSweepCommand(const SweepCommand& command) {
    int code = kExitOk;
    auto sweep = PlanOf(command, code);
    if (!sweep) return code;
    std::filesystem::create_directories(command.out);
    ResultsStore store(ResultsPath(command));
    FindMissing(command, store, *sweep);
    const std::string counts =
        fmt::format("{} variants, {} runs, {} stored, {} to run", sweep->variants.size(),
                    sweep->runs, sweep->runs - sweep->missing, sweep->missing);
    if (command.dryRun) {
        WriteOutput(counts + "\n");
        return kExitOk;
    }
    fmt::print(stderr, "sweep: {}\n", counts);
    int signal = 0;
    const auto campaigns = CampaignsOf(command, *sweep);
    const auto ran = RunCampaigns("sweep", campaigns, store, signal);
    if (signal == 0) return PrintSweep(command, *sweep, ran, store);
    fmt::print(stderr, "sweep: stopped; the same command goes on where it was\n");
    return kExitSignal + signal;
}

}  // namespace crsp::lab
