// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/metrics-flow.h"
#include "scenarios/lab/metrics-window.h"

namespace crsp::lab {
namespace {

/// How the values of several flows become that of the run.
double Join(std::string_view metric, double a, double b) {
    if (metric == metric::kCompletionTime) return std::max(a, b);
    if (metric == metric::kHashEqual) return std::min(a, b);
    if (metric == metric::kRenderingError) return std::max(a, b);
    return a + b;
}

/// The goodput and the latency of several flows are not one number.
bool CanJoin(std::string_view metric) {
    return metric != metric::kGoodput && metric != metric::kCommandP50 &&
           metric != metric::kCommandP99;
}

/// A run of which one flow has not completed has not completed.
void DropPartial(std::string_view metric, const std::vector<Metrics>& flows, Metrics& metrics) {
    const bool all = std::all_of(flows.begin(), flows.end(),
                                 [&](const Metrics& flow) { return flow.contains(metric); });
    if (!all) metrics.erase(std::string(metric));
}

void AddFlows(const RunRecord& record, Metrics& metrics) {
    std::vector<Metrics> flows;
    for (const FlowRun& flow : record.flows) flows.push_back(FlowMetrics(flow));
    if (flows.size() == 1) return metrics.merge(flows[0]);
    const bool apart = flows.size() <= kMaxFlowsApart;
    for (std::size_t i = 0; i < flows.size(); ++i) {
        for (const auto& [name, value] : flows[i]) {
            if (apart) metrics.emplace(SuffixedMetric(name, record.flows[i].name), value);
            if (!CanJoin(name)) continue;
            const auto [joined, first] = metrics.emplace(name, value);
            if (!first) joined->second = Join(name, joined->second, value);
        }
    }
    DropPartial(metric::kCompletionTime, flows, metrics);
    const auto latencies = CommandLatencies(record);
    if (latencies.empty()) return;
    metrics.emplace(metric::kCommandP50, Quantile(latencies, 0.50));
    metrics.emplace(metric::kCommandP99, Quantile(latencies, 0.99));
}

void AddRetransmitted(const RunRecord& record, Metrics& metrics) {
    const double sent =
        static_cast<double>(record.streamBytesSent + record.streamBytesRetransmitted);
    if (sent <= 0) return;
    metrics.emplace(metric::kRetransmitted,
                    100.0 * static_cast<double>(record.streamBytesRetransmitted) / sent);
}

void AddLoss(std::string_view name, const LossCount& count, Metrics& metrics) {
    if (count.offered == 0) return;
    const auto offered = static_cast<double>(count.offered);
    metrics.emplace(name, 100.0 * static_cast<double>(count.lost) / offered);
}

std::string Beyond(const Expectation& expectation, double value) {
    if (expectation.min && value < *expectation.min) {
        return fmt::format("{} is {}, expected at least {}", expectation.metric, value,
                           *expectation.min);
    }
    if (expectation.max && value > *expectation.max) {
        return fmt::format("{} is {}, expected at most {}", expectation.metric, value,
                           *expectation.max);
    }
    return {};
}

std::string WrongHash(const FlowRun& flow) {
    const auto metrics = FlowMetrics(flow);
    const auto hash = metrics.find(metric::kHashEqual);
    if (hash == metrics.end() || hash->second == 1) return {};
    return fmt::format("rendered SHA-256 {} is not the content's {}", flow.renderedHash,
                       flow.expectedHash);
}

}  // namespace

std::vector<double> CommandLatencies(const RunRecord& record) {
    std::vector<double> latencies;
    for (const FlowRun& flow : record.flows) {
        const auto more = LatenciesOf(flow);
        latencies.insert(latencies.end(), more.begin(), more.end());
    }
    return latencies;
}

double Quantile(std::vector<double> samples, double share) {
    std::sort(samples.begin(), samples.end());
    const double at = share * static_cast<double>(samples.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(at));
    const auto above = std::min(below + 1, samples.size() - 1);
    return samples[below] + (at - std::floor(at)) * (samples[above] - samples[below]);
}

Metrics ComputeMetrics(const Scenario& scenario, const RunRecord& record) {
    Metrics metrics;
    AddFlows(record, metrics);
    AddRetransmitted(record, metrics);
    if (scenario.nat) {
        metrics.emplace(metric::kPathChanges, static_cast<double>(record.pathChanges));
    }
    if (scenario.nodes.firstOfTypeLost) {
        metrics.emplace(metric::kFirstLost, static_cast<double>(record.firstOfTypeLost));
    }
    AddLoss(metric::kLossDown, record.down, metrics);
    AddLoss(metric::kLossUp, record.up, metrics);
    for (const WindowSpec& window : scenario.windows) {
        AddWindowMetrics(scenario, window, record, metrics);
    }
    return metrics;
}

std::vector<std::string> Shortfalls(const Scenario& scenario, const RunRecord& record,
                                    const Metrics& metrics) {
    std::vector<std::string> shortfalls;
    const auto add = [&](std::string text) {
        if (!text.empty()) shortfalls.push_back(std::move(text));
    };
    const bool complete = metrics.contains(metric::kCompletionTime);
    if (!record.invalid.empty()) add("invalid: " + record.invalid);
    if (!record.failure.empty()) add(record.failure);
    if (complete != scenario.completes) {
        add(complete ? "the content was rendered to its end, which was not expected"
                     : "the content was not rendered to its end");
    }
    for (const FlowRun& flow : record.flows) add(WrongHash(flow));
    for (const Expectation& expectation : scenario.expectations) {
        const auto value = metrics.find(expectation.metric);
        // A pause that was lost, and came again only when all had been rendered, paused nothing.
        const bool late = complete && expectation.metric == metric::kPausedBytes;
        if (value == metrics.end()) {
            if (!late) add(fmt::format("{} has no value, but is expected", expectation.metric));
        } else {
            add(Beyond(expectation, value->second));
        }
    }
    return shortfalls;
}

}  // namespace crsp::lab
