// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/metric-names.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace crsp::lab {
namespace {

/// Of the whole run only.
bool IsOfTheRun(std::string_view metric) {
    return metric == metric::kRetransmitted || metric == metric::kLossDown ||
           metric == metric::kLossUp || metric == metric::kPathChanges ||
           metric == metric::kFirstLost;
}

/// Whether flows have metrics of their own beside those of the run.
bool HaveOwn(const Scenario& scenario) {
    return scenario.flows.size() > 1 && scenario.flows.size() <= kMaxFlowsApart;
}

template <class Names>
const MetricName* Find(const Names& names, std::string_view base) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const MetricName& name) { return name.name == base; });
    return found == names.end() ? nullptr : &*found;
}

void AddWindows(const Scenario& scenario, std::vector<std::string>& metrics) {
    for (const WindowSpec& window : scenario.windows) {
        for (const MetricName& metric : kWindowMetricNames) {
            const auto name = SuffixedMetric(metric.name, window.name);
            metrics.push_back(name);
            if (metric.name != metric::kRate || !HaveOwn(scenario)) continue;
            for (const FlowSpec& flow : scenario.flows) {
                metrics.push_back(SuffixedMetric(name, flow.name));
            }
        }
    }
}

}  // namespace

std::string SuffixedMetric(std::string_view metric, std::string_view suffix) {
    return fmt::format("{}.{}", metric, suffix);
}

std::vector<std::string> MetricsOf(const Scenario& scenario) {
    std::vector<std::string> metrics;
    for (const MetricName& metric : kMetricNames) metrics.emplace_back(metric.name);
    for (const FlowSpec& flow : scenario.flows) {
        if (!HaveOwn(scenario)) break;
        for (const MetricName& metric : kMetricNames) {
            if (!IsOfTheRun(metric.name)) metrics.push_back(SuffixedMetric(metric.name, flow.name));
        }
    }
    AddWindows(scenario, metrics);
    return metrics;
}

MetricText DescribeMetric(std::string_view metric) {
    const auto dot = metric.find('.');
    const std::string_view base = metric.substr(0, dot);
    const MetricName* name = Find(kMetricNames, base);
    if (!name) name = Find(kWindowMetricNames, base);
    if (!name) return {std::string(metric), ""};
    if (dot == std::string_view::npos) return {std::string(name->title), name->unit};
    return {fmt::format("{} [{}]", name->title, metric.substr(dot + 1)), name->unit};
}

}  // namespace crsp::lab
