// SPDX-License-Identifier: BSD-3-Clause
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/live/line-limit.h"
#include "model/media/catalogue.h"
#include "tests/live/process.h"
#include "tests/support/escape-corpus.h"
#include "tests/support/temp-dir.h"
#include "tests/support/vt-parser.h"

namespace crsp {
namespace {

using Arguments = std::vector<std::string>;

Arguments Join(Arguments a, const Arguments& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::vector<nlohmann::json> JsonLines(const std::string& text) {
    std::vector<nlohmann::json> documents;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        documents.push_back(nlohmann::json::parse(line));
    }
    return documents;
}

/// The programs themselves, with a key of their own, on ports that the system picks; with `impair`
/// each path leads through the relay.
class EndToEnd : public ::testing::Test {
  protected:
    void SetUp() override {
        std::filesystem::create_directory(m_dir.Path("root"));
        ASSERT_EQ(RunToEnd("crsp-server", {"genkey", m_dir.Path("key")}).code, 0);
    }
    /// Starts server, renderer and, if there is something to impair, the relay between them all.
    void Start(const Arguments& impair = {}, const Arguments& rendererOptions = {},
               const Arguments& serverOptions = {}) {
        m_server.emplace("crsp-server", Join(Join(Common(), {"--root", m_dir.Path("root"),
                                                             "--stats", m_dir.Path("server.json")}),
                                             serverOptions));
        m_serverAddress = m_server->WaitListening();
        ASSERT_NE(m_serverAddress, "") << m_server->Err();
        m_serverAddress = Through(m_serverRelay, m_serverAddress, impair);
        m_renderer.emplace("crsp-renderer",
                           Join(Join(Common(), {"--server", "main=" + m_serverAddress, "--output",
                                                m_output, "--stats", m_dir.Path("renderer.json")}),
                                rendererOptions));
        m_rendererAddress = m_renderer->WaitListening();
        ASSERT_NE(m_rendererAddress, "") << m_renderer->Err();
        m_rendererAddress = Through(m_rendererRelay, m_rendererAddress, impair);
    }
    Finished Control(const Arguments& arguments) {
        return RunToEnd("crsp-controller", Join({"--psk", m_dir.Path("key"), "--server",
                                                 m_serverAddress, "--renderer", m_rendererAddress},
                                                arguments));
    }
    Arguments Common() {
        return {"--psk", m_dir.Path("key"), "--listen", "127.0.0.1:0", "--idle-timeout", "3s"};
    }
    std::string Through(std::optional<Process>& relay, const std::string& target,
                        const Arguments& impair) {
        if (impair.empty()) return target;
        relay.emplace("crsp-relay", Join({"--map", "127.0.0.1:0=" + target}, impair));
        return relay->WaitListening();
    }
    Process PlayByScript(const std::string& entry) {
        return Process("crsp-controller", {"--psk", m_dir.Path("key"), "--server", m_serverAddress,
                                           "--renderer", m_rendererAddress, "script",
                                           m_dir.Write("script", "0 play " + entry + "\n")});
    }
    Process PlayAndWait(const std::string& entry) {
        return Process("crsp-controller",
                       {"--psk", m_dir.Path("key"), "--server", m_serverAddress, "--renderer",
                        m_rendererAddress, "play", entry, "--wait"});
    }
    bool AwaitPlaying() {
        for (int looks = 0; looks < 500; ++looks) {
            if (Control({"status"}).out.rfind("PLAYING", 0) == 0) return true;
        }
        return false;
    }
    /// Whether one line of the renderer's talk holds all of `phrases`.
    bool RendererSays(const std::vector<std::string>& phrases) const {
        std::istringstream lines(m_renderer->Err());
        for (std::string line; std::getline(lines, line);) {
            const auto has = [&](const auto& p) { return line.find(p) != std::string::npos; };
            if (std::all_of(phrases.begin(), phrases.end(), has)) return true;
        }
        return false;
    }
    void Offer(const std::string& name, const std::string& content) {
        m_dir.Write("root/" + name, content);
    }

