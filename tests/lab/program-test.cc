// SPDX-License-Identifier: GPL-2.0-only
//
// crsp-lab as its users meet it: exit codes, output, files.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "scenarios/lab/ns3-lte.h"
#include "tests/lab/lab-program.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;

using Program = LabProgram;

TEST_F(Program, OutputThatCannotBeWrittenIsAFailure) {
    const std::string scenario =
        "scenario " CRSP_SOURCE_DIR "/scenarios/quic-goodput.toml --out " + m_folder + "/out";
    for (const std::string& arguments :
         {std::string("--version"), scenario, scenario + " --json"}) {
        const Ended ended = Shell("{ " CRSP_BIN_DIR "/crsp-lab " + arguments + " >/dev/full; }");
        EXPECT_EQ(ended.code, 1) << arguments;
        EXPECT_THAT(ended.errors, HasSubstr("crsp-lab: cannot write to standard output"));
    }
}

TEST_F(Program, UnknownFileIs66) {
    const Ended ended = Lab("scenario nowhere.toml");
    EXPECT_EQ(ended.code, 66);
    EXPECT_EQ(ended.errors, "crsp-lab: nowhere.toml: cannot be read: expected a scenario file\n");
    EXPECT_EQ(ended.output, "");
}

TEST_F(Program, BadValueIs65) {
    const Ended ended = Scenario("quic-goodput", "--set \"link.loss=2 parsec\"");
    EXPECT_EQ(ended.code, 65);
    EXPECT_THAT(ended.errors, HasSubstr("crsp-lab: --set link.loss: expected a share"));
}

TEST_F(Program, BadOptionIs64) {
    for (const char* arguments :
         {"", "scenario", "--bad", "nonsense", "scenario x.toml --seeds 0",
          "scenario x.toml --seed -1", "scenario x.toml --seeds many", "demo --bad"}) {
        const Ended ended = Lab(arguments);
        EXPECT_EQ(ended.code, 64) << arguments;
        EXPECT_THAT(ended.errors, testing::StartsWith("crsp-lab: ")) << arguments;
        EXPECT_EQ(ended.errors.find('\n'), ended.errors.size() - 1) << arguments;
        EXPECT_EQ(ended.output, "") << arguments;
    }
}

TEST_F(Program, WrongWordsAndValuesAreNamed) {
    EXPECT_EQ(
        Lab("secnario x.toml").errors,
        "crsp-lab: unknown command 'secnario', expected one of scenario, sweep, slurm-task, list, "
        "show, export, merge, baseline, compare, report, false-alarms, demo, bench, trace, "
        "original; see crsp-lab --help\n");
    for (const char* seed : {"-1", "1e3", "1.5", "many", "1000000000000001"}) {
        EXPECT_EQ(Lab(std::string("scenario x.toml --seed ") + seed).errors,
                  "crsp-lab: --seed: expected an integer from 0 to 1000000000000000, got '" +
                      std::string(seed) + "'\n");
    }
    EXPECT_THAT(Lab("demo -j 0").errors, HasSubstr("--jobs: expected an integer from 1 to 256"));
    const std::string help = Lab("scenario --help").output;
    EXPECT_THAT(help, HasSubstr("--seed UINT=1"));
    EXPECT_THAT(help, HasSubstr("0 to 1000000000000000"));
    EXPECT_THAT(help, testing::Not(HasSubstr("FLOAT")));
}

TEST_F(Program, BenchRefusesWhatItDoesNotKnow) {
    EXPECT_EQ(Lab("bench matricks").code, 64);
    const Ended variant = Lab("bench matrix --variants crsp/bbr,crsp/fixed_rate");
    EXPECT_EQ(variant.code, 64);
    EXPECT_THAT(variant.errors, HasSubstr("got 'crsp/fixed_rate'"));
    const Ended cell = Lab("bench matrix --only nothing");
    EXPECT_EQ(cell.code, 64);
    EXPECT_EQ(cell.errors, "crsp-lab: --only: no cell of matrix matches 'nothing'\n");
}

TEST_F(Program, BenchPrintsStoresAndKeepsACell) {
    const std::string cell = "startup/10M-100ms-loss0-100kB/tcp/cubic";
    const Ended ended =
        Lab("bench --quick --series --gate --only " + cell + " --seed 3 --out " + m_folder);
    ASSERT_EQ(ended.code, 0) << ended.errors;
    EXPECT_THAT(ended.output, HasSubstr("### startup: from connect to the last byte, s"));
    EXPECT_TRUE(std::filesystem::exists(m_folder + "/bench/" + cell + "/3/series.csv"));
    SQLite::Database database(m_folder + "/results.sqlite");
    EXPECT_EQ(database
                  .execAndGet("SELECT count(*) FROM runs JOIN metrics ON run = id WHERE scenario ="
                              " 'bench/startup/10M-100ms-loss0-100kB' AND parameters ="
                              " '{\"variant\":\"tcp/cubic\"}' AND seed = 3 AND unit = 's'"
                              " AND value > 0.2 AND length(digest) = 32")
                  .getInt(),
              1);
    EXPECT_THAT(database.execAndGet("SELECT command FROM runs").getString(),
                HasSubstr("bench startup --quick --variants tcp/cubic --only '" + cell +
                          "' --seed 3 --seeds 1"));
}

