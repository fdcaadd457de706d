// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/library.h"
#include "scenarios/lab/live-runner.h"
#include "scenarios/lab/report.h"
#include "scenarios/lab/scenario-reader.h"

namespace crsp::lab {
namespace {

/// Either a file or all of them.
void DeclareLibrary(CLI::App& sub, CLI::Option& file, ScenarioCommand& command) {
    auto* all = sub.add_flag("--all", command.all,
                             "Every scenario of the project in ns-3: one line for each");
    sub.add_option("--only", command.only, "With --all: those whose name matches, as in 'quic-*'")
        ->type_name("PATTERN")
        ->needs(all);
    sub.add_flag("--write", command.write, "With --all: keep the table in results/scenarios.md")
        ->needs(all);
    file.excludes(all);
    sub.final_callback([&command] {
        if (command.files.empty() && !command.all) throw CLI::RequiredError("FILE or --all");
        if (command.files.size() > 1 && command.live)
            RefuseValue("--live", "expected one FILE", "several");
        if (command.json && command.files.size() != 1)
            RefuseValue("--json", "expected one FILE", "several");
    });
}

World WorldOf(const ScenarioCommand& command) {
    return command.live ? World::kLive : World::kNs3;
}

CampaignOptions OptionsFrom(const ScenarioCommand& command) {
    CampaignOptions options;
    options.out = command.out;
    options.seeds = SeedsFrom(command.seed, command.seeds);
    options.parallel = command.jobs;
    options.pcap = command.pcap;
    options.qlog = command.qlog;
    options.extra = command.extra;
    options.programs = ProgramsFolder(command.programs);
    options.command = RepeatCommand(command, command.files[0]);
    return options;
}

void PrintTables(const Scenario& scenario, World world, const CampaignOptions& options,
                 const std::vector<Outcome>& outcomes) {
    WriteOutput(fmt::format("{}: {}\nsource: {}\n\n{}\n", scenario.name, scenario.description,
                            scenario.source, CampaignTable(outcomes)));
    if (world == World::kLive && !scenario.traffic.empty()) {
        WriteOutput("live runs leave the cross traffic out\n");
    }
    WriteOutput(fmt::format("results: {0}/results.sqlite\ntraces:  {0}/{1}/{2}-SEED-{3}/\n",
                            options.out, scenario.name, ToString(world), FolderDigits(scenario)));
}

}  // namespace

std::string ShellWord(const std::string& word) {
    constexpr const char* kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:@%+";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string FrontDoor() {
    std::error_code error;
    if (std::filesystem::equivalent(std::filesystem::current_path(error), CRSP_SOURCE_DIR, error)) {
        return "./run";
    }
    return ShellWord(std::filesystem::read_symlink("/proc/self/exe").string());
}

std::vector<std::uint64_t> SeedsFrom(std::uint64_t first, std::uint64_t count) {
    std::vector<std::uint64_t> seeds;
    for (std::uint64_t i = 0; i < count; ++i) seeds.push_back(first + i);
    return seeds;
}

std::string ProgramsFolder(const std::string& programs) {
    if (!programs.empty()) return programs;
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
}

std::string RepeatCommand(const ScenarioCommand& command, const std::string& file) {
    const ScenarioCommand defaults;
    std::string text = FrontDoor() + " scenario " + ShellWord(file);
    if (command.live) text += " --live";
    for (const std::string& assignment : command.overrides)
        text += " --set " + ShellWord(assignment);
    if (command.out != defaults.out) text += " --out " + ShellWord(command.out);
    if (command.live && !command.programs.empty()) {
        text += " --programs " + ShellWord(command.programs);
    }
    if (!command.pcap) text += " --no-pcap";
    if (!command.qlog) text += " --no-qlog";
    text += OptionsText(command.extra);
    return text;
}

ResultsStore OpenResults(const std::string& out) {
    std::filesystem::create_directories(out);
    return ResultsStore(out + "/results.sqlite");
}

void ComplainAbout(const std::vector<Outcome>& outcomes, const std::string& command) {
    for (const Outcome& outcome : outcomes) {
        if (outcome.ok) continue;
        fmt::print(stderr, "crsp-lab: seed {} failed: {}\n  repeat it with: {} --seed {}\n",
                   outcome.seed, outcome.problem, command, outcome.seed);
    }
}

std::optional<Scenario> ReadOrComplain(const std::string& file,
                                       const std::vector<std::string>& overrides, int& code) {
    auto scenario = ReadScenario(file, overrides);
    if (scenario) return std::move(*scenario);
    fmt::print(stderr, "crsp-lab: {}\n", scenario.error().message);
    code = scenario.error().kind == ScenarioError::Kind::kNoFile ? kExitNoInput : kExitBadData;
    return std::nullopt;
}

int RunScenarioCommand(const ScenarioCommand& command) {
    if (command.all || command.files.size() > 1) return RunLibrary(command);
    const std::string& file = command.files.at(0);
    int code = kExitOk;
    const auto scenario = ReadOrComplain(file, command.overrides, code);
    if (!scenario) return code;
    const World world = WorldOf(command);
    if (command.live && command.extra.NeedsNs3()) {
        fmt::print(stderr, "crsp-lab: {}: of ns-3 only, not of live runs\n",
                   OptionsText(command.extra).substr(1));
        return kExitUsage;
    }
    const std::string obstacle = command.live ? LiveObstacle(*scenario) : std::string();
    if (!obstacle.empty()) {
        fmt::print(stderr, "crsp-lab: {}: {}: expected a run in ns-3\n", file, obstacle);
        return kExitBadData;
    }
    const CampaignOptions options = OptionsFrom(command);
    ResultsStore store = OpenResults(options.out);
    int signal = 0;
    const auto outcomes = RunCampaign(*scenario, world, options, store, signal);
    if (signal != 0) return kExitSignal + signal;
    if (command.json) {
        WriteOutput(fmt::format("{}\n", CampaignJson(*scenario, world, options, outcomes)));
    } else {
        PrintTables(*scenario, world, options, outcomes);
    }
    ComplainAbout(outcomes, options.command);
    const bool ok = std::all_of(outcomes.begin(), outcomes.end(), [](auto& o) { return o.ok; });
    return ok ? kExitOk : kExitFailed;
}

void DeclareScenarioCommand(CLI::App& app, ScenarioCommand& command) {
    CLI::App* sub = app.add_subcommand("scenario", "Run scenarios; print what came of them");
    sub->alias("run");
    auto* file = sub->add_option("file", command.files, "Scenario files (TOML)")->type_name("FILE");
    DeclareLibrary(*sub, *file, command);
    AddCount(*sub, "--seed", command.seed, 0, kMaxSeed, "First seed");
    AddCount(*sub, "--seeds", command.seeds, 1, kMaxSeeds,
             "How many seeds, counting up from --seed");
    sub->add_option("--set", command.overrides,
                    "Replace a value of the file, as in --set \"link.loss=2 %\"; repeatable")
        ->type_name("KEY=VALUE")
        ->take_all()
        ->expected(1)
        ->excludes("--all");
    sub->add_flag("--json", command.json, "Print one JSON document in place of the table");
    sub->add_flag("--live", command.live,
                  "Run the node programs over loopback and a relay, in place of ns-3")
        ->excludes("--all");
    sub->add_option("--programs", command.programs,
                    "With --live: folder of the node programs; that of crsp-lab if not given")
        ->type_name("DIR");
    sub->add_flag_callback(
        "--no-pcap", [&command] { command.pcap = false; },
        "Write no packet capture of the bottleneck");
    sub->add_flag_callback(
        "--no-qlog", [&command] { command.qlog = false; }, "Write no qlog");
    DeclareExtraTraces(*sub, command.extra);
    sub->add_option("--out", command.out, "Where results and traces go")
        ->type_name("DIR")
        ->capture_default_str();
    AddCount(*sub, "-j,--jobs", command.jobs, 1, kMaxJobs, "Runs at a time");
}

}  // namespace crsp::lab
