// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-reader.h"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scenarios/lab/results-schema.h"

namespace crsp::lab {
namespace {

/// In the order in which RowFrom takes them.
constexpr const char* kColumns =
    "id, scenario, scenario_hash, base, parameters, world, seed, engine_hash, lab_hash, git_commit,"
    " compiler, ns3_version, command, folder, started, wall_seconds, cpu_seconds,"
    " simulated_seconds, packets, ended, ok, problem, valid, reason, digest";

Parameters ParametersFrom(const std::string& text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const bool good =
        json.is_object() &&
        std::all_of(json.begin(), json.end(), [](const auto& each) { return each.is_string(); });
    if (!good) throw SQLite::Exception(fmt::format("parameters are no JSON of texts: {}", text));
    return json.get<Parameters>();
}

[[noreturn]] void Refuse(const SQLite::Database& database, const SQLite::Exception& error) {
    throw WrongResults(fmt::format("{}: expected a database of results: {}", database.getFilename(),
                                   error.what()));
}

RunRow RowFrom(SQLite::Statement& query) {
    int column = 0;
    const auto text = [&] { return query.getColumn(column++).getString(); };
    const auto number = [&] { return query.getColumn(column++).getInt64(); };
    const auto real = [&] { return query.getColumn(column++).getDouble(); };
    RunRow row;
    row.id = number();
    for (auto* field : {&row.scenario, &row.scenarioHash, &row.scenarioBase}) *field = text();
    row.parameters = ParametersFrom(text());
    row.world = text();
    row.seed = static_cast<std::uint64_t>(number());
    for (auto* field : {&row.engine, &row.lab, &row.commit, &row.compiler, &row.ns3Version,
                        &row.command, &row.folder, &row.started}) {
        *field = text();
    }
    for (auto* field : {&row.wallSeconds, &row.cpuSeconds, &row.simulatedSeconds}) *field = real();
    row.packets = static_cast<std::uint64_t>(number());
    row.ended = text();
    row.ok = number() != 0;
    row.problem = text();
    row.valid = number() != 0;
    row.reason = text();
    row.digest = text();
    return row;
}

}  // namespace

std::string ParametersLine(const Parameters& parameters) {
    std::string line;
    for (const auto& [key, value] : parameters) {
        line += fmt::format("{}{}={}", line.empty() ? "" : ", ", key, value);
    }
    return line.empty() ? "-" : line;
}

ResultsReader::ResultsReader(const std::string& path) : m_database(OpenResultsToRead(path)) {}

std::vector<RunRow> ResultsReader::Query(const std::string& where) try {
    SQLite::Statement query(
        m_database,
        fmt::format("SELECT {} FROM runs JOIN scenarios ON scenario_hash = hash {} ORDER BY id",
                    kColumns, where));
    std::vector<RunRow> rows;
    while (query.executeStep()) rows.push_back(RowFrom(query));
    return rows;
} catch (const SQLite::Exception& error) {
    Refuse(m_database, error);
}

std::vector<RunRow> ResultsReader::Runs() {
    return Query("");
}

std::optional<RunRow> ResultsReader::Run(std::int64_t id) {
    const auto rows = Query(fmt::format("WHERE id = {}", id));
    return rows.empty() ? std::nullopt : std::optional(rows[0]);
}

std::vector<MetricRow> ResultsReader::MetricsOf(std::int64_t run) try {
    SQLite::Statement query(m_database,
                            "SELECT name, value, unit FROM metrics WHERE run = ? ORDER BY name");
    query.bind(1, run);
    std::vector<MetricRow> rows;
    while (query.executeStep()) {
        rows.push_back({query.getColumn(0).getString(), query.getColumn(1).getDouble(),
                        query.getColumn(2).getString()});
    }
    return rows;
} catch (const SQLite::Exception& error) {
    Refuse(m_database, error);
}

std::vector<SampleRow> ResultsReader::SamplesOf(std::int64_t run) try {
    SQLite::Statement query(m_database,
                            "SELECT name, unit, exact, least, most, mean FROM distributions"
                            " WHERE run = ? ORDER BY name");
    query.bind(1, run);
    SQLite::Statement values(m_database,
                             "SELECT value, count FROM samples WHERE run = ? AND name = ?");
    std::vector<SampleRow> rows;
    while (query.executeStep()) {
        const auto name = query.getColumn(0).getString();
        std::map<double, std::uint64_t> counts;
        values.reset();
        values.bind(1, run);
        values.bind(2, name);
        while (values.executeStep()) {
            counts[values.getColumn(0).getDouble()] =
                static_cast<std::uint64_t>(values.getColumn(1).getInt64());
        }
        rows.push_back(
            {name, query.getColumn(1).getString(),
             Distribution::Restore(query.getColumn(2).getInt() != 0, query.getColumn(3).getDouble(),
                                   query.getColumn(4).getDouble(), query.getColumn(5).getDouble(),
                                   std::move(counts))});
    }
    return rows;
} catch (const SQLite::Exception& error) {
    Refuse(m_database, error);
}

std::vector<SeriesRow> ResultsReader::SeriesOf(std::int64_t run) try {
    SQLite::Statement query(m_database,
                            "SELECT name, unit, step, points FROM series WHERE run = ? ORDER BY "
                            "name");
    query.bind(1, run);
    std::vector<SeriesRow> rows;
    while (query.executeStep()) {
        rows.push_back({query.getColumn(0).getString(), query.getColumn(1).getString(),
                        query.getColumn(2).getDouble(), query.getColumn(3).getString()});
    }
    return rows;
} catch (const SQLite::Exception& error) {
    Refuse(m_database, error);
}

std::string ResultsReader::ScenarioText(const std::string& hash) try {
    SQLite::Statement query(m_database, "SELECT text FROM scenarios WHERE hash = ?");
    query.bind(1, hash);
    return query.executeStep() ? query.getColumn(0).getString() : std::string();
} catch (const SQLite::Exception& error) {
    Refuse(m_database, error);
}

}  // namespace crsp::lab
