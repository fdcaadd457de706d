// SPDX-License-Identifier: GPL-2.0-only
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "scenarios/lab/sweep-plan.h"
#include "tests/lab/lab-program.h"

namespace crsp::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SweepPlan, VariationsAreKeysWithValues) {
    const auto plain = ParseVariation("congestion=cubic,bbr");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->first, "transport.congestion");
    EXPECT_THAT(plain->second, ElementsAre("cubic", "bbr"));
    const auto nested = ParseVariation("expect.goodput={ min = 1, max = 2 },{ min = 3 }");
    ASSERT_TRUE(nested);
    EXPECT_THAT(nested->second, ElementsAre("{ min = 1, max = 2 }", "{ min = 3 }"));
    for (const char* bad : {"", "loss", "=1", "loss=", "loss=1,", "loss=1,,2", "loss=1,1"}) {
        EXPECT_FALSE(ParseVariation(bad)) << bad;
    }
}

TEST(SweepPlan, CombinationsAreAllOfThem) {
    const auto all = Combinations({{"a", {"1", "2"}}, {"b", {"x", "y"}}});
    EXPECT_THAT(all, ElementsAre(ElementsAre("a=1", "b=x"), ElementsAre("a=1", "b=y"),
                                 ElementsAre("a=2", "b=x"), ElementsAre("a=2", "b=y")));
    EXPECT_THAT(Combinations({}), ElementsAre(testing::IsEmpty()));
}

TEST(SweepPlan, TheCommandLineTakesTheFilesPlace) {
    const auto joined =
        JoinVariations({{"a", {"1", "2"}}, {"b", {"x"}}}, {{"a", {"3"}}, {"c", {"4"}}});
    EXPECT_THAT(joined,
                ElementsAre(Variation{"b", {"x"}}, Variation{"a", {"3"}}, Variation{"c", {"4"}}));
}

TEST(SweepPlan, BranchNamesAreShortPlainAndDiffer) {
    EXPECT_EQ(BranchName({"link.loss=2%", "a=b"}), "link.loss=2%,a=b");
    const std::string space = BranchName({"link.loss=2 %"});
    EXPECT_THAT(space, testing::StartsWith("link.loss=2%-"));
    EXPECT_NE(space, BranchName({"link.loss=2  %"}));
    EXPECT_EQ(BranchName({"a/../b"}).find('/'), std::string::npos);
    EXPECT_EQ(BranchName({std::string(500, 'x')}).size(), 80u);
    EXPECT_NE(BranchName({std::string(500, 'x')}), BranchName({std::string(501, 'x')}));
}

TEST(SweepPlan, ShardsShareTheRunsOut) {
    for (std::size_t run = 0; run < 20; ++run) {
        int holders = 0;
        for (std::uint64_t i = 1; i <= 3; ++i) holders += Shard{i, 3}.Has(run) ? 1 : 0;
        EXPECT_EQ(holders, 1);
    }
    EXPECT_TRUE(ParseShard("3/3"));
    for (const char* bad : {"0/3", "4/3", "1", "1/0", "a/b", "1/3x", "-1/3", "1/20000"}) {
        EXPECT_FALSE(ParseShard(bad)) << bad;
    }
}

class SweepProgram : public LabProgram {
  protected:
    Ended Sweep(const std::string& arguments) const {
        return Lab("sweep " CRSP_SOURCE_DIR "/scenarios/ge-2pct-b3.toml --out " + m_folder +
                   "/out --set content.0.size=20kB " + arguments);
    }

    int Count(const std::string& what) const {
        SQLite::Database database(m_folder + "/out/results.sqlite");
        return database.execAndGet("SELECT count(*) FROM " + what).getInt();
    }
};

TEST_F(SweepProgram, RunsWhatIsMissingAndNothingElse) {
    const std::string what = "--vary congestion=cubic,bbr_lda --seeds 2";
    const Ended dry = Sweep(what + " --dry-run");
    EXPECT_EQ(dry.output, "2 variants, 4 runs, 0 stored, 4 to run\n");
    EXPECT_EQ(Count("runs"), 0);
    const Ended first = Sweep(what);
    ASSERT_EQ(first.code, 0) << first.errors;
    EXPECT_EQ(Count("runs"), 4);
    EXPECT_EQ(Count("parameters WHERE name = 'transport.congestion' AND value = 'cubic'"), 2);
    // Without --traces nothing but the database is left.
    EXPECT_FALSE(std::filesystem::exists(m_folder + "/out/ge-2pct-b3"));
    const Ended more = Sweep("--vary congestion=cubic,bbr_lda --seeds 3");
    EXPECT_THAT(more.errors, HasSubstr("2 variants, 6 runs, 4 stored, 2 to run"));
    const Ended again = Sweep(what);
    EXPECT_THAT(again.errors, HasSubstr("4 stored, 0 to run"));
    EXPECT_EQ(again.output, first.output);
    EXPECT_EQ(Count("runs"), 6);
}

