// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/sweep-runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "scenarios/lab/content.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/library.h"
#include "scenarios/lab/live-runner.h"
#include "scenarios/lab/scenario-command.h"
#include "scenarios/lab/scenario-reader.h"
#include "scenarios/lab/sweep-plan.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kDefaultSeeds = 5;
constexpr std::string_view kGiven = "--set ";

std::string RepeatOf(const SweepCommand& command, const std::string& file,
                     const std::vector<std::string>& assignments) {
    ScenarioCommand one;
    one.overrides = assignments;
    one.live = command.live;
    one.programs = command.programs;
    one.out = command.out;
    return RepeatCommand(one, file);
}

/// Whether the reader, which knows of --set only, refuses what the file varies.
bool IsOfFile(const SweepCommand& command, const std::vector<std::string>& varied,
              const std::string& message) {
    const auto refuses = [&](const std::string& key) {
        const auto start = std::string(kGiven) + key;
        return message.starts_with(start + ":") || message.starts_with(start + "=");
    };
    return std::any_of(varied.begin(), varied.end(),
                       [&](const auto& each) { return refuses(each.substr(0, each.find('='))); }) &&
           std::none_of(command.vary.begin(), command.vary.end(),
                        [&](const Variation& given) { return refuses(given.first); });
}

std::optional<Scenario> ReadVaried(const SweepCommand& command, const std::string& file,
                                   const std::vector<std::string>& assignments,
                                   const std::vector<std::string>& varied, int& code) {
    auto scenario = ReadScenario(file, assignments);
    if (scenario) return std::move(*scenario);
    std::string message = scenario.error().message;
    if (IsOfFile(command, varied, message)) {
        message = fmt::format("{}: sweep.vary: {}", file, message.substr(kGiven.size()));
    }
    fmt::print(stderr, "crsp-lab: {}\n", message);
    code = scenario.error().kind == ScenarioError::Kind::kNoFile ? kExitNoInput : kExitBadData;
    return std::nullopt;
}

std::optional<SweepVariant> ReadVariant(const SweepCommand& command, const std::string& file,
                                        const std::vector<std::string>& varied, int& code) {
    std::vector<std::string> assignments = command.overrides;
    assignments.insert(assignments.end(), varied.begin(), varied.end());
    auto scenario = ReadVaried(command, file, assignments, varied, code);
    if (!scenario) return std::nullopt;
    const std::string obstacle = command.live ? LiveObstacle(*scenario) : std::string();
    if (!obstacle.empty()) {
        fmt::print(stderr, "crsp-lab: {}: {}: expected a run in ns-3\n", file, obstacle);
        code = kExitBadData;
        return std::nullopt;
    }
    if (command.wallLimit > Duration::zero()) scenario->wallLimit = command.wallLimit;
    SweepVariant variant;
    variant.file = file;
    variant.hash = ScenarioHash(*scenario);
    variant.command = RepeatOf(command, file, assignments);
    if (!assignments.empty()) variant.branch = BranchName(assignments);
    variant.scenario = std::move(*scenario);
    variant.assignments = std::move(assignments);
    return variant;
}

/// The variants of one file, as it and the command line say.
bool AddFile(const SweepCommand& command, const std::string& file, Sweep& sweep, int& code) {
    const auto plain = ReadOrComplain(file, command.overrides, code);
    if (!plain) return false;
    const auto vary = JoinVariations(plain->sweep.vary, command.vary);
    if (const auto count = CombinationCount(vary); count > kMostCombinations) {
        fmt::print(stderr, "crsp-lab: {}: expected at most {} combinations, got {}\n", file,
                   kMostCombinations, count);
        code = kExitBadData;
        return false;
    }
    const auto combinations = Combinations(vary);
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

}  // namespace

World WorldOf(const SweepCommand& command) {
    return command.live ? World::kLive : World::kNs3;
}

std::string ResultsPath(const SweepCommand& command) {
    return command.results.empty() ? command.out + "/results.sqlite" : command.results;
}

std::optional<Sweep> PlanSweep(const SweepCommand& command, int& code) {
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
    sweep.runs = sweep.missing = 0;
    for (SweepVariant& variant : sweep.variants) {
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

std::string CountsText(const Sweep& sweep) {
    return fmt::format("{} variants, {} runs, {} stored, {} to run", sweep.variants.size(),
                       sweep.runs, sweep.runs - sweep.missing, sweep.missing);
}

}  // namespace crsp::lab
