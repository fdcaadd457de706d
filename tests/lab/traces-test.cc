// SPDX-License-Identifier: GPL-2.0-only
//
// What a run leaves behind to look at, and that it tells the same as the run itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/qlog-schema.h"
#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Traces : public testing::Test {
  protected:
    int Shell(const std::string& command) const {
        const auto redirected =
            command + " >" + m_folder.Path("stdout") + " 2>" + m_folder.Path("stderr");
        return WEXITSTATUS(std::system(redirected.c_str()));
    }
    std::string Out() const { return ReadFile(m_folder.Path("stdout")); }
    std::string Errors() const { return ReadFile(m_folder.Path("stderr")); }

    /// That of the run, whose name goes on with a hash; with a slash.
    std::string FolderOf(const std::string& start) const {
        const std::filesystem::path path(m_folder.Path(start + "-"));
        for (const auto& each : std::filesystem::directory_iterator(path.parent_path())) {
            const auto name = each.path().filename().string();
            if (name.starts_with(path.filename().string())) return each.path().string() + "/";
        }
        return path.string() + "/";
    }

    /// Runs a small scenario with these options; the folder it left files in.
    std::string Run(const std::string& options) const {
        const int code = Shell(
            CRSP_BIN_DIR "/crsp-lab scenario " CRSP_SOURCE_DIR
                         "/scenarios/ge-2pct-b3.toml --seed 3 --set content.0.size=100kB --out " +
            m_folder.Path() + " " + options);
        EXPECT_EQ(code, 0) << Errors();
        return FolderOf("ge-2pct-b3/ns3-3");
    }

    const TempDir m_folder;
};

TEST_F(Traces, AreThereIfAskedForAndChangeNothing) {
    const auto folder = Run("");
    const auto plain = ReadFile(folder + "run.json");
    for (const char* file : {"keys.log", "netanim.xml", "ascii.tr", "flow-monitor.xml"}) {
        EXPECT_FALSE(std::filesystem::exists(folder + file)) << file;
    }
    Run("--netanim --ascii --flow-monitor --keylog");
    EXPECT_THAT(ReadFile(folder + "netanim.xml"), StartsWith("<anim "));
    EXPECT_THAT(ReadFile(folder + "netanim.xml"), HasSubstr("</anim>"));
    EXPECT_THAT(ReadFile(folder + "ascii.tr"), HasSubstr("UdpHeader"));
    EXPECT_THAT(ReadFile(folder + "flow-monitor.xml"), HasSubstr("</FlowMonitor>"));
    EXPECT_THAT(ReadFile(folder + "keys.log"), StartsWith("CRSP1_INITIATOR_KEY "));
    EXPECT_EQ(std::filesystem::status(folder + "keys.log").permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto metrics = [](const std::string& text) {
        return nlohmann::json::parse(text)["metrics"];
    };
    EXPECT_EQ(metrics(ReadFile(folder + "run.json")), metrics(plain));
}

constexpr const char* kEventful = R"toml(
[scenario]
name = "eventful"
description = "All that a marker tells of"
source = "own"
stop = "20 s"
[link]
rate = "5 Mbit/s"
delay = "20 ms"
queue = "100 kB"
steps = [ { at = "1 s", rate = "2 Mbit/s" } ]
up = { blackout = [ { at = "1.5 s", for = "200 ms" } ] }
[[content]]
name = "song"
size = "1 MB"
[[script]]
at = "0 s"
do = "play"
entry = "song"
[[script]]
at = "500 ms"
do = "pause"
[[script]]
at = "800 ms"
do = "resume"
[[fault]]
at = "2 s"
do = "kill"
node = "renderer"
[[fault]]
after = "10 ms"
do = "start"
node = "renderer"
[expect]
completes = false
)toml";

