// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "scenarios/lab/run-record.h"

namespace crsp::lab {

/// Points of a series at most.
inline constexpr std::size_t kSeriesPoints = 600;
/// The shortest step of a series; longer ones are this times a power of two.
inline constexpr Duration kSeriesStep = milliseconds(10);

/// The shortest step by which a run of this length has no more than kSeriesPoints points.
Duration SeriesStepOf(Duration length);

/// What happened to a quantity within one step.
enum class SeriesKind {
    kGauge,    ///< its mean
    kCounter,  ///< how much it grew each second
};

/// Keeps gauges and counters that are read at equal steps, of however long a run: when a series is
/// full, neighbours are joined and the step doubles.
class SeriesBook {
  public:
    /// The next reading is due this long after the one before.
    Duration Step() const { return m_step; }
    /// Adds to the row that is being read.
    void Add(const std::string& name, const std::string& unit, SeriesKind kind, double value);
    /// Ends the row: one more point for each series, NaN for those that were not read.
    void EndRow();
    std::vector<Series> Result() const;

  private:
    struct Column {
        std::string unit;
        SeriesKind kind;
        std::vector<double> values;
    };

    void Halve();

    Duration m_step = kSeriesStep;
    std::size_t m_rows = 0;
    std::map<std::string, Column> m_columns;
};

/// The series that follow from the record, in either world: what was rendered, how long packets
/// waited in the queue of the shared hop, and the cross traffic.
void AddRecordSeries(RunRecord& record, Duration step);

}  // namespace crsp::lab
