// SPDX-License-Identifier: GPL-2.0-only
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "scenarios/lab/results-schema.h"
#include "scenarios/lab/results-store.h"
#include "tests/lab/lab-program.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;

class ResultsProgram : public LabProgram {
  protected:
    void SetUp() override {
        ResultsStore store(m_path);
        StoredRun run;
        run.scenario = "one, two";
        run.scenarioHash = "hash";
        run.parameters = {{"link.loss", "1 %"}};
        run.world = "ns3";
        run.seed = 7;
        run.command = "./run scenario scenarios/one.toml --seed 7";
        run.problem = "said \"no\"";
        run.file.metrics = {{"goodput", 1.5}};
        for (int i = 1; i <= 1000; ++i) run.file.latencies.push_back(i);
        run.file.digest = "abcdef0123456789";
        run.file.series = {{"rtt", "ms", milliseconds(10), {1, std::nan(""), 3}}};
        run.file.invalid = "loss is 2 %, configured 1 %";
        store.Add(run);
    }

    Ended On(const std::string& command) const { return Lab(command + " --results " + m_path); }

    const std::string m_path = m_folder + "/results.sqlite";
};

TEST_F(ResultsProgram, ListsScenariosAndRuns) {
    EXPECT_THAT(Lab("list").output, HasSubstr("ge-2pct-b3"));
    const Ended runs = On("list --runs");
    EXPECT_THAT(runs.output, HasSubstr("link.loss=1 %"));
    EXPECT_THAT(runs.output, HasSubstr("not valid"));
    EXPECT_EQ(nlohmann::json::parse(On("list --runs --json").output)[0]["seed"], 7);
    EXPECT_EQ(nlohmann::json::parse(On("list --runs --json --where seed:8").output).size(), 0u);
}

TEST_F(ResultsProgram, ShowsARunWithItsPercentiles) {
    const Ended shown = On("show 1");
    EXPECT_EQ(shown.code, 0);
    for (const char* text : {"abcdef0123456789", "loss is 2 %, configured 1 %", "goodput", "500.5",
                             "999.001", "series: rtt (ms)", "--seed 7"}) {
        EXPECT_THAT(shown.output, HasSubstr(text));
    }
    const auto json = nlohmann::json::parse(On("show 1 --json").output);
    EXPECT_EQ(json["samples"]["command-latency"]["percentiles"]["p99.9"], 999.001);
    EXPECT_EQ(json["series"]["rtt"]["points"].dump(), "[1,null,3]");
    EXPECT_EQ(json["valid"], false);
    EXPECT_EQ(On("show 99").code, 66);
}

TEST_F(ResultsProgram, ExportsEveryTableAsCsv) {
    const std::string head = "1,\"one, two\",\"{\"\"link.loss\"\":\"\"1 %\"\"}\",ns3,7,";
    const auto csv = [&](const std::string& table) {
        return On("export --csv --table " + table).output;
    };
    EXPECT_EQ(csv("metrics"), "run,scenario,parameters,world,seed,metric,value,unit\n" + head +
                                  "goodput,1.5,Mbit/s\n");
    EXPECT_THAT(csv("runs"), HasSubstr("\"said \"\"no\"\"\""));
    EXPECT_THAT(csv("percentiles"), HasSubstr(head + "command-latency,p99,990.01,ms\n"));
    EXPECT_THAT(csv("samples"), HasSubstr(head + "command-latency,1000,1,ms\n"));
    EXPECT_THAT(csv("series"), HasSubstr(head + "rtt,0.03,3,ms\n"));
    EXPECT_EQ(Lab("export").code, 64);
    EXPECT_EQ(nlohmann::json::parse(On("export --json").output)["runs"].size(), 1u);
}

TEST_F(ResultsProgram, DamagedDatabasesAreNamed) {
    const auto refuses = [&](const std::string& path) {
        const Ended ended = Lab("list --runs --results " + path);
        EXPECT_EQ(ended.code, 65) << path << ended.errors;
        EXPECT_THAT(ended.errors, testing::StartsWith("crsp-lab: " + path + ": "));
    };
    refuses(m_folder);
    refuses("/proc/version");
    SQLite::Database(m_path, SQLite::OPEN_READWRITE).exec("UPDATE runs SET parameters = '{x'");
    refuses(m_path);
}

TEST_F(ResultsProgram, ADatabaseThatCannotBeWrittenCanBeRead) {
    SQLite::Database database = OpenResultsToRead(m_path);
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM runs").getInt(), 1);
    EXPECT_THROW(database.exec("DELETE FROM runs"), SQLite::Exception);
}

TEST_F(ResultsProgram, ASelectorNeedsRuns) {
    const Ended ended = On("list --where seed:7");
    EXPECT_EQ(ended.code, 64);
    EXPECT_THAT(ended.errors, HasSubstr("--where"));
}

}  // namespace
}  // namespace crsp::lab