TEST_F(Traces, QlogsAreAsDocumentedAndMarkWhatTheScenarioDoes) {
    const std::string file = m_folder.Write("eventful.toml", kEventful);
    const std::string lab = CRSP_BIN_DIR "/crsp-lab scenario " + file + " --out ";
    static_cast<void>(Shell(lab + m_folder.Path("with")));
    const auto folder = FolderOf("with/eventful/ns3-1");
    const auto documented = test::DocumentedQlogSchema();
    std::set<std::string> written;
    for (const char* node : {"server", "renderer", "controller"}) {
        std::string markers;
        test::QlogSchema schema;
        std::istringstream records(ReadFile(folder + node + ".sqlog"));
        for (std::string record; std::getline(records, record);) {
            const auto event = nlohmann::json::parse(record.substr(1));
            test::AddTo(schema, event);
            if (event.value("name", "") != "simulation:marker") continue;
            markers += std::to_string(std::lround(event["time"].get<double>())) + " " +
                       event["data"]["type"].get<std::string>() + " " +
                       event["data"]["message"].get<std::string>() + "\n";
        }
        EXPECT_EQ(markers,
                  "0 command renderer: play\n500 command renderer: pause\n"
                  "800 command renderer: resume\n1000 link hop 0 down: 2 Mbit/s\n"
                  "1000 link hop 0 up: 2 Mbit/s\n1500 link hop 0 up: blackout for 0.2 s\n"
                  "2000 fault kill renderer\n2010 fault start renderer\n")
            << node;
        for (const auto& [event, members] : schema) {
            written.insert(event);
            ASSERT_TRUE(documented.contains(event)) << event;
            EXPECT_EQ(members, documented.at(event)) << event;
        }
    }
    for (const char* event : {"simulation:scenario", "simulation:marker", "crsp:packets_acked",
                              "crsp:packet_sent", "crsp:media_event"}) {
        EXPECT_TRUE(written.contains(event)) << event;
    }
    // Whoever looks on changes nothing.
    static_cast<void>(Shell(lab + m_folder.Path("without") + " --no-qlog"));
    const auto digestOf = [&](const char* out) {
        const auto run = ReadFile(FolderOf(std::string(out) + "/eventful/ns3-1") + "run.json");
        return nlohmann::json::parse(run)["digest"];
    };
    EXPECT_EQ(digestOf("with"), digestOf("without"));
}

TEST_F(Traces, OfNs3AreNotOfLiveRuns) {
    const std::string scenario = CRSP_BIN_DIR "/crsp-lab scenario " CRSP_SOURCE_DIR
                                              "/scenarios/ge-2pct-b3.toml --out " +
                                 m_folder.Path();
    EXPECT_EQ(Shell(scenario + " --live --ascii --flow-monitor"), 64);
    EXPECT_EQ(Errors(), "crsp-lab: --ascii --flow-monitor: of ns-3 only, not of live runs\n");
}

/// By connection and packet number, the names of the frames that the server says it has sent.
std::map<std::string, std::string> FramesInQlog(const std::string& path) {
    std::map<std::string, std::string> frames;
    std::istringstream records(ReadFile(path));
    for (std::string record; std::getline(records, record);) {
        const auto event = nlohmann::json::parse(record.substr(1));
        if (event.value("name", "") != "crsp:packet_sent") continue;
        const auto& header = event["data"]["header"];
        if (header["packet_type"] != "data") continue;
        std::string names;
        for (const auto& frame : event["data"]["frames"]) {
            names += frame["frame_type"].get<std::string>() + " ";
        }
        frames["0x" + event["group_id"].get<std::string>() + " " +
               std::to_string(header["packet_number"].get<std::uint64_t>())] = names;
    }
    return frames;
}

/// The same as the dissector tells it of the capture.
std::map<std::string, std::string> FramesInCapture(const std::string& text) {
    std::map<std::string, std::string> frames;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream cells(line);
        std::string connection;
        std::string number;
        std::string names;
        std::getline(cells, connection, '\t');
        std::getline(cells, number, '\t');
        std::getline(cells, names);
        std::string list;
        std::istringstream words(names);
        for (std::string word; std::getline(words, word, ',');) {
            std::ranges::transform(word, word.begin(), [](unsigned char c) {
                return static_cast<char>(std::tolower(c));
            });
            if (word != "padding") list += word + " ";
        }
        frames[connection + " " + number] = list;
    }
    return frames;
}

