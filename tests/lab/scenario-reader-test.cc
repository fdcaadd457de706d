// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/scenario-reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A complete scenario, one value per line; tests break single lines of it.
constexpr const char* kGood = R"([scenario]
name = "s"
description = "For this test"
source = "Nobody"
stop = "60 s"
[link]
rate = "10 Mbit/s"
delay = "50 ms"
loss = "5 %"
queue = "64 KiB"
[[content]]
name = "binary"
size = "1 MiB"
[[script]]
at = "1 s"
do = "play"
entry = "binary"
)";

class ScenarioReader : public testing::Test {
  protected:
    void Write(const std::string& text) const { std::ofstream(m_file) << text; }

    /// The good scenario with its line `number` replaced.
    void WriteWith(std::size_t number, const std::string& line) const {
        std::string text = kGood;
        std::size_t begin = 0;
        for (std::size_t i = 1; i < number; ++i) begin = text.find('\n', begin) + 1;
        text.replace(begin, text.find('\n', begin) - begin, line);
        Write(text);
    }

    std::string ErrorOf(const std::vector<std::string>& overrides = {}) const {
        const auto scenario = ReadScenario(m_file, overrides);
        return scenario ? "no error" : scenario.error().message;
    }

    /// `file:line: rest`
    std::string At(int line, const std::string& rest) const {
        return m_file + ":" + std::to_string(line) + ": " + rest;
    }

    const TempDir m_temporary;
    const std::filesystem::path m_folder = m_temporary.Path();
    const std::string m_file = m_temporary.Path("s.toml");
};

TEST_F(ScenarioReader, ReadsEveryUnit) {
    Write(kGood);
    const auto scenario = ReadScenario(m_file);
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->name, "s");
    EXPECT_EQ(scenario->stop, seconds(60));
    EXPECT_EQ(scenario->link.down.rate, 10e6);
    EXPECT_EQ(scenario->link.up.delay, milliseconds(50));
    EXPECT_DOUBLE_EQ(scenario->link.up.loss, 0.05);
    EXPECT_EQ(scenario->link.down.queue.bytes, 65536u);
    ASSERT_EQ(scenario->content.size(), 1u);
    EXPECT_EQ(scenario->content[0].size, 1048576u);
    ASSERT_EQ(scenario->flows[0].script.size(), 1u);
    EXPECT_EQ(scenario->flows[0].script[0], (ScriptStep{seconds(1), Verb::kPlay, "binary"}));
}

TEST_F(ScenarioReader, EveryShippedScenarioIsGood) {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(CRSP_SOURCE_DIR "/scenarios")) {
        if (file.path().extension() != ".toml") continue;
        const auto scenario = ReadScenario(file.path().string());
        ASSERT_TRUE(scenario) << scenario.error().message;
        EXPECT_EQ(scenario->name, file.path().stem()) << "name and file name differ";
        ++count;
    }
    EXPECT_GE(count, 39u);
}

TEST_F(ScenarioReader, OneDirectionCanDiffer) {
    Write(std::string(kGood) + "[link.up]\nrate = \"1 Mbit/s\"\n");
    const auto scenario = ReadScenario(m_file);
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->link.down.rate, 10e6);
    EXPECT_EQ(scenario->link.up.rate, 1e6);
    EXPECT_EQ(scenario->link.up.delay, milliseconds(50));
}

TEST_F(ScenarioReader, MissingFileIsNamed) {
    const auto scenario = ReadScenario((m_folder / "none.toml").string());
    ASSERT_FALSE(scenario);
    EXPECT_EQ(scenario.error().kind, ScenarioError::Kind::kNoFile);
    EXPECT_THAT(scenario.error().message, HasSubstr("none.toml: cannot be read"));
}

TEST_F(ScenarioReader, DirectoryIsNoFile) {
    const auto scenario = ReadScenario(m_folder.string());
    ASSERT_FALSE(scenario);
    EXPECT_EQ(scenario.error().kind, ScenarioError::Kind::kNoFile);
}

