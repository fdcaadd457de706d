// SPDX-License-Identifier: GPL-2.0-only
//
// What a scenario can say of links, paths and actors, and what it is told if it says it wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/lab/content.h"
#include "scenarios/lab/live-runner.h"
#include "scenarios/lab/scenario-reader.h"
#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;

class ScenarioVocabulary : public testing::Test {
  protected:
    /// A scenario with `link` on lines 7 on, and `more` at its end.
    Expected<Scenario, ScenarioError> Read(const std::string& link,
                                           const std::string& more = "") const {
        const std::string text =
            "[scenario]\nname = \"s\"\ndescription = \"d\"\nsource = \"n\"\nstop = \"60 s\"\n"
            "[link]\n" +
            link +
            "\n[[content]]\nname = \"binary\"\nsize = \"1 MB\"\n[[flow]]\nname = \"one\"\n"
            "[[flow.script]]\nat = \"1 s\"\ndo = \"play\"\nentry = \"binary\"\n" +
            more;
        return ParseScenario(text, m_temporary.Path("s.toml"));
    }

    std::string ErrorOf(const std::string& link, const std::string& more = "") const {
        const auto scenario = Read(link, more);
        if (scenario) return "no error";
        return scenario.error().message.substr(m_temporary.Path("s.toml").size() + 1);
    }

    /// Each of these at the end of a scenario is refused, and the error holds what follows.
    void ExpectRefused(const std::vector<std::pair<std::string, std::string>>& mistakes) const {
        for (const auto& [more, error] : mistakes) {
            EXPECT_THAT(ErrorOf("", more), HasSubstr(error));
        }
    }

    const TempDir m_temporary;
};

TEST_F(ScenarioVocabulary, TraceFileIsReadAndIsPartOfTheQuestion) {
    std::ofstream(m_temporary.Path("t")) << "1\n2\n4\n";
    const auto scenario = Read("trace = { file = \"t\" }\nup.rate = \"5 Mbit/s\"");
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_DOUBLE_EQ(scenario->link.down.rate, 9e6);
    ASSERT_TRUE(scenario->link.down.trace);
    EXPECT_FALSE(scenario->link.up.trace);
    const std::string before = ScenarioHash(*scenario);
    std::ofstream(m_temporary.Path("t")) << "1\n3\n4\n";
    EXPECT_NE(ScenarioHash(*Read("trace = { file = \"t\" }\nup.rate = \"5 Mbit/s\"")), before);
    EXPECT_NE(LiveObstacle(*scenario), "");
}

TEST_F(ScenarioVocabulary, MistakesInTracesAreNamed) {
    EXPECT_EQ(ErrorOf("trace = { file = \"../t\" }"),
              "7: link.trace.file: expected a path below the scenario's folder");
    EXPECT_THAT(ErrorOf("trace = { file = \"none\" }"), HasSubstr("7: link.trace.file: expected"));
    std::ofstream(m_temporary.Path("bad")) << "1\nx\n";
    EXPECT_THAT(ErrorOf("trace = { file = \"bad\" }"), HasSubstr("bad, line 2: expected a whole"));
    EXPECT_EQ(ErrorOf("trace = { seed = 1 }"), "7: link.trace: expected either file or model");
    EXPECT_EQ(ErrorOf("rate = \"1 Mbit/s\"\ntrace = { model = \"bursts\", every = \"1 ms\" }"),
              "7: link.rate: expected no trace beside it");
    EXPECT_THAT(ErrorOf("trace = { model = \"bursts\", every = \"0.5 ms\" }"),
                HasSubstr("link.trace.every: expected whole milliseconds"));
    EXPECT_THAT(ErrorOf("trace = { model = \"sunny\" }"), HasSubstr("link.trace.model: expected"));
    EXPECT_THAT(ErrorOf("trace = { model = \"poisson\", rate = \"1 Mbit/s\" }\n"
                        "steps = [ { at = \"1 s\", rate = \"2 Mbit/s\" } ]"),
                HasSubstr("8: link.steps.0.rate: expected none on a link with a trace"));
}

