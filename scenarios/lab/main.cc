// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "apps/version/version.h"
#include "scenarios/lab/baseline.h"
#include "scenarios/lab/bench-command.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/compare-command.h"
#include "scenarios/lab/demo.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/false-alarms.h"
#include "scenarios/lab/html-command.h"
#include "scenarios/lab/original-command.h"
#include "scenarios/lab/results-command.h"
#include "scenarios/lab/results-schema.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/slurm-task.h"
#include "scenarios/lab/sweep-command.h"
#include "scenarios/lab/trace-command.h"

namespace {

using namespace crsp::lab;
using crsp::AddCount;

void DeclareDemo(CLI::App& app, DemoCommand& command) {
    CLI::App* sub = app.add_subcommand(
        "demo", "Stream real files in ns-3 and live, and set the two side by side");
    sub->add_flag("--quick", command.quick, "One seed of each, with a smaller file");
    sub->add_option("--out", command.out, "Where results and traces go")
        ->type_name("DIR")
        ->capture_default_str();
    sub->add_option("--programs", command.programs,
                    "Folder of the node programs; that of crsp-lab if not given")
        ->type_name("DIR");
    sub->add_option("--scenario", command.scenario, "The scenario file of first light")
        ->type_name("FILE")
        ->capture_default_str();
    AddCount(*sub, "-j,--jobs", command.jobs, 1, kMaxJobs, "Simulations at a time");
}

void DeclareBench(CLI::App& app, BenchCommand& command) {
    CLI::App* sub = app.add_subcommand(
        "bench", "Measure the transport in ns-3, beside ns-3's TCP, against its targets");
    sub->add_option("suite", command.suite,
                    "matrix, startup, fairness, deadline, or all of these; simcost or flows: what "
                    "simulating costs on this machine")
        ->type_name("SUITE")
        ->check(
            CLI::IsMember({"matrix", "startup", "fairness", "deadline", "simcost", "flows", "all"}))
        ->capture_default_str();
    sub->add_flag("--quick", command.quick, "A few short cells that stand for all");
    AddCount(*sub, "--seed", command.seed, 0, kMaxSeed, "First seed");
    AddCount(*sub, "--seeds", command.seeds, 0, kMaxSeeds,
             "How many seeds; 0 means five, or one with --quick");
    AddCount(*sub, "-j,--jobs", command.jobs, 1, kMaxJobs, "Runs at a time");
    sub->add_option("--variants", command.variants,
                    "Only these, as in crsp/bbr_lda,tcp/cubic; comma-separated")
        ->type_name("NAMES")
        ->delimiter(',');
    sub->add_option("--only", command.only,
                    "Only cells whose name matches, as in 'matrix/100M-*/crsp/bbr'")
        ->type_name("PATTERN");
    sub->add_flag("--series", command.series,
                  "Keep queue and receivers every few ms as OUT/bench/CELL/SEED/series.csv");
    sub->add_flag("--write", command.write, "Keep the tables in results/");
    sub->add_flag("--gate", command.gate, "Exit with 2 if a target is missed");
    sub->add_option("--out", command.out, "Where results go")
        ->type_name("DIR")
        ->capture_default_str();
}

int Main(int argc, char** argv) {
    CLI::App app{
        "The CRSP laboratory: the deployed engine under named conditions, in ns-3 and live.",
        "crsp-lab"};
    app.set_version_flag("--version", crsp::VersionText("crsp-lab"));
    app.require_subcommand(1);
    ScenarioCommand scenario;
    DemoCommand demo;
    DeclareScenarioCommand(app, scenario);
    SweepCommand sweep;
    DeclareSweepCommand(app, sweep);
    TaskCommand task;
    DeclareTaskCommand(app, task);
    ResultsCommand results;
    DeclareResultsCommands(app, results);
    BaselineCommand baseline;
    DeclareBaselineCommand(app, baseline);
    CompareCommand compare;
    DeclareCompareCommand(app, compare);
    ReportOptions report;
    DeclareReportCommand(app, report);
    AlarmCommand alarms;
    DeclareAlarmCommand(app, alarms);
    DeclareDemo(app, demo);
    BenchCommand bench;
    DeclareBench(app, bench);
    TraceCommand trace;
    DeclareTrace(app, trace);
    OriginalCommand original;
    DeclareOriginal(app, original);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // Help and version are no errors, and CLI11 prints them itself.
        if (error.get_exit_code() == 0) return app.exit(error);
        fmt::print(stderr, "crsp-lab: {}\n", crsp::UsageSentence(app, error));
        return kExitUsage;
    }
    if (int code = kExitOk; RunResultsCommands(app, results, code)) return code;
    if (app.got_subcommand("compare")) return RunCompareCommand(compare);
    if (app.got_subcommand("report")) return RunReportCommand(report);
    if (app.got_subcommand("false-alarms")) return RunAlarmCommand(alarms);
    if (app.got_subcommand("baseline")) return RunBaselineCommand(baseline);
    if (app.got_subcommand("sweep")) return RunSweepCommand(sweep);
    if (app.got_subcommand("slurm-task")) return RunTaskCommand(task);
    if (app.got_subcommand("bench")) return RunBench(bench);
    if (app.got_subcommand("original")) return RunOriginalCommand(original);
    if (app.got_subcommand("demo")) return RunDemo(demo);
    if (app.got_subcommand("trace")) return RunTrace(app, trace);
    return RunScenarioCommand(scenario);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return crsp::FinishOutput("crsp-lab", Main(argc, argv));
    } catch (const std::filesystem::filesystem_error& error) {
        fmt::print(stderr, "crsp-lab: cannot write '{}': {}\n", error.path1().string(),
                   error.code().message());
        return crsp::lab::kExitFailed;
    } catch (const crsp::lab::WrongResults& error) {
        fmt::print(stderr, "crsp-lab: {}\n", error.what());
        return crsp::lab::kExitBadData;
    } catch (const std::exception& error) {
        fmt::print(stderr, "crsp-lab: {}\n", error.what());
    } catch (...) {
        fmt::print(stderr, "crsp-lab: internal error\n");
    }
    return crsp::lab::kExitInternal;
}
