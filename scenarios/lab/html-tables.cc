// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "scenarios/lab/html-percentiles.h"
#include "scenarios/lab/html-text.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/statistics.h"

namespace crsp::lab {
namespace {

constexpr double kConfidence = 0.95;

std::string Muted(const std::string& text) {
    return fmt::format("<span class=\"muted\">{}</span>", text);
}

std::string IntervalText(double low, double high) {
    return Muted(fmt::format("[{}, {}]", NumberText(low), NumberText(high)));
}

/// Values by metric, and the order in which metrics are shown.
struct MetricValues {
    std::map<std::string, std::vector<double>> values;
    std::map<std::string, std::string> units;
};

MetricValues ValuesOf(ResultsReader& reader, const ReportVariant& variant) {
    MetricValues all;
    for (const RunRow& run : variant.runs) {
        if (!IsMeasured(run)) continue;
        for (const MetricRow& row : reader.MetricsOf(run.id)) {
            all.values[row.name].push_back(row.value);
            all.units[row.name] = row.unit;
        }
    }
    return all;
}

/// Those that every run can have in the order of metric-names.h, then the others by name.
std::vector<std::string> Ordered(const std::vector<MetricValues>& variants) {
    std::set<std::string> names;
    for (const MetricValues& variant : variants) {
        for (const auto& [name, values] : variant.values) names.insert(name);
    }
    std::vector<std::string> ordered;
    for (const MetricName& metric : kMetricNames) {
        const std::string name(metric.name);
        if (names.erase(name) > 0) ordered.push_back(name);
    }
    ordered.insert(ordered.end(), names.begin(), names.end());
    return ordered;
}

std::vector<std::string> MetricCells(const std::string& title, const std::string& variant,
                                     const std::string& unit, const std::vector<double>& values) {
    const Distribution all(values);
    std::string mean = NumberText(all.Mean());
    std::string interval = Muted("-");
    if (values.size() >= kRunsForInterval) {
        const MeanInterval told = StudentInterval(values, kConfidence);
        interval = IntervalText(told.low, told.high);
    }
    return {title,
            Escaped(variant),
            Escaped(unit),
            std::to_string(values.size()),
            mean,
            interval,
            NumberText(all.Quantile(0.5)),
            NumberText(all.Least()),
            NumberText(all.Most())};
}

std::string VerdictClass(const Comparison& row) {
    switch (row.verdict) {
        case CompareVerdict::kBetter:
            return "good";
        case CompareVerdict::kWorse:
        case CompareVerdict::kLacks:
            return "bad";
        case CompareVerdict::kHigher:
        case CompareVerdict::kLower:
            return "note";
        default:
            return "muted";
    }
}

std::string ProbabilityText(const Comparison& row) {
    if (row.result.pairs < 2) return "-";
    return row.corrected < 0.001 ? "&lt;0.001" : fmt::format("{:.3f}", row.corrected);
}

std::vector<std::string> ComparisonCells(const Comparison& row) {
    const bool told = row.result.pairs >= 2;
    const std::string scenario =
        row.scenario.empty() ? fmt::format("all {}", row.cells) : Escaped(row.scenario);
    // Without two pairs there is no mean over scenarios.
    const bool known = std::isfinite(row.relative) && (told || !row.scenario.empty());
    const std::string relative = known ? fmt::format("{:+.1f} %", row.relative) : "-";
    const std::string verdict =
        fmt::format("<span class=\"{}\">{}</span>", VerdictClass(row), Escaped(VerdictText(row)));
    return {scenario,
            Escaped(row.remaining),
            Escaped(row.metric),
            verdict,
            Escaped(row.unit),
            Escaped(PairsText(row)),
            NumberText(row.meanA),
            NumberText(row.meanB),
            told ? NumberText(row.result.mean) : "-",
            told ? IntervalText(row.result.low, row.result.high) : "-",
            relative,
            ProbabilityText(row)};
}

/// Samples of each run by name.
using RunSamples = std::map<std::string, std::pair<std::string, std::vector<Distribution>>>;

void AddPercentiles(HtmlTable& table, const std::string& variant, const RunSamples& samples) {
    for (const auto& [name, entry] : samples) {
        Distribution all;
        for (const Distribution& run : entry.second) all.Join(run);
        if (all.Count() == 0) continue;
        std::vector<std::string> cells{Escaped(name), Escaped(variant), Escaped(entry.first),
                                       std::to_string(all.Count())};
        for (const auto& value : PercentilesOf(entry.second, {0.5, 0.9, 0.99, 0.999})) {
            cells.push_back(NumberText(value.value) +
                            (value.told ? "<br>" + IntervalText(value.low, value.high) : ""));
        }
        cells.push_back(NumberText(all.Most()));
        table.Add(cells);
    }
}

}  // namespace

HtmlTable::HtmlTable(std::string caption, std::vector<std::string> head, std::size_t left)
    : m_caption(std::move(caption)), m_head(std::move(head)), m_left(left) {}

void HtmlTable::Add(const std::vector<std::string>& cells) {
    m_rows += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        m_rows += i == 0 ? "<th scope=\"row\">" : i < m_left ? "<td>" : "<td class=\"n\">";
        m_rows += cells[i] + (i == 0 ? "</th>" : "</td>");
    }
    m_rows += "</tr>\n";
}

