// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-schema.h"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <system_error>

namespace crsp::lab {
namespace {

/// How long a second laboratory waits for the first to finish writing.
constexpr int kBusyTimeoutMs = 10'000;

/// Described table by table in scenarios/README.md.
constexpr const char* kSchema = R"sql(
CREATE TABLE scenarios (
    hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    base TEXT NOT NULL,
    text TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (
    id                INTEGER PRIMARY KEY,
    scenario          TEXT NOT NULL,
    scenario_hash     TEXT NOT NULL REFERENCES scenarios(hash),
    parameters        TEXT NOT NULL,
    world             TEXT NOT NULL CHECK (world IN ('ns3', 'live')),
    seed              INTEGER NOT NULL,
    engine_hash       TEXT NOT NULL,
    lab_hash          TEXT NOT NULL,
    git_commit        TEXT NOT NULL,
    compiler          TEXT NOT NULL,
    ns3_version       TEXT NOT NULL,
    command           TEXT NOT NULL,
    folder            TEXT NOT NULL,
    started           TEXT NOT NULL,
    wall_seconds      REAL NOT NULL,
    cpu_seconds       REAL NOT NULL,
    simulated_seconds REAL NOT NULL,
    packets           INTEGER NOT NULL,
    ended             TEXT NOT NULL CHECK (ended IN ('whole', 'killed', 'crashed')),
    ok                INTEGER NOT NULL,
    problem           TEXT NOT NULL,
    valid             INTEGER NOT NULL,
    reason            TEXT NOT NULL,
    digest            TEXT NOT NULL,
    UNIQUE (scenario_hash, parameters, world, seed, engine_hash, lab_hash)
);
CREATE INDEX runs_by_scenario ON runs (scenario, world, seed);
CREATE TABLE parameters (
    run   INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE metrics (
    run   INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name  TEXT NOT NULL,
    value REAL NOT NULL,
    unit  TEXT NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE distributions (
    run   INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name  TEXT NOT NULL,
    unit  TEXT NOT NULL,
    exact INTEGER NOT NULL,
    count INTEGER NOT NULL,
    least REAL NOT NULL,
    most  REAL NOT NULL,
    mean  REAL NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
CREATE TABLE samples (
    run   INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name  TEXT NOT NULL,
    value REAL NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (run, name, value)
) WITHOUT ROWID;
CREATE TABLE series (
    run    INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    unit   TEXT NOT NULL,
    step   REAL NOT NULL,
    points TEXT NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;
)sql";

[[noreturn]] void RefuseFile(const std::string& path, std::string_view what) {
    throw WrongResults(fmt::format("{}: expected a database of results{}", path, what));
}

int FormatOf(SQLite::Database& database) {
    return database.execAndGet("PRAGMA user_version").getInt();
}

bool IsEmpty(SQLite::Database& database) {
    return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

void CreateTables(SQLite::Database& database) {
    // Whoever comes second sees the tables of the first.
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (!IsEmpty(database)) return;
    database.exec(kSchema);
    database.exec(fmt::format("PRAGMA user_version = {}", kResultsFormat));
    transaction.commit();
}

void Check(SQLite::Database& database, const std::string& path) {
    int format = 0;
    bool empty = false;
    try {
        format = FormatOf(database);
        empty = IsEmpty(database);
    } catch (const SQLite::Exception& error) {
        RefuseFile(path, fmt::format(": {}", error.what()));
    }
    if (empty) RefuseFile(path, ", got an empty one");
    if (format == kResultsFormat) return;
    throw WrongResults(fmt::format(
        "{}: results of format {}, expected {}: move it away, or say --out for another folder",
        path, format == 0 ? 1 : format, kResultsFormat));
}

bool IsFileOrNew(const std::string& path) {
    std::error_code error;
    return !std::filesystem::exists(path, error) || std::filesystem::is_regular_file(path, error);
}

/// The path as SQLite takes it apart from parameters.
std::string UriOf(const std::string& path) {
    std::string uri = "file:";
    for (const char c : path) {
        uri += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02x}", c) : std::string(1, c);
    }
    return uri;
}

/// Even of a database with a write-ahead log in a folder that nobody may write to: what has no log
/// can be taken for unchanging.
SQLite::Database OpenReadOnly(const std::string& path) {
    try {
        SQLite::Database database(path, SQLite::OPEN_READONLY, kBusyTimeoutMs);
        FormatOf(database);
        IsEmpty(database);
        return database;
    } catch (const SQLite::Exception&) {
        std::error_code none;
        const auto log = std::filesystem::file_size(path + "-wal", none);
        if (!none && log > 0) throw;
    }
    return SQLite::Database(UriOf(path) + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI,
                            kBusyTimeoutMs);
}

}  // namespace

SQLite::Database OpenResultsDatabase(const std::string& path) {
    if (!IsFileOrNew(path)) RefuseFile(path, ", got no file");
    try {
        SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                  kBusyTimeoutMs);
        database.exec("PRAGMA journal_mode = WAL");
        database.exec("PRAGMA foreign_keys = ON");
        if (IsEmpty(database)) CreateTables(database);
        Check(database, path);
        return database;
    } catch (const SQLite::Exception& error) {
        RefuseFile(path, fmt::format(": {}", error.what()));
    }
}

SQLite::Database OpenResultsToRead(const std::string& path) {
    if (!std::filesystem::exists(path)) {
        throw WrongResults(
            fmt::format("{}: there are no results; make some with "
                        "crsp-lab run or sweep",
                        path));
    }
    if (!IsFileOrNew(path)) RefuseFile(path, ", got no file");
    try {
        SQLite::Database database = OpenReadOnly(path);
        Check(database, path);
        return database;
    } catch (const SQLite::Exception& error) {
        RefuseFile(path, fmt::format(": {}", error.what()));
    }
}

}  // namespace crsp::lab
