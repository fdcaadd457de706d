// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/compare.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "scenarios/lab/compare-command.h"
#include "scenarios/lab/compare-metric.h"
#include "scenarios/lab/results-store.h"
#include "tests/lab/lab-program.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;

Selector Select(const std::string& text) {
    const auto selector = Selector::Parse(text);
    EXPECT_TRUE(selector) << text;
    return selector.value_or(Selector());
}

class CompareTest : public LabProgram {
  protected:
    StoredRun Run(const std::string& scenario, const std::string& congestion, std::uint64_t seed,
                  double time) const {
        StoredRun run;
        run.scenario = scenario;
        run.parameters = {{"transport.congestion", congestion}, {"link.loss", "1 %"}};
        run.scenarioHash = scenario + congestion;
        run.scenarioBase = scenario;
        run.world = "ns3";
        run.seed = seed;
        run.ok = true;
        run.file.metrics = {{"completion-time", time}, {"goodput", 8 / time}};
        run.file.latencies = {time, 2 * time};
        run.file.digest = scenario + congestion + std::to_string(seed);
        return run;
    }

    void Fill(std::uint64_t seeds, double factor, const std::string& scenario = "one") {
        ResultsStore store(m_path);
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            const double time = 10 + static_cast<double>(seed * 7 % 5);
            store.Add(Run(scenario, "cubic", seed, time));
            // Not quite the same factor each time.
            const double wobble = 1 + 0.001 * static_cast<double>(seed % 3);
            store.Add(Run(scenario, "bbr", seed, time * factor * wobble));
        }
    }

    CompareResult Compared(const std::string& a, const std::string& b,
                           const std::vector<std::string>& metrics) const {
        ResultsReader reader(m_path);
        CompareOptions options;
        options.a = Select(a);
        options.b = Select(b);
        options.metrics = metrics;
        return Compare(reader, options);
    }

    const std::string m_path = m_folder + "/results.sqlite";
};

TEST_F(CompareTest, PairsSeedsAndSaysWhichIsBetter) {
    Fill(10, 0.8);
    const auto result =
        Compared("congestion=cubic", "congestion=bbr", {"completion-time", "goodput"});
    EXPECT_EQ(result.pairs, 10u);
    ASSERT_EQ(result.rows.size(), 2u);
    const Comparison& time = result.rows[0];
    EXPECT_EQ(VerdictText(time), "B is better");
    EXPECT_EQ(time.result.pairs, 10u);
    EXPECT_EQ(time.remaining, "link.loss=1 %, ns3");
    EXPECT_EQ(time.unit, "s");
    EXPECT_NEAR(time.relative, -19.9, 0.1);
    EXPECT_NEAR(time.meanA, 12, 1e-9);
    EXPECT_DOUBLE_EQ(time.result.p, 2.0 / 1024);
    EXPECT_DOUBLE_EQ(time.corrected, 4.0 / 1024);
    EXPECT_LT(time.result.high, 0);
    EXPECT_EQ(VerdictText(result.rows[1]), "B is better");
    EXPECT_EQ(VerdictText(Compared("congestion=bbr", "congestion=cubic", {"goodput"}).rows[0]),
              "B is worse");
}

TEST(CompareMetric, KnowsWhichWayEachIsToGo) {
    for (const char* name : {"goodput", "goodput.a", "rate.w", "rate.w.a", "utilisation.w",
                             "fairness.w", "sessions-completed", "hash-equal", "bench-share",
                             "bench-jain", "bench-tcp-least-of-fair"}) {
        EXPECT_EQ(BetterOf(name), Better::kMore) << name;
    }
    for (const char* name :
         {"completion-time", "queue-delay-p95.w", "queue-delay-max.w", "queue-delay-mean.w",
          "commands-failed", "queue-delay:p99.9", "command-latency:p50", "bench-spurious",
          "bench-rate-ratio", "bench-wire-share", "bench-step-recovery"}) {
        EXPECT_EQ(BetterOf(name), Better::kLess) << name;
    }
    for (const char* name :
         {"traffic-ratio.w", "traffic-rate.w", "loss-realised-down", "path-changes",
          "rendering-error.a", "bench-ours-of-fair", "rates", "unheard-of", "goodput:p50"}) {
        EXPECT_EQ(BetterOf(name), Better::kUnknown) << name;
    }
}

