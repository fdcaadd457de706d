// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <fstream>

#include "apps/version/version.h"
#include "scenarios/lab/results-schema.h"
#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

class ResultsStoreTest : public testing::Test {
  protected:
    static StoredRun Run(std::uint64_t seed) {
        StoredRun run;
        run.scenario = "test";
        run.scenarioHash = "1234";
        run.scenarioBase = "5678";
        run.scenarioText = "{}";
        run.parameters = {{"link.loss", "2 %"}, {"link.delay", "10 ms"}};
        run.world = "ns3";
        run.seed = seed;
        run.started = "2026-01-01T00:00:00Z";
        run.command = "./run scenario scenarios/test.toml --seed 7";
        run.ok = true;
        run.file.metrics = {{"completion-time", 1.5}, {"goodput", 2.5}};
        run.file.latencies = {10, 20, 30, 20};
        run.file.digest = "abcd";
        run.file.series = {{"rtt", "ms", milliseconds(10), {1.5, std::nan(""), 2.25}}};
        return run;
    }

    const TempDir m_temporary;
    const std::string m_path = m_temporary.Path("results.sqlite");
};

TEST_F(ResultsStoreTest, StoresARunWithProvenance) {
    ResultsStore(m_path).Add(Run(7));
    SQLite::Database database(m_path);
    SQLite::Statement query(database,
                            "SELECT scenario, scenario_hash, world, seed, git_commit,"
                            " engine_hash, compiler, ns3_version, command FROM runs");
    ASSERT_TRUE(query.executeStep());
    EXPECT_EQ(query.getColumn(0).getString(), "test");
    EXPECT_EQ(query.getColumn(1).getString(), "1234");
    EXPECT_EQ(query.getColumn(2).getString(), "ns3");
    EXPECT_EQ(query.getColumn(3).getInt64(), 7);
    EXPECT_EQ(query.getColumn(4).getString(), GitCommit());
    EXPECT_EQ(query.getColumn(5).getString(), EngineHash());
    EXPECT_EQ(query.getColumn(6).getString(), CompilerName());
    EXPECT_FALSE(query.getColumn(7).getString().empty());
    EXPECT_EQ(query.getColumn(8).getString(), Run(7).command);
    EXPECT_FALSE(query.executeStep());
}

TEST_F(ResultsStoreTest, StoresOneRowPerMetricAndSample) {
    ResultsStore store(m_path);
    store.Add(Run(1));
    const auto second = store.Add(Run(2));
    SQLite::Database database(m_path);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM metrics").getInt(), 4);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM samples").getInt(), 6);
    EXPECT_EQ(database.execAndGet("SELECT sum(count) FROM samples").getInt(), 8);
    EXPECT_EQ(database.execAndGet("SELECT max(exact + count) FROM distributions").getInt(), 5);
    SQLite::Statement query(database, "SELECT value, unit FROM metrics WHERE run = ? AND name = ?");
    query.bind(1, second);
    query.bind(2, "goodput");
    ASSERT_TRUE(query.executeStep());
    EXPECT_DOUBLE_EQ(query.getColumn(0).getDouble(), 2.5);
    EXPECT_EQ(query.getColumn(1).getString(), "Mbit/s");
}

TEST_F(ResultsStoreTest, KeepsWhatIsThere) {
    ResultsStore(m_path).Add(Run(1));
    ResultsStore(m_path).Add(Run(2));
    SQLite::Database database(m_path);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM runs").getInt(), 2);
}

TEST_F(ResultsStoreTest, RunIsStoredWholeOrNotAtAll) {
    StoredRun bad = Run(1);
    bad.world = "neither";
    ResultsStore store(m_path);
    EXPECT_THROW(store.Add(bad), SQLite::Exception);
    SQLite::Database database(m_path);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM runs").getInt(), 0);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM metrics").getInt(), 0);
}

TEST_F(ResultsStoreTest, ARunIsFoundByAllThatMakesIt) {
    ResultsStore store(m_path);
    const auto id = store.Add(Run(7));
    const StoredRun run = Run(7);
    const auto found = store.Find("1234", run.parameters, "ns3", 7);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, id);
    EXPECT_TRUE(found->ok);
    EXPECT_FALSE(store.Find("1235", run.parameters, "ns3", 7));
    EXPECT_FALSE(store.Find("1234", {{"link.loss", "2 %"}}, "ns3", 7));
    EXPECT_FALSE(store.Find("1234", run.parameters, "live", 7));
    EXPECT_FALSE(store.Find("1234", run.parameters, "ns3", 8));
}

TEST_F(ResultsStoreTest, ARunOfAnotherEngineOrLaboratoryIsAnotherRun) {
    for (const char* column : {"engine_hash", "lab_hash"}) {
        ResultsStore store(m_path);
        store.Add(Run(7));
        SQLite::Database(m_path, SQLite::OPEN_READWRITE)
            .exec(std::string("UPDATE runs SET ") + column + " = 'other', digest = 'other'");
        EXPECT_FALSE(store.Find("1234", Run(7).parameters, "ns3", 7)) << column;
        EXPECT_NO_THROW(store.Add(Run(7))) << column;
    }
}