TEST_F(SweepProgram, FailuresAreListedWithTheirCommandsAlsoOfEarlierRuns) {
    const std::string what =
        "--seeds 2 --vary link.delay=20ms,30ms --set \"expect.completion-time={ max = 0.001 }\"";
    for (const Ended& ended : {Sweep(what), Sweep(what)}) {
        EXPECT_EQ(ended.code, 1);
        EXPECT_THAT(ended.output, HasSubstr("FAILED 2/2"));
        EXPECT_THAT(ended.errors,
                    HasSubstr("--set link.delay=30ms --out " + m_folder + "/out --seed 2\n"));
    }
    const auto mark = std::string("repeat it with: ");
    const Ended ended = Sweep(what);
    const auto at = ended.errors.rfind(mark) + mark.size();
    // The engine is deterministic, so the repeated run is held against the stored one.
    const Ended repeated = Shell(ended.errors.substr(at, ended.errors.find('\n', at) - at));
    EXPECT_EQ(repeated.code, 1);
    EXPECT_THAT(repeated.errors, HasSubstr("seed 2 failed: completion-time is"));
    EXPECT_EQ(Count("runs"), 4);
}

TEST_F(SweepProgram, RunsKilledAtTheirLimitAreRunAgain) {
    const std::string what = "--seeds 1 --set content.0.size=200MiB ";
    const Ended killed = Sweep(what + "--wall-limit 200ms");
    EXPECT_EQ(killed.code, 1);
    EXPECT_THAT(killed.errors, HasSubstr("killed at its wall limit"));
    EXPECT_EQ(Count("runs WHERE ended = 'killed'"), 1);
    EXPECT_EQ(Sweep(what + "--dry-run").output, "1 variants, 1 runs, 0 stored, 1 to run\n");
}

TEST_F(SweepProgram, AnotherDigestOfAStoredRunIsAnError) {
    ASSERT_EQ(Sweep("--seeds 1").code, 0);
    SQLite::Database(m_folder + "/out/results.sqlite", SQLite::OPEN_READWRITE)
        .exec("UPDATE runs SET digest = 'deadbeef'");
    const Ended again = Lab("run " CRSP_SOURCE_DIR "/scenarios/ge-2pct-b3.toml --out " + m_folder +
                            "/out --set content.0.size=20kB");
    EXPECT_EQ(again.code, 1);
    EXPECT_THAT(again.errors, HasSubstr("not deterministic: the trace digest is "));
    EXPECT_THAT(again.errors, HasSubstr("had deadbeef"));
}

