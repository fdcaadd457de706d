// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-merge.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <filesystem>

#include "scenarios/lab/results-schema.h"

namespace crsp::lab {
namespace {

constexpr std::array<const char*, 5> kParts{"parameters", "metrics", "distributions", "samples",
                                            "series"};

/// A run of the other database, and the same one here if there is one.
struct Pair {
    std::int64_t theirs = 0;
    std::int64_t ours = 0;  ///< 0: none
    std::string scenario;
    bool theirsWhole = false;
    bool oursWhole = false;
    std::string theirDigest;
    std::string ourDigest;
};

std::vector<Pair> PairsOf(SQLite::Database& database) {
    SQLite::Statement query(
        database,
        "SELECT t.id, ifnull(o.id, 0), t.scenario, t.ended = 'whole', ifnull(o.ended = 'whole', 0),"
        " t.digest, ifnull(o.digest, '') FROM other.runs t LEFT JOIN main.runs o USING"
        " (scenario_hash, parameters, world, seed, engine_hash, lab_hash) ORDER BY t.id");
    std::vector<Pair> pairs;
    while (query.executeStep()) {
        pairs.push_back({query.getColumn(0).getInt64(), query.getColumn(1).getInt64(),
                         query.getColumn(2).getString(), query.getColumn(3).getInt() != 0,
                         query.getColumn(4).getInt() != 0, query.getColumn(5).getString(),
                         query.getColumn(6).getString()});
    }
    return pairs;
}

/// The names of a table's columns but the first, which is the number of the run.
std::string ColumnsOf(SQLite::Database& database, const std::string& table) {
    SQLite::Statement query(database, "SELECT name FROM pragma_table_info(?) WHERE cid > 0");
    query.bind(1, table);
    std::string columns;
    while (query.executeStep()) {
        columns += fmt::format("{}{}", columns.empty() ? "" : ", ", query.getColumn(0).getString());
    }
    return columns;
}

void Copy(SQLite::Database& database, const Pair& pair) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (pair.ours != 0)
        database.exec(fmt::format("DELETE FROM main.runs WHERE id = {}", pair.ours));
    database.exec(fmt::format(
        "INSERT OR IGNORE INTO main.scenarios SELECT * FROM other.scenarios WHERE hash ="
        " (SELECT scenario_hash FROM other.runs WHERE id = {})",
        pair.theirs));
    const std::string columns = ColumnsOf(database, "runs");
    database.exec(
        fmt::format("INSERT INTO main.runs ({0}) SELECT {0} FROM other.runs WHERE id = {1}",
                    columns, pair.theirs));
    const std::int64_t id = database.getLastInsertRowid();
    for (const char* part : kParts) {
        database.exec(
            fmt::format("INSERT INTO main.{0} SELECT {1}, {2} FROM other.{0} WHERE run = {3}", part,
                        id, ColumnsOf(database, part), pair.theirs));
    }
    transaction.commit();
}

std::string ConflictText(const Pair& pair, const std::string& into, const std::string& other) {
    return fmt::format(
        "not deterministic: {}: run {} of {} has the trace digest {}, but run {} of "
        "{} is the same with {}",
        pair.scenario, pair.theirs, other, pair.theirDigest, pair.ours, into, pair.ourDigest);
}

void MergeOne(SQLite::Database& database, const std::string& into, const std::string& other,
              MergeCounts& counts) {
    // Says what is wrong with it, if something is.
    OpenResultsToRead(other);
    SQLite::Statement attach(database, "ATTACH ? AS other");
    attach.bind(1, other);
    attach.exec();
    for (const Pair& pair : PairsOf(database)) {
        const bool both = !pair.theirDigest.empty() && !pair.ourDigest.empty();
        if (both && pair.theirDigest != pair.ourDigest) {
            counts.conflicts.push_back(ConflictText(pair, into, other));
        } else if (pair.ours != 0 && (pair.oursWhole || !pair.theirsWhole)) {
            ++counts.known;
        } else {
            Copy(database, pair);
            ++counts.added;
        }
    }
    database.exec("DETACH other");
}

}  // namespace

MergeCounts MergeResults(const std::string& into, const std::vector<std::string>& others) {
    const auto folder = std::filesystem::path(into).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    auto database = OpenResultsDatabase(into);
    MergeCounts counts;
    for (const std::string& other : others) MergeOne(database, into, other, counts);
    return counts;
}

}  // namespace crsp::lab