TEST_F(ScenarioVocabulary, MistakesInLinksAreNamed) {
    EXPECT_EQ(ErrorOf("marks = true"),
              "7: link.marks: expected a discipline that can mark beside it, such as \"codel\"");
    EXPECT_THAT(ErrorOf("discipline = \"cake\""), HasSubstr("7: link.discipline: expected"));
    EXPECT_EQ(ErrorOf("policer = { rate = \"1 Mbit/s\", burst = \"100 B\" }"),
              "7: link.policer.burst: expected at least 1500 B");
    const std::string four =
        "gilbert-elliott = { good-to-bad = 0.1, bad-to-good = 0.5, "
        "loss-in-good = 0, loss-in-bad = 1 }\n";
    EXPECT_EQ(ErrorOf(four), "no error");
    EXPECT_EQ(ErrorOf(four + "loss = \"1 %\""),
              "7: link.gilbert-elliott: expected no loss beside it");
    EXPECT_THAT(ErrorOf("duplicate-copies = 4"), HasSubstr("7: link.duplicate-copies: expected"));
}

TEST_F(ScenarioVocabulary, FlowsTakePartsOfAPathOfSeveralHops) {
    const auto scenario =
        Read("rate = \"1 Mbit/s\"\n[[hop]]\nrate = \"2 Mbit/s\"\n[hop.up]\nrate = \"3 Mbit/s\"",
             "[[flow]]\nname = \"two\"\nfrom = 1\ncopies = 3\ncopies-every = \"2 s\"\n"
             "[[flow.script]]\nat = \"1 s\"\ndo = \"status\"\n");
    ASSERT_TRUE(scenario) << scenario.error().message;
    ASSERT_EQ(scenario->hops.size(), 1u);
    EXPECT_EQ(scenario->hops[0].down.rate, 2e6);
    EXPECT_EQ(scenario->hops[0].up.rate, 3e6);
    ASSERT_EQ(scenario->flows.size(), 4u);
    EXPECT_EQ(scenario->flows[0].part.to, 2u);
    EXPECT_EQ(scenario->flows[3].name, "two-3");
    EXPECT_EQ(scenario->flows[3].part.from, 1u);
    EXPECT_EQ(scenario->flows[3].script[0].at, seconds(5));
    EXPECT_EQ(ErrorOf("", "[[traffic]]\nkind = \"udp\"\nrate = \"1 Mbit/s\"\nto = 2\n"),
              "20: traffic.0.to: expected an integer from 1 to 1, got the integer 2");
}

TEST_F(ScenarioVocabulary, NoTwoFlowsHaveOneName) {
    const auto flow = [](const std::string& keys) {
        return "[[flow]]\n" + keys + "[[flow.script]]\nat = \"0 s\"\ndo = \"status\"\n";
    };
    const std::string plain = flow("name = \"a\"\n");
    const std::string copies = flow("name = \"a\"\ncopies = 2\n");
    const std::string second = flow("name = \"a-2\"\n");
    EXPECT_EQ(ErrorOf("", plain + copies), "no error") << "a, a-1 and a-2";
    EXPECT_EQ(ErrorOf("", plain + plain),
              "23: flow.2.name: expected a name not used above, got \"a\" again");
    EXPECT_EQ(ErrorOf("", copies + copies),
              "25: flow.2.copies: expected a name not used above, got \"a-1\" again");
    EXPECT_EQ(ErrorOf("", second + copies),
              "24: flow.2.copies: expected a name not used above, got \"a-2\" again");
    EXPECT_EQ(ErrorOf("", copies + second),
              "24: flow.2.name: expected a name not used above, got \"a-2\" again");
}

TEST_F(ScenarioVocabulary, AThousandFlowsGoOnAStarOnly) {
    const std::string many =
        "[[flow]]\nname = \"many\"\ncopies = 999\n"
        "[[flow.script]]\nat = \"0 s\"\ndo = \"status\"\n";
    const auto scenario = Read("", many);
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->flows.size(), 1000u);
    EXPECT_THAT(ErrorOf("[[hop]]", many),
                HasSubstr("flow: expected at most 64 flows with [[hop]]"));
    EXPECT_THAT(ErrorOf("", "[access]\nkind = \"csma\"\n" + many),
                HasSubstr("flow: expected at most 64 flows with [[hop]]"));
    std::string more = many;
    more.replace(more.find("999"), 3, "1000");
    EXPECT_THAT(ErrorOf("", more), HasSubstr("flow: expected at most 1000 flows"));
}

TEST_F(ScenarioVocabulary, BbrOfNs3IsRefusedInWords) {
    EXPECT_THAT(ErrorOf("", "[[traffic]]\nkind = \"tcp-bbr\"\n"),
                HasSubstr("kind: expected \"tcp-cubic\" or \"tcp-newreno\": TcpBbr of ns-3 3.37 "
                          "is broken"));
}