TEST_F(Program, BenchThatMissesATargetIs2IfAsked) {
    const std::string cell = " --only 'startup/10M-100ms-start/crsp/*' --variants crsp/bbr_lda";
    const Ended ended = Lab("bench startup --quick --out " + m_folder + cell);
    ASSERT_EQ(ended.code, 0) << ended.errors;
    const bool missed = ended.output.find("**FAIL**") != std::string::npos;
    EXPECT_EQ(Lab("bench startup --quick --gate --out " + m_folder + cell).code, missed ? 2 : 0);
}

TEST_F(Program, HelpAndVersionAreResults) {
    EXPECT_EQ(Lab("--help").code, 0);
    EXPECT_THAT(Lab("scenario --help").output, HasSubstr("--seeds"));
    EXPECT_THAT(Lab("--version").output, HasSubstr("ns-3"));
}

/// What ns-3 leaves of addresses in memory is another in each process.
TEST_F(Program, LteRunsAreTheSameInEachProcess) {
    if (!HasLte()) GTEST_SKIP() << "this ns-3 has no lte module";
    std::ofstream(m_folder + "/cell.toml") << R"([scenario]
name = "cell"
description = "One cell"
source = "Nobody"
stop = "5 s"
[link]
rate = "10 Mbit/s"
delay = "10 ms"
queue = "64 KiB"
[access]
kind = "lte"
[[content]]
name = "song"
size = "20 kB"
[[script]]
at = "1 s"
do = "play"
entry = "song"
)";
    for (int i = 0; i < 3; ++i) {
        const Ended ended = Lab("run " + m_folder + "/cell.toml --out " + m_folder + "/out");
        EXPECT_EQ(ended.code, 0) << ended.errors;
    }
}

TEST_F(Program, ScenarioPrintsAndStoresEachSeed) {
    const Ended ended =
        Scenario("ge-2pct-b3", "--seed 5 --seeds 2 --json --set content.0.size=50kB");
    ASSERT_EQ(ended.code, 0) << ended.errors;
    const auto json = nlohmann::json::parse(ended.output);
    EXPECT_EQ(json["schema"], "crsp.scenario/1");
    ASSERT_EQ(json["runs"].size(), 2u);
    EXPECT_EQ(json["runs"][1]["seed"], 6);
    SQLite::Database database(m_folder + "/out/results.sqlite");
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM runs WHERE ok").getInt(), 2);
    EXPECT_THAT(
        database.execAndGet("SELECT command FROM runs WHERE seed = 6").getString(),
        HasSubstr("ge-2pct-b3.toml --set content.0.size=50kB --out " + m_folder + "/out --seed 6"));
    for (const char* file : {"bottleneck.pcap", "server.sqlog", "renderer.sqlog", "run.json"}) {
        EXPECT_TRUE(
            std::filesystem::exists(FolderOf(m_folder + "/out/ge-2pct-b3/ns3-5") + "/" + file))
            << file;
    }
}

TEST_F(Program, TracesCanBeLeftOut) {
    const Ended ended = Scenario("ge-2pct-b3", "--no-pcap --no-qlog --set content.0.size=50kB");
    ASSERT_EQ(ended.code, 0) << ended.errors;
    EXPECT_THAT(ended.output, HasSubstr("completion time"));
    EXPECT_FALSE(
        std::filesystem::exists(FolderOf(m_folder + "/out/ge-2pct-b3/ns3-1") + "/bottleneck.pcap"));
    EXPECT_FALSE(
        std::filesystem::exists(FolderOf(m_folder + "/out/ge-2pct-b3/ns3-1") + "/server.sqlog"));
}

TEST_F(Program, BrokenExpectationIs1AndSaysHowToRepeat) {
    const Ended ended =
        Scenario("quic-goodput",
                 "--set content.0.size=50kB --set \"expect.completion-time={ max = 0.001 }\"");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.errors, HasSubstr("completion-time is 0."));
    EXPECT_THAT(ended.errors, HasSubstr("expected at most 0.001"));
    EXPECT_THAT(ended.errors, HasSubstr("'expect.completion-time={ max = 0.001 }' --out"));
    SQLite::Database database(m_folder + "/out/results.sqlite");
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM runs WHERE NOT ok").getInt(), 1);
}

