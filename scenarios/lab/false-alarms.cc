// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/false-alarms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "model/base/random.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/compare-metric.h"
#include "scenarios/lab/compare.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/results-command.h"
#include "scenarios/lab/results-reader.h"
#include "scenarios/lab/table.h"

namespace crsp::lab {
namespace {

constexpr double kConfidence = 0.95;
/// Of several sources one is outside of such an interval by chance in under a percent of cases.
constexpr double kJudged = 0.999;
constexpr std::uint64_t kMaxComparisons = 1'000'000;
constexpr std::uint64_t kMaxPairs = 1'000;

/// The first `count` of a random order of 0 to `of` - 1.
std::vector<std::size_t> Draw(Random& random, std::size_t count, std::size_t of) {
    std::vector<std::size_t> order(of);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + random.Below(of - i)]);
    order.resize(count);
    return order;
}

std::vector<Comparison> CompareDrawn(const AlarmSource& source, const AlarmOptions& options,
                                     const std::vector<std::size_t>& drawn, std::uint64_t seed) {
    const PairedOptions paired{1 - options.alpha, options.resamples, seed,
                               FlipsFor(source.metrics.size(), options.alpha)};
    std::vector<Comparison> rows;
    for (std::size_t metric = 0; metric < source.metrics.size(); ++metric) {
        std::vector<double> differences;
        for (std::size_t i = 0; i < options.pairs; ++i) {
            differences.push_back(source.runs[drawn[i + options.pairs]][metric] -
                                  source.runs[drawn[i]][metric]);
        }
        Comparison row;
        row.metric = source.metrics[metric];
        row.result = ComparePaired(differences, paired);
        rows.push_back(std::move(row));
    }
    Judge(rows, options.alpha, paired.flips);
    return rows;
}

bool IsAlarm(const Comparison& row) {
    return row.verdict != CompareVerdict::kNotShown && row.verdict != CompareVerdict::kIdentical &&
           row.verdict != CompareVerdict::kNotEnough;
}

/// Stored runs that are equal in all but their seed.
std::vector<AlarmSource> StoredSources(const AlarmCommand& command) {
    std::vector<AlarmSource> sources;
    if (!std::filesystem::exists(command.results)) return sources;
    ResultsReader reader(command.results);
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::vector<RunRow>>
        cells;
    for (RunRow& run : reader.Runs()) {
        if (!run.valid || run.ended != "whole" || !command.where.Matches(run)) continue;
        cells[{run.scenario, ParametersLine(run.parameters), run.world,
               run.scenarioHash + run.engine + run.lab}]
            .push_back(std::move(run));
    }
    for (const auto& [cell, runs] : cells) {
        if (runs.size() < 2 * command.options.pairs) continue;
        AlarmSource source;
        source.name =
            fmt::format("{} ({}), {} runs", std::get<0>(cell), std::get<1>(cell), runs.size());
        RunValues first(reader, runs[0].id);
        source.metrics = DefaultMetrics(first.Names());
        for (const RunRow& run : runs) {
            RunValues values(reader, run.id);
            std::vector<double> row;
            for (const std::string& metric : source.metrics) {
                row.push_back(values.Value(metric).value_or(0));
            }
            source.runs.push_back(std::move(row));
        }
        sources.push_back(std::move(source));
    }
    return sources;
}

}  // namespace

AlarmCounts CountFalseAlarms(const AlarmSource& source, const AlarmOptions& options) {
    AlarmCounts counts;
    Random random = Random::Stream(options.seed, source.name);
    for (std::size_t i = 0; i < options.comparisons; ++i) {
        const auto drawn = Draw(random, 2 * options.pairs, source.runs.size());
        const auto rows = CompareDrawn(source, options, drawn, options.seed + i);
        ++counts.comparisons;
        if (std::any_of(rows.begin(), rows.end(), IsAlarm)) ++counts.alarms;
        for (const Comparison& row : rows) {
            ++counts.intervals;
            if (row.result.low > 0 || row.result.high < 0) ++counts.excluding;
        }
    }
    return counts;
}

std::vector<AlarmSource> SyntheticSources(std::size_t runs, std::uint64_t seed) {
    std::vector<AlarmSource> sources{{"normal", {"x"}, {}},
                                     {"log-normal, heavy tail", {"x"}, {}},
                                     {"five values only", {"x"}, {}},
                                     {"four metrics, log-normal", {"w", "x", "y", "z"}, {}}};
    Random random = Random::Stream(seed, "synthetic");
    for (std::size_t i = 0; i < runs; ++i) {
        sources[0].runs.push_back({random.Normal()});
        sources[1].runs.push_back({std::exp(2 * random.Normal())});
        sources[2].runs.push_back({static_cast<double>(random.Below(5))});
        sources[3].runs.emplace_back();
        for (int metric = 0; metric < 4; ++metric) {
            sources[3].runs.back().push_back(std::exp(random.Normal()));
        }
    }
    return sources;
}

void DeclareAlarmCommand(CLI::App& app, AlarmCommand& command) {
    CLI::App* sub = app.add_subcommand(
        "false-alarms",
        "Compare runs with runs of the same kind, and count what compare alarms at");
    AddCount(*sub, "--comparisons", command.options.comparisons, 1, kMaxComparisons,
             "How many, of each kind");
    AddCount(*sub, "--pairs", command.options.pairs, 2, kMaxPairs, "Of each comparison");
    AddCount(*sub, "--seed", command.options.seed, 0, kMaxSeed, "Of the draws");
    DeclareWhere(*sub, "--where", command.where, "Of the stored runs only these");
    DeclareResults(*sub, command.results);
}

int RunAlarmCommand(const AlarmCommand& command) {
    // A great many runs, so that draws without replacement are as good as independent.
    constexpr std::size_t kSynthetic = 100;
    auto sources = SyntheticSources(kSynthetic * command.options.pairs, command.options.seed);
    auto stored = StoredSources(command);
    sources.insert(sources.end(), stored.begin(), stored.end());
    Table table(1);
    table.Add({"runs of", "metrics", "pairs", "comparisons", "claimed", "false alarms",
               "95 % interval", "intervals without 0"});
    bool ok = true;
    for (const AlarmSource& source : sources) {
        const AlarmCounts counts = CountFalseAlarms(source, command.options);
        const auto interval = ClopperPearson(counts.alarms, counts.comparisons, kConfidence);
        const auto share = [](std::size_t part, std::size_t all) {
            return 100.0 * static_cast<double>(part) /
                   static_cast<double>(std::max<std::size_t>(all, 1));
        };
        const auto wide = ClopperPearson(counts.alarms, counts.comparisons, kJudged);
        ok = ok && wide.low <= command.options.alpha;
        table.Add({source.name, std::to_string(source.metrics.size()),
                   std::to_string(command.options.pairs), std::to_string(counts.comparisons),
                   fmt::format("<= {:g} %", 100 * command.options.alpha),
                   fmt::format("{:.1f} %", share(counts.alarms, counts.comparisons)),
                   fmt::format("{:.1f} to {:.1f} %", 100 * interval.low, 100 * interval.high),
                   fmt::format("{:.1f} %", share(counts.excluding, counts.intervals))});
    }
    WriteOutput(table.Text());
    return ok ? kExitOk : kExitFailed;
}

}  // namespace crsp::lab
