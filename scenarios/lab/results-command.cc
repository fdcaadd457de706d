// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-command.h"

#include <fmt/format.h>

#include <cstdio>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/library.h"
#include "scenarios/lab/results-export.h"
#include "scenarios/lab/results-merge.h"
#include "scenarios/lab/results-reader.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/table.h"

namespace crsp::lab {
namespace {

constexpr std::size_t kShortHash = 12;

std::vector<RunRow> Chosen(ResultsReader& reader, const Selector& where) {
    std::vector<RunRow> chosen;
    for (RunRow& run : reader.Runs()) {
        if (where.Matches(run)) chosen.push_back(std::move(run));
    }
    return chosen;
}

std::string Verdict(const RunRow& run) {
    if (run.ended != "whole") return run.ended;
    // A run that is not valid is never ok.
    if (!run.valid) return "not valid";
    return run.ok ? "ok" : "failed";
}

int ListScenarios(const ResultsCommand& command) {
    auto json = nlohmann::json::array();
    Table table;
    int code = kExitOk;
    for (const std::string& file : LibraryFiles("")) {
        const auto scenario = ReadOrComplain(file, {}, code);
        if (!scenario) continue;
        json.push_back({{"scenario", scenario->name},
                        {"description", scenario->description},
                        {"source", scenario->source},
                        {"file", file}});
        table.Add({scenario->name, scenario->description});
    }
    WriteOutput(command.json ? JsonText(json) : table.Text());
    return code;
}

int ListRuns(const ResultsCommand& command) {
    ResultsReader reader(command.results);
    auto json = nlohmann::json::array();
    Table table(10);
    table.Add({"run", "scenario", "parameters", "world", "seed", "verdict", "started", "wall s",
               "commit", "digest"});
    for (const RunRow& run : Chosen(reader, command.where)) {
        json.push_back(RunJson(run));
        table.Add({std::to_string(run.id), run.scenario, ParametersLine(run.parameters), run.world,
                   std::to_string(run.seed), Verdict(run), run.started,
                   fmt::format("{:.2f}", run.wallSeconds), run.commit.substr(0, kShortHash),
                   run.digest.substr(0, kShortHash)});
    }
    WriteOutput(command.json ? JsonText(json) : table.Text());
    return kExitOk;
}

std::string ProvenanceText(const RunRow& run) {
    Table table;
    table.Add({"scenario", run.scenario});
    table.Add({"parameters", ParametersLine(run.parameters)});
    table.Add({"world, seed", fmt::format("{}, {}", run.world, run.seed)});
    table.Add({"verdict", run.ok ? Verdict(run) : Verdict(run) + ": " + run.problem});
    if (!run.valid) table.Add({"not valid", run.reason});
    table.Add({"digest", run.digest.empty() ? "-" : run.digest});
    table.Add({"scenario hash", run.scenarioHash});
    table.Add({"engine", run.engine});
    table.Add({"laboratory", run.lab});
    table.Add({"commit", run.commit});
    table.Add({"built with", fmt::format("{}, ns-3 {}", run.compiler, run.ns3Version)});
    table.Add({"started", run.started});
    table.Add(
        {"took", fmt::format("{:.3f} s, {:.3f} s of CPU, for {:.3f} s and {} packets",
                             run.wallSeconds, run.cpuSeconds, run.simulatedSeconds, run.packets)});
    table.Add({"folder", run.folder.empty() ? "not kept" : run.folder});
    table.Add({"repeat with", run.command});
    return table.Text();
}

std::string MetricsText(ResultsReader& reader, const RunRow& run) {
    Table table(1);
    table.Add({"metric", "value", "unit"});
    for (const MetricRow& metric : reader.MetricsOf(run.id)) {
        table.Add({metric.name, fmt::format("{:.6g}", metric.value), metric.unit});
    }
    return table.Text();
}

std::string SamplesText(ResultsReader& reader, const RunRow& run) {
    Table table(1);
    table.Add({"samples", "unit", "count", "least", "p50", "p90", "p99", "p99.9", "most", "mean"});
    for (const SampleRow& row : reader.SamplesOf(run.id)) {
        const auto cell = [](double value) { return fmt::format("{:.6g}", value); };
        const Distribution& all = row.samples;
        table.Add({row.name, row.unit, std::to_string(all.Count()), cell(all.Least()),
                   cell(all.Quantile(0.5)), cell(all.Quantile(0.9)), cell(all.Quantile(0.99)),
                   cell(all.Quantile(0.999)), cell(all.Most()), cell(all.Mean())});
    }
    return table.Text();
}

int ShowRun(const ResultsCommand& command) {
    ResultsReader reader(command.results);
    const auto run = reader.Run(command.run);
    if (!run) {
        fmt::print(stderr, "crsp-lab: {}: there is no run {}; see crsp-lab list --runs\n",
                   command.results, command.run);
        return kExitNoInput;
    }
    if (command.json) {
        WriteOutput(JsonText(WholeRunJson(reader, *run)));
        return kExitOk;
    }
    WriteOutput(ProvenanceText(*run) + "\n" + MetricsText(reader, *run) + "\n" +
                SamplesText(reader, *run));
    std::string names;
    for (const SeriesRow& series : reader.SeriesOf(run->id)) {
        names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", series.name, series.unit);
    }
    if (!names.empty()) WriteOutput(fmt::format("\nseries: {}\n", names));
    return kExitOk;
}

int ExportRuns(const ResultsCommand& command) {
    ResultsReader reader(command.results);
    const auto runs = Chosen(reader, command.where);
    if (command.csv) {
        WriteOutput(CsvText(reader, runs, command.table));
        return kExitOk;
    }
    auto json = nlohmann::json::array();
    for (const RunRow& run : runs) json.push_back(WholeRunJson(reader, run));
    WriteOutput(JsonText({{"schema", "crsp.results/2"}, {"runs", json}}));
    return kExitOk;
}

int Merge(const ResultsCommand& command) {
    const MergeCounts counts = MergeResults(command.results, command.others);
    for (const std::string& conflict : counts.conflicts) {
        fmt::print(stderr, "crsp-lab: {}\n", conflict);
    }
    WriteOutput(fmt::format("{}: {} runs added, {} were there\n", command.results, counts.added,
                            counts.known));
    return counts.conflicts.empty() ? kExitOk : kExitFailed;
}

void DeclareList(CLI::App& app, ResultsCommand& command) {
    CLI::App* sub = app.add_subcommand("list", "List the project's scenarios, or the stored runs");
    sub->add_flag("--runs", command.runs, "The stored runs");
    DeclareWhere(*sub, "--where", command.where, "With --runs: only these");
    sub->get_option("--where")->needs("--runs");
    sub->add_flag("--json", command.json, "Print one JSON document in place of the table");
    DeclareResults(*sub, command.results);
}

void DeclareShow(CLI::App& app, ResultsCommand& command) {
    CLI::App* sub = app.add_subcommand("show", "Show a stored run");
    sub->add_option("run", command.run, "Its number, as list --runs prints it")
        ->type_name("RUN")
        ->required();
    sub->add_flag("--json", command.json, "Print all of it as one JSON document");
    DeclareResults(*sub, command.results);
}

void DeclareExport(CLI::App& app, ResultsCommand& command) {
    CLI::App* sub = app.add_subcommand("export", "Print stored runs as CSV or JSON");
    auto* csv = sub->add_flag("--csv", command.csv, "As CSV, with a line of names");
    auto* json = sub->add_flag("--json", command.json, "As JSON, with all that is stored");
    csv->excludes(json);
    sub->add_option("--table", command.table, "With --csv: which of the tables")
        ->type_name("NAME")
        ->check(CLI::IsMember({"runs", "metrics", "samples", "percentiles", "series"}))
        ->capture_default_str();
    DeclareWhere(*sub, "--where", command.where, "Only these runs");
    DeclareResults(*sub, command.results);
    sub->final_callback([&command] {
        if (!command.csv && !command.json) throw CLI::RequiredError("--csv or --json");
    });
}

void DeclareMerge(CLI::App& app, ResultsCommand& command) {
    CLI::App* sub = app.add_subcommand("merge", "Add the runs of other databases");
    sub->add_option("other", command.others, "Databases, as other machines have made them")
        ->type_name("FILE")
        ->required();
    DeclareResults(*sub, command.results);
}

}  // namespace

void DeclareResults(CLI::App& sub, std::string& results) {
    sub.add_option("--results", results, "The database of results")
        ->type_name("FILE")
        ->capture_default_str();
}

void DeclareWhere(CLI::App& sub, const std::string& name, Selector& where,
                  const std::string& help) {
    sub.add_option_function<std::string>(
           name,
           [&where, name](const std::string& text) {
               auto parsed = Selector::Parse(text);
               if (!parsed) throw CLI::ValidationError(name, parsed.error());
               where = std::move(*parsed);
           },
           help + ", as in scenario:quic-*,world:ns3,congestion=cubic")
        ->type_name("SELECTOR");
}

void DeclareResultsCommands(CLI::App& app, ResultsCommand& command) {
    DeclareList(app, command);
    DeclareShow(app, command);
    DeclareExport(app, command);
    DeclareMerge(app, command);
}

bool RunResultsCommands(const CLI::App& app, const ResultsCommand& command, int& code) {
    if (app.got_subcommand("list")) {
        code = command.runs ? ListRuns(command) : ListScenarios(command);
    } else if (app.got_subcommand("show")) {
        code = ShowRun(command);
    } else if (app.got_subcommand("export")) {
        code = ExportRuns(command);
    } else if (app.got_subcommand("merge")) {
        code = Merge(command);
    } else {
        return false;
    }
    return true;
}

}  // namespace crsp::lab
