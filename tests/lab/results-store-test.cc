// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/results-store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "apps/version/version.h"
#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

class ResultsStoreTest : public testing::Test {
  protected:
    static StoredRun Run(std::uint64_t seed) {
        StoredRun run;
        run.scenario = "test";
        run.scenarioHash = "1234";
        run.world = "ns3";
        run.seed = seed;
        run.started = "2026-01-01T00:00:00Z";
        run.command = "./run scenario scenarios/test.toml --seed 7";
        run.ok = true;
        run.metrics = {{"completion-time", 1.5}, {"goodput", 2.5}};
        run.samples = {{"command-latency", {10, 20, 30}}};
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

}  // namespace
}  // namespace crsp::lab