TEST_F(CompareTest, WhereBetterIsNotKnownItSaysSo) {
    ResultsStore store(m_path);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        for (const char* variant : {"cubic", "bbr"}) {
            StoredRun run = Run("one", variant, seed, 10);
            const double ratio =
                (*variant == 'c' ? 1.0 : 2.0) + 0.01 * static_cast<double>(seed % 3);
            run.file.metrics = {{"traffic-ratio.w", ratio}};
            store.Add(run);
        }
    }
    const auto result = Compared("congestion=cubic", "congestion=bbr", {"traffic-ratio.w"});
    EXPECT_EQ(VerdictText(result.rows.at(0)), "B is higher (better or worse unknown)");
    const auto gates = CheckGates({*CompareGate::Parse("worse:traffic-ratio.w"),
                                   *CompareGate::Parse("differs:traffic-ratio.w")},
                                  result);
    ASSERT_EQ(gates.unjudged.size(), 1u);
    EXPECT_THAT(gates.unjudged[0], HasSubstr("what is worse of traffic-ratio.w is not known"));
    EXPECT_EQ(gates.broken.size(), 1u);
}

TEST_F(CompareTest, TooFewRunsAreSaidToBe) {
    Fill(5, 0.5);
    const auto result = Compared("congestion=cubic", "congestion=bbr", {"completion-time"});
    EXPECT_EQ(VerdictText(result.rows[0]), "not enough runs: 5 pairs, 6 needed");
    EXPECT_EQ(
        VerdictText(
            Compared("congestion=cubic", "congestion=bbr", {"completion-time", "goodput"}).rows[0]),
        "not enough runs: 5 pairs, 7 needed")
        << "as it will be with one pair more";
    Fill(6, 0.5);
    EXPECT_EQ(
        VerdictText(Compared("congestion=cubic", "congestion=bbr", {"completion-time"}).rows[0]),
        "B is better");
    // Two metrics share what may be false.
    EXPECT_EQ(
        VerdictText(
            Compared("congestion=cubic", "congestion=bbr", {"completion-time", "goodput"}).rows[0]),
        "not enough runs: 6 pairs, 7 needed");
}

TEST_F(CompareTest, WhatMustNotBeComparedIsLeftOutAndSaid) {
    Fill(9, 0.8);
    ResultsStore store(m_path);
    StoredRun invalid = Run("one", "cubic", 3, 1000);
    invalid.file.invalid = "loss is 3 %, configured 1 %";
    store.Add(invalid);
    store.Add(Run("one", "cubic", 10, 10));
    StoredRun killed = Run("one", "bbr", 10, 1000);
    killed.end = RunEnd::kKilled;
    store.Add(killed);
    const auto result = Compared("congestion=cubic", "congestion=bbr", {"completion-time"});
    EXPECT_EQ(result.rows[0].result.pairs, 8u);
    EXPECT_LT(result.rows[0].meanA, 20);
    EXPECT_THAT(result.notes, testing::Contains(HasSubstr("1 runs left out: not valid")));
    EXPECT_THAT(result.notes, testing::Contains(HasSubstr("1 runs killed or crashed: no values")));
    EXPECT_EQ(result.rows[0].withoutB, 1u) << "it was killed";
}

TEST_F(CompareTest, RunsWithoutAValueAreCounted) {
    Fill(9, 0.8);
    StoredRun never = Run("one", "bbr", 2, 1);
    never.file.metrics.erase("completion-time");
    ResultsStore(m_path).Add(never);
    const auto result = Compared("congestion=cubic", "congestion=bbr", {"completion-time"});
    EXPECT_EQ(result.rows[0].result.pairs, 8u);
    EXPECT_EQ(result.rows[0].withoutA, 0u);
    EXPECT_EQ(result.rows[0].withoutB, 1u);
}

TEST_F(CompareTest, ThatBFailsWhereAdoesNotIsNotBetter) {
    Fill(10, 0.8);
    for (std::uint64_t seed = 11; seed <= 20; ++seed) {
        ResultsStore(m_path).Add(Run("one", "cubic", seed, 10));
        StoredRun never = Run("one", "bbr", seed, 1);
        never.file.metrics.erase("completion-time");
        if (seed % 2 == 0) never.end = RunEnd::kCrashed;
        ResultsStore(m_path).Add(never);
    }
    const auto row = Compared("congestion=cubic", "congestion=bbr", {"completion-time"});
    EXPECT_EQ(VerdictText(row.rows.at(0)), "B lacks it in 10 of 20, A in 0");
    EXPECT_EQ(PairsText(row.rows[0]), "10 (10 without B)");
    const auto gates = CheckGates({*CompareGate::Parse("worse:completion-time")}, row);
    ASSERT_EQ(gates.broken.size(), 1u);
    EXPECT_THAT(gates.broken[0], HasSubstr("10 of B have no value where A has one"));
    const auto other = Compared("congestion=bbr", "congestion=cubic", {"completion-time"});
    EXPECT_EQ(VerdictText(other.rows.at(0)), "B is worse");
}

