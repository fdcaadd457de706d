// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/results-reader.h"

namespace crsp::lab {

/// The values of one run that can be compared; reads what is asked for once.
class RunValues {
  public:
    RunValues(ResultsReader& reader, std::int64_t run) : m_reader(&reader), m_run(run) {}

    /// Of a metric, or of `SAMPLES:pN`, as in queue-delay:p99.9. Nothing if the run has none.
    std::optional<double> Value(const std::string& name);
    std::string Unit(const std::string& name);
    /// The names of its metrics.
    std::set<std::string> Names();

  private:
    void Load();
    const SampleRow* Samples(const std::string& name);

    ResultsReader* m_reader;
    std::int64_t m_run;
    bool m_loaded = false;
    std::map<std::string, MetricRow> m_metrics;
    std::optional<std::vector<SampleRow>> m_samples;
};

/// Whether `name` is of the form SAMPLES:pN with N from 0 to 100, or holds no colon.
bool IsMetricName(const std::string& name);

/// Of a metric with or without a flow or window, or of SAMPLES:pN.
Better BetterOf(std::string_view metric);

/// What is compared if nothing is asked for, of what the runs have.
std::vector<std::string> DefaultMetrics(const std::set<std::string>& names);

}  // namespace crsp::lab
