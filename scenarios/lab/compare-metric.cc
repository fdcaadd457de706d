// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/compare-metric.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "scenarios/lab/bench-metrics.h"

namespace crsp::lab {
namespace {

constexpr std::array kDefault{metric::kCompletionTime, metric::kGoodput, metric::kRetransmitted,
                              metric::kCommandP99};
constexpr std::string_view kBench = "bench-";

/// What runs keep samples of, beside metrics: times that people or packets wait.
constexpr std::array<std::string_view, 2> kSampleNames{"command-latency", "queue-delay"};

/// N of `:pN`, over 100.
std::optional<double> ShareOf(std::string_view text) {
    if (text.size() < 2 || text[0] != 'p') return std::nullopt;
    double percent = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + 1, last, percent);
    if (error != std::errc{} || end != last || !(percent >= 0 && percent <= 100)) {
        return std::nullopt;
    }
    return percent / 100;
}

template <class Names>
const MetricName* Find(const Names& names, std::string_view name) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const MetricName& other) { return other.name == name; });
    return found == names.end() ? nullptr : &*found;
}

}  // namespace

void RunValues::Load() {
    if (m_loaded) return;
    m_loaded = true;
    for (MetricRow& row : m_reader->MetricsOf(m_run)) m_metrics.emplace(row.name, row);
}

const SampleRow* RunValues::Samples(const std::string& name) {
    if (!m_samples) m_samples = m_reader->SamplesOf(m_run);
    const auto found = std::find_if(m_samples->begin(), m_samples->end(),
                                    [&](const SampleRow& row) { return row.name == name; });
    return found == m_samples->end() ? nullptr : &*found;
}

std::optional<double> RunValues::Value(const std::string& name) {
    const auto colon = name.find(':');
    if (colon != std::string::npos) {
        const SampleRow* row = Samples(name.substr(0, colon));
        const auto share = ShareOf(std::string_view(name).substr(colon + 1));
        if (!row || !share || row->samples.Count() == 0) return std::nullopt;
        return row->samples.Quantile(*share);
    }
    Load();
    const auto found = m_metrics.find(name);
    if (found == m_metrics.end()) return std::nullopt;
    return found->second.value;
}

std::string RunValues::Unit(const std::string& name) {
    const auto colon = name.find(':');
    if (colon != std::string::npos) {
        const SampleRow* row = Samples(name.substr(0, colon));
        return row ? row->unit : "";
    }
    Load();
    const auto found = m_metrics.find(name);
    return found == m_metrics.end() ? "" : found->second.unit;
}

std::set<std::string> RunValues::Names() {
    Load();
    std::set<std::string> names;
    for (const auto& [name, row] : m_metrics) names.insert(name);
    return names;
}

bool IsMetricName(const std::string& name) {
    const auto colon = name.find(':');
    return colon == std::string::npos ||
           (colon > 0 && ShareOf(std::string_view(name).substr(colon + 1)).has_value());
}

std::vector<std::string> DefaultMetrics(const std::set<std::string>& names) {
    std::vector<std::string> metrics;
    for (const std::string& name : names) {
        const bool listed = std::find(kDefault.begin(), kDefault.end(), name) != kDefault.end();
        if (listed || name.rfind(kBench, 0) == 0) metrics.push_back(name);
    }
    return metrics;
}

Better BetterOf(std::string_view metric) {
    const auto colon = metric.find(':');
    if (colon != std::string_view::npos) {
        const auto samples = metric.substr(0, colon);
        const bool known =
            std::find(kSampleNames.begin(), kSampleNames.end(), samples) != kSampleNames.end();
        return known ? Better::kLess : Better::kUnknown;
    }
    // What follows is a flow or a window.
    const auto base = metric.substr(0, metric.find('.'));
    const MetricName* name = Find(kMetricNames, base);
    if (!name) name = Find(kWindowMetricNames, base);
    if (!name) name = Find(kBenchMetricNames, base);
    return name ? name->better : Better::kUnknown;
}

}  // namespace crsp::lab
