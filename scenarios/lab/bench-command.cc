// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-command.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "apps/cli/standard-output.h"
#include "apps/version/version.h"
#include "model/recovery/congestion-algorithm.h"
#include "scenarios/lab/bench-many-flows.h"
#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/bench-run.h"
#include "scenarios/lab/bench-series.h"
#include "scenarios/lab/bench-simcost.h"
#include "scenarios/lab/bench-suites.h"
#include "scenarios/lab/bench-table.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/kept-tables.h"
#include "scenarios/lab/run-end.h"
#include "scenarios/lab/run-file.h"
#include "scenarios/lab/scenario-command.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kSeeds = 5;
constexpr Duration kWallLimit = std::chrono::minutes(20);
constexpr const char* kTablesFile = CRSP_SOURCE_DIR "/results/transport-bench.md";

/// One process: a cell with a seed.
struct BenchJob {
    const BenchCell* cell;
    std::uint64_t seed;
    std::string folder;
};

bool IsVariant(const std::string& suite, const std::string& variant) {
    if (IsMessageVariant(variant)) return suite == "deadline";
    if (variant == kTcpCubic || variant == kTcpNewReno) return true;
    if (variant.rfind("crsp/", 0) != 0) return false;
    const auto algorithm = ParseCongestionAlgorithm(variant.substr(5));
    return algorithm && algorithm != CongestionAlgorithm::kFixedRate;
}

std::vector<BenchCell> CellsOf(const BenchCommand& command) {
    std::vector<BenchCell> cells;
    const BenchChoice choice{command.quick, command.variants};
    const auto add = [&](const char* suite, auto make) {
        if (command.suite != suite && command.suite != "all") return;
        for (BenchCell& cell : make(choice)) {
            const bool wanted =
                command.only.empty() || fnmatch(command.only.c_str(), cell.Name().c_str(), 0) == 0;
            if (wanted) cells.push_back(std::move(cell));
        }
    };
    add("matrix", MatrixCells);
    add("startup", StartupCells);
    add("fairness", FairnessCells);
    add("deadline", DeadlineCells);
    return cells;
}

std::vector<std::uint64_t> Seeds(const BenchCommand& command) {
    const std::uint64_t count = command.seeds > 0 ? command.seeds : command.quick ? 1 : kSeeds;
    return SeedsFrom(command.seed, count);
}

std::string WholeCommand(const BenchCommand& command) {
    std::string text = FrontDoor() + " bench " + command.suite;
    if (command.quick) text += " --quick";
    if (!command.variants.empty()) {
        text += fmt::format(" --variants {}", fmt::join(command.variants, ","));
    }
    if (!command.only.empty()) text += fmt::format(" --only '{}'", command.only);
    const auto seeds = Seeds(command);
    return text + fmt::format(" --seed {} --seeds {}", seeds.front(), seeds.size());
}

/// The command that repeats one run.
std::string JobCommand(const BenchCommand& command, const BenchJob& job) {
    BenchCommand one = command;
    one.suite = job.cell->suite;
    one.only = job.cell->Name();
    one.variants = {job.cell->variant};
    one.seed = job.seed;
    one.seeds = 1;
    return WholeCommand(one);
}

/// A connection that ended early leaves nothing to measure.
std::vector<std::string> FailuresIn(const BenchRecord& record) {
    std::vector<std::string> failures;
    for (std::size_t i = 0; i < record.flows.size(); ++i) {
        const std::string& why = record.flows[i].failure;
        if (!why.empty()) failures.push_back(fmt::format("flow {} ended: {}", i, why));
    }
    return failures;
}

Job MakeJob(const BenchJob& job, bool series) {
    const auto body = [&job, series](RunProgress& progress) {
        const BenchRecord record = RunBenchCell(*job.cell, job.seed, progress);
        if (series) SaveSeries(job.folder + "/series.csv", record);
        RunFile file;
        file.shortfalls = FailuresIn(record);
        if (file.shortfalls.empty()) file.metrics = ComputeBenchMetrics(*job.cell, record);
        file.digest = record.digest;
        file.packets = record.packets;
        file.simulatedSeconds = ToSeconds(record.samples.back().at);
        file.cpuSeconds = CpuSeconds();
        SaveRunFile(job.folder, file);
        return file.shortfalls.empty() ? kExitOk : kExitFailed;
    };
    return {fmt::format("{} seed {}", job.cell->Name(), job.seed), body, kWallLimit};
}

/// What is the same for every variant of the cell, so that they can be compared.
std::string Base(BenchCell cell) {
    for (BenchFlow& flow : cell.flows) {
        if (flow.variant == cell.variant) flow.variant.clear();
    }
    cell.variant.clear();
    return Describe(cell);
}

