// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace crsp::lab {
namespace {

/// The least median of the cells beside; nothing if none of them has one.
std::optional<double> BestBeside(const BenchCell& cell, const BenchGate& gate,
                                 const BenchResults& results) {
    std::optional<double> best;
    for (const BenchVariant& variant : gate.beside) {
        BenchCell other = cell;
        other.variant = variant;
        const auto spread = BenchSpread(results, other.Name(), gate.metric);
        if (spread && (!best || spread->median < *best)) best = spread->median;
    }
    return best;
}

std::string TargetText(double min, double max) {
    if (std::isinf(max)) return fmt::format("at least {:.4g}", min);
    if (std::isinf(min)) return fmt::format("at most {:.4g}", max);
    return fmt::format("{:.4g} to {:.4g}", min, max);
}

/// Whether any of the cells beside was run, with or without the metric.
bool AnyBesideRun(const BenchCell& cell, const BenchGate& gate, const BenchResults& results) {
    return std::any_of(gate.beside.begin(), gate.beside.end(), [&](const auto& variant) {
        BenchCell other = cell;
        other.variant = variant;
        return results.count(other.Name()) > 0;
    });
}

}  // namespace

std::optional<Spread> BenchSpread(const BenchResults& results, const std::string& cell,
                                  std::string_view metric) {
    const auto found = results.find(cell);
    if (found == results.end() || found->second.empty()) return std::nullopt;
    std::vector<double> values;
    for (const Metrics& metrics : found->second) {
        const auto value = metrics.find(metric);
        if (value == metrics.end()) return std::nullopt;
        values.push_back(value->second);
    }
    const auto [min, max] = std::minmax_element(values.begin(), values.end());
    return Spread{Quantile(values, 0.5), *min, *max};
}

GateVerdict Judge(const BenchCell& cell, const BenchGate& gate, const BenchResults& results) {
    double max = gate.max;
    if (!gate.beside.empty()) {
        const auto best = BestBeside(cell, gate, results);
        // Competitors that ran and never came to the end set no limit.
        if (!best && !AnyBesideRun(cell, gate, results)) return {"(not run)", false, false};
        if (best) max = std::min(max, gate.factor * *best);
    }
    const auto own = BenchSpread(results, cell.Name(), gate.metric);
    GateVerdict verdict;
    verdict.target = std::isinf(max) && std::isinf(gate.min) ? "any" : TargetText(gate.min, max);
    verdict.judged = results.count(cell.Name()) > 0;
    verdict.pass = own && own->median >= gate.min && own->median <= max;
    return verdict;
}

}  // namespace crsp::lab