TEST_F(ScenarioReader, SyntaxErrorNamesLine) {
    WriteWith(7, "rate = = 10");
    EXPECT_THAT(ErrorOf(), StartsWith(At(7, "not TOML: ")));
}

TEST_F(ScenarioReader, NameIsThatOfTheFile) {
    WriteWith(2, "name = \"other\"");
    EXPECT_EQ(ErrorOf(), At(2,
                            "scenario.name: expected \"s\", the name of the file without its "
                            "ending, got \"other\""));
    Write(kGood);
    for (const char* name : {"other", "s", "\"other\"", ""}) {
        EXPECT_EQ(ErrorOf({std::string("scenario.name=") + name}),
                  "--set scenario.name: cannot be set, expected another key: the name is that of "
                  "the file");
    }
    EXPECT_THAT(ErrorOf({"scenario={ name = \"other\" }"}),
                StartsWith("--set scenario: expected \"s\", the name of the file"));
}

TEST_F(ScenarioReader, UnknownKeyNamesLineAndKnownKeys) {
    WriteWith(9, "los = \"5 %\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(9, "link.los: unknown key; known here: ")));
    EXPECT_THAT(ErrorOf(), HasSubstr("loss"));
}

TEST_F(ScenarioReader, UnknownTableNamesLine) {
    Write(std::string(kGood) + "[lnk]\nrate = \"1 Mbit/s\"\n");
    EXPECT_THAT(ErrorOf(), StartsWith(At(18, "lnk: unknown key")));
}

TEST_F(ScenarioReader, UnknownUnitNamesTheKnownOnes) {
    WriteWith(7, "rate = \"10 Mbps\"");
    EXPECT_EQ(ErrorOf(), At(7,
                            "link.rate: expected a rate above 0 such as \"10 Mbit/s\" (units: "
                            "bit/s, kbit/s, Mbit/s, Gbit/s), got \"10 Mbps\""));
}

TEST_F(ScenarioReader, MissingUnitIsRefused) {
    WriteWith(8, "delay = \"50\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(8, "link.delay: expected a duration such as \"50 ms\"")));
}

TEST_F(ScenarioReader, NumberInPlaceOfUnitIsRefused) {
    WriteWith(8, "delay = 50");
    EXPECT_THAT(ErrorOf(), StartsWith(At(8, "link.delay: expected a duration such as \"50 ms\"")));
    EXPECT_THAT(ErrorOf(), HasSubstr("got the integer 50"));
}