StoredRun StoredFrom(const BenchCommand& command, const BenchJob& job, const JobResult& result) {
    const BenchCell& cell = *job.cell;
    StoredRun run;
    run.scenario = fmt::format("bench/{}/{}", cell.suite, cell.row);
    run.scenarioHash = HashOf(Describe(cell));
    run.scenarioBase = HashOf(Base(cell));
    run.scenarioText = Describe(cell);
    run.parameters = {{"variant", cell.variant}};
    run.world = ToString(World::kNs3);
    run.seed = job.seed;
    run.started = result.started;
    run.wallSeconds = result.wallSeconds;
    run.command = JobCommand(command, job);
    run.folder = job.folder;
    run.file = LoadRunFile(job.folder);
    run.problem = ProblemOf(run.file, result);
    run.ok = run.problem.empty();
    run.end = EndOf(result);
    return run;
}

std::vector<BenchJob> JobsOf(const BenchCommand& command, const std::vector<BenchCell>& cells) {
    std::vector<BenchJob> jobs;
    for (const BenchCell& cell : cells) {
        for (const std::uint64_t seed : Seeds(command)) {
            const auto folder = fmt::format("{}/bench/{}/{}", command.out, cell.Name(), seed);
            std::filesystem::remove_all(folder);
            std::filesystem::create_directories(folder);
            jobs.push_back({&cell, seed, folder});
        }
    }
    return jobs;
}

struct BenchOutcome {
    BenchResults results;
    std::size_t failed = 0;
    double processSeconds = 0;
    int signal = 0;
};

BenchOutcome RunAll(const BenchCommand& command, const std::vector<BenchCell>& cells) {
    const auto jobs = JobsOf(command, cells);
    std::vector<Job> pooled;
    for (const BenchJob& job : jobs) pooled.push_back(MakeJob(job, command.series));
    ResultsStore store = OpenResults(command.out);
    BenchOutcome outcome;
    RunPool pool("bench", command.jobs);
    pool.Run(pooled, [&](std::size_t index, const JobResult& result) {
        StoredRun run = StoredFrom(command, jobs[index], result);
        Store(store, run);
        outcome.results[jobs[index].cell->Name()].push_back(run.file.metrics);
        outcome.processSeconds += run.wallSeconds;
        if (run.ok) return;
        ++outcome.failed;
        fmt::print(stderr, "crsp-lab: {} seed {} failed: {}\n  repeat it with: {}\n",
                   jobs[index].cell->Name(), run.seed, run.problem, run.command);
    });
    outcome.signal = pool.Interrupted();
    return outcome;
}

std::string Heading(const BenchCommand& command, const BenchOutcome& outcome) {
    return fmt::format(
        "# Transport benchmark in ns-3\n\n"
        "Made by `{}` at commit {}, engine {}, {}, ns-3 {}; {:.0f} s of processes.\n\n"
        "Dumbbell, drop-tail queue (1 BDP unless the cell says otherwise), loss both ways. "
        "Datagrams of {} bytes; TCP segments of 1,448 bytes, SACK, initial window 10. "
        "`tcp/new_reno` is ns-3's TcpLinuxReno. Median (least to most) over the seeds; `-`: not "
        "reached. What the cells and metrics mean: scenarios/README.md, Benchmark.\n",
        WholeCommand(command), GitCommit(), EngineHash(), CompilerName(), kNs3Version,
        outcome.processSeconds, kBenchDatagramBytes);
}

/// Suites that say what simulating costs here, and not what comes of it.
bool MeasuresTheMachine(const BenchCommand& command) {
    return command.suite == "simcost" || command.suite == "flows";
}

int RunMachineBench(const BenchCommand& command) {
    if (!command.variants.empty() || !command.only.empty() || command.series) {
        fmt::print(stderr, "crsp-lab: bench {} has neither variants, nor cells, nor series\n",
                   command.suite);
        return kExitUsage;
    }
    return command.suite == "simcost" ? RunCostBench(command) : RunManyFlows(command);
}

bool Refused(const BenchCommand& command, const std::vector<BenchCell>& cells) {
    for (const auto& variant : command.variants) {
        if (IsVariant(command.suite, variant)) continue;
        fmt::print(stderr,
                   "crsp-lab: --variants: expected tcp/cubic, tcp/new_reno or crsp/ and a "
                   "congestion control, got '{}'\n",
                   variant);
        return true;
    }
    if (!cells.empty()) return false;
    fmt::print(stderr, "crsp-lab: --only: no cell of {} matches '{}'\n", command.suite,
               command.only);
    return true;
}

}  // namespace

int RunBench(const BenchCommand& command) {
    if (MeasuresTheMachine(command)) return RunMachineBench(command);
    const auto cells = CellsOf(command);
    if (Refused(command, cells)) return kExitUsage;
    const BenchOutcome outcome = RunAll(command, cells);
    if (outcome.signal != 0) return kExitSignal + outcome.signal;
    const std::string text = Heading(command, outcome) + BenchTables(cells, outcome.results);
    WriteOutput(text);
    if (command.write) KeepTables(kTablesFile, text);
    if (outcome.failed > 0) return kExitFailed;
    return command.gate && !AllGatesPass(cells, outcome.results) ? kExitGate : kExitOk;
}

}  // namespace crsp::lab