TEST_F(ScenarioVocabulary, MistakesInAccessAreNamed) {
    const std::string wifi = "[access]\nkind = \"wifi\"\n";
    ExpectRefused({{wifi + "rate = \"1 Mbit/s\"\n", "access.rate: unknown key"},
                   {wifi + "wifi-mode = \"HtMcs16\"\n",
                    "access.wifi-mode: expected one of HtMcs0 to HtMcs15"},
                   {wifi + "far = 20\n", "access.speed: expected both far and speed, or neither"}});
}

TEST_F(ScenarioVocabulary, LteCellsAreRead) {
    const auto scenario =
        Read("",
             "[access]\nkind = \"lte\"\nrate = \"10 Gbit/s\"\ndelay = \"5 ms\"\n"
             "cells = 3\ncell-distance = 1732\nresource-blocks = 25\n"
             "bearer = \"acknowledged\"\nbuffer = \"64 KiB\"\ndistance = 577\nfar = 600\n"
             "speed = 0.83\npath-loss = \"free-space\"\nfading = true\n");
    ASSERT_TRUE(scenario) << scenario.error().message;
    const AccessSpec& access = scenario->access;
    EXPECT_EQ(access.kind, AccessKind::kLte);
    EXPECT_EQ(access.rate, 10e9);
    EXPECT_EQ(access.delay, milliseconds(5));
    EXPECT_EQ(access.lte.cells, 3u);
    EXPECT_EQ(access.lte.cellDistance, 1732);
    EXPECT_EQ(access.lte.resourceBlocks, 25);
    EXPECT_TRUE(access.lte.acknowledged);
    EXPECT_EQ(access.lte.buffer, 65536u);
    EXPECT_EQ(access.lte.walk.distance, 577);
    EXPECT_EQ(access.lte.walk.far, 600);
    EXPECT_EQ(access.lte.walk.speed, 0.83);
    EXPECT_EQ(access.lte.pathLoss, PathLoss::kFreeSpace);
    EXPECT_TRUE(access.lte.fading);
    EXPECT_NE(LiveObstacle(*scenario), "");
}

TEST_F(ScenarioVocabulary, MistakesInLteAreNamed) {
    const std::string lte = "[access]\nkind = \"lte\"\n";
    ExpectRefused(
        {{lte + "resource-blocks = 30\n",
          "19: access.resource-blocks: expected one of 6, 15, 25, 50, 75 and 100"},
         {lte + "cells = 8\n", "access.cells: expected"},
         {lte + "cell-distance = 100\n", "access.cell-distance: expected at least 2 cells"},
         {lte + "buffer = \"1 kB\"\n", "access.buffer: expected 2 kB to 100 MB"},
         {lte + "path-loss = \"okumura\"\n",
          "access.path-loss: expected one of \"urban-macro\", \"free-space\""},
         {lte + "fading = true\n", "access.fading: expected far and speed beside it"},
         {lte + "far = 20\n", "access.speed: expected both far and speed, or neither"},
         {lte + "wifi-mode = \"HtMcs3\"\n", "access.wifi-mode: unknown key"},
         {lte + "[[hop]]\nrate = \"1 Mbit/s\"\n", "access.kind: expected no [[hop]] beside LTE"}});
}

TEST_F(ScenarioVocabulary, RadioCannotBeImpaired) {
    for (const std::string key :
         {"loss = \"1 %\"", "queue = \"100 ms\"", "trace = { model = \"bursts\" }",
          "jitter = \"1 ms\"", "discipline = \"codel\"", "blackout = []", "duplicate = \"1 %\""}) {
        const auto name = key.substr(0, key.find(' '));
        EXPECT_EQ(ErrorOf("", "[access]\nkind = \"lte\"\n" + key + "\n"),
                  "19: access." + name +
                      ": expected in [link]: what becomes of packets in an LTE cell follows from "
                      "its radio alone");
    }
}

