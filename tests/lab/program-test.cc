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

namespace crsp::lab {
namespace {

using testing::HasSubstr;

struct Ended {
    int code;
    std::string output;
    std::string errors;
};

class Program : public testing::Test {
  protected:
    Program()
        : m_folder(testing::TempDir() + "crsp-lab-" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
        std::filesystem::remove_all(m_folder);
        std::filesystem::create_directories(m_folder);
    }
    ~Program() override { std::filesystem::remove_all(m_folder); }

    static std::string Read(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    Ended Lab(const std::string& arguments) const {
        const std::string command = std::string(CRSP_BIN_DIR) + "/crsp-lab " + arguments + " >" +
                                    m_folder + "/stdout 2>" + m_folder + "/stderr";
        const int status = std::system(command.c_str());
        return {WEXITSTATUS(status), Read(m_folder + "/stdout"), Read(m_folder + "/stderr")};
    }

    /// Runs a shipped scenario made smaller.
    Ended Scenario(const std::string& name, const std::string& arguments) const {
        return Lab("scenario " CRSP_SOURCE_DIR "/scenarios/" + name + ".toml --out " + m_folder +
                   "/out " + arguments);
    }

    std::string m_folder;
};

TEST_F(Program, UnknownFileIs66) {
    const Ended ended = Lab("scenario nowhere.toml");
    EXPECT_EQ(ended.code, 66);
    EXPECT_EQ(ended.errors, "crsp-lab: nowhere.toml: cannot be read: expected a scenario file\n");
    EXPECT_EQ(ended.output, "");
}

TEST_F(Program, BadValueIs65) {
    const Ended ended = Scenario("clean-link", "--set \"link.loss=2 parsec\"");
    EXPECT_EQ(ended.code, 65);
    EXPECT_THAT(ended.errors, HasSubstr("crsp-lab: --set link.loss: expected a share"));
}

TEST_F(Program, BadOptionIs64) {
    for (const char* arguments :
         {"", "scenario", "--bad", "nonsense", "scenario x.toml --seeds 0",
          "scenario x.toml --seed -1", "scenario x.toml --seeds many", "demo --bad"}) {
        const Ended ended = Lab(arguments);
        EXPECT_EQ(ended.code, 64) << arguments;
        EXPECT_NE(ended.errors, "") << arguments;
        EXPECT_EQ(ended.output, "") << arguments;
    }
}

TEST_F(Program, HelpAndVersionAreResults) {
    EXPECT_EQ(Lab("--help").code, 0);
    EXPECT_THAT(Lab("scenario --help").output, HasSubstr("--seeds"));
    EXPECT_THAT(Lab("--version").output, HasSubstr("ns-3"));
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
    EXPECT_THAT(database.execAndGet("SELECT command FROM runs WHERE seed = 6").getString(),
                HasSubstr("ge-2pct-b3.toml --set content.0.size=50kB --seed 6"));
    for (const char* file : {"bottleneck.pcap", "server.sqlog", "renderer.sqlog", "run.json"}) {
        EXPECT_TRUE(std::filesystem::exists(m_folder + "/out/ge-2pct-b3/ns3-5/" + file)) << file;
    }
}

TEST_F(Program, TracesCanBeLeftOut) {
    const Ended ended = Scenario("ge-2pct-b3", "--no-pcap --no-qlog --set content.0.size=50kB");
    ASSERT_EQ(ended.code, 0) << ended.errors;
    EXPECT_THAT(ended.output, HasSubstr("completion time"));
    EXPECT_FALSE(std::filesystem::exists(m_folder + "/out/ge-2pct-b3/ns3-1/bottleneck.pcap"));
    EXPECT_FALSE(std::filesystem::exists(m_folder + "/out/ge-2pct-b3/ns3-1/server.sqlog"));
}

TEST_F(Program, BrokenExpectationIs1AndSaysHowToRepeat) {
    const Ended ended = Scenario(
        "clean-link", "--set content.0.size=50kB --set \"expect.completion-time={ max = 0.001 }\"");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.errors, HasSubstr("completion-time is 0."));
    EXPECT_THAT(ended.errors, HasSubstr("expected at most 0.001"));
    EXPECT_THAT(ended.errors, HasSubstr("repeat it with: ./run scenario "));
    EXPECT_THAT(ended.errors, HasSubstr("'expect.completion-time={ max = 0.001 }' --seed 1"));
    SQLite::Database database(m_folder + "/out/results.sqlite");
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM runs WHERE NOT ok").getInt(), 1);
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
    const auto timeline = m_folder + "/out/first-light-text/live-1/timeline.csv";
    EXPECT_GT(std::filesystem::file_size(timeline), 100u);
}

TEST_F(Program, ScenarioRunsLiveToo) {
    const Ended ended = Scenario("clean-link",
                                 "--live --json --set content.0.size=100kB"
                                 " --set \"expect.completion-time={ max = 30 }\"");
    ASSERT_EQ(ended.code, 0) << ended.errors;
    const auto json = nlohmann::json::parse(ended.output);
    EXPECT_EQ(json["world"], "live");
    EXPECT_EQ(json["runs"][0]["metrics"]["hash-equal"], 1.0);
    SQLite::Database database(m_folder + "/out/results.sqlite");
    EXPECT_THAT(database.execAndGet("SELECT command FROM runs").getString(),
                HasSubstr("clean-link.toml --live --set"));
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