TEST_F(ScenarioReader, OutOfRangeIsRefused) {
    WriteWith(9, "loss = \"101 %\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(9, "link.loss: expected a share from 0 to 100 %")));
}

TEST_F(ScenarioReader, NegativeIsRefused) {
    WriteWith(8, "delay = \"-1 ms\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(8, "link.delay: expected a duration")));
}

TEST_F(ScenarioReader, TotalLossIsRefused) {
    WriteWith(9, "loss = \"100 %\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(9, "link.loss: expected less than 100 %")));
}

TEST_F(ScenarioReader, ImpossibleBurstIsRefused) {
    WriteWith(9, "loss = \"90 %\"\nloss-burst = 2");
    EXPECT_THAT(ErrorOf(), StartsWith(At(10, "link.loss-burst: ")));
}

TEST_F(ScenarioReader, WrongTypeOfTableIsRefused) {
    WriteWith(11, "[content]");
    EXPECT_THAT(ErrorOf(), StartsWith(At(11, "content: expected a list of tables")));
}

TEST_F(ScenarioReader, MissingKeyNamesItsTable) {
    WriteWith(5, "");
    EXPECT_THAT(ErrorOf(), StartsWith(At(1, "scenario.stop: is missing; expected a duration")));
}

TEST_F(ScenarioReader, UnknownVerbNamesTheKnownOnes) {
    WriteWith(16, "do = \"rewind\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(16, "script.0.do: expected one of \"list\", \"play\"")));
    EXPECT_THAT(ErrorOf(), HasSubstr("got the text \"rewind\""));
}

TEST_F(ScenarioReader, MessagesAreSafeOnATerminal) {
    WriteWith(16, "do = \"\\u001b[2Jgone\"");
    EXPECT_THAT(ErrorOf(), HasSubstr("got the text \"\\x1b[2Jgone\""));
    EXPECT_EQ(ErrorOf().find('\x1b'), std::string::npos);
}

TEST_F(ScenarioReader, PlayNeedsAnEntryThatExists) {
    WriteWith(17, "entry = \"text\"");
    EXPECT_THAT(ErrorOf(),
                StartsWith(At(17, "script.0.entry: expected the name of a [[content]]")));
}

TEST_F(ScenarioReader, StepsMustNotGoBack) {
    Write(std::string(kGood) + "[[script]]\nat = \"500 ms\"\ndo = \"pause\"\n");
    EXPECT_THAT(ErrorOf(), StartsWith(At(19, "script.1.at: ")));
}

TEST_F(ScenarioReader, ContentNeedsFileOrSize) {
    WriteWith(13, "");
    EXPECT_THAT(ErrorOf(), StartsWith(At(11, "content.0: expected either file or size")));
}

TEST_F(ScenarioReader, ContentMustExist) {
    WriteWith(13, "file = \"no-such-file\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(13, "content.0.file: expected a readable file")));
}

TEST_F(ScenarioReader, ContentMustNotLeaveTheFolder) {
    WriteWith(13, "file = \"../../etc/passwd\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(13, "content.0.file: expected a path below")));
    WriteWith(13, "file = \"/etc/passwd\"");
    EXPECT_THAT(ErrorOf(), StartsWith(At(13, "content.0.file: expected a path below")));
}

TEST_F(ScenarioReader, TooManyBlackoutsAreRefused) {
    WriteWith(10, "blackout = [{ at = \"0 s\", for = \"1 ms\", every = \"2 ms\" }]");
    EXPECT_THAT(ErrorOf(), HasSubstr("at most 1000 blackouts"));
}

TEST_F(ScenarioReader, BlackoutMustEndBeforeTheNext) {
    WriteWith(10, "blackout = [{ at = \"0 s\", for = \"2 s\", every = \"2 s\" }]");
    EXPECT_THAT(ErrorOf(), StartsWith(At(10, "link.blackout.0.every: ")));
}

TEST_F(ScenarioReader, UnknownMetricIsRefused) {
    Write(std::string(kGood) + "[expect]\nspeed = { min = 1 }\n");
    EXPECT_THAT(ErrorOf(), StartsWith(At(19, "expect.speed: unknown key; known here: ")));
}

TEST_F(ScenarioReader, OverrideReplacesAValue) {
    Write(kGood);
    const auto scenario = ReadScenario(m_file, {"link.loss=2 %", "script.0.at=\"3 s\""});
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_DOUBLE_EQ(scenario->link.down.loss, 0.02);
    EXPECT_EQ(scenario->flows[0].script[0].at, seconds(3));
}

TEST_F(ScenarioReader, OverrideAddsATable) {
    Write(kGood);
    const auto scenario = ReadScenario(m_file, {"transport.idle-timeout=3 s"});
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->transport.idleTimeout, seconds(3));
}

TEST_F(ScenarioReader, DatagramsFitIntoTheFramesOfTheLinks) {
    Write(kGood);
    const auto largest = ReadScenario(m_file, {"transport.max-datagram-size=1452 B"});
    ASSERT_TRUE(largest) << largest.error().message;
    EXPECT_EQ(largest->transport.maxDatagramSize, 1452u);
    const auto longer = ReadScenario(m_file, {"transport.max-datagram-size=1453 B"});
    ASSERT_FALSE(longer);
    EXPECT_THAT(longer.error().message, HasSubstr("expected at most 1452 B"));
}

TEST_F(ScenarioReader, CongestionControlIsChosenByName) {
    Write(kGood);
    EXPECT_EQ(ReadScenario(m_file)->transport.congestion, TransportConfig().congestion);
    const auto cubic = ReadScenario(m_file, {"transport.congestion=cubic"});
    ASSERT_TRUE(cubic) << cubic.error().message;
    EXPECT_EQ(cubic->transport.congestion, CongestionAlgorithm::kCubic);
    Write(std::string(kGood) +
          "[transport]\ncongestion = \"fixed_rate\"\nfixed-rate = \"10 Mbit/s\"\n");
    const auto fixed = ReadScenario(m_file);
    ASSERT_TRUE(fixed) << fixed.error().message;
    EXPECT_EQ(fixed->transport.congestion, CongestionAlgorithm::kFixedRate);
    EXPECT_EQ(fixed->transport.fixedRate, 10'000'000u);
}

TEST_F(ScenarioReader, MarkingCanBeSwitchedOff) {
    Write(kGood);
    EXPECT_TRUE(ReadScenario(m_file)->transport.ecn);
    Write(std::string(kGood) + "[transport]\necn = false\n");
    const auto without = ReadScenario(m_file);
    ASSERT_TRUE(without) << without.error().message;
    EXPECT_FALSE(without->transport.ecn);
}

TEST_F(ScenarioReader, UnknownCongestionControlIsRefused) {
    Write(std::string(kGood) + "[transport]\ncongestion = \"reno\"\n");
    EXPECT_THAT(ErrorOf(), StartsWith(At(19,
                                         "transport.congestion: expected one of \"new_reno\", "
                                         "\"cubic\", \"fixed_rate\"")));
}

TEST_F(ScenarioReader, FixedRateAndItsRateComeTogether) {
    Write(std::string(kGood) + "[transport]\ncongestion = \"fixed_rate\"\n");
    EXPECT_THAT(ErrorOf(), StartsWith(At(18, "transport.fixed-rate: ")));
    Write(std::string(kGood) + "[transport]\nfixed-rate = \"10 Mbit/s\"\n");
    EXPECT_THAT(ErrorOf(),
                StartsWith(At(19, "transport.fixed-rate: expected congestion = \"fixed_rate\"")));
    Write(std::string(kGood) +
          "[transport]\ncongestion = \"fixed_rate\"\nfixed-rate = \"2000 Gbit/s\"\n");
    EXPECT_THAT(ErrorOf(), StartsWith(At(20, "transport.fixed-rate: expected at most")));
}

TEST_F(ScenarioReader, AWindowIsFixedIfGivenAndGrowsToItsMaximumOtherwise) {
    Write(kGood);
    const auto fixed = ReadScenario(m_file, {"transport.stream-receive-window=1 KiB"});
    ASSERT_TRUE(fixed) << fixed.error().message;
    EXPECT_EQ(fixed->transport.streamReceiveWindow, 1024u);
    EXPECT_EQ(fixed->transport.maxStreamReceiveWindow, 1024u);
    const auto growing = ReadScenario(m_file, {"transport.stream-receive-window=64 KiB",
                                               "transport.max-stream-receive-window=1 MiB"});
    ASSERT_TRUE(growing) << growing.error().message;
    EXPECT_EQ(growing->transport.streamReceiveWindow, 64u * 1024);
    EXPECT_EQ(growing->transport.maxStreamReceiveWindow, 1024u * 1024);
    const auto lower = ReadScenario(m_file, {"transport.max-stream-receive-window=64 KiB"});
    ASSERT_TRUE(lower) << lower.error().message;
    EXPECT_EQ(lower->transport.streamReceiveWindow, 64u * 1024);
    EXPECT_FALSE(ReadScenario(m_file, {"transport.stream-receive-window=1000 B"}));
    EXPECT_FALSE(ReadScenario(m_file, {"transport.stream-receive-window=2 MiB",
                                       "transport.max-stream-receive-window=1 MiB"}));
}

TEST_F(ScenarioReader, OverrideChangesTheCanonicalForm) {
    Write(kGood);
    EXPECT_NE(ReadScenario(m_file)->canonical, ReadScenario(m_file, {"link.loss=2 %"})->canonical);
    const auto plain = ReadScenario(m_file)->canonical;
    Write("# a comment\n" + std::string(kGood));
    EXPECT_EQ(ReadScenario(m_file)->canonical, plain);
}

TEST_F(ScenarioReader, BadOverrideIsNamedInPlaceOfTheLine) {
    Write(kGood);
    EXPECT_THAT(ErrorOf({"link.loss=much"}), StartsWith("--set link.loss: expected a share"));
    EXPECT_THAT(ErrorOf({"link.los=2 %"}), StartsWith("--set link.los: unknown key"));
    EXPECT_THAT(ErrorOf({"link.loss"}), StartsWith("--set link.loss: expected key=value"));
    EXPECT_THAT(ErrorOf({"script.7.at=1 s"}), HasSubstr("expected a position from 0 to 0"));
    EXPECT_THAT(ErrorOf({"link.loss.x=1"}), HasSubstr("\"loss\" holds no keys"));
    EXPECT_THAT(ErrorOf({"=1"}), HasSubstr("expected key=value"));
}

TEST_F(ScenarioReader, LinkChangesInSteps) {
    Write(std::string(kGood) +
          "[[link.steps]]\nat = \"1 s\"\nrate = \"0 bit/s\"\n"
          "[[link.steps]]\nat = \"2 s\"\nrate = \"5 Mbit/s\"\njitter = \"3 ms\"\n");
    const auto scenario = ReadScenario(m_file, {"link.steps-every=4 s"});
    ASSERT_TRUE(scenario) << scenario.error().message;
    ASSERT_EQ(scenario->link.up.steps.size(), 2u);
    EXPECT_EQ(scenario->link.up.steps[0].rate, 0);
    EXPECT_EQ(scenario->link.down.steps[1].jitter, milliseconds(3));
    EXPECT_EQ(scenario->link.down.stepsEvery, seconds(4));
    EXPECT_THAT(ErrorOf({"link.steps-every=2 s"}),
                StartsWith("--set link.steps-every: expected steps, and a period longer"));
    EXPECT_THAT(ErrorOf({"link.steps.1.at=1 s"}),
                StartsWith("--set link.steps.1.at: expected a time at least 1 ms after"));
    EXPECT_THAT(ErrorOf({"link.steps.1.jitter=60 ms"}), HasSubstr("expected at most the delay"));
}

TEST_F(ScenarioReader, StepWithoutAChangeNamesItsLine) {
    Write(std::string(kGood) + "[[link.steps]]\nat = \"1 s\"\n");
    EXPECT_THAT(ErrorOf(),
                StartsWith(At(18, "link.steps.0: expected a rate, a delay or a jitter")));
}

TEST_F(ScenarioReader, DropListAndBurstLimitsAreRead) {
    Write(kGood);
    const auto scenario = ReadScenario(
        m_file, {"link.up.drop=[7, 2]", "link.loss-burst-limit=3", "link.corrupt-burst-limit=2"});
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_THAT(scenario->link.up.drop, testing::ElementsAre(2, 7));
    EXPECT_TRUE(scenario->link.down.drop.empty());
    EXPECT_EQ(scenario->link.up.lossBurstLimit, 3u);
    EXPECT_EQ(scenario->link.down.corruptBurstLimit, 2u);
    EXPECT_THAT(ErrorOf({"link.drop=[0]"}), HasSubstr("expected a list of integers from 1"));
    EXPECT_THAT(ErrorOf({"link.loss-burst=2", "link.loss-burst-limit=3"}),
                HasSubstr("link.loss-burst-limit: expected no loss-burst beside it"));
}

constexpr const char* kTwoFlows = R"([[flow]]
name = "one"
[[flow.script]]
at = "0 s"
do = "play"
entry = "binary"
[[flow]]
name = "two"
direction = "up"
access-delay = "7 ms"
render-rate = "1.5 Mbit/s"
sessions = 3
[[flow.script]]
after-end = "1 s"
do = "play"
entry = "binary"
[[window]]
name = "w"
from = "1 s"
to = "2 s"
)";

class FlowReader : public ScenarioReader {
  protected:
    void WriteFlows(const std::string& more = "") const {
        const std::string good = kGood;
        Write(good.substr(0, good.find("[[script]]")) + kTwoFlows + more);
    }
};

TEST_F(FlowReader, FlowsHaveScriptsOfTheirOwn) {
    WriteFlows();
    const auto scenario = ReadScenario(m_file);
    ASSERT_TRUE(scenario) << scenario.error().message;
    ASSERT_EQ(scenario->flows.size(), 2u);
    EXPECT_EQ(scenario->flows[0].script[0], (ScriptStep{seconds(0), Verb::kPlay, "binary"}));
    const FlowSpec& two = scenario->flows[1];
    EXPECT_FALSE(two.down);
    EXPECT_EQ(two.accessDelay, milliseconds(7));
    EXPECT_EQ(two.renderRate, 1.5e6);
    EXPECT_EQ(two.sessions, 3u);
    EXPECT_EQ(two.script[0], (ScriptStep{seconds(1), Verb::kPlay, "binary", true}));
}

TEST_F(FlowReader, MistakesInFlowsAreNamed) {
    WriteFlows();
    EXPECT_THAT(ErrorOf({"flow.1.name=one"}), HasSubstr("expected a name not used above"));
    EXPECT_THAT(ErrorOf({"flow.0.name=One"}), HasSubstr("expected at most 32 of a-z"));
    EXPECT_THAT(ErrorOf({"flow.1.sessions=0"}), HasSubstr("expected an integer from 1 to 1000"));
    EXPECT_THAT(ErrorOf({"flow.0.script.0.entry=film"}),
                HasSubstr("flow.0.script.0.entry: expected the name of a [[content]]"));
    EXPECT_THAT(ErrorOf({"flow.1.script.0.at=1 s"}), HasSubstr("expected no after-end beside it"));
    EXPECT_THAT(ErrorOf({"window.0.to=1 s"}), HasSubstr("expected a time after from"));
    WriteFlows("[[script]]\nat = \"1 s\"\ndo = \"list\"\n");
    EXPECT_THAT(ErrorOf(), HasSubstr("script: expected [[flow.script]] beside [[flow]]"));
}

TEST_F(FlowReader, MetricsOfFlowsAndWindowsCanBeExpected) {
    WriteFlows("[expect]\n\"rate.w.two\" = { min = 1 }\n\"fairness.w\" = { min = 0.9 }\n");
    const auto scenario = ReadScenario(m_file);
    ASSERT_TRUE(scenario) << scenario.error().message;
    ASSERT_EQ(scenario->expectations.size(), 2u);
    EXPECT_EQ(scenario->expectations[0].metric, "rate.w.two") << "the order of the file";
    WriteFlows("[expect]\n\"rate.w.three\" = { min = 1 }\n");
    EXPECT_THAT(ErrorOf(), HasSubstr("expect.rate.w.three: unknown key; known here: completes, "));
}

TEST_F(ScenarioReader, TrafficIsGreedyShortOrUdp) {
    Write(std::string(kGood) +
          "[[traffic]]\nkind = \"tcp-cubic\"\nflows = 10\nsize = \"30 kB\"\n"
          "max-size = \"50 kB\"\nidle = \"10 s\"\nbusy = 2\n"
          "[[traffic]]\nkind = \"udp\"\nrate = \"3 Mbit/s\"\n");
    const auto scenario = ReadScenario(m_file);
    ASSERT_TRUE(scenario) << scenario.error().message;
    ASSERT_TRUE(scenario->traffic[0].transfers);
    EXPECT_EQ(scenario->traffic[0].transfers->maxSize, 50'000u);
    EXPECT_EQ(scenario->traffic[0].transfers->busy, 2u);
    EXPECT_EQ(scenario->traffic[1].kind, TrafficKind::kUdp);
    EXPECT_EQ(scenario->traffic[1].rate, 3e6);
    EXPECT_THAT(ErrorOf({"traffic.1.flows=2"}), HasSubstr("traffic.1.flows: unknown key"));
    EXPECT_THAT(ErrorOf({"traffic.0.busy=11"}), HasSubstr("expected an integer from 0 to 10"));
}

TEST_F(ScenarioReader, NatAndPatienceAreRead) {
    Write(std::string(kGood) + "[nat]\nfirst = \"1 s\"\nevery = \"5 s\"\naddress = true\n");
    const auto scenario = ReadScenario(m_file, {"nodes.patience=60 s", "nodes.catalogue=known"});
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->nat->every, seconds(5));
    EXPECT_TRUE(scenario->nat->address);
    EXPECT_EQ(scenario->nodes.patience, seconds(60));
    EXPECT_FALSE(scenario->nodes.catalogueAsked);
    EXPECT_THAT(ErrorOf({"nat.every=1 ms"}), HasSubstr("expected at least 10 ms"));
    EXPECT_THAT(ErrorOf({"nodes.patience=2 s"}), HasSubstr("expected more than 2 s"));
}

TEST_F(ScenarioReader, ATraceThatIsNoFileIsNamed) {
    std::filesystem::create_directory(m_folder / "folder");
    ASSERT_EQ(mkfifo((m_folder / "pipe").c_str(), 0600), 0);
    for (const char* name : {"folder", "pipe", "missing"}) {
        WriteWith(7, std::string("trace = { file = \"") + name + "\" }");
        EXPECT_THAT(ErrorOf(), StartsWith(At(7, "link.trace.file: expected a readable file, got ")))
            << name;
    }
}

TEST_F(ScenarioReader, APipeIsNoScenario) {
    ASSERT_EQ(mkfifo(m_file.c_str(), 0600), 0);
    EXPECT_EQ(ErrorOf(), m_file + ": cannot be read: expected a scenario file");
}

TEST_F(ScenarioReader, AFileThatIsTooLongIsNotRead) {
    Write(std::string(kGood) + std::string(1024 * 1024, '#'));
    EXPECT_EQ(ErrorOf(), m_file + ": expected a scenario of at most 1 MiB");
}

TEST_F(ScenarioReader, AKeyIsVariedOnce) {
    Write(std::string(kGood) + "[sweep.vary]\nloss = [\"1 %\"]\n\"link.loss\" = [\"2 %\"]\n");
    EXPECT_THAT(ErrorOf(), HasSubstr("expected link.loss once"));
}

TEST_F(ScenarioReader, AnExpectationThatNothingMeetsIsRefused) {
    Write(std::string(kGood) + "[expect.goodput]\nmin = 10\nmax = 1\n");
    EXPECT_EQ(ErrorOf(), At(20, "expect.goodput.max: expected at least min"));
}

TEST_F(ScenarioReader, TrafficIsBounded) {
    std::string text = kGood;
    for (int i = 0; i < 33; ++i) text += "[[traffic]]\nkind = \"tcp-cubic\"\n";
    Write(text);
    EXPECT_THAT(ErrorOf(), HasSubstr("traffic: expected at most 32 tables"));
}

}  // namespace
}  // namespace crsp::lab
