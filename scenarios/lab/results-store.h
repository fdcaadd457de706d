// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "scenarios/lab/metrics.h"

namespace crsp::lab {

/// One finished run as it is stored. With the commit, the command and the seed it can be repeated.
struct StoredRun {
    std::string scenario;
    std::string scenarioHash;
    std::string world;  ///< ns3 or live
    std::uint64_t seed = 0;
    std::string started;  ///< UTC, ISO 8601
    double wallSeconds = 0;
    std::string command;
    std::string folder;  ///< pcap and qlog are here
    bool ok = false;
    std::string problem;  ///< empty if ok
    Metrics metrics;
    std::map<std::string, std::vector<double>> samples;  ///< as command-latency, ms
};

/// The database of results: one row per run, and per run one row per metric and per sample. Commit,
/// engine hash, compiler and ns-3 version are added to each run. Throws SQLite::Exception.
class ResultsStore {
  public:
    /// Opens or creates `path`; its folder must exist.
    explicit ResultsStore(const std::string& path);

    /// Stores a run whole or, after a crash, not at all. Returns its id.
    std::int64_t Add(const StoredRun& run);

  private:
    std::int64_t AddRow(const StoredRun& run);
    void AddMetrics(std::int64_t id, const StoredRun& run);
    void AddSamples(std::int64_t id, const StoredRun& run);

    SQLite::Database m_database;
};

/// The compiler that built this program, as in `GCC 12.2.0`.
std::string CompilerName();

}  // namespace crsp::lab
