// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/original-command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <functional>
#include <system_error>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "apps/version/version.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/metrics.h"
#include "scenarios/lab/original-run.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/scenario-reader.h"

namespace crsp::lab {
namespace {

constexpr const char* kTableFile = CRSP_SOURCE_DIR "/results/original.md";

using Outcomes = std::vector<ProtocolOutcome>;
using RunFunction = ProtocolOutcome (*)(const Scenario&, std::uint64_t);

struct Protocol {
    const char* name;
    RunFunction run;
};
constexpr Protocol kProtocols[] = {{"original", RunOriginalInNs3}, {"this one", RunOursInNs3}};

std::size_t Count(const Outcomes& outcomes, bool (*holds)(const ProtocolOutcome&)) {
    return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(), holds));
}

/// `median (least to most)`, with three significant digits.
std::string Spread(const std::vector<double>& values, const char* none) {
    if (values.empty()) return none;
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    const double median = Quantile(values, 0.5);
    if (*least == *most) return fmt::format("{:.4g}", median);
    return fmt::format("{:.4g} ({:.4g} to {:.4g})", median, *least, *most);
}

std::string Row(const std::string& loss, const char* name, std::uint64_t size,
                const Outcomes& outcomes) {
    std::vector<double> seconds;
    std::vector<double> shares;
    std::uint64_t given = 0;
    std::uint64_t answered = 0;
    for (const ProtocolOutcome& outcome : outcomes) {
        if (outcome.completion) seconds.push_back(ToSeconds(*outcome.completion));
        shares.push_back(100.0 * static_cast<double>(outcome.bytesRendered) /
                         static_cast<double>(std::max<std::uint64_t>(size, 1)));
        given += outcome.commandsGiven;
        answered += outcome.commandsAnswered;
    }
    return fmt::format(
        "| {} | {} | {} of {} | {} | {} | {} of {} | {} of {} |\n", loss, name,
        Count(outcomes, [](const ProtocolOutcome& o) { return o.completion.has_value(); }),
        outcomes.size(), Spread(seconds, "-"), Spread(shares, "-"),
        Count(outcomes, [](const ProtocolOutcome& o) { return o.hashEqual; }), outcomes.size(),
        answered, given);
}

std::string CommandText(const OriginalCommand& command) {
    const OriginalCommand defaults;
    std::string text = FrontDoor() == "./run" ? "build/release/bin/crsp-lab" : "crsp-lab";
    text += " original";
    if (command.file != defaults.file) text += " " + ShellWord(command.file);
    if (command.losses != defaults.losses) {
        text += " --loss " + ShellWord(fmt::format("{}", fmt::join(command.losses, ",")));
    }
    return fmt::format("{} --seed {} --seeds {}", text, command.seed, command.seeds);
}

std::string Heading(const OriginalCommand& command, const Scenario& scenario, std::uint64_t size) {
    return fmt::format(
        "# The original CRSP beside this one\n\n"
        "Made by `{}` at commit {}, engine {}, {}, ns-3 {}.\n\n"
        "Scenario {}: {} The entry has {} bytes. Loss is of both directions, independent. Median "
        "(least to most) over the seeds. Completed: the renderer was told of the end. Rendered: "
        "bytes of the entry's, in the end. Equal: completed, and the SHA-256 is that of the "
        "entry.\n\n"
        "| loss | protocol | completed | completion time, s | rendered, % | equal | commands "
        "answered |\n|---|---|---|---|---|---|---|\n",
        CommandText(command), GitCommit(), EngineHash(), CompilerName(), kNs3Version, scenario.name,
        scenario.description, size);
}

/// Says on stderr why there is no scenario to run, and with which exit code that ends.
Expected<Scenario, int> Load(const OriginalCommand& command, const std::string& loss) {
    auto scenario = ReadScenario(command.file, {"link.loss=" + loss});
    if (!scenario) {
        fmt::print(stderr, "crsp-lab: {}\n", scenario.error().message);
        const bool noFile = scenario.error().kind == ScenarioError::Kind::kNoFile;
        return Fail(noFile ? kExitNoInput : kExitBadData);
    }
    const std::string obstacle = OriginalObstacle(*scenario);
    if (obstacle.empty()) return *std::move(scenario);
    fmt::print(stderr, "crsp-lab: {}: {}\n", command.file, obstacle);
    return Fail(kExitBadData);
}

void Write(const std::string& text) {
    std::ofstream stream(kTableFile);
    stream << text;
    stream.close();
    if (!stream) throw std::system_error(errno, std::generic_category(), kTableFile);
}

}  // namespace

void DeclareOriginal(CLI::App& app, OriginalCommand& command) {
    CLI::App* sub = app.add_subcommand(
        "original", "Set the protocol that CRSP descends from beside this one, in ns-3");
    sub->add_option("file", command.file, "Scenario file; scenarios/original.toml if not given")
        ->type_name("FILE");
    sub->add_option("--loss", command.losses, "Shares of packets lost, comma-separated")
        ->type_name("SHARES")
        ->delimiter(',')
        ->capture_default_str();
    AddCount(*sub, "--seed", command.seed, 0, kMaxSeed, "First seed");
    AddCount(*sub, "--seeds", command.seeds, 1, kMaxSeeds, "How many seeds");
    sub->add_flag("--write", command.write, "Keep the table in results/original.md");
}

int RunOriginalCommand(const OriginalCommand& command) {
    std::string text;
    for (const std::string& loss : command.losses) {
        const auto scenario = Load(command, loss);
        if (!scenario) return scenario.error();
        const ContentSpec* played = PlayedLast(*scenario, scenario->flows[0]);
        const std::uint64_t size = played ? played->size : 0;
        if (text.empty()) text = Heading(command, *scenario, size);
        for (const Protocol& protocol : kProtocols) {
            Outcomes outcomes;
            for (const std::uint64_t seed : SeedsFrom(command.seed, command.seeds)) {
                outcomes.push_back(protocol.run(*scenario, seed));
            }
            text += Row(loss, protocol.name, size, outcomes);
        }
    }
    WriteOutput(text);
    if (command.write) Write(text);
    return kExitOk;
}

}  // namespace crsp::lab