TEST_F(ScenarioVocabulary, MessagesAreRead) {
    const auto scenario =
        Read("",
             "[[traffic]]\nkind = \"messages\"\nsize = \"1000 B\"\nevery = \"8 ms\"\n"
             "patience = \"100 ms\"\nrepair = \"25 %\"\nstop = \"9 s\"\n"
             "[[window]]\nname = \"w\"\nfrom = \"1 s\"\nto = \"2 s\"\n"
             "[expect]\n\"messages-in-time.w\" = { min = 99 }\n");
    ASSERT_TRUE(scenario) << scenario.error().message;
    const MessagesSpec& messages = scenario->traffic[0].messages;
    EXPECT_EQ(messages.size, 1000u);
    EXPECT_EQ(messages.every, milliseconds(8));
    EXPECT_EQ(messages.patience, milliseconds(100));
    EXPECT_EQ(messages.repair, 25);
    EXPECT_NE(LiveObstacle(*scenario), "");
}

TEST_F(ScenarioVocabulary, MistakesInMessagesAreNamed) {
    const std::string messages = "[[traffic]]\nkind = \"messages\"\npatience = \"1 s\"\n";
    ExpectRefused({{messages + "size = \"7 B\"\nevery = \"8 ms\"\n",
                    "traffic.0.size: expected 8 B to 64 KiB"},
                   {messages + "size = \"1 kB\"\nevery = \"10 us\"\n",
                    "traffic.0.every: expected at least 1 ms"},
                   {messages + "size = \"1 kB\"\nevery = \"8 ms\"\nrepair = 25\n",
                    "traffic.0.repair: expected"},
                   {messages + "size = \"1 kB\"\nevery = \"8 ms\"\nrate = \"1 Mbit/s\"\n",
                    "traffic.0.rate: unknown key"}});
}

TEST_F(ScenarioVocabulary, FaultsAndControllersAreRead) {
    const auto scenario =
        Read("",
             "[[fault]]\nat-share = \"40 %\"\ndo = \"kill\"\nnode = \"renderer\"\n"
             "[[fault]]\nafter = \"1 s\"\ndo = \"start\"\nnode = \"renderer\"\n"
             "[[fault]]\nat = \"3 s\"\ndo = \"replace\"\nentry = \"binary\"\n"
             "[[controller]]\nname = \"second\"\nstart = \"4 s\"\n"
             "[[controller.script]]\nat = \"0 s\"\ndo = \"take-over\"\n");
    ASSERT_TRUE(scenario) << scenario.error().message;
    ASSERT_EQ(scenario->faults.size(), 3u);
    EXPECT_EQ(scenario->faults[0].share, 0.4);
    EXPECT_EQ(scenario->faults[1].after, seconds(1));
    EXPECT_EQ(scenario->faults[2].kind, FaultKind::kReplace);
    ASSERT_EQ(scenario->controllers.size(), 1u);
    EXPECT_EQ(scenario->controllers[0].script[0].verb, Verb::kTakeOver);
    EXPECT_FALSE(scenario->controllers[0].continues);
    EXPECT_NE(LiveObstacle(*scenario), "");
}

TEST_F(ScenarioVocabulary, MistakesInFaultsAreNamed) {
    const std::string fault = "[[fault]]\nat = \"1 s\"\n";
    ExpectRefused(
        {{fault + "after = \"1 s\"\ndo = \"kill\"\n", "expected one of at, after and at-share"},
         {"[[fault]]\nafter = \"1 s\"\ndo = \"kill\"\nnode = \"server\"\n",
          "fault.0.after: expected a [[fault]] above"},
         {fault + "do = \"start\"\nnode = \"controller\"\n",
          "one that comes after it is a [[controller]]"},
         {fault + "do = \"replace\"\nentry = \"x\"\n",
          "expected the name of a [[content]] entry, got \"x\""}});
}

TEST_F(ScenarioVocabulary, ControllerMayContinueAnotherFlow) {
    const std::string second =
        "[[flow]]\nname = \"two\"\n[[flow.script]]\nat = \"1 s\"\n"
        "do = \"status\"\n";
    const std::string from = "[[controller]]\nname = \"mover\"\nflow = \"two\"\ncontinues = ";
    const std::string script = "\n[[controller.script]]\nat = \"0 s\"\ndo = \"status\"\n";
    const auto scenario = Read("", second + from + "\"one\"" + script);
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->controllers[0].flow, 1u);
    EXPECT_EQ(scenario->controllers[0].continues, 0u);
    ExpectRefused({{second + from + "\"two\"" + script,
                    "controller.0.continues: expected another flow than its own"},
                   {second + from + "\"x\"" + script,
                    "controller.0.continues: expected the name of a [[flow]], got \"x\""}});
}

}  // namespace
}  // namespace crsp::lab
