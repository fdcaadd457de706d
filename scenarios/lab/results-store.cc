// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-store.h"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include "apps/version/version.h"
#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/metric-names.h"

namespace crsp::lab {
namespace {

/// How long a second laboratory waits for the first to finish writing.
constexpr int kBusyTimeoutMs = 10'000;

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS runs (
    id            INTEGER PRIMARY KEY,
    scenario      TEXT NOT NULL,
    scenario_hash TEXT NOT NULL,
    world         TEXT NOT NULL CHECK (world IN ('ns3', 'live')),
    seed          INTEGER NOT NULL,
    git_commit    TEXT NOT NULL,
    engine_hash   TEXT NOT NULL,
    compiler      TEXT NOT NULL,
    ns3_version   TEXT NOT NULL,
    started       TEXT NOT NULL,
    wall_seconds  REAL NOT NULL,
    command       TEXT NOT NULL,
    folder        TEXT NOT NULL,
    ok            INTEGER NOT NULL,
    problem       TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS metrics (
    run   INTEGER NOT NULL REFERENCES runs(id),
    name  TEXT NOT NULL,
    value REAL NOT NULL,
    unit  TEXT NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS samples (
    run      INTEGER NOT NULL REFERENCES runs(id),
    name     TEXT NOT NULL,
    position INTEGER NOT NULL,
    value    REAL NOT NULL,
    PRIMARY KEY (run, name, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS runs_by_scenario ON runs (scenario, world, seed);
)sql";

std::string UnitOf(std::string_view name) {
    for (const MetricName& metric : kBenchMetricNames) {
        if (metric.name == name) return std::string(metric.unit);
    }
    return std::string(DescribeMetric(name).unit);
}

}  // namespace

std::string CompilerName() {
#ifdef __clang__
    return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

ResultsStore::ResultsStore(const std::string& path)
    : m_database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs) {
    m_database.exec("PRAGMA journal_mode = WAL");
    m_database.exec(kSchema);
}

std::int64_t ResultsStore::Add(const StoredRun& run) {
    SQLite::Transaction transaction(m_database);
    const std::int64_t id = AddRow(run);
    AddMetrics(id, run);
    AddSamples(id, run);
    transaction.commit();
    return id;
}

std::int64_t ResultsStore::AddRow(const StoredRun& run) {
    SQLite::Statement insert(
        m_database,
        "INSERT INTO runs (scenario, scenario_hash, world, seed, git_commit, engine_hash, compiler,"
        " ns3_version, started, wall_seconds, command, folder, ok, problem)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    int column = 0;
    const auto bind = [&](const auto& value) { insert.bind(++column, value); };
    bind(run.scenario);
    bind(run.scenarioHash);
    bind(run.world);
    bind(static_cast<std::int64_t>(run.seed));
    bind(std::string(GitCommit()));
    bind(std::string(EngineHash()));
    bind(CompilerName());
    bind(std::string(kNs3Version));
    bind(run.started);
    bind(run.wallSeconds);
    bind(run.command);
    bind(run.folder);
    bind(run.ok ? 1 : 0);
    bind(run.problem);
    insert.exec();
    return m_database.getLastInsertRowid();
}

void ResultsStore::AddMetrics(std::int64_t id, const StoredRun& run) {
    SQLite::Statement insert(m_database,
                             "INSERT INTO metrics (run, name, value, unit) VALUES (?, ?, ?, ?)");
    for (const auto& [name, value] : run.metrics) {
        insert.bind(1, id);
        insert.bind(2, name);
        insert.bind(3, value);
        insert.bind(4, UnitOf(name));
        insert.exec();
        insert.reset();
    }
}

void ResultsStore::AddSamples(std::int64_t id, const StoredRun& run) {
    SQLite::Statement insert(
        m_database, "INSERT INTO samples (run, name, position, value) VALUES (?, ?, ?, ?)");
    for (const auto& [name, values] : run.samples) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            insert.bind(1, id);
            insert.bind(2, name);
            insert.bind(3, static_cast<std::int64_t>(i));
            insert.bind(4, values[i]);
            insert.exec();
            insert.reset();
        }
    }
}

}  // namespace crsp::lab
