// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/demo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

#include "apps/cli/standard-output.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/html-page.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/report.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/scenario-reader.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kSeeds = 5;
constexpr std::uint64_t kQuickSeeds = 1;
constexpr const char* kQuickSize = "content.1.size=256 KiB";

/// One content of the demo, as changes to the scenario file.
struct Part {
    std::string name;  ///< behind that of the scenario, where its results go
    std::string title;
    std::vector<std::string> overrides;
};

/// A part with what both worlds made of it.
struct Compared {
    Part part;
    Scenario scenario;
    std::vector<Outcome> simulation;
    std::vector<Outcome> live;
};

std::vector<Part> Parts(bool quick) {
    Part text{"text", "text", {"script.1.entry=text"}};
    Part binary{"binary", "10 MiB binary", {"script.1.entry=binary"}};
    if (quick) {
        binary.title = "256 KiB binary";
        // Of both, so that it tells these runs from those of the whole demo.
        for (Part* part : {&text, &binary}) part->overrides.push_back(kQuickSize);
    }
    return {text, binary};
}

CampaignOptions OptionsFor(const DemoCommand& command, const Part& part, World world) {
    CampaignOptions options;
    options.out = command.out;
    options.seeds = SeedsFrom(1, command.quick ? kQuickSeeds : kSeeds);
    // Live runs wait for the network, not for a core.
    options.parallel = world == World::kLive ? options.seeds.size() : command.jobs;
    options.programs = ProgramsFolder(command.programs);
    ScenarioCommand repeat;
    repeat.overrides = part.overrides;
    repeat.live = world == World::kLive;
    repeat.programs = command.programs;
    repeat.out = command.out;
    options.command = RepeatCommand(repeat, command.scenario);
    return options;
}

/// How long live runs will take, which is what simulated ones took in their own time.
std::string Duration(const std::vector<Outcome>& simulation) {
    double longest = 0;
    for (const Outcome& outcome : simulation) {
        const auto time = outcome.metrics.find(metric::kCompletionTime);
        if (time != outcome.metrics.end()) longest = std::max(longest, time->second);
    }
    return longest > 0 ? fmt::format(", about {:.0f} s if the simulation is right", longest)
                       : std::string();
}

/// Runs one part in one world; false if a signal ended it.
bool RunWorld(const DemoCommand& command, Compared& compared, World world, ResultsStore& store,
              int& signal) {
    const CampaignOptions options = OptionsFor(command, compared.part, world);
    const bool live = world == World::kLive;
    fmt::print(stderr, "{} ({}) {}, {} seed{}{}\n", compared.scenario.name, compared.part.title,
               live ? "live over loopback" : "in ns-3", options.seeds.size(),
               options.seeds.size() == 1 ? "" : "s", live ? Duration(compared.simulation) : "");
    auto& outcomes = live ? compared.live : compared.simulation;
    outcomes = RunCampaign(compared.scenario, world, options, store, signal);
    ComplainAbout(outcomes, options.command);
    return signal == 0;
}

void PrintComparison(const Compared& compared) {
    WriteOutput(
        fmt::format("\n{}: {}, {} run{} in ns-3 and {} live, median (min to max); latencies "
                    "over the commands of all runs\n\n{}",
                    compared.scenario.name, compared.part.title, compared.simulation.size(),
                    compared.simulation.size() == 1 ? "" : "s", compared.live.size(),
                    ComparisonTable(compared.simulation, compared.live)));
}

void PrintPlaces(const DemoCommand& command, const std::string& report) {
    WriteOutput("\nlive has no competing TCP flow; everything else is the same scenario file\n");
    WriteOutput("bytes rendered include those rendered before the restart, which begins anew\n");
    if (!report.empty()) WriteOutput(fmt::format("report   {}\n", report));
    WriteOutput(
        fmt::format("results  {}/results.sqlite (tables runs, metrics, samples)\n", command.out));
    WriteOutput(fmt::format("pcap     {}/first-light-*/ns3-*/bottleneck.pcap\n", command.out));
    WriteOutput(
        fmt::format("qlog     {0}/first-light-*/ns3-*/*.sqlog and {0}/first-light-*/live-*/qlog/\n",
                    command.out));
}

/// Returns the path of the page, or nothing if it could not be made, which is said.
std::string MakeReport(const DemoCommand& command, const std::string& scenario) {
    ReportOptions options;
    options.results = command.out + "/results.sqlite";
    options.out = command.out + "/report.html";
    const auto where = Selector::Parse(
        fmt::format("scenario:{}-*,{}", scenario, command.quick ? kQuickSize : "content.1.size="));
    if (where) options.where = *where;
    try {
        if (WriteReport(options)) return options.out;
    } catch (const std::exception& error) {
        fmt::print(stderr, "crsp-lab: no report: {}\n", error.what());
    }
    return "";
}

bool AllOk(const std::vector<Outcome>& outcomes) {
    return std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.ok; });
}

/// One sentence about every run's hash, and whether all is well.
bool PrintVerdict(const std::vector<Compared>& all) {
    std::size_t runs = 0;
    std::size_t equal = 0;
    bool ok = true;
    for (const Compared& compared : all) {
        for (const auto* outcomes : {&compared.simulation, &compared.live}) {
            ok = ok && AllOk(*outcomes);
            runs += outcomes->size();
            equal += static_cast<std::size_t>(
                std::count_if(outcomes->begin(), outcomes->end(), [](const Outcome& o) {
                    const auto hash = o.metrics.find(metric::kHashEqual);
                    return hash != o.metrics.end() && hash->second == 1;
                }));
        }
    }
    WriteOutput(fmt::format("\nSHA-256 of what was rendered equals the original in {} of {} runs\n",
                            equal, runs));
    return ok && equal == runs;
}

}  // namespace

int RunDemo(const DemoCommand& command) {
    std::vector<Compared> all;
    std::string base;
    for (const Part& part : Parts(command.quick)) {
        auto scenario = ReadScenario(command.scenario, part.overrides);
        if (!scenario) {
            fmt::print(stderr, "crsp-lab: {}\n", scenario.error().message);
            const bool noFile = scenario.error().kind == ScenarioError::Kind::kNoFile;
            return noFile ? kExitNoInput : kExitBadData;
        }
        base = scenario->name;
        scenario->name += "-" + part.name;
        all.push_back({part, std::move(*scenario), {}, {}});
    }
    ResultsStore store = OpenResults(command.out);
    int signal = 0;
    for (Compared& compared : all) {
        for (const World world : {World::kNs3, World::kLive}) {
            if (!RunWorld(command, compared, world, store, signal)) return kExitSignal + signal;
        }
    }
    for (const Compared& compared : all) PrintComparison(compared);
    const bool ok = PrintVerdict(all);
    PrintPlaces(command, MakeReport(command, base));
    return ok ? kExitOk : kExitFailed;
}

}  // namespace crsp::lab
