// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/sweep-command.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "scenarios/lab/campaign.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/library.h"
#include "scenarios/lab/results-reader.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/slurm-sweep.h"
#include "scenarios/lab/sweep-runs.h"
#include "scenarios/lab/table.h"
#include "scenarios/lab/units.h"

namespace crsp::lab {
namespace {

std::vector<Campaign> CampaignsOf(const SweepCommand& command, const Sweep& sweep) {
    std::vector<Campaign> campaigns;
    for (const SweepVariant& variant : sweep.variants) {
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

SweepEnd RunHere(const SweepCommand& command, ResultsStore& store, const Sweep& sweep) {
    SweepEnd end;
    int signal = 0;
    end.ran = RunCampaigns("sweep", CampaignsOf(command, sweep), store, signal);
    if (signal == 0) return end;
    fmt::print(stderr, "sweep: stopped; the same command goes on where it was\n");
    end.code = kExitSignal + signal;
    return end;
}

/// What is stored of a variant, as if it had just been run.
std::vector<Outcome> StoredOutcomes(const SweepCommand& command, const SweepVariant& variant,
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

int PrintSweep(const SweepCommand& command, const Sweep& sweep, const SweepEnd& end,
               ResultsStore& store) {
    ResultsReader reader(ResultsPath(command));
    Table table(5);
    table.Add({"scenario", "parameters", "runs", "verdict", "figure"});
    bool ok = !end.conflicts;
    for (std::size_t i = 0; i < sweep.variants.size(); ++i) {
        const SweepVariant& variant = sweep.variants[i];
        if (variant.seeds.empty()) continue;
        auto outcomes = StoredOutcomes(command, variant, store, reader);
        AddUnstored(end.ran[i], outcomes);
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
                   for (const Variation& other : command.vary) {
                       if (other.first != variation->first) continue;
                       RefuseValue("--vary", "expected each key once", text);
                   }
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
    AddCount(sub, "-j,--jobs", command.jobs, 1, kMaxJobs,
             "Runs at a time; on Slurm of each task, and one if not given");
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
    sub->add_option("--executor", command.executor,
                    "Where the runs are made: local, by processes here; slurm, by an array of jobs")
        ->type_name("NAME")
        ->check(CLI::IsMember({"local", "slurm"}))
        ->capture_default_str();
    DeclareSlurmOptions(*sub, command.slurm);
    sub->final_callback([&command, sub] {
        CheckSlurmOptions(*sub, command.executor);
        if (command.executor == "slurm" && sub->count("--jobs") == 0) command.jobs = 1;
        if (command.files.empty() && !command.all) throw CLI::RequiredError("FILE or --all");
    });
}

int RunSweepCommand(const SweepCommand& command) {
    int code = kExitOk;
    auto sweep = PlanSweep(command, code);
    if (!sweep) return code;
    std::filesystem::create_directories(command.out);
    ResultsStore store(ResultsPath(command));
    FindMissing(command, store, *sweep);
    if (command.dryRun) {
        WriteOutput(CountsText(*sweep) + "\n");
        return kExitOk;
    }
    fmt::print(stderr, "sweep: {}\n", CountsText(*sweep));
    const auto end = command.executor == "slurm" ? RunOnSlurm(command, store, *sweep)
                                                 : RunHere(command, store, *sweep);
    return end.code == kExitOk ? PrintSweep(command, *sweep, end, store) : end.code;
}

}  // namespace crsp::lab
