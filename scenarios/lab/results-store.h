// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "scenarios/lab/run-file.h"

namespace crsp::lab {

/// Parameters of a run by their dotted keys, as given with --set or varied by a sweep.
using Parameters = std::map<std::string, std::string>;

/// As JSON with sorted keys: the text by which runs are told apart.
std::string ParametersText(const Parameters& parameters);

/// How a run's process ended.
enum class RunEnd { kWhole, kKilled, kCrashed };

/// One finished run as it is stored. With the commit, the command and the seed it can be repeated.
struct StoredRun {
    std::string scenario;
    std::string scenarioHash;  ///< of what was asked, parameters included
    std::string scenarioBase;  ///< of the file without parameters
    std::string scenarioText;  ///< what was asked, as JSON
    Parameters parameters;
    std::string world;  ///< ns3 or live
    std::uint64_t seed = 0;
    std::string started;  ///< UTC, ISO 8601
    double wallSeconds = 0;
    std::string command;
    std::string folder;  ///< pcap and qlog are here
    RunEnd end = RunEnd::kWhole;
    bool ok = false;
    std::string problem;  ///< empty if ok
    RunFile file;
};

/// A run gave another digest than the same run gave before. The message names both.
class DigestMismatch : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A run that was killed or crashed is not stored where the same run came to its end before.
class WholeRunStays : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// What is known of a run that was stored before.
struct KnownRun {
    std::int64_t id = 0;
    bool ok = false;
    std::string problem;
    std::string folder;
    double wallSeconds = 0;
};

/// Writes the database of results (results-schema.h): one row per run, and per run one row per
/// metric, sample and series. A run is told by scenario hash, parameters, world, seed, and the
/// engine and laboratory that this program is. Throws SQLite::Exception and WrongResults.
class ResultsStore {
  public:
    /// Opens or creates `path`; its folder must exist.
    explicit ResultsStore(const std::string& path);

    /// Stores a run whole or, after a crash, not at all, in place of the same run before. Returns
    /// its id. Throws DigestMismatch or WholeRunStays, and leaves the run before as it is.
    std::int64_t Add(const StoredRun& run);

    /// The same run if it came to its end; one that was killed or crashed is as good as missing.
    std::optional<KnownRun> Find(std::string_view scenarioHash, const Parameters& parameters,
                                 std::string_view world, std::uint64_t seed);

  private:
    void Replace(const StoredRun& run);
    void AddScenario(const StoredRun& run);
    std::int64_t AddRow(const StoredRun& run);
    void AddParameters(std::int64_t id, const Parameters& parameters);
    void AddMetrics(std::int64_t id, const StoredRun& run);
    void AddSamples(std::int64_t id, const std::string& name, const Distribution& samples);
    void AddSeries(std::int64_t id, const Series& series);

    SQLite::Database m_database;
};

/// The compiler that built this program, as in `GCC 12.2.0`.
std::string CompilerName();

}  // namespace crsp::lab