TEST_F(SweepProgram, StoppedSweepGoesOn) {
    const std::string out = m_folder + "/out";
    const pid_t lab = fork();
    if (lab == 0) {
        execl(CRSP_BIN_DIR "/crsp-lab", "crsp-lab", "sweep",
              CRSP_SOURCE_DIR "/scenarios/quic-goodput.toml", "--seeds", "60", "--jobs", "1",
              "--out", out.c_str(), nullptr);
        _exit(127);
    }
    // Until a run is stored, however slow this machine is.
    const auto stored = [&] {
        if (!std::filesystem::exists(out + "/results.sqlite")) return false;
        SQLite::Database database(out + "/results.sqlite", SQLite::OPEN_READONLY, 1000);
        return database.tableExists("runs") && Count("runs") > 0;
    };
    while (!stored()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    kill(lab, SIGINT);
    int status = 0;
    ASSERT_EQ(waitpid(lab, &status, 0), lab);
    EXPECT_EQ(WEXITSTATUS(status), 130);
    const int before = Count("runs");
    EXPECT_LT(before, 60);
    const Ended rest = Lab("sweep " CRSP_SOURCE_DIR "/scenarios/quic-goodput.toml --seeds " +
                           std::to_string(before + 1) + " --out " + out);
    EXPECT_EQ(rest.code, 0) << rest.errors;
    EXPECT_THAT(rest.errors, HasSubstr(std::to_string(before) + " stored, 1 to run"));
}

TEST_F(SweepProgram, TheFileSaysWhatToSweep) {
    const std::string file = m_folder + "/ge-2pct-b3.toml";
    std::ofstream(file) << Read(CRSP_SOURCE_DIR "/scenarios/ge-2pct-b3.toml")
                        << "\n[sweep]\nseeds = 3\n[sweep.vary]\n"
                           "congestion = [\"cubic\", \"bbr\"]\n\"link.down.loss\" = [\"0 %\"]\n";
    const std::string out = " --out " + m_folder + "/out --dry-run";
    EXPECT_EQ(Lab("sweep " + file + out).output, "2 variants, 6 runs, 0 stored, 6 to run\n");
    EXPECT_EQ(Lab("sweep " + file + out + " --seeds 1 --vary congestion=bbr").output,
              "1 variants, 1 runs, 0 stored, 1 to run\n");
    std::ofstream(file, std::ios::app) << "\"link.up.loss\" = \"1 %\"\n";
    const Ended bad = Lab("sweep " + file + out);
    EXPECT_EQ(bad.code, 65);
    EXPECT_THAT(bad.errors, HasSubstr("sweep.vary.link.up.loss: expected a list of values"));
}

TEST_F(SweepProgram, ShardsMergeIntoTheWhole) {
    for (const char* shard : {"1/2", "2/2"}) {
        const std::string name(shard, 1);
        const Ended ended = Lab("sweep " CRSP_SOURCE_DIR
                                "/scenarios/ge-2pct-b3.toml --set content.0.size=20kB --seeds 3"
                                " --out " +
                                m_folder + "/" + name + " --shard " + shard);
        ASSERT_EQ(ended.code, 0) << ended.errors;
    }
    const std::string merge = "merge " + m_folder + "/1/results.sqlite " + m_folder +
                              "/2/results.sqlite --results " + m_folder + "/out/results.sqlite";
    EXPECT_THAT(Lab(merge).output, HasSubstr("3 runs added, 0 were there"));
    EXPECT_THAT(Lab(merge).output, HasSubstr("0 runs added, 3 were there"));
    EXPECT_EQ(Sweep("--seeds 3 --dry-run").output, "1 variants, 3 runs, 3 stored, 0 to run\n");
    const std::string export1 = "export --json --where seed:1 --results ";
    auto whole = Lab(export1 + m_folder + "/out/results.sqlite").output;
    EXPECT_THAT(whole, HasSubstr("\"completion-time\""));
    EXPECT_THAT(whole, HasSubstr("\"rtt\""));
    SQLite::Database(m_folder + "/2/results.sqlite", SQLite::OPEN_READWRITE)
        .exec("UPDATE runs SET digest = 'deadbeef'");
    const Ended conflict = Lab(merge);
    EXPECT_EQ(conflict.code, 1);
    EXPECT_THAT(conflict.errors, HasSubstr("has the trace digest deadbeef, but run"));
}

TEST_F(SweepProgram, AWrongValueIsThatOfTheFile) {
    const std::string text = Read(CRSP_SOURCE_DIR "/scenarios/quic-goodput.toml");
    std::string mine = text;
    const std::string name = "\"quic-goodput\"";
    mine.replace(mine.find(name), name.size(), "\"mine\"");
    const auto file = m_temporary.Write("mine.toml", mine + "[sweep.vary]\nloss = [\"x\"]\n");
    const Ended ended = Lab("sweep " + file + " --dry-run --out " + m_folder + "/out");
    EXPECT_EQ(ended.code, 65);
    EXPECT_THAT(ended.errors,
                testing::StartsWith("crsp-lab: " + file + ": sweep.vary: link.loss: expected a"));
}

TEST_F(SweepProgram, TooManyCombinationsAreRefused) {
    std::string values = "link.delay=1ms";
    for (int i = 2; i <= 101; ++i) values += "," + std::to_string(i) + "ms";
    const std::string more = "link.queue=" + values.substr(values.find('=') + 1);
    const Ended ended = Sweep("--dry-run --vary " + values + " --vary " + more);
    EXPECT_EQ(ended.code, 65);
    EXPECT_THAT(ended.errors, HasSubstr("expected at most 10000 combinations, got 10201"));
    EXPECT_EQ(Sweep("--dry-run --vary loss=0% --vary link.loss=1%").code, 64);
}

TEST_F(SweepProgram, RunsOfOneNameAndSeedKeepTheirOwnFiles) {
    const auto one = [&](const std::string& delay) {
        return CRSP_BIN_DIR "/crsp-lab run " CRSP_SOURCE_DIR "/scenarios/ge-2pct-b3.toml --out " +
               m_folder + "/out --set content.0.size=20kB --set link.delay=" + delay;
    };
    const Ended both = Shell("( " + one("5ms") + " & " + one("200ms") + "; wait )");
    EXPECT_EQ(both.code, 0) << both.errors;
    SQLite::Database database(m_folder + "/out/results.sqlite");
    SQLite::Statement query(database,
                            "SELECT folder, metrics.value FROM runs JOIN metrics ON run = id"
                            " WHERE name = 'completion-time' ORDER BY metrics.value");
    std::vector<double> times;
    for (; query.executeStep(); times.push_back(query.getColumn(1).getDouble())) {
        const auto run = nlohmann::json::parse(Read(query.getColumn(0).getString() + "/run.json"));
        EXPECT_EQ(run["metrics"]["completion-time"], query.getColumn(1).getDouble());
        EXPECT_EQ(run["run"]["seed"], 1);
    }
    ASSERT_EQ(times.size(), 2u);
    EXPECT_GT(times[1], times[0] + 0.3);
    // What was in flight is no more.
    for (const auto& entry : std::filesystem::directory_iterator(m_folder + "/out")) {
        EXPECT_NE(entry.path().filename().string().front(), '.') << entry.path();
    }
}

}  // namespace
}  // namespace crsp::lab