TEST_F(Program, TheCommandThatRepeatsIsComplete) {
    const std::string out = m_folder + "/it's $HOME";
    const std::string arguments =
        "scenario " CRSP_SOURCE_DIR
        "/scenarios/quic-goodput.toml --seed 7 --no-pcap --set content.0.size=50kB"
        " --set \"expect.completion-time={ max = 0.001 }\" --out \"" +
        m_folder + "/it's \\$HOME\"";
    const Ended first = Lab(arguments);
    ASSERT_EQ(first.code, 1) << first.errors;
    const std::string mark = "repeat it with: ";
    const auto at = first.errors.find(mark) + mark.size();
    const std::string command = first.errors.substr(at, first.errors.find('\n', at) - at);
    std::filesystem::remove_all(out);
    const Ended again = Shell(command);
    EXPECT_EQ(again.code, 1) << command;
    // Up to there is how long the run took.
    EXPECT_EQ(again.errors.substr(again.errors.find("crsp-lab:")),
              first.errors.substr(first.errors.find("crsp-lab:")));
    EXPECT_TRUE(std::filesystem::exists(FolderOf(out + "/quic-goodput/ns3-7") + "/server.sqlog"));
    EXPECT_FALSE(
        std::filesystem::exists(FolderOf(out + "/quic-goodput/ns3-7") + "/bottleneck.pcap"));
    SQLite::Database database(out + "/results.sqlite");
    EXPECT_EQ(database.execAndGet("SELECT command FROM runs").getString(), command);
}

TEST_F(Program, AtTheRootTheFrontDoorRepeats) {
    const Ended ended = Shell("cd " CRSP_SOURCE_DIR " && " CRSP_BIN_DIR
                              "/crsp-lab scenario scenarios/ge-2pct-b3.toml --set "
                              "content.0.size=50kB --no-qlog --no-pcap --out " +
                              m_folder + "/out");
    ASSERT_EQ(ended.code, 0) << ended.errors;
    SQLite::Database database(m_folder + "/out/results.sqlite");
    EXPECT_EQ(database.execAndGet("SELECT command FROM runs").getString(),
              "./run scenario scenarios/ge-2pct-b3.toml --set content.0.size=50kB --out " +
                  m_folder + "/out --no-pcap --no-qlog --seed 1");
}

TEST_F(Program, AnotherScenariosNameIsRefused) {
    const std::string source = CRSP_SOURCE_DIR "/scenarios/quic-goodput.toml";
    std::filesystem::copy_file(source, m_folder + "/mine.toml");
    const std::string out = " --out " + m_folder + "/out";
    const Ended file = Lab("scenario " + m_folder + "/mine.toml" + out);
    EXPECT_EQ(file.code, 65);
    EXPECT_THAT(file.errors, testing::StartsWith("crsp-lab: " + m_folder + "/mine.toml:"));
    EXPECT_THAT(file.errors, HasSubstr("scenario.name: expected \"mine\", the name of the file"));
    const Ended set = Lab("scenario " + source + " --set scenario.name=mine" + out);
    EXPECT_EQ(set.code, 65);
    EXPECT_EQ(set.errors,
              "crsp-lab: --set scenario.name: cannot be set, expected another key: the name is "
              "that of the file\n");
    EXPECT_FALSE(std::filesystem::exists(m_folder + "/out"));
}

TEST_F(Program, RunBeyondItsWallLimitIsKilled) {
    const Ended ended = Scenario(
        "fau-sat-loss", "--set \"scenario.wall-limit=100ms\" --set \"content.0.size=2GiB\"");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.errors, HasSubstr("killed at its wall limit"));
}

TEST_F(Program, QuickDemoSetsBothWorldsSideBySide) {
    const Ended ended =
        Lab("demo --quick --scenario " CRSP_SOURCE_DIR "/scenarios/first-light.toml --out " +
            m_folder + "/out");
    ASSERT_EQ(ended.code, 0) << ended.errors << ended.output;
    EXPECT_THAT(ended.output, HasSubstr("simulation"));
    EXPECT_THAT(ended.output, HasSubstr("live"));
    EXPECT_THAT(ended.output, HasSubstr("in 4 of 4 runs"));
    SQLite::Database database(m_folder + "/out/results.sqlite");
    EXPECT_EQ(database.execAndGet("SELECT count(DISTINCT engine_hash) FROM runs").getInt(), 1);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM runs WHERE world = 'live'").getInt(), 2);
    const auto timeline = FolderOf(m_folder + "/out/first-light-text/live-1") + "/timeline.csv";
    EXPECT_GT(std::filesystem::file_size(timeline), 100u);
}

TEST_F(Program, ScenarioRunsLiveToo) {
    const Ended ended = Scenario("quic-goodput",
                                 "--live --json --set content.0.size=100kB"
                                 " --set \"expect.completion-time={ max = 30 }\"");
    ASSERT_EQ(ended.code, 0) << ended.errors;
    const auto json = nlohmann::json::parse(ended.output);
    EXPECT_EQ(json["world"], "live");
    EXPECT_EQ(json["runs"][0]["metrics"]["hash-equal"], 1.0);
    SQLite::Database database(m_folder + "/out/results.sqlite");
    EXPECT_THAT(database.execAndGet("SELECT command FROM runs").getString(),
                HasSubstr("quic-goodput.toml --live --set"));
}

TEST_F(Program, DemoWithoutProgramsFails) {
    const Ended ended = Lab("demo --quick --programs " + m_folder +
                            " --scenario " CRSP_SOURCE_DIR "/scenarios/first-light.toml --out " +
                            m_folder + "/out");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.errors, HasSubstr("crsp-server: No such file or directory"));
}

}  // namespace
}  // namespace crsp::lab
