// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "scenarios/lab/bench-metrics.h"

namespace crsp::lab {
namespace {

std::string Number(double value) {
    const int digits = std::abs(value) >= 100 ? 1 : std::abs(value) >= 10 ? 2 : 3;
    return fmt::format("{:.{}f}", value, digits);
}

std::string SpreadText(const std::optional<Spread>& spread) {
    if (!spread) return "-";
    const auto median = Number(spread->median);
    const auto min = Number(spread->min);
    const auto max = Number(spread->max);
    return min == max ? median : fmt::format("{} ({} to {})", median, min, max);
}

std::string_view TitleOf(std::string_view metric) {
    for (const MetricName& name : kBenchMetricNames) {
        if (name.name == metric) return name.title;
    }
    return metric;
}

/// In the order in which they first occur.
template <class Project>
std::vector<std::string> Distinct(const std::vector<BenchCell>& cells, Project project) {
    std::vector<std::string> values;
    for (const BenchCell& cell : cells) {
        const std::string value = project(cell);
        if (std::find(values.begin(), values.end(), value) == values.end()) {
            values.push_back(value);
        }
    }
    return values;
}

const BenchCell* Find(const std::vector<BenchCell>& cells, const std::string& row,
                      const std::string& variant) {
    for (const BenchCell& cell : cells) {
        if (cell.row == row && cell.variant == variant) return &cell;
    }
    return nullptr;
}

/// Whether a cell ran, and measures `metric` or has a target for it.
bool Concerns(const BenchCell& cell, const BenchResults& results, std::string_view metric) {
    const auto found = results.find(cell.Name());
    if (found == results.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(),
                       [&](const Metrics& metrics) { return metrics.count(metric) > 0; }) ||
           std::any_of(cell.gates.begin(), cell.gates.end(),
                       [&](const BenchGate& gate) { return gate.metric == metric; });
}

/// The columns `target` and `gate` of one line.
std::vector<std::string> GateCells(const std::vector<BenchCell>& cells, const std::string& row,
                                   const BenchResults& results, std::string_view metric) {
    std::vector<std::string> targets;
    bool pass = true;
    for (const BenchCell& cell : cells) {
        if (cell.row != row) continue;
        for (const BenchGate& gate : cell.gates) {
            if (gate.metric != metric) continue;
            const GateVerdict verdict = Judge(cell, gate, results);
            if (!verdict.judged) continue;
            targets.push_back(verdict.target);
            pass = pass && verdict.pass;
        }
    }
    if (targets.empty()) return {"", ""};
    return {fmt::format("{}", fmt::join(targets, "; ")), pass ? "pass" : "**FAIL**"};
}

std::string Line(const std::vector<std::string>& cells) {
    return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string Head(std::vector<std::string> first, const std::vector<std::string>& variants) {
    first.insert(first.end(), variants.begin(), variants.end());
    first.insert(first.end(), {"target", "gate"});
    return Line(first) + Line(std::vector<std::string>(first.size(), "---"));
}

std::string RowLine(const std::vector<BenchCell>& cells, const BenchResults& results,
                    std::vector<std::string> first, const std::string& row, std::string_view metric,
                    const std::vector<std::string>& variants) {
    for (const auto& variant : variants) {
        const BenchCell* cell = Find(cells, row, variant);
        first.push_back(cell ? SpreadText(BenchSpread(results, cell->Name(), metric)) : "");
    }
    const auto gates = GateCells(cells, row, results, metric);
    first.insert(first.end(), gates.begin(), gates.end());
    return Line(first);
}

std::vector<BenchCell> Concerned(const std::vector<BenchCell>& cells, const BenchResults& results,
                                 std::string_view metric) {
    std::vector<BenchCell> concerned;
    for (const BenchCell& cell : cells) {
        if (Concerns(cell, results, metric)) concerned.push_back(cell);
    }
    return concerned;
}

std::string VariantOf(const BenchCell& cell) {
    return cell.variant;
}

std::string RowOf(const BenchCell& cell) {
    return cell.row;
}

std::vector<BenchCell> OfSuite(const std::vector<BenchCell>& cells, const std::string& suite) {
    std::vector<BenchCell> some;
    for (const BenchCell& cell : cells) {
        if (cell.suite == suite) some.push_back(cell);
    }
    return some;
}

/// Calls `visit(cell, gate, verdict)` for every target of a cell that was run.
template <class Visit>
void ForEachVerdict(const std::vector<BenchCell>& cells, const BenchResults& results, Visit visit) {
    for (const BenchCell& cell : cells) {
        for (const BenchGate& gate : cell.gates) {
            const GateVerdict verdict = Judge(cell, gate, results);
            if (verdict.judged) visit(cell, gate, verdict);
        }
    }
}

}  // namespace

std::string BenchMetricTable(const std::vector<BenchCell>& all, const BenchResults& results,
                             std::string_view metric) {
    const auto cells = Concerned(all, results, metric);
    if (cells.empty()) return "";
    const auto variants = Distinct(cells, VariantOf);
    std::string text = fmt::format("\n### {}: {}\n\n", cells.front().suite, TitleOf(metric));
    text += Head({"cell"}, variants);
    for (const auto& row : Distinct(cells, RowOf)) {
        text += RowLine(cells, results, {row}, row, metric, variants);
    }
    return text;
}

std::string BenchListTable(const std::vector<BenchCell>& cells, const BenchResults& results) {
    std::string text;
    const auto variants = Distinct(cells, VariantOf);
    for (const auto& row : Distinct(cells, RowOf)) {
        for (const MetricName& metric : kBenchMetricNames) {
            const bool any = std::any_of(cells.begin(), cells.end(), [&](const BenchCell& cell) {
                return cell.row == row && Concerns(cell, results, metric.name);
            });
            if (!any) continue;
            text += RowLine(cells, results, {row, std::string(metric.title)}, row, metric.name,
                            variants);
        }
    }
    if (text.empty()) return "";
    return fmt::format("\n### {}\n\n", cells.front().suite) + Head({"cell", "metric"}, variants) +
           text;
}

std::string BenchVerdicts(const std::vector<BenchCell>& cells, const BenchResults& results) {
    std::size_t kept = 0;
    std::size_t judged = 0;
    std::string missed;
    ForEachVerdict(cells, results,
                   [&](const BenchCell& cell, const BenchGate& gate, const GateVerdict& verdict) {
                       ++judged;
                       kept += verdict.pass ? 1 : 0;
                       if (verdict.pass) return;
                       missed += fmt::format(
                           "- {}: {}: {}, expected {}\n", cell.Name(), TitleOf(gate.metric),
                           SpreadText(BenchSpread(results, cell.Name(), gate.metric)),
                           verdict.target);
                   });
    return fmt::format("\n{} of {} targets kept.{}\n{}", kept, judged,
                       missed.empty() ? "" : " Missed:\n", missed);
}

std::string BenchFasterTcps(const std::vector<BenchCell>& cells, const BenchResults& results) {
    std::string text;
    for (const BenchCell& cell : cells) {
        if (cell.variant != kGatedVariant || cell.kind != BenchKind::kTransfer) continue;
        const auto own = BenchSpread(results, cell.Name(), bench::kCompletion);
        for (const auto tcp : {kTcpNewReno, kTcpCubic}) {
            const BenchCell* other = Find(cells, cell.row, std::string(tcp));
            if (!other) continue;
            const auto theirs = BenchSpread(results, other->Name(), bench::kCompletion);
            if (!theirs || (own && own->median <= theirs->median)) continue;
            text += fmt::format("- {}: {} {} s, {} {} s\n", cell.row, tcp, SpreadText(theirs),
                                cell.variant, SpreadText(own));
        }
    }
    return text.empty() ? "" : "\n### startup: transfers in which a TCP is faster\n\n" + text;
}

bool AllGatesPass(const std::vector<BenchCell>& cells, const BenchResults& results) {
    bool pass = true;
    ForEachVerdict(cells, results, [&](const auto&, const auto&, const GateVerdict& verdict) {
        pass = pass && verdict.pass;
    });
    return pass;
}

std::string BenchTables(const std::vector<BenchCell>& cells, const BenchResults& results) {
    std::string text = BenchVerdicts(cells, results);
    for (const std::string suite : {"matrix", "startup"}) {
        const auto some = OfSuite(cells, suite);
        for (const MetricName& metric : kBenchMetricNames) {
            // What a transfer repeats is in the database; its table would be a page more.
            if (suite == "startup" && metric.name == bench::kRetransmitted) continue;
            if (suite == "startup" && metric.name == bench::kSpurious) continue;
            text += BenchMetricTable(some, results, metric.name);
        }
        text += BenchFasterTcps(some, results);
    }
    for (const std::string suite : {"fairness", "deadline"}) {
        text += BenchListTable(OfSuite(cells, suite), results);
    }
    return text;
}

}  // namespace crsp::lab