TEST_F(CompareTest, SeveralScenariosAreAlsoJudgedTogether) {
    Fill(8, 0.8, "one");
    Fill(8, 0.8, "two");
    const auto result = Compared("congestion=cubic", "congestion=bbr", {"completion-time"});
    ASSERT_EQ(result.rows.size(), 3u);
    EXPECT_EQ(result.rows[2].cells, 2u);
    EXPECT_EQ(result.rows[2].result.pairs, 8u)
        << "scenarios with the same seed are not independent";
    EXPECT_NEAR(result.rows[2].relative, -19.9, 0.1);
}

TEST_F(CompareTest, OnlyTheLatestEngineCountsUnlessChosen) {
    Fill(8, 0.8);
    SQLite::Database(m_path, SQLite::OPEN_READWRITE)
        .exec("UPDATE runs SET engine_hash = 'old', git_commit = 'c0ffee'");
    Fill(8, 0.9);
    const auto latest = Compared("congestion=cubic", "congestion=bbr", {"completion-time"});
    EXPECT_NEAR(latest.rows[0].relative, -9.9, 0.1);
    EXPECT_THAT(latest.notes, testing::Contains(HasSubstr("16 runs left out: of another engine")));
    const auto engines =
        Compared("engine:old,congestion=bbr", "congestion=bbr", {"completion-time"});
    EXPECT_EQ(engines.rows[0].result.pairs, 8u);
    EXPECT_NEAR(engines.rows[0].relative, 12.5, 0.1);
    EXPECT_NEAR(Compared("commit:c0ff,congestion=cubic", "congestion=bbr", {"completion-time"})
                    .rows[0]
                    .relative,
                -9.9, 0.1);
}

TEST_F(CompareTest, TheLatestEngineIsThatOfTheLatestRun) {
    Fill(8, 0.9);
    SQLite::Database database(m_path, SQLite::OPEN_READWRITE);
    database.exec("UPDATE runs SET engine_hash = 'new', started = '2026-02-01T00:00:00Z'");
    // As after a merge of what another machine has run before.
    Fill(8, 0.8);
    database.exec("UPDATE runs SET started = '2026-01-01T00:00:00Z' WHERE engine_hash <> 'new'");
    const auto result = Compared("congestion=cubic", "congestion=bbr", {"completion-time"});
    EXPECT_NEAR(result.rows.at(0).relative, -9.9, 0.1);
}

TEST_F(CompareTest, TwoScenariosAreComparedBySeed) {
    Fill(8, 1, "one");
    Fill(8, 1, "two");
    const auto result = Compared("scenario:one,congestion=cubic", "scenario:two,congestion=bbr",
                                 {"completion-time"});
    EXPECT_EQ(result.pairs, 8u);
    EXPECT_EQ(result.rows.at(0).scenario, "one, two");
    EXPECT_EQ(Compared("scenario:*,congestion=cubic", "scenario:*,congestion=bbr", {}).pairs, 16u)
        << "those of one name with each other";
}

TEST_F(CompareTest, WhyThereIsNoPairIsSaid) {
    Fill(2, 1);
    EXPECT_EQ(Compared("congestoin=cubic", "congestion=bbr", {}).unpaired,
              "no run that can be compared matches 'congestoin=cubic'");
    EXPECT_EQ(Compared("congestion=bbr", "congestion=bbr", {}).unpaired,
              "A and B are the same runs");
    EXPECT_EQ(Compared("congestion=bbr,seed:1", "congestion=cubic,seed:2", {}).unpaired,
              "no run of A has a counterpart of B");
    EXPECT_EQ(Compared("congestion=bbr", "congestion=cubic", {}).unpaired, "");
}

TEST_F(CompareTest, RunsOfEitherSideWithoutACounterpartAreCounted) {
    Fill(4, 1);
    ResultsStore(m_path).Add(Run("one", "cubic", 50, 1));
    for (std::uint64_t seed = 60; seed < 63; ++seed) {
        ResultsStore(m_path).Add(Run("one", "bbr", seed, 1));
    }
    const auto notes = Compared("congestion=cubic", "congestion=bbr", {}).notes;
    EXPECT_THAT(notes, testing::Contains("1 runs left out: of A, without a counterpart"));
    EXPECT_THAT(notes, testing::Contains("3 runs left out: of B, without a counterpart"));
}

TEST_F(CompareTest, SimulationAndLiveArePairedToo) {
    ResultsStore store(m_path);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        StoredRun run = Run("one", "bbr", seed, 10 + static_cast<double>(seed));
        store.Add(run);
        run.world = "live";
        run.file.digest.clear();
        store.Add(run);
    }
    const auto result = Compared("world:ns3", "world:live", {"completion-time"});
    EXPECT_EQ(VerdictText(result.rows.at(0)), "no difference at all");
}

