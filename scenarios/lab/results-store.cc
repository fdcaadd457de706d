// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-store.h"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <SQLiteCpp/VariadicBind.h>
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "apps/version/version.h"
#include "scenarios/lab/bench-metrics.h"
#include "scenarios/lab/lab-hash.h"
#include "scenarios/lab/metric-names.h"
#include "scenarios/lab/results-schema.h"

namespace crsp::lab {
namespace {

constexpr const char* kKey =
    "scenario_hash = ? AND parameters = ? AND world = ? AND seed = ? AND engine_hash = ? AND "
    "lab_hash = ?";
constexpr const char* kSampleUnit = "ms";

std::string UnitOf(std::string_view name) {
    for (const MetricName& metric : kBenchMetricNames) {
        if (metric.name == name) return std::string(metric.unit);
    }
    return std::string(DescribeMetric(name).unit);
}

std::string_view ToString(RunEnd end) {
    if (end == RunEnd::kKilled) return "killed";
    return end == RunEnd::kCrashed ? "crashed" : "whole";
}

void BindKey(SQLite::Statement& statement, std::string_view scenarioHash,
             const Parameters& parameters, std::string_view world, std::uint64_t seed) {
    SQLite::bind(statement, std::string(scenarioHash), ParametersText(parameters),
                 std::string(world), static_cast<std::int64_t>(seed), std::string(EngineHash()),
                 std::string(LabHash()));
}

/// Six digits are more than a picture shows.
std::string PointsText(const std::vector<double>& values) {
    std::string text = "[";
    for (const double value : values) {
        if (text.size() > 1) text += ',';
        if (std::isnan(value)) {
            text += "null";
        } else {
            fmt::format_to(std::back_inserter(text), "{:.6g}", value);
        }
    }
    return text + "]";
}

}  // namespace

std::string CompilerName() {
#ifdef __clang__
    return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string ParametersText(const Parameters& parameters) {
    return nlohmann::json(parameters).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

ResultsStore::ResultsStore(const std::string& path) : m_database(OpenResultsDatabase(path)) {}

std::int64_t ResultsStore::Add(const StoredRun& run) {
    SQLite::Transaction transaction(m_database, SQLite::TransactionBehavior::IMMEDIATE);
    Replace(run);
    AddScenario(run);
    const std::int64_t id = AddRow(run);
    AddParameters(id, run.parameters);
    AddMetrics(id, run);
    if (!run.file.latencies.empty()) {
        AddSamples(id, "command-latency", Distribution(run.file.latencies));
    }
    for (const auto& [name, samples] : run.file.samples) AddSamples(id, name, samples);
    for (const Series& series : run.file.series) AddSeries(id, series);
    transaction.commit();
    return id;
}

std::optional<KnownRun> ResultsStore::Find(std::string_view scenarioHash,
                                           const Parameters& parameters, std::string_view world,
                                           std::uint64_t seed) {
    SQLite::Statement query(m_database,
                            fmt::format("SELECT id, ok, problem, folder, wall_seconds FROM runs "
                                        "WHERE {} AND ended = 'whole'",
                                        kKey));
    BindKey(query, scenarioHash, parameters, world, seed);
    if (!query.executeStep()) return std::nullopt;
    return KnownRun{query.getColumn(0).getInt64(), query.getColumn(1).getInt() != 0,
                    query.getColumn(2).getString(), query.getColumn(3).getString(),
                    query.getColumn(4).getDouble()};
}

void ResultsStore::Replace(const StoredRun& run) {
    SQLite::Statement query(m_database,
                            fmt::format("SELECT id, digest, started, ended = 'whole' FROM runs"
                                        " WHERE {}",
                                        kKey));
    BindKey(query, run.scenarioHash, run.parameters, run.world, run.seed);
    if (!query.executeStep()) return;
    const std::string before = query.getColumn(1).getString();
    const std::string& now = run.file.digest;
    if (!before.empty() && !now.empty() && before != now) {
        throw DigestMismatch(fmt::format(
            "not deterministic: the trace digest is {}, but the same run of {} (number {}) had {}",
            now, query.getColumn(2).getString(), query.getColumn(0).getInt64(), before));
    }
    if (run.end != RunEnd::kWhole && query.getColumn(3).getInt() != 0) {
        throw WholeRunStays(fmt::format("the run of {} (number {}) stays stored",
                                        query.getColumn(2).getString(),
                                        query.getColumn(0).getInt64()));
    }
    SQLite::Statement remove(m_database, "DELETE FROM runs WHERE id = ?");
    remove.bind(1, query.getColumn(0).getInt64());
    query.reset();
    remove.exec();
}

void ResultsStore::AddScenario(const StoredRun& run) {
    SQLite::Statement insert(
        m_database, "INSERT OR IGNORE INTO scenarios (hash, name, base, text) VALUES (?, ?, ?, ?)");
    SQLite::bind(insert, run.scenarioHash, run.scenario, run.scenarioBase, run.scenarioText);
    insert.exec();
}

std::int64_t ResultsStore::AddRow(const StoredRun& run) {
    SQLite::Statement insert(
        m_database,
        "INSERT INTO runs (scenario_hash, parameters, world, seed, engine_hash, lab_hash, scenario,"
        " git_commit, compiler, ns3_version, command, folder, started, wall_seconds, cpu_seconds,"
        " simulated_seconds, packets, ended, ok, problem, valid, reason, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    BindKey(insert, run.scenarioHash, run.parameters, run.world, run.seed);
    int column = 6;
    const auto bind = [&](const auto& value) { insert.bind(++column, value); };
    bind(run.scenario);
    bind(std::string(GitCommit()));
    bind(CompilerName());
    bind(std::string(kNs3Version));
    bind(run.command);
    bind(run.folder);
    bind(run.started);
    bind(run.wallSeconds);
    bind(run.file.cpuSeconds);
    bind(run.file.simulatedSeconds);
    bind(static_cast<std::int64_t>(run.file.packets));
    bind(std::string(ToString(run.end)));
    bind(run.ok ? 1 : 0);
    bind(run.problem);
    bind(run.file.invalid.empty() ? 1 : 0);
    bind(run.file.invalid);
    bind(run.file.digest);
    insert.exec();
    return m_database.getLastInsertRowid();
}

void ResultsStore::AddParameters(std::int64_t id, const Parameters& parameters) {
    SQLite::Statement insert(m_database, "INSERT INTO parameters VALUES (?, ?, ?)");
    for (const auto& [name, value] : parameters) {
        SQLite::bind(insert, id, name, value);
        insert.exec();
        insert.reset();
    }
}

void ResultsStore::AddMetrics(std::int64_t id, const StoredRun& run) {
    SQLite::Statement insert(m_database, "INSERT INTO metrics VALUES (?, ?, ?, ?)");
    for (const auto& [name, value] : run.file.metrics) {
        SQLite::bind(insert, id, name, value, UnitOf(name));
        insert.exec();
        insert.reset();
    }
}

void ResultsStore::AddSamples(std::int64_t id, const std::string& name,
                              const Distribution& samples) {
    SQLite::Statement about(m_database,
                            "INSERT INTO distributions VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    SQLite::bind(about, id, name, kSampleUnit, samples.Exact() ? 1 : 0,
                 static_cast<std::int64_t>(samples.Count()), samples.Least(), samples.Most(),
                 samples.Mean());
    about.exec();
    SQLite::Statement insert(m_database, "INSERT INTO samples VALUES (?, ?, ?, ?)");
    for (const auto& [value, count] : samples.Values()) {
        SQLite::bind(insert, id, name, value, static_cast<std::int64_t>(count));
        insert.exec();
        insert.reset();
    }
}

void ResultsStore::AddSeries(std::int64_t id, const Series& series) {
    SQLite::Statement insert(m_database, "INSERT INTO series VALUES (?, ?, ?, ?, ?)");
    SQLite::bind(insert, id, series.name, series.unit, ToSeconds(series.step),
                 PointsText(series.values));
    insert.exec();
}

}  // namespace crsp::lab
