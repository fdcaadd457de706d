// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/lab/distribution.h"
#include "scenarios/lab/results-store.h"

namespace crsp::lab {

/// A row of the table runs.
struct RunRow {
    std::int64_t id = 0;
    std::string scenario;
    std::string scenarioHash;
    std::string scenarioBase;
    Parameters parameters;
    std::string world;
    std::uint64_t seed = 0;
    std::string engine;
    std::string lab;
    std::string commit;
    std::string compiler;
    std::string ns3Version;
    std::string command;
    std::string folder;
    std::string started;
    double wallSeconds = 0;
    double cpuSeconds = 0;
    double simulatedSeconds = 0;
    std::uint64_t packets = 0;
    std::string ended;
    bool ok = false;
    std::string problem;
    bool valid = true;
    std::string reason;
    std::string digest;
};

struct MetricRow {
    std::string name;
    double value = 0;
    std::string unit;
};

struct SampleRow {
    std::string name;
    std::string unit;
    Distribution samples;
};

struct SeriesRow {
    std::string name;
    std::string unit;
    double step = 0;
    std::string points;  ///< JSON list, null where there was none
};

/// Reads the database of results. Throws WrongResults and SQLite::Exception.
class ResultsReader {
  public:
    explicit ResultsReader(const std::string& path);

    /// All runs, in the order in which they were stored.
    std::vector<RunRow> Runs();
    std::optional<RunRow> Run(std::int64_t id);
    std::vector<MetricRow> MetricsOf(std::int64_t run);
    std::vector<SampleRow> SamplesOf(std::int64_t run);
    std::vector<SeriesRow> SeriesOf(std::int64_t run);
    /// What was asked, as JSON; empty if there is no scenario of that hash.
    std::string ScenarioText(const std::string& hash);

  private:
    std::vector<RunRow> Query(const std::string& where);

    SQLite::Database m_database;
};

/// As `link.loss=2 %, transport.congestion=cubic`, or `-`.
std::string ParametersLine(const Parameters& parameters);

}  // namespace crsp::lab