std::string HtmlTable::Html() const {
    std::string head;
    for (std::size_t i = 0; i < m_head.size(); ++i) {
        head += fmt::format("<th scope=\"col\"{}>{}</th>", i < m_left ? "" : " class=\"n\"",
                            Escaped(m_head[i]));
    }
    return fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table>"
        "<caption>{0}</caption><thead><tr>{1}</tr></thead><tbody>\n{2}</tbody></table></div>\n",
        Escaped(m_caption), head, m_rows);
}

std::string MetricTable(ResultsReader& reader, const ReportScenario& scenario) {
    std::vector<MetricValues> variants;
    for (const auto& variant : scenario.variants) variants.push_back(ValuesOf(reader, variant));
    HtmlTable table(
        "Metrics over runs; mean with its 95 % interval (Student's, from 5 runs on)",
        {"metric", "variant", "unit", "runs", "mean", "95 %", "median", "least", "most"}, 3);
    for (const std::string& name : Ordered(variants)) {
        std::string title = Escaped(DescribeMetric(name).title);
        for (std::size_t i = 0; i < variants.size(); ++i) {
            const auto values = variants[i].values.find(name);
            if (values == variants[i].values.end()) continue;
            table.Add(MetricCells(title, scenario.variants[i].name, variants[i].units[name],
                                  values->second));
            title.clear();
        }
    }
    return table.IsEmpty() ? "" : table.Html();
}

std::string PercentileTable(ResultsReader& reader, const ReportScenario& scenario) {
    HtmlTable table(
        "Percentiles of all samples of all runs; 95 % intervals by resampling runs, where those "
        "beyond tell as much as 8 equal ones",
        {"samples", "variant", "unit", "count", "p50", "p90", "p99", "p99.9", "most"}, 3);
    for (const ReportVariant& variant : scenario.variants) {
        RunSamples samples;
        for (const RunRow& run : variant.runs) {
            if (!IsMeasured(run)) continue;
            for (SampleRow& row : reader.SamplesOf(run.id)) {
                samples[row.name].first = row.unit;
                samples[row.name].second.push_back(std::move(row.samples));
            }
        }
        AddPercentiles(table, variant.name, samples);
    }
    return table.IsEmpty() ? "" : table.Html();
}

std::string ComparedTable(const CompareResult& result, const std::string& a, const std::string& b) {
    HtmlTable table(fmt::format("A is {}, B is {}; means over pairs of equal seed", a, b),
                    {"scenario", "of", "metric", "verdict", "unit", "pairs", "mean A", "mean B",
                     "B - A", "95 %", "of A", "p"},
                    5);
    for (const Comparison& row : result.rows) table.Add(ComparisonCells(row));
    return table.IsEmpty() ? "" : table.Html();
}

std::string ComparedSentence(const CompareResult& result, const std::string& a,
                             const std::string& b) {
    if (result.pairs == 0) {
        return fmt::format("Nothing can be said of B ({}) against A ({}): {}.", b, a,
                           result.unpaired);
    }
    std::map<CompareVerdict, std::size_t> counts;
    for (const Comparison& row : result.rows) ++counts[row.verdict];
    const auto sentence = [&](CompareVerdict verdict, const char* what) {
        return counts[verdict] == 0 ? "" : fmt::format(", {} in {}", what, counts[verdict]);
    };
    return fmt::format("B ({}) against A ({}), {} in {}{}{}{}{}{}{}{}{}.", b, a,
                       CountText(result.pairs, "pair") + " of runs",
                       CountText(result.rows.size(), "row"),
                       sentence(CompareVerdict::kBetter, "B is better"),
                       sentence(CompareVerdict::kWorse, "B is worse"),
                       sentence(CompareVerdict::kLacks, "B lacks values that A has"),
                       sentence(CompareVerdict::kHigher, "B is higher (better or worse unknown)"),
                       sentence(CompareVerdict::kLower, "B is lower (better or worse unknown)"),
                       sentence(CompareVerdict::kNotShown, "no difference shown"),
                       sentence(CompareVerdict::kIdentical, "no difference at all"),
                       sentence(CompareVerdict::kNotEnough, "not enough runs to tell"));
}

}  // namespace crsp::lab
