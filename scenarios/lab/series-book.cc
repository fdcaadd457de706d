// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/series-book.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "scenarios/lab/scenario.h"

namespace crsp::lab {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kMega = 1e6;

/// What two neighbouring points become. A counter stands at the end of its step.
double Joined(SeriesKind kind, double a, double b) {
    if (kind == SeriesKind::kCounter) return std::isnan(b) ? a : b;
    if (std::isnan(a)) return b;
    return std::isnan(b) ? a : (a + b) / 2;
}

/// Growth each second, from readings at the ends of the steps. A reading that is missing grew by
/// nothing: the connection is gone.
std::vector<double> Growth(const std::vector<double>& readings, Duration step) {
    std::vector<double> growth;
    double before = 0;
    for (const double reading : readings) {
        const double now = std::isnan(reading) ? before : std::max(before, reading);
        growth.push_back((now - before) / ToSeconds(step));
        before = now;
    }
    return growth;
}

/// The equal steps into which a run is cut.
struct Steps {
    TimePoint begin;
    Duration step;
    std::size_t count;

    std::size_t Of(TimePoint at) const {
        const auto index = static_cast<std::size_t>(std::max(at - begin, Duration::zero()) / step);
        return std::min(index, count - 1);
    }
};

std::string NameFor(const RunRecord& record, const char* name, const FlowRun& flow) {
    return record.flows.size() == 1 ? std::string(name) : std::string(name) + "." + flow.name;
}

Series RenderedRate(const FlowRun& flow, std::string name, const Steps& steps) {
    Series series{std::move(name), "Mbit/s", steps.step, std::vector<double>(steps.count, 0)};
    std::uint64_t position = 0;
    for (const TimelineRow& row : flow.timeline) {
        if (row.kind == TimelineRow::Kind::kRender && row.position > position) {
            const double bits = 8 * static_cast<double>(row.position - position);
            series.values[steps.Of(row.at)] += bits / kMega / ToSeconds(steps.step);
        }
        position = row.position;
    }
    return series;
}

Series QueueDelay(const std::vector<Passage>& passages, const Steps& steps) {
    std::vector<double> count(steps.count, 0);
    Series series{"queue-delay", "ms", steps.step, std::vector<double>(steps.count, 0)};
    for (const Passage& passage : passages) {
        const auto at = steps.Of(passage.at);
        series.values[at] += ToMilliseconds(passage.waited);
        count[at] += 1;
    }
    for (std::size_t i = 0; i < steps.count; ++i) {
        series.values[i] = count[i] > 0 ? series.values[i] / count[i] : kNothing;
    }
    return series;
}

/// Bytes at an instant `since` the begin, between the ticks at which they were counted.
double BytesAt(const std::vector<std::uint64_t>& bytes, Duration since) {
    const double ticks = ToSeconds(since) / ToSeconds(kTrafficTick);
    const auto before = std::min(static_cast<std::size_t>(ticks), bytes.size());
    const double low = before == 0 ? 0 : static_cast<double>(bytes[before - 1]);
    if (before == bytes.size()) return low;
    return low + (static_cast<double>(bytes[before]) - low) * (ticks - std::floor(ticks));
}

Series TrafficRate(const std::vector<std::uint64_t>& bytes, const Steps& steps) {
    std::vector<double> readings;
    for (std::size_t i = 1; i <= steps.count; ++i) {
        const Duration since = steps.step * static_cast<std::int64_t>(i);
        readings.push_back(8 * BytesAt(bytes, since) / kMega);
    }
    return {"traffic-rate", "Mbit/s", steps.step, Growth(readings, steps.step)};
}

}  // namespace

Duration SeriesStepOf(Duration length) {
    Duration step = kSeriesStep;
    while (step * static_cast<std::int64_t>(kSeriesPoints) < length) step *= 2;
    return step;
}

void SeriesBook::Add(const std::string& name, const std::string& unit, SeriesKind kind,
                     double value) {
    Column& column = m_columns.try_emplace(name, Column{unit, kind, {}}).first->second;
    column.values.resize(m_rows, kNothing);
    column.values.push_back(value);
}

void SeriesBook::EndRow() {
    ++m_rows;
    for (auto& [name, column] : m_columns) column.values.resize(m_rows, kNothing);
    if (m_rows == kSeriesPoints) Halve();
}

void SeriesBook::Halve() {
    m_rows /= 2;
    m_step *= 2;
    for (auto& [name, column] : m_columns) {
        for (std::size_t i = 0; i < m_rows; ++i) {
            column.values[i] = Joined(column.kind, column.values[2 * i], column.values[2 * i + 1]);
        }
        column.values.resize(m_rows);
    }
}

std::vector<Series> SeriesBook::Result() const {
    std::vector<Series> result;
    for (const auto& [name, column] : m_columns) {
        const bool counter = column.kind == SeriesKind::kCounter;
        result.push_back(
            {name, column.unit, m_step, counter ? Growth(column.values, m_step) : column.values});
    }
    return result;
}

void AddRecordSeries(RunRecord& record, Duration step) {
    const auto length = record.length.count();
    if (length <= 0) return;
    const auto count = static_cast<std::size_t>((length + step.count() - 1) / step.count());
    const Steps steps{record.begin, step, count};
    std::vector<Series>& all = record.series;
    for (const FlowRun& flow : record.flows) {
        if (record.flows.size() > kMaxFlowsApart) break;
        all.push_back(RenderedRate(flow, NameFor(record, "rate", flow), steps));
    }
    if (!record.passages.empty()) all.push_back(QueueDelay(record.passages, steps));
    if (!record.trafficBytes.empty()) all.push_back(TrafficRate(record.trafficBytes, steps));
}

}  // namespace crsp::lab