    TempDir m_dir;
    std::string m_output = m_dir.Path("out");  ///< of the renderer
    std::optional<Process> m_server;
    std::optional<Process> m_renderer;
    std::optional<Process> m_serverRelay;
    std::optional<Process> m_rendererRelay;
    std::string m_serverAddress;
    std::string m_rendererAddress;
};

TEST_F(EndToEnd, AFileSurvivesALossyPath) {
    const auto content = PatternText(300'000);
    Offer("file", content);
    Start({"--loss", "5%", "--delay", "10ms", "--seed", "3"}, {"--once"});
    const auto play = Control({"play", "file", "--wait"});
    EXPECT_EQ(play.code, 0) << play.err;
    EXPECT_NE(play.out.find("reason=complete rendered=300000"), std::string::npos) << play.out;
    EXPECT_EQ(m_renderer->Wait(), 0) << m_renderer->Err();
    EXPECT_TRUE(ReadFile(m_dir.Path("out")) == content);
    const auto stats = nlohmann::json::parse(ReadFile(m_dir.Path("renderer.json")));
    EXPECT_EQ(stats["renderer"]["last"]["bytes"], 300'000);
    EXPECT_EQ(stats["renderer"]["last"]["complete"], true);
    EXPECT_NE(m_renderer->Out().find(stats["renderer"]["last"]["sha256"].get<std::string>()),
              std::string::npos);
    m_server->Signal(SIGTERM);
    EXPECT_EQ(m_server->Wait(), 143);
    const auto server = nlohmann::json::parse(ReadFile(m_dir.Path("server.json")));
    EXPECT_GE(server["totals"]["stream_bytes_sent"], 300'000);
    EXPECT_EQ(server["server"]["transfers_completed"], 1);
}

TEST_F(EndToEnd, DatagramsGrowUpToAnEthernetFrameOrToWhatIsAllowed) {
    Offer("file", PatternText(300'000));
    for (const auto& [options, expected] :
         {std::pair{Arguments{}, 1452}, std::pair{Arguments{"--max-datagram-size", "1200"}, 1200},
          std::pair{Arguments{"--max-datagram-size", "8952"}, 8952}}) {
        Start({}, {}, options);
        EXPECT_EQ(Control({"play", "file", "--wait"}).code, 0);
        m_server->Signal(SIGTERM);
        EXPECT_EQ(m_server->Wait(), 143);
        const auto server = nlohmann::json::parse(ReadFile(m_dir.Path("server.json")));
        int largest = 0;
        for (const auto& connection : server["connections"]) {
            largest = std::max(largest, connection["stats"]["datagram_size"].get<int>());
        }
        EXPECT_EQ(largest, expected);
    }
}

TEST_F(EndToEnd, AScriptSaysWhatEachCommandDid) {
    Offer("file", PatternText(400'000));
    Start({"--delay", "5ms"}, {"--rate", "400000", "--timeline", m_dir.Path("timeline.csv")});
    const auto script = m_dir.Write("script",
                                    "0 list\n0.1 play file\n0.3 pause\n0.6 resume\n"
                                    "0.8 restart\n0.9 status\n");
    const auto run = Control({"--json", "script", script});
    EXPECT_EQ(run.code, 0) << run.err;
    std::vector<std::string> commands;
    std::vector<std::string> ends;
    for (const auto& line : JsonLines(run.out)) {
        if (line.contains("command")) {
            EXPECT_EQ(line["result"], "ok") << line;
            EXPECT_GE(line["latency_ms"], 5) << line;
            EXPECT_GT(line["answered_ns"], line["issued_ns"]) << line;
            commands.push_back(line["command"]);
        } else if (line["event"] == "ended") {
            ends.push_back(line["reason"]);
        }
    }
    EXPECT_EQ(commands,
              (std::vector<std::string>{"list", "play", "pause", "resume", "restart", "status"}));
    ASSERT_FALSE(ends.empty());
    EXPECT_EQ(ends.back(), "complete");
    m_renderer->Signal(SIGINT);
    EXPECT_EQ(m_renderer->Wait(), 130);
    EXPECT_TRUE(ReadFile(m_dir.Path("out")) == PatternText(400'000));
    EXPECT_NE(ReadFile(m_dir.Path("timeline.csv")).find(",begin,2,0\n"), std::string::npos);
}

TEST_F(EndToEnd, ResultsThatCannotBeWrittenAreAFailure) {
    for (int i = 0; i < 300; ++i) Offer("file-" + std::to_string(i), "x");
    Start();
    for (const std::string verb : {"list", "--json list", "status", "--json status"}) {
        const auto command = std::string(CRSP_BIN_DIR) + "/crsp-controller --psk " +
                             m_dir.Path("key") + " --server " + m_serverAddress + " --renderer " +
                             m_rendererAddress + " " + verb + " > /dev/full 2> " +
                             m_dir.Path("err");
        const int status = std::system(command.c_str());
        EXPECT_EQ(WEXITSTATUS(status), 1) << verb;
        EXPECT_EQ(ReadFile(m_dir.Path("err")),
                  "crsp-controller: cannot write to standard output: No space left on device\n");
    }
}

TEST_F(EndToEnd, EmptyAndOneByteFilesPlay) {
    Offer("empty", "");
    Offer("one", "x");
    Start();
    EXPECT_EQ(Control({"play", "one", "--wait"}).code, 0);
    EXPECT_EQ(ReadFile(m_dir.Path("out")), "x");
    EXPECT_EQ(Control({"play", "empty", "--wait"}).code, 0);
    EXPECT_TRUE(std::filesystem::exists(m_dir.Path("out")));
    EXPECT_EQ(ReadFile(m_dir.Path("out")), "");
}

TEST_F(EndToEnd, NamesOfAnyBytesListSafelyAndPlay) {
    const std::vector<std::string> names{"with space", "new\nline",   "\xff invalid",
                                         "\x1b[2J",    "back\\slash", "-dash"};
    for (const auto& name : names) Offer(name, name);
    Start();
    const auto list = Control({"list"});
    EXPECT_EQ(list.code, 0);
    EXPECT_EQ(list.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(list.out.find('\xff'), std::string::npos);
    EXPECT_EQ(std::count(list.out.begin(), list.out.end(), '\n'), 7);
    const auto json = Control({"--json", "list"});
    const auto entries = JsonLines(json.out).at(0)["entries"];
    ASSERT_EQ(entries.size(), names.size());
    for (const auto& entry : entries) {
        const auto id = entry["id"].get<std::string>();
        EXPECT_EQ(Control({"play", "#" + id, "--wait"}).code, 0) << entry;
    }
    for (const auto& name : names) {
        EXPECT_EQ(Control({"play", "--wait", "--", name}).code, 0) << name;
        EXPECT_EQ(ReadFile(m_dir.Path("out")), name);
    }
    for (const auto& entry : entries) {
        EXPECT_EQ(Control({"play", "--wait", "--", entry["name"]}).code, 0) << entry;
        EXPECT_TRUE(list.out.find(entry["name"]) != std::string::npos) << entry;
        const auto rendered = ReadFile(m_dir.Path("out"));
        EXPECT_EQ(PrintableName(rendered), entry["name"]);
    }
}

TEST_F(EndToEnd, C3_AFileThatIsCalledAsTheIdOfAnotherPlaysByWhatListPrints) {
    Offer("private", "of one");
    Start();
    const auto id =
        JsonLines(Control({"--json", "list"}).out).at(0)["entries"][0]["id"].get<std::string>();
    m_server.reset();
    m_renderer.reset();
    Offer("#" + id, "of another");
    Start();
    const auto list = Control({"list"}).out;
    const auto at = list.find("  #" + id);
    ASSERT_NE(at, std::string::npos) << list;
    const auto shown = list.substr(at + 2, list.find('\n', at) - at - 2);
    EXPECT_EQ(Control({"play", shown, "--wait"}).code, 0) << shown;
    EXPECT_EQ(ReadFile(m_output), "of another");
    EXPECT_EQ(Control({"play", "#" + id, "--wait"}).code, 0);
    EXPECT_EQ(ReadFile(m_output), "of one");
}

TEST_F(EndToEnd, B19_ARendererKeepsNoMoreThanItsUserAllows) {
    Offer("small", PatternText(200'000));
    Offer("large", PatternText(200'001));
    Start({}, {"--max-bytes", "200kB"});
    EXPECT_EQ(Control({"play", "small", "--wait"}).code, 0);
    EXPECT_TRUE(ReadFile(m_output) == PatternText(200'000));
    EXPECT_EQ(Control({"play", "large", "--wait"}).code, 1);
    EXPECT_TRUE(
        m_renderer->WaitSaid("failed at byte 0: the output failed: the content has 200001 bytes, "
                             "and --max-bytes lets '" +
                             m_output + "' have 200000\n"))
        << m_renderer->Err();
    EXPECT_TRUE(ReadFile(m_output) == PatternText(200'000));
    EXPECT_FALSE(std::filesystem::exists(m_output + ".part"));
}

TEST_F(EndToEnd, AFileThatMayNotGrowFailsTheRenderingAsAFullDiskDoes) {
    // What a test has ignored would be ignored by the program from the start.
    ::signal(SIGXFSZ, SIG_DFL);
    Offer("file", PatternText(400'000));
    m_dir.Write("out", "old");
    Start({}, {"--once"});
    const rlimit small{200'000, 200'000};
    ASSERT_EQ(::prlimit(m_renderer->Pid(), RLIMIT_FSIZE, &small, nullptr), 0);
    const auto play = Control({"play", "file", "--wait"});
    EXPECT_EQ(play.code, 1);
    EXPECT_NE(play.out.find("reason=failed rendered=200000 (the output failed)"), std::string::npos)
        << play.out;
    EXPECT_EQ(m_renderer->Wait(), 1) << m_renderer->Err();
    EXPECT_TRUE(RendererSays({"failed at byte 200000: the output failed: cannot write '" +
                              m_output + ".part': File too large"}))
        << m_renderer->Err();
    EXPECT_EQ(ReadFile(m_output), "old");
    EXPECT_FALSE(std::filesystem::exists(m_output + ".part"));
}

std::size_t Count(std::string_view text, std::string_view phrase) {
    std::size_t count = 0;
    for (auto at = text.find(phrase); at != text.npos; at = text.find(phrase, at + 1)) ++count;
    return count;
}

TEST_F(EndToEnd, C11_WhoMayControlDoesNotFillTheLog) {
    Offer("file", "x");
    Start();
    for (std::uint64_t i = 0; i < kLinesPerMinute + 2; ++i) {
        EXPECT_EQ(Control({"play", "file", "--wait"}).code, 0);
    }
    std::filesystem::remove(m_output);
    std::filesystem::create_directory(m_output);
    for (std::uint64_t i = 0; i < kLinesPerMinute + 3; ++i) {
        EXPECT_EQ(Control({"play", "file", "--wait"}).code, 1);
    }
    m_renderer->Signal(SIGTERM);
    EXPECT_EQ(m_renderer->Wait(), 143);
    EXPECT_EQ(Count(m_renderer->Out(), "rendered generation="), kLinesPerMinute + 2);
    EXPECT_EQ(Count(m_renderer->Out(), "\n"), kLinesPerMinute + 2) << "nothing else is told there";
    EXPECT_EQ(Count(m_renderer->Err(), ": the output failed: "), kLinesPerMinute);
    EXPECT_EQ(Count(m_renderer->Err(), "and 3 more failed renderings in that minute\n"), 1u)
        << m_renderer->Err();
}

TEST_F(EndToEnd, TenThousandFilesListAndPlayByName) {
    for (int i = 0; i < 10'000; ++i) Offer("file-" + std::to_string(i), std::to_string(i));
    Start();
    const auto list = Control({"--json", "list"});
    EXPECT_EQ(list.code, 0) << list.err;
    EXPECT_EQ(JsonLines(list.out).at(0)["entries"].size(), 10'000u);
    EXPECT_EQ(Control({"play", "file-9876", "--wait"}).code, 0);
    EXPECT_EQ(ReadFile(m_dir.Path("out")), "9876");
}

TEST_F(EndToEnd, WhatDoesNotExistIsSaid) {
    Offer("file", "x");
    Start();
    const auto play = Control({"play", "other"});
    EXPECT_EQ(play.code, 66);
    EXPECT_TRUE(play.err.starts_with("crsp-controller: play: no such entry")) << play.err;
    const auto server = Control({"--server-name", "nobody", "play", "file"});
    EXPECT_EQ(server.code, 69);
    EXPECT_NE(server.err.find("unknown server"), std::string::npos) << server.err;
    const auto pause = Control({"pause"});
    EXPECT_EQ(pause.code, 1);
    EXPECT_NE(pause.err.find("state"), std::string::npos) << pause.err;
}

TEST_F(EndToEnd, AServerKilledInMidStreamEndsTheRendering) {
    Offer("file", PatternText(4'000'000));
    Start({}, {"--rate", "200000", "--once"});
    auto controller = PlayAndWait("file");
    ASSERT_TRUE(AwaitPlaying());
    m_server->Signal(SIGKILL);
    EXPECT_EQ(m_renderer->Wait(), 1) << m_renderer->Err();
    EXPECT_EQ(controller.Wait(), 69);
    EXPECT_NE(controller.Out().find("reason=failed"), std::string::npos) << controller.Out();
    const auto stats = nlohmann::json::parse(ReadFile(m_dir.Path("renderer.json")));
    EXPECT_EQ(stats["renderer"]["last"]["complete"], false);
    EXPECT_FALSE(std::filesystem::exists(m_dir.Path("out")));
    EXPECT_TRUE(RendererSays({"crsp-renderer: rendering 1 (entry #", "of 'main') failed at byte ",
                              "server unreachable: the connection to the server is lost"}))
        << m_renderer->Err();
}

TEST_F(EndToEnd, ARendererKilledInMidStreamEndsTheWait) {
    Offer("file", PatternText(4'000'000));
    Start({}, {"--rate", "200000"});
    auto controller = PlayAndWait("file");
    ASSERT_TRUE(AwaitPlaying());
    m_renderer->Signal(SIGKILL);
    EXPECT_EQ(controller.Wait(), 69);
    EXPECT_EQ(controller.Err(),
              "crsp-controller: lost the renderer before the rendering had ended\n");
    EXPECT_EQ(Control({"list"}).code, 0);
}

TEST_F(EndToEnd, ARendererKilledInMidStreamFailsTheScript) {
    Offer("file", PatternText(4'000'000));
    Start({}, {"--rate", "200000"});
    auto controller = PlayByScript("file");
    ASSERT_TRUE(AwaitPlaying());
    m_renderer->Signal(SIGKILL);
    EXPECT_EQ(controller.Wait(), 69);
    EXPECT_EQ(controller.Err(),
              "crsp-controller: lost the renderer before the rendering had ended\n");
}

TEST_F(EndToEnd, ARenderingThatFailsFailsTheScript) {
    Offer("file", PatternText(4'000'000));
    Start({}, {"--rate", "200000"});
    auto controller = PlayByScript("file");
    ASSERT_TRUE(AwaitPlaying());
    std::ofstream(m_dir.Path("root/file"), std::ios::app) << "more";
    EXPECT_EQ(controller.Wait(), 1);
    EXPECT_NE(controller.Out().find("reason=failed"), std::string::npos) << controller.Out();
}

TEST_F(EndToEnd, C5_AFileChangedInPlaceWithItsTimeRestoredIsNeverComplete) {
    Offer("file", PatternText(4'000'000));
    struct stat before {};
    ASSERT_EQ(::stat(m_dir.Path("root/file").c_str(), &before), 0);
    Start({}, {"--rate", "200000", "--once"});
    auto controller = PlayAndWait("file");
    ASSERT_TRUE(AwaitPlaying());
    std::fstream(m_dir.Path("root/file"), std::ios::in | std::ios::out)
        << PatternText(4'000'000, 2);
    const std::array<timespec, 2> times{before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, m_dir.Path("root/file").c_str(), times.data(), 0), 0);
    EXPECT_EQ(m_renderer->Wait(), 1);
    EXPECT_EQ(controller.Wait(), 1);
    EXPECT_NE(controller.Out().find("reason=failed"), std::string::npos) << controller.Out();
    EXPECT_FALSE(std::filesystem::exists(m_dir.Path("out")));
}

/// Renders `name` on the standard output of the renderer and returns what it said there.
class ToStandardOutput : public EndToEnd {
  protected:
    std::string Render(const std::string& name, const Arguments& options) {
        m_output = "-";
        Start({}, Join({"--once"}, options));
        const auto end = Control({"play", "--wait", "--", name});
        EXPECT_EQ(end.code, 0) << end.err;
        EXPECT_EQ(m_renderer->Wait(), 0) << m_renderer->Err();
        return m_renderer->Out();
    }
};

TEST_F(ToStandardOutput, C10_NoControlFunctionOfAFileReachesATerminal) {
    std::string content = "begin\n";
    for (const auto& attack : test::kAttacks) content.append(attack.bytes).append("\n");
    Offer("file", content);
    const auto shown = Render("file", {"--portion", "1"});
    test::VtParser terminal(true);
    terminal.Feed(shown);
    EXPECT_EQ(terminal.ControlFunctions(), 0u) << shown;
    EXPECT_TRUE(terminal.AtRest());
    EXPECT_EQ(terminal.Newlines(), test::kAttacks.size() + 1);
}

TEST_F(ToStandardOutput, C12_APlayerGetsBytesAndNoShellEverSeesAName) {
    const std::string canary = "crsp-canary";
    const std::string name = "a; touch crsp-canary; $(touch crsp-canary) `touch crsp-canary` | x";
    const std::string playlist =
        "#EXTM3U\nfile:///etc/passwd\nav://lavfi:x\n|touch crsp-canary\n\x1b\xff";
    Offer(name, playlist);
    EXPECT_EQ(Render(name, {"--raw"}), playlist);
    EXPECT_FALSE(std::filesystem::exists(canary));
}

TEST_F(EndToEnd, AFileThatChangesInMidStreamEndsTheRendering) {
    Offer("file", PatternText(4'000'000));
    Start({}, {"--rate", "200000", "--once"});
    auto controller = PlayAndWait("file");
    ASSERT_TRUE(AwaitPlaying());
    std::ofstream(m_dir.Path("root/file"), std::ios::app) << "more";
    EXPECT_EQ(m_renderer->Wait(), 1);
    EXPECT_EQ(controller.Wait(), 1);
    EXPECT_TRUE(RendererSays({"failed at byte ", "the entry has changed"})) << m_renderer->Err();
}

TEST_F(EndToEnd, AnOutputThatFailsAtTheVeryEndFailsTheRendering) {
    Offer("file", PatternText(400'000));
    Start({}, {"--rate", "200000"});
    auto controller = PlayAndWait("file");
    ASSERT_TRUE(AwaitPlaying());
    ASSERT_EQ(Control({"pause"}).code, 0);
    std::filesystem::create_directory(m_dir.Path("out"));
    ASSERT_EQ(Control({"resume"}).code, 0);
    EXPECT_EQ(controller.Wait(), 1);
    EXPECT_NE(controller.Out().find("reason=failed rendered=400000 (the output failed)"),
              std::string::npos)
        << controller.Out();
    const auto status = Control({"status"});
    EXPECT_EQ(status.out.rfind("ERROR", 0), 0u) << status.out;
    EXPECT_NE(status.out.find("(the output failed)"), std::string::npos) << status.out;
    std::filesystem::remove(m_dir.Path("out"));
    EXPECT_EQ(Control({"play", "file"}).code, 0);
    m_renderer->Signal(SIGTERM);
    EXPECT_EQ(m_renderer->Wait(), 143);
    EXPECT_TRUE(RendererSays({"failed at byte 400000: the output failed: cannot render into '" +
                              m_dir.Path("out") + "': it is not a regular file"}))
        << m_renderer->Err();
}

TEST_F(EndToEnd, ASecondRendererIntoTheSameFileEnds) {
    Offer("long", PatternText(3'000'000));
    Start({}, {"--rate", "1000000", "--window", "65536", "--once"});
    ASSERT_EQ(Control({"play", "long"}).code, 0);
    const auto second =
        RunToEnd("crsp-renderer",
                 Join(Common(), {"--server", "main=" + m_serverAddress, "--output", m_output}));
    EXPECT_EQ(second.code, 1);
    EXPECT_EQ(second.err, "crsp-renderer: cannot render into '" + m_output +
                              "': another renderer does, and writes '" + m_output + ".part'\n");
    EXPECT_EQ(m_renderer->Wait(), 0) << m_renderer->Err();
    EXPECT_TRUE(ReadFile(m_output) == PatternText(3'000'000));
}

TEST_F(EndToEnd, AnotherKeyIsNoAnswer) {
    Offer("file", "x");
    Start();
    ASSERT_EQ(RunToEnd("crsp-server", {"genkey", m_dir.Path("other")}).code, 0);
    const auto list = RunToEnd("crsp-controller", {"--psk", m_dir.Path("other"), "--server",
                                                   m_serverAddress, "--timeout", "500ms", "list"});
    EXPECT_EQ(list.code, 69);
    EXPECT_EQ(list.err,
              "crsp-controller: could not reach the server at " + m_serverAddress +
                  " within 0.5 s: is it running, and does it share the key, or say --no-auth as "
                  "well?\n");
    EXPECT_EQ(Control({"list"}).code, 0);
}

TEST_F(EndToEnd, StandardOutputGetsSafeText) {
    Offer("file", "plain \x1b[31mred\n");
    Start();
    Process renderer("crsp-renderer", Join(Common(), {"--server", "main=" + m_serverAddress,
                                                      "--output", "-", "--once"}));
    m_rendererAddress = renderer.WaitListening();
    EXPECT_EQ(Control({"play", "file", "--wait"}).code, 0);
    EXPECT_EQ(renderer.Wait(), 0);
    EXPECT_EQ(renderer.Out(), "plain \\x1b[31mred\n");
}

TEST_F(EndToEnd, QlogIsWrittenWhenAsked) {
    Offer("file", "x");
    Start({}, {"--once", "--qlog-dir", m_dir.Path("qlog")});
    EXPECT_EQ(Control({"play", "file", "--wait"}).code, 0);
    EXPECT_EQ(m_renderer->Wait(), 0);
    const auto entry = *std::filesystem::directory_iterator(m_dir.Path("qlog"));
    EXPECT_EQ(entry.path().filename().string().rfind("crsp-renderer_", 0), 0u);
    std::istringstream records(ReadFile(entry.path()));
    std::size_t count = 0;
    for (std::string record; std::getline(records, record); ++count) {
        ASSERT_EQ(record.at(0), '\x1e');
        ASSERT_TRUE(nlohmann::json::accept(record.substr(1))) << record;
    }
    EXPECT_GT(count, 10u);
}

}  // namespace
}  // namespace crsp
