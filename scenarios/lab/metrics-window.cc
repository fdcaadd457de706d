// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/metrics-window.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/link-impairment.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/metrics-flow.h"

namespace crsp::lab {
namespace {

/// One window of one run, and where its metrics go.
class Window {
  public:
    Window(const Scenario& scenario, const WindowSpec& window, const RunRecord& record,
           Metrics& metrics)
        : m_scenario(scenario), m_window(window), m_record(record), m_metrics(metrics) {}

    void AddRates() {
        std::vector<double> rates;
        for (const FlowRun& flow : m_record.flows) {
            const auto bytes =
                BytesRendered(flow, TimePoint(m_window.from), TimePoint(m_window.to));
            rates.push_back(MegabitsPerSecond(static_cast<double>(bytes)));
            if (m_record.flows.size() < 2) continue;
            if (m_record.flows.size() > kMaxFlowsApart) continue;
            m_metrics.emplace(SuffixedMetric(Name(metric::kRate), flow.name), rates.back());
        }
        m_rate = std::accumulate(rates.begin(), rates.end(), 0.0);
        Add(metric::kRate, m_rate);
        if (rates.size() > 1) Add(metric::kFairness, JainIndex(rates));
    }

    void AddQueue() {
        std::vector<double> waits;
        double bytes = 0;
        for (const Passage& passage : m_record.passages) {
            if (passage.at < TimePoint(m_window.from)) continue;
            if (passage.at >= TimePoint(m_window.to)) break;
            waits.push_back(ToMilliseconds(passage.waited));
            bytes += passage.bytes;
        }
        if (waits.empty()) return;
        const double capacity =
            CapacityBits(m_scenario.link.down, m_scenario.stop, m_window.from, m_window.to);
        if (capacity > 0) Add(metric::kUtilisation, 100 * 8 * bytes / capacity);
        const double sum = std::accumulate(waits.begin(), waits.end(), 0.0);
        Add(metric::kQueueMean, sum / static_cast<double>(waits.size()));
        Add(metric::kQueueMax, *std::max_element(waits.begin(), waits.end()));
        Add(metric::kQueueP95, Quantile(std::move(waits), 0.95));
    }

    void AddTraffic() {
        if (m_record.trafficFlows == 0) return;
        const double rate = MegabitsPerSecond(TrafficAt(m_window.to) - TrafficAt(m_window.from));
        Add(metric::kTrafficRate, rate);
        if (rate <= 0) return;
        const double ours = m_rate / static_cast<double>(m_record.flows.size());
        Add(metric::kTrafficRatio, ours / (rate / static_cast<double>(m_record.trafficFlows)));
    }

    void AddMessages() {
        std::uint64_t written = 0;
        std::uint64_t inTime = 0;
        for (const MessageRun& message : m_record.messages) {
            if (message.written < TimePoint(m_window.from)) continue;
            if (message.written >= TimePoint(m_window.to)) continue;
            ++written;
            if (message.complete && *message.complete - message.written <= message.patience) {
                ++inTime;
            }
        }
        if (written == 0) return;
        Add(metric::kMessagesInTime,
            100 * static_cast<double>(inTime) / static_cast<double>(written));
    }

  private:
    std::string Name(std::string_view metric) const {
        return SuffixedMetric(metric, m_window.name);
    }
    void Add(std::string_view metric, double value) { m_metrics.emplace(Name(metric), value); }

    double MegabitsPerSecond(double bytes) const {
        return 8 * bytes / ToSeconds(m_window.to - m_window.from) / 1e6;
    }

    /// Bytes of cross traffic received by then.
    double TrafficAt(Duration at) const {
        const auto ticks = static_cast<std::size_t>(at / kTrafficTick);
        if (ticks == 0 || m_record.trafficBytes.empty()) return 0;
        const std::size_t index = std::min(ticks, m_record.trafficBytes.size()) - 1;
        return static_cast<double>(m_record.trafficBytes[index]);
    }

    const Scenario& m_scenario;
    const WindowSpec& m_window;
    const RunRecord& m_record;
    Metrics& m_metrics;
    double m_rate = 0;
};

}  // namespace

void AddWindowMetrics(const Scenario& scenario, const WindowSpec& window, const RunRecord& record,
                      Metrics& metrics) {
    Window measured(scenario, window, record, metrics);
    measured.AddRates();
    measured.AddQueue();
    measured.AddTraffic();
    measured.AddMessages();
}

}  // namespace crsp::lab
