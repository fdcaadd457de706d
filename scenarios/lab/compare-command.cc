// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/compare-command.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/cli/standard-output.h"
#include "apps/cli/usage.h"
#include "scenarios/lab/command-limits.h"
#include "scenarios/lab/compare-metric.h"
#include "scenarios/lab/exit-code.h"
#include "scenarios/lab/results-command.h"
#include "scenarios/lab/results-export.h"
#include "scenarios/lab/table.h"

namespace crsp::lab {
namespace {

/// `N%`; nothing if it is not one.
std::optional<double> PercentOf(const std::string& text) {
    if (text.empty() || text.back() != '%') return std::nullopt;
    double percent = 0;
    const char* last = text.data() + text.size() - 1;
    const auto [end, error] = std::from_chars(text.data(), last, percent);
    if (error != std::errc{} || end != last || !std::isfinite(percent) || percent < 0) {
        return std::nullopt;
    }
    return percent;
}

bool Breaks(const CompareGate& gate, const Comparison& row) {
    const bool shown = row.verdict == CompareVerdict::kWorse ||
                       (!gate.worse && (row.verdict == CompareVerdict::kBetter ||
                                        row.verdict == CompareVerdict::kHigher ||
                                        row.verdict == CompareVerdict::kLower));
    // From nothing to something is more than any share.
    return shown && (std::isnan(row.relative) || std::abs(row.relative) > gate.percent);
}

std::string ScenarioText(const Comparison& row) {
    return row.scenario.empty() ? fmt::format("all {}", row.cells) : row.scenario;
}

std::string Number(double value) {
    return std::isnan(value) ? "-" : fmt::format("{:.5g}", value);
}

std::string ProbabilityText(const Comparison& row) {
    if (row.result.pairs < 2) return "-";
    return row.corrected < 0.001 ? "<0.001" : fmt::format("{:.3f}", row.corrected);
}

std::string EffectCell(double effect) {
    if (!std::isfinite(effect)) return "always, large";
    return fmt::format("{:.2f}, {}", effect, EffectText(effect));
}

std::vector<std::string> CellsOf(const Comparison& row) {
    const PairedResult& result = row.result;
    const bool told = result.pairs >= 2;
    const auto interval =
        fmt::format("{:+.4g} [{:+.4g}, {:+.4g}]", result.mean, result.low, result.high);
    const auto relative = std::isnan(row.relative) ? "-" : fmt::format("{:+.2f} %", row.relative);
    return {ScenarioText(row),
            row.remaining,
            row.metric,
            VerdictText(row),
            row.unit,
            PairsText(row),
            Number(row.meanA),
            Number(row.meanB),
            told ? interval : "-",
            relative,
            ProbabilityText(row),
            told ? EffectCell(result.effect) : "-"};
}

std::string TextOf(const CompareCommand& command, const CompareResult& result) {
    Table table(4);
    const double percent = 100 * command.options.paired.confidence;
    table.Add({"scenario", "of", "metric", "verdict", "unit", "pairs", "mean A", "mean B",
               fmt::format("B - A [{:g} %]", percent), "of A", "p", "effect"});
    for (const Comparison& row : result.rows) table.Add(CellsOf(row));
    std::string text =
        fmt::format("A  {}\nB  {}\n\n", command.options.a.Text(), command.options.b.Text());
    text += table.Text();
    text += fmt::format(
        "\nMeans over pairs of equal seed. The interval is bootstrap-t's; p is that of a "
        "sign-flip test,\ncorrected for {} rows (Holm): a false alarm anywhere in {:g} % of such "
        "comparisons at most.\n",
        result.rows.size(), 100 * command.options.alpha);
    for (const std::string& note : result.notes) text += note + "\n";
    return text;
}

nlohmann::json Finite(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

nlohmann::json RowJson(const Comparison& row) {
    const auto told = [&](double value) {
        return row.result.pairs < 2 ? nlohmann::json(nullptr) : Finite(value);
    };
    return {
        {"scenario", row.scenario.empty() ? nlohmann::json(nullptr) : nlohmann::json(row.scenario)},
        {"of", row.remaining},
        {"metric", row.metric},
        {"unit", row.unit},
        {"pairs", row.result.pairs},
        {"without-value-a", row.withoutA},
        {"without-value-b", row.withoutB},
        {"mean-a", Finite(row.meanA)},
        {"mean-b", Finite(row.meanB)},
        {"difference", told(row.result.mean)},
        {"low", told(row.result.low)},
        {"high", told(row.result.high)},
        {"relative-percent", Finite(row.relative)},
        {"p", told(row.result.p)},
        {"p-corrected", told(row.corrected)},
        {"effect", told(row.result.effect)},
        {"verdict", VerdictText(row)}};
}

std::string JsonOf(const CompareCommand& command, const CompareResult& result,
                   const GateResult& gates) {
    auto rows = nlohmann::json::array();
    for (const Comparison& row : result.rows) rows.push_back(RowJson(row));
    return JsonText({{"schema", "crsp.comparison/2"},
                     {"a", command.options.a.Text()},
                     {"b", command.options.b.Text()},
                     {"where", command.options.where.Text()},
                     {"alpha", command.options.alpha},
                     {"confidence", command.options.paired.confidence},
                     {"pairs", result.pairs},
                     {"rows", rows},
                     {"notes", result.notes},
                     {"broken", gates.broken},
                     {"unjudged", gates.unjudged}});
}

void DeclareSides(CLI::App& sub, CompareCommand& command) {
    const auto add = [&](const char* name, Selector& side, const char* help) {
        sub.add_option_function<std::string>(
               name,
               [&side, name](const std::string& text) {
                   auto parsed = Selector::Parse(text);
                   if (!parsed) throw CLI::ValidationError(name, parsed.error());
                   if (parsed->Decides().contains("seed")) {
                       RefuseValue(name, "expected no seed, as runs of equal seed are paired",
                                   text);
                   }
                   side = std::move(*parsed);
               },
               help)
            ->type_name("SELECTOR")
            ->required();
    };
    add("a", command.options.a, "What is compared with, as in congestion=cubic or commit:1f3a");
    add("b", command.options.b, "What is compared, as in congestion=bbr or world:live");
    DeclareWhere(sub, "--where", command.options.where, "Of both sides only these runs");
}

}  // namespace

Expected<CompareGate, std::string> CompareGate::Parse(const std::string& text) {
    CompareGate gate{text, text.rfind("worse:", 0) == 0, "", 0};
    const auto colon = text.find(':');
    if ((gate.worse || text.rfind("differs:", 0) == 0) && colon + 1 < text.size()) {
        gate.metric = text.substr(colon + 1);
        const auto last = gate.metric.rfind(':');
        const auto percent =
            last == std::string::npos ? std::nullopt : PercentOf(gate.metric.substr(last + 1));
        gate.percent = percent.value_or(0);
        if (percent) gate.metric.resize(last);
        if (!gate.metric.empty() && IsMetricName(gate.metric)) return gate;
    }
    return Fail(
        fmt::format("expected worse:METRIC or differs:METRIC, or as in "
                    "worse:completion-time:5%, got '{}'",
                    text));
}

GateResult CheckGates(const std::vector<CompareGate>& gates, const CompareResult& result) {
    GateResult all;
    for (const CompareGate& gate : gates) {
        bool judged = false;
        for (const Comparison& row : result.rows) {
            if (row.metric != gate.metric) continue;
            if (gate.worse && BetterOf(row.metric) == Better::kUnknown) {
                all.unjudged.push_back(fmt::format(
                    "{0}: what is worse of {1} is not known; differs:{1} asks for any difference",
                    gate.text, row.metric));
                judged = true;
                break;
            }
            if (LacksMore(row)) {
                all.broken.push_back(fmt::format(
                    "{}: {} {}: {} of B have no value where A has one, {} of A the other way",
                    gate.text, ScenarioText(row), row.remaining, row.withoutB, row.withoutA));
            } else if (row.verdict == CompareVerdict::kNotEnough) {
                all.unjudged.push_back(fmt::format("{}: {} {}: {}", gate.text, ScenarioText(row),
                                                   row.remaining, VerdictText(row)));
            } else if (Breaks(gate, row)) {
                all.broken.push_back(fmt::format("{}: {} {}: {} by {:.2f} %", gate.text,
                                                 ScenarioText(row), row.remaining, VerdictText(row),
                                                 std::abs(row.relative)));
            }
            judged = true;
        }
        if (!judged) all.unjudged.push_back(fmt::format("{}: no pair has that metric", gate.text));
    }
    return all;
}

void DeclareCompareCommand(CLI::App& app, CompareCommand& command) {
    CLI::App* sub = app.add_subcommand("compare", "Say whether runs B differ from runs A");
    DeclareSides(*sub, command);
    sub->add_option_function<std::vector<std::string>>(
           "--metric",
           [&command](const std::vector<std::string>& names) {
               for (const std::string& name : names) {
                   if (!IsMetricName(name)) {
                       RefuseValue("--metric", "expected a metric, or as in queue-delay:p99", name);
                   }
                   command.options.metrics.push_back(name);
               }
           },
           "Metrics to compare, repeatable; queue-delay:p99 is one of samples")
        ->type_name("METRIC");
    sub->add_option_function<std::vector<std::string>>(
           "--fail-if",
           [&command](const std::vector<std::string>& texts) {
               for (const std::string& text : texts) {
                   auto gate = CompareGate::Parse(text);
                   if (!gate) throw CLI::ValidationError("--fail-if", gate.error());
                   command.gates.push_back(std::move(*gate));
               }
           },
           "Exit with 2 if B is worse, as in worse:completion-time:5%, or differs; repeatable")
        ->type_name("GATE");
    sub->add_option("--alpha", command.options.alpha, "Share of false alarms, 0.0001 to 0.5")
        ->check(CLI::Range(0.0001, 0.5))
        ->check([](const std::string& text) {
            // No bound holds or breaks for what is not a number.
            double value = 0;
            const bool number = CLI::detail::lexical_cast(text, value) && !std::isnan(value);
            return number ? std::string() : fmt::format("expected a number, got '{}'", text);
        })
        ->capture_default_str();
    AddCount(*sub, "--bootstrap-seed", command.options.paired.seed, 0, kMaxSeed,
             "Of the resampling");
    sub->add_flag("--json", command.json, "Print one JSON document in place of the table");
    DeclareResults(*sub, command.results);
}

int RunCompareCommand(const CompareCommand& given) {
    CompareCommand command = given;
    command.options.paired.confidence = 1 - command.options.alpha;
    auto& metrics = command.options.metrics;
    for (const CompareGate& gate : command.gates) {
        const bool there = std::find(metrics.begin(), metrics.end(), gate.metric) != metrics.end();
        if (!there) metrics.push_back(gate.metric);
    }
    ResultsReader reader(command.results);
    const CompareResult result = Compare(reader, command.options);
    const GateResult gates = CheckGates(command.gates, result);
    WriteOutput(command.json ? JsonOf(command, result, gates) : TextOf(command, result));
    for (const std::string& text : gates.broken) fmt::print(stderr, "crsp-lab: {}\n", text);
    for (const std::string& text : gates.unjudged) fmt::print(stderr, "crsp-lab: {}\n", text);
    if (result.pairs == 0) {
        fmt::print(stderr, "crsp-lab: {}; see list --runs\n", result.unpaired);
        return kExitFailed;
    }
    if (!gates.broken.empty()) return kExitGate;
    return gates.unjudged.empty() ? kExitOk : kExitFailed;
}

}  // namespace crsp::lab
