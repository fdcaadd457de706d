// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/library.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "apps/cli/standard-output.h"
#include "apps/version/version.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/report.h"
#include "scenarios/lab/results-store.h"
#include "scenarios/lab/scenario-reader.h"

namespace crsp::lab {
namespace {

constexpr const char* kFolder = "scenarios";
constexpr const char* kTableFile = "results/scenarios.md";

CampaignOptions OptionsFor(const ScenarioCommand& command, const std::string& file) {
    CampaignOptions options;
    options.out = command.out;
    options.seeds = SeedsFrom(command.seed, command.seeds);
    options.parallel = command.jobs;
    options.pcap = command.pcap;
    options.qlog = command.qlog;
    options.extra = command.extra;
    options.command = RepeatCommand(command, file);
    return options;
}

std::string GateText(const Expectation& expectation) {
    if (!expectation.min) return fmt::format("<= {}", *expectation.max);
    if (!expectation.max) return fmt::format(">= {}", *expectation.min);
    return fmt::format("{} to {}", *expectation.min, *expectation.max);
}

bool Kept(const Expectation& expectation, const std::vector<Outcome>& outcomes) {
    return std::all_of(outcomes.begin(), outcomes.end(), [&](const Outcome& outcome) {
        const auto value = outcome.metrics.find(expectation.metric);
        if (value == outcome.metrics.end()) return false;
        return value->second >= expectation.min.value_or(value->second) &&
               value->second <= expectation.max.value_or(value->second);
    });
}

std::string FigureText(const std::string& metric, const std::vector<Outcome>& outcomes) {
    const auto spread = SpreadOf(outcomes, metric);
    if (!spread) return metric + " -";
    const auto unit = DescribeMetric(metric).unit;
    const auto named = unit == "1" || unit == "of 1" ? std::string() : fmt::format(" {}", unit);
    if (spread->min == spread->max)
        return fmt::format("{} {:.4g}{}", metric, spread->median, named);
    return fmt::format("{} {:.4g} ({:.4g} to {:.4g}){}", metric, spread->median, spread->min,
                       spread->max, named);
}

std::string Heading(const ScenarioCommand& command) {
    std::string asked = FrontDoor() + " scenario --all";
    if (!command.only.empty()) asked += fmt::format(" --only '{}'", command.only);
    asked += fmt::format(" --seed {} --seeds {}", command.seed, command.seeds);
    return fmt::format(
        "# Scenarios in ns-3\n\nMade by `{}` at commit {}, engine {}, {}, ns-3 {}.\n\n"
        "Each line shows what was missed, or else what the file expects first: median (least to "
        "most) over the seeds. Metrics: scenarios/README.md.\n\n",
        asked, GitCommit(), EngineHash(), CompilerName(), kNs3Version);
}

std::string MarkdownTable(const std::vector<LibraryLine>& lines) {
    std::string text = "| scenario | verdict | figure | gate |\n|---|---|---|---|\n";
    for (const LibraryLine& line : lines) {
        text += fmt::format("| `{}` | {} | {} | {} |\n", line.name, line.verdict, line.figure,
                            line.gate);
    }
    return text;
}

std::string PlainTable(const std::vector<LibraryLine>& lines) {
    std::size_t name = 0;
    std::size_t figure = 0;
    for (const LibraryLine& line : lines) {
        name = std::max(name, line.name.size());
        figure = std::max(figure, line.figure.size());
    }
    std::string text;
    for (const LibraryLine& line : lines) {
        text += fmt::format("{:<{}}  {:<12}  {:<{}}  {}\n", line.name, name, line.verdict,
                            line.figure, figure, line.gate);
    }
    return text;
}

void WriteTable(const std::string& text) {
    std::ofstream stream(kTableFile);
    stream << text;
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), kTableFile);
}

std::vector<Scenario> ReadAll(const std::vector<std::string>& files,
                              const std::vector<std::string>& overrides, int& code) {
    std::vector<Scenario> scenarios;
    for (const std::string& file : files) {
        auto scenario = ReadOrComplain(file, overrides, code);
        if (!scenario) return {};
        scenarios.push_back(std::move(*scenario));
    }
    return scenarios;
}

}  // namespace

std::vector<std::string> LibraryFiles(const std::string& only) {
    std::vector<std::string> files;
    const auto folder = FrontDoor() == "./run" ? std::string(kFolder)
                                               : fmt::format("{}/{}", CRSP_SOURCE_DIR, kFolder);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto& path = entry.path();
        if (path.extension() != ".toml") continue;
        const bool wanted = only.empty() || fnmatch(only.c_str(), path.stem().c_str(), 0) == 0;
        if (wanted) files.push_back(path.string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

LibraryLine LineOf(const Scenario& scenario, const std::vector<Outcome>& outcomes) {
    LibraryLine line{scenario.name, "ok", "", ""};
    const auto failed = std::count_if(outcomes.begin(), outcomes.end(),
                                      [](const Outcome& outcome) { return !outcome.ok; });
    if (failed > 0) line.verdict = fmt::format("FAILED {}/{}", failed, outcomes.size());
    const auto& expectations = scenario.expectations;
    if (expectations.empty()) return line;
    auto key = std::find_if_not(expectations.begin(), expectations.end(),
                                [&](const Expectation& e) { return Kept(e, outcomes); });
    if (key == expectations.end()) key = expectations.begin();
    line.figure = FigureText(key->metric, outcomes);
    line.gate = GateText(*key);
    return line;
}

int RunLibrary(const ScenarioCommand& command) {
    const auto files = command.all ? LibraryFiles(command.only) : command.files;
    if (files.empty()) {
        fmt::print(stderr, "crsp-lab: --only: no scenario matches '{}'\n", command.only);
        return kExitUsage;
    }
    int code = kExitOk;
    const auto scenarios = ReadAll(files, command.overrides, code);
    if (scenarios.empty()) return code;
    std::vector<Campaign> campaigns;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        campaigns.push_back({&scenarios[i], World::kNs3, OptionsFor(command, files[i])});
    }
    ResultsStore store = OpenResults(command.out);
    int signal = 0;
    const auto outcomes = RunCampaigns("library", campaigns, store, signal);
    if (signal != 0) return kExitSignal + signal;
    std::vector<LibraryLine> lines;
    bool ok = true;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        lines.push_back(LineOf(scenarios[i], outcomes[i]));
        ok = ok && lines.back().verdict == "ok";
        ComplainAbout(outcomes[i], campaigns[i].options.command);
    }
    WriteOutput(PlainTable(lines));
    if (command.write) WriteTable(Heading(command) + MarkdownTable(lines));
    return ok ? kExitOk : kExitFailed;
}

}  // namespace crsp::lab