TEST_F(Traces, DecryptedCaptureTellsTheSameAsTheQlog) {
    if (Shell("command -v tshark") != 0) GTEST_SKIP() << "there is no tshark";
    const auto folder = Run("--keylog");
    const auto clear = m_folder.Path("clear.pcap");
    const std::string decrypt =
        CRSP_BIN_DIR "/crsp decrypt --keys " + folder + "keys.log " + folder + "bottleneck.pcap ";
    ASSERT_EQ(Shell(decrypt + clear), 0) << Errors();
    EXPECT_THAT(Out(), HasSubstr(" 0 cut off, 0 without a key, 0 that do not open"));
    const std::string tshark =
        "tshark -n -X lua_script:" CRSP_SOURCE_DIR "/apps/wireshark/crsp.lua -r " + clear + " ";
    ASSERT_EQ(Shell(tshark + "-T fields -e crsp.connection -e crsp.packet_number -e "
                             "crsp.frame.name -Y 'udp.srcport == 59001 && crsp.packet_number'"),
              0);
    const auto captured = FramesInCapture(Out());
    EXPECT_GT(captured.size(), 80u);
    EXPECT_EQ(captured, FramesInQlog(folder + "server.sqlog"));
    ASSERT_EQ(Shell(tshark + "-T fields -e crsp.message.type -Y crsp.message"), 0);
    for (const char* type : {"10\n", "11\n", "20\n", "21\n"}) EXPECT_THAT(Out(), HasSubstr(type));
    ASSERT_EQ(Shell(tshark + "-Y _ws.expert"), 0);
    EXPECT_EQ(Out(), "");
}

TEST_F(Traces, OfLiveProgramsCanBeDecryptedToo) {
    Run("--live --keylog");
    const auto folder = FolderOf("ge-2pct-b3/live-3");
    for (const char* node : {"server", "renderer", "controller"}) {
        ASSERT_EQ(Shell(CRSP_BIN_DIR "/crsp decrypt --keys " + folder + "keys.log " + folder +
                        node + ".pcap " + m_folder.Path("clear.pcap")),
                  0);
        EXPECT_THAT(Out(), HasSubstr(" 0 cut off, 0 without a key, 0 that do not open")) << node;
        EXPECT_THAT(Out(), testing::Not(HasSubstr(" 0 decrypted"))) << node;
    }
    EXPECT_THAT(ReadFile(folder + "server.stderr"), HasSubstr("can read and forge everything"));
    EXPECT_FALSE(std::filesystem::exists(folder + "relay-server.pcap"));
}

TEST_F(Traces, WhatCannotBeDecryptedIsSaid) {
    const auto folder = Run("--keylog");
    const std::string decrypt = CRSP_BIN_DIR "/crsp decrypt --keys ";
    const std::string capture = folder + "bottleneck.pcap";
    const auto clear = m_folder.Path("clear.pcap");
    EXPECT_EQ(Shell(decrypt + m_folder.Path("none") + " " + capture + " " + clear), 66);
    EXPECT_EQ(Shell(decrypt + m_folder.Write("empty", "nothing\n") + " " + capture + " " + clear),
              65);
    EXPECT_EQ(Shell(decrypt + folder + "keys.log " + folder + "keys.log " + clear), 65);
    EXPECT_EQ(Shell(decrypt + folder + "keys.log " + capture + " " + capture), 64);
    // Keys of another run.
    const auto keys = ReadFile(folder + "keys.log");
    const auto other = m_folder.Write("other", keys.substr(0, 20) +
                                                   "0000000000000000 "
                                                   "0000000000000000" +
                                                   keys.substr(53, 70));
    EXPECT_EQ(Shell(decrypt + other + " " + capture + " " + clear), 1);
    EXPECT_THAT(Out(), HasSubstr("0 decrypted"));
}

}  // namespace
}  // namespace crsp::lab
