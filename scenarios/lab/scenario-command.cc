// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "apps/cli/standard-output.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/live-runner.h"
#include "scenarios/lab/report.h"
#include "scenarios/lab/scenario-reader.h"

namespace crsp::lab {
namespace {

/// In single quotes if a shell would do something to it otherwise.
std::string ShellWord(const std::string& word) {
    constexpr const char* kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:@%+";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
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
    options.command = RepeatCommand(command);
    return options;
}

void PrintTables(const Scenario& scenario, World world, const CampaignOptions& options,
                 const std::vector<Outcome>& outcomes) {
    WriteOutput(fmt::format("{}: {}\nsource: {}\n\n{}\n", scenario.name, scenario.description,
                            scenario.source, CampaignTable(outcomes)));
    if (world == World::kLive && !scenario.traffic.empty()) {
        WriteOutput("live runs leave the cross traffic out\n");
    }
    WriteOutput(fmt::format("results: {0}/results.sqlite\ntraces:  {0}/{1}/{2}-SEED/\n",
                            options.out, scenario.name, ToString(world)));
}

}  // namespace

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

std::string RepeatCommand(const ScenarioCommand& command) {
    const ScenarioCommand defaults;
    std::string text = FrontDoor() + " scenario " + ShellWord(command.file);
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

int RunScenarioCommand(const ScenarioCommand& command) {
    const auto scenario = ReadScenario(command.file, command.overrides);
    if (!scenario) {
        fmt::print(stderr, "crsp-lab: {}\n", scenario.error().message);
        const bool noFile = scenario.error().kind == ScenarioError::Kind::kNoFile;
        return noFile ? kExitNoInput : kExitBadData;
    }
    const World world = WorldOf(command);
    if (command.live && command.extra.NeedsNs3()) {
        fmt::print(stderr, "crsp-lab: {}: of ns-3 only, not of live runs\n",
                   OptionsText(command.extra).substr(1));
        return kExitUsage;
    }
    const std::string obstacle = command.live ? LiveObstacle(*scenario) : std::string();
    if (!obstacle.empty()) {
        fmt::print(stderr, "crsp-lab: {}: {}: expected a run in ns-3\n", command.file, obstacle);
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

}  // namespace crsp::lab
