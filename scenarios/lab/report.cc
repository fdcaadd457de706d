// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "apps/version/version.h"
#include "scenarios/lab/content.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/table.h"

namespace crsp::lab {
namespace {

constexpr std::size_t kMostSeedColumns = 5;

/// The metrics that tables show: those that every run should have, then what else there is.
std::vector<std::string> ShownMetrics(const std::vector<const std::vector<Outcome>*>& all) {
    std::vector<std::string> shown;
    for (const MetricName& metric : kMetricNames) {
        const bool rare = metric.name == metric::kSessions || metric.name == metric::kPathChanges;
        if (!rare) shown.emplace_back(metric.name);
    }
    std::set<std::string> others;
    for (const auto* outcomes : all) {
        for (const Outcome& outcome : *outcomes) {
            for (const auto& [name, value] : outcome.metrics) others.insert(name);
        }
    }
    for (const std::string& name : shown) others.erase(name);
    shown.insert(shown.end(), others.begin(), others.end());
    return shown;
}

/// Enough digits to tell runs apart, and no more.
std::string Cell(const MetricText& metric, double value) {
    if (metric.unit == "B") return fmt::format("{:.0f}", value);
    if (metric.unit == "1") return value == 1 ? "yes" : "NO";
    const int digits = std::abs(value) >= 100 ? 1 : std::abs(value) >= 10 ? 2 : 3;
    return fmt::format("{:.{}f}", value, digits);
}

std::string UnitCell(const MetricText& metric) {
    return metric.unit == "1" ? std::string("-") : std::string(metric.unit);
}

std::vector<double> ValuesOf(const std::vector<Outcome>& outcomes, std::string_view metric) {
    std::vector<double> values;
    for (const Outcome& outcome : outcomes) {
        const auto found = outcome.metrics.find(metric);
        if (found != outcome.metrics.end()) values.push_back(found->second);
    }
    return values;
}

std::vector<double> AllLatencies(const std::vector<Outcome>& outcomes) {
    std::vector<double> all;
    for (const Outcome& outcome : outcomes) {
        all.insert(all.end(), outcome.latencies.begin(), outcome.latencies.end());
    }
    return all;
}

std::string SpreadCell(const MetricText& metric, const std::optional<Spread>& spread) {
    if (!spread) return "-";
    if (spread->min == spread->max) return Cell(metric, spread->median);
    return fmt::format("{} ({} to {})", Cell(metric, spread->median), Cell(metric, spread->min),
                       Cell(metric, spread->max));
}

std::string DifferenceCell(const MetricText& metric, const std::optional<Spread>& simulation,
                           const std::optional<Spread>& live) {
    if (!simulation || !live) return "-";
    if (metric.unit == "1") return simulation->min == live->min ? "none" : "DIFFERENT";
    const double difference = live->median - simulation->median;
    if (metric.unit == "%") return fmt::format("{:+.2f} points", difference);
    if (simulation->median == 0)
        return difference == 0 ? "none" : fmt::format("{:+.0f}", difference);
    return fmt::format("{:+.1f} %", 100 * difference / simulation->median);
}

nlohmann::json RunJson(const Outcome& outcome) {
    nlohmann::json run{{"seed", outcome.seed}, {"ok", outcome.ok}, {"folder", outcome.folder}};
    if (!outcome.problem.empty()) run["problem"] = outcome.problem;
    run["metrics"] = nlohmann::json::object();
    for (const auto& [name, value] : outcome.metrics) run["metrics"][name] = value;
    run["command-latencies"] = outcome.latencies;
    return run;
}

nlohmann::json SummaryJson(const std::vector<Outcome>& outcomes) {
    auto summary = nlohmann::json::object();
    for (const std::string& name : ShownMetrics({&outcomes})) {
        const MetricText metric = DescribeMetric(name);
        const auto spread = SpreadOf(outcomes, name);
        if (!spread) continue;
        summary[name] = {{"median", spread->median},
                         {"min", spread->min},
                         {"max", spread->max},
                         {"unit", metric.unit}};
    }
    return summary;
}

}  // namespace

std::optional<Spread> SpreadOf(const std::vector<Outcome>& outcomes, std::string_view name) {
    const auto values = ValuesOf(outcomes, name);
    if (values.empty()) return std::nullopt;
    const auto [min, max] = std::minmax_element(values.begin(), values.end());
    // A run has too few commands for a p99 of its own: latencies are taken over all runs together.
    const bool p50 = name == metric::kCommandP50;
    if (p50 || name == metric::kCommandP99) {
        const double pooled = Quantile(AllLatencies(outcomes), p50 ? 0.50 : 0.99);
        return Spread{pooled, pooled, pooled};
    }
    return Spread{Quantile(values, 0.5), *min, *max};
}

std::string CampaignTable(const std::vector<Outcome>& outcomes) {
    const bool bySeed = outcomes.size() <= kMostSeedColumns;
    Table table;
    std::vector<std::string> head{"metric", "unit"};
    if (outcomes.size() > 1) head.push_back("median (min to max)");
    for (const Outcome& outcome : outcomes) {
        if (bySeed) head.push_back(fmt::format("seed {}", outcome.seed));
    }
    table.Add(head);
    for (const std::string& name : ShownMetrics({&outcomes})) {
        const MetricText metric = DescribeMetric(name);
        const auto spread = SpreadOf(outcomes, name);
        std::vector<std::string> row{metric.title, UnitCell(metric)};
        if (outcomes.size() > 1) row.push_back(SpreadCell(metric, spread));
        for (const Outcome& outcome : outcomes) {
            const auto found = outcome.metrics.find(name);
            const bool has = found != outcome.metrics.end();
            if (bySeed) row.push_back(has ? Cell(metric, found->second) : "-");
        }
        table.Add(row);
    }
    return table.Text();
}

std::string CampaignJson(const Scenario& scenario, World world, const CampaignOptions& options,
                         const std::vector<Outcome>& outcomes) {
    nlohmann::json json;
    json["schema"] = "crsp.scenario/1";
    json["scenario"] = scenario.name;
    json["scenario-hash"] = ScenarioHash(scenario);
    json["world"] = ToString(world);
    json["commit"] = GitCommit();
    json["engine-hash"] = EngineHash();
    json["compiler"] = CompilerName();
    json["ns3-version"] = kNs3Version;
    json["results"] = options.out + "/results.sqlite";
    json["ok"] = std::all_of(outcomes.begin(), outcomes.end(), [](auto& o) { return o.ok; });
    json["runs"] = nlohmann::json::array();
    for (const Outcome& outcome : outcomes) json["runs"].push_back(RunJson(outcome));
    json["summary"] = SummaryJson(outcomes);
    return json.dump(2, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string ComparisonTable(const std::vector<Outcome>& simulation,
                            const std::vector<Outcome>& live) {
    Table table;
    table.Add({"metric", "unit", "simulation", "live", "difference"});
    for (const std::string& name : ShownMetrics({&simulation, &live})) {
        const MetricText metric = DescribeMetric(name);
        const auto left = SpreadOf(simulation, name);
        const auto right = SpreadOf(live, name);
        table.Add({metric.title, UnitCell(metric), SpreadCell(metric, left),
                   SpreadCell(metric, right), DifferenceCell(metric, left, right)});
    }
    return table.Text();
}

}  // namespace crsp::lab