TEST_F(CompareTest, PercentilesOfSamplesAreMetrics) {
    Fill(8, 0.8);
    const auto result = Compared("congestion=cubic", "congestion=bbr", {"command-latency:p50"});
    EXPECT_NEAR(result.rows.at(0).meanA, 1.5 * 12, 1);
    EXPECT_EQ(result.rows[0].unit, "ms");
    EXPECT_EQ(VerdictText(result.rows[0]), "B is better");
}

TEST_F(CompareTest, GateEndsWithTwo) {
    Fill(8, 1.1);
    const std::string compare = "compare congestion=cubic congestion=bbr --results " + m_path;
    EXPECT_EQ(Lab(compare).code, 0);
    const Ended broken =
        Lab(compare + " --metric completion-time --fail-if worse:completion-time:5%");
    EXPECT_EQ(broken.code, 2);
    EXPECT_THAT(broken.errors, HasSubstr("worse:completion-time:5%: one link.loss=1 %, ns3: B is "
                                         "worse by 10.1"));
    EXPECT_EQ(Lab(compare + " --fail-if worse:completion-time:15%").code, 0);
    EXPECT_EQ(Lab(compare + " --fail-if differs:goodput").code, 2);
    const Ended unknown = Lab(compare + " --fail-if worse:stalls");
    EXPECT_EQ(unknown.code, 1);
    EXPECT_THAT(unknown.errors, HasSubstr("no pair has that metric"));
}

TEST_F(CompareTest, GateThatCannotBeJudgedIsNotPassed) {
    Fill(3, 2);
    const Ended ended = Lab("compare congestion=cubic congestion=bbr --results " + m_path +
                            " --fail-if worse:completion-time");
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.errors, HasSubstr("not enough runs: 3 pairs"));
}

TEST_F(CompareTest, JsonHoldsWhatTheTableShows) {
    Fill(8, 0.8);
    const Ended ended = Lab("compare congestion=cubic congestion=bbr --json --results " + m_path);
    const auto json = nlohmann::json::parse(ended.output);
    EXPECT_EQ(json["schema"], "crsp.comparison/2");
    EXPECT_EQ(json["pairs"], 8);
    EXPECT_EQ(json["rows"][0]["verdict"], "B is better");
}

TEST_F(CompareTest, OnePairHasNoDifferenceInJson) {
    Fill(1, 0.8);
    const Ended ended = Lab("compare congestion=cubic congestion=bbr --json --results " + m_path);
    const auto row = nlohmann::json::parse(ended.output)["rows"].at(0);
    EXPECT_EQ(row["pairs"], 1);
    for (const char* key : {"difference", "low", "high", "p", "p-corrected", "effect"}) {
        EXPECT_TRUE(row[key].is_null()) << key;
    }
}

TEST_F(CompareTest, BadWordsAre64AndNoResults65) {
    for (const char* arguments :
         {"compare a b", "compare world:ns3", "compare world=ns3 world:live",
          "compare seed:1 seed:2", "compare loss=1% loss=2% --fail-if better:x",
          "compare loss=1% loss=2% --metric a:b", "compare loss=1% loss=2% --metric a:pnan",
          "compare loss=1% loss=2% --alpha nan", "compare loss=1% loss=2% --alpha=-nan",
          "compare loss=1% loss=2% --fail-if worse:completion-time:nan%",
          "compare loss=1% loss=2% --fail-if worse:completion-time:inf%"}) {
        EXPECT_EQ(Lab(arguments).code, 64) << arguments;
    }
    const Ended none = Lab("compare loss=1% loss=2% --results " + m_folder + "/none.sqlite");
    EXPECT_EQ(none.code, 65);
    EXPECT_THAT(none.errors, HasSubstr("there are no results; make some with"));
}

TEST(Selector, MatchesAllConditions) {
    RunRow run;
    run.scenario = "quic-goodput";
    run.parameters = {{"link.loss", "2 %"}};
    run.world = "ns3";
    run.seed = 4;
    run.commit = "abcdef";
    for (const char* text : {"", "scenario:quic-*", "loss=2 %", "world:ns3,seed:4", "commit:abc",
                             "link.delay=", "scenario:quic-goodput,link.loss=2 %"}) {
        EXPECT_TRUE(Select(text).Matches(run)) << text;
    }
    for (const char* text : {"scenario:quic", "loss=3 %", "world:live", "seed:44", "commit:b",
                             "loss=", "link.delay=1 ms", "world:ns3,seed:5"}) {
        EXPECT_FALSE(Select(text).Matches(run)) << text;
    }
}

}  // namespace
}  // namespace crsp::lab