TEST_F(ResultsStoreTest, ARunThatDidNotEndIsMissing) {
    ResultsStore store(m_path);
    StoredRun run = Run(7);
    for (const RunEnd end : {RunEnd::kKilled, RunEnd::kCrashed}) {
        run.end = end;
        store.Add(run);
        EXPECT_FALSE(store.Find("1234", run.parameters, "ns3", 7));
    }
}

TEST_F(ResultsStoreTest, TheSameRunAgainTakesThePlaceOfTheFirst) {
    ResultsStore store(m_path);
    store.Add(Run(7));
    StoredRun again = Run(7);
    again.started = "2026-01-02T00:00:00Z";
    again.file.metrics = {{"goodput", 2.5}};
    store.Add(again);
    SQLite::Database database(m_path);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM runs").getInt(), 1);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM metrics").getInt(), 1);
    EXPECT_EQ(database.execAndGet("SELECT started FROM runs").getString(), again.started);
}

TEST_F(ResultsStoreTest, AnotherDigestIsRefusedAndNamed) {
    ResultsStore store(m_path);
    store.Add(Run(7));
    StoredRun other = Run(7);
    other.file.digest = "ef01";
    try {
        store.Add(other);
        FAIL() << "expected a mismatch";
    } catch (const DigestMismatch& mismatch) {
        EXPECT_THAT(mismatch.what(), testing::HasSubstr("the trace digest is ef01"));
        EXPECT_THAT(mismatch.what(), testing::HasSubstr("had abcd"));
    }
    SQLite::Database database(m_path);
    EXPECT_EQ(database.execAndGet("SELECT digest FROM runs").getString(), "abcd");
}

TEST_F(ResultsStoreTest, WhatMustNotBeComparedIsMarked) {
    StoredRun run = Run(1);
    run.file.invalid = "loss down is 9 %, configured 5 %";
    ResultsStore(m_path).Add(run);
    SQLite::Database database(m_path);
    EXPECT_EQ(database.execAndGet("SELECT reason FROM runs WHERE NOT valid").getString(),
              run.file.invalid);
}

TEST_F(ResultsStoreTest, PointsOfASeriesAreJson) {
    ResultsStore(m_path).Add(Run(1));
    SQLite::Database database(m_path);
    EXPECT_EQ(database.execAndGet("SELECT points FROM series WHERE step = 0.01").getString(),
              "[1.5,null,2.25]");
}

TEST_F(ResultsStoreTest, OlderFormatAndOtherFilesAreRefused) {
    SQLite::Database(m_path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE runs (id INTEGER)");
    try {
        ResultsStore store(m_path);
        FAIL() << "expected a refusal";
    } catch (const WrongResults& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("results of format 1, expected 2: move it"));
    }
    const std::string text = m_temporary.Path("text");
    std::ofstream(text) << "this is not a database, however long one looks at it\n";
    EXPECT_THROW(ResultsStore store(text), WrongResults);
}

/// What a laboratory that is killed in the middle of storing leaves behind.
TEST_F(ResultsStoreTest, KilledWriterLosesOnlyWhatItWasWriting) {
    ResultsStore(m_path).Add(Run(1));
    const pid_t writer = fork();
    if (writer == 0) {
        SQLite::Database database(m_path, SQLite::OPEN_READWRITE);
        database.exec("BEGIN IMMEDIATE");
        database.exec("DELETE FROM metrics");
        database.exec("UPDATE runs SET seed = 99");
        raise(SIGKILL);
    }
    ASSERT_EQ(waitpid(writer, nullptr, 0), writer);
    ResultsStore(m_path).Add(Run(2));
    SQLite::Database database(m_path);
    EXPECT_EQ(database.execAndGet("SELECT group_concat(seed) FROM runs").getString(), "1,2");
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM metrics").getInt(), 4);
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST_F(ResultsStoreTest, AWholeRunStaysWhereItsRepeatDoesNotEnd) {
    ResultsStore store(m_path);
    store.Add(Run(7));
    for (const RunEnd end : {RunEnd::kKilled, RunEnd::kCrashed}) {
        StoredRun broken = Run(7);
        broken.end = end;
        broken.file = {};
        EXPECT_ANY_THROW(store.Add(broken));
        SQLite::Database database(m_path);
        EXPECT_EQ(database.execAndGet("SELECT ended FROM runs").getString(), "whole");
        EXPECT_EQ(database.execAndGet("SELECT count(*) FROM metrics").getInt(), 2);
    }
}

TEST_F(ResultsStoreTest, AnEmptyFileHoldsNoResultsToRead) {
    m_temporary.Write("results.sqlite", "");
    try {
        OpenResultsToRead(m_path);
        FAIL() << "expected a refusal";
    } catch (const WrongResults& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("expected a database of results, got an"));
    }
}

TEST_F(ResultsStoreTest, AFolderIsNoDatabase) {
    EXPECT_THROW(OpenResultsToRead(m_temporary.Path()), WrongResults);
    EXPECT_THROW(OpenResultsDatabase(m_temporary.Path()), WrongResults);
}

}  // namespace
}  // namespace crsp::lab
