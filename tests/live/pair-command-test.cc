// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/pair-command.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/live/environment.h"
#include "tests/live/keyed-nodes.h"

namespace crsp {
namespace {

/// Two people at two terminals.
class PairedPrograms : public KeyedNodes {
  protected:
    void SetUp() override {
        KeyedNodes::SetUp();
        NewKey("left");
        NewKey("right");
    }
    void Begin(const Arguments& leftOptions = {}, const Arguments& rightOptions = {},
               bool peersFiles = true) {
        const auto pair = [&](const std::string& node) {
            return Join({"pair", "--code"}, Keys(node));
        };
        for (const auto* node : {"left", "right"}) {
            if (peersFiles && !std::filesystem::exists(m_dir.Path(std::string(node) + ".peers"))) {
                WritePeers(node, "");
            }
        }
        m_left.emplace("crsp", Join(Join(pair("left"), {"--listen", "127.0.0.1:0"}), leftOptions),
                       Process::Input::kTyped);
        const auto address = m_left->WaitListening();
        ASSERT_NE(address, "") << m_left->Err();
        m_right.emplace("crsp", Join(Join(pair("right"), {address}), rightOptions),
                        Process::Input::kTyped);
    }
    static std::string CodeOf(Process& process) {
        EXPECT_TRUE(process.WaitSaid("Type the code")) << process.Err();
        const auto at = process.Err().find("  code        ");
        return at == std::string::npos ? "" : process.Err().substr(at + 14, 7);
    }

    std::optional<Process> m_left;
    std::optional<Process> m_right;
};

TEST_F(PairedPrograms, BothKnowEachOtherAfterwards) {
    Begin({"--name", "right", "--may", "read", "--entries", "*.mp4"},
          {"--name", "left", "--address", "box.lan:59001"});
    const auto left = CodeOf(*m_left);
    EXPECT_EQ(left, CodeOf(*m_right));
    ASSERT_EQ(left.size(), 7u);
    m_left->Type(left + "\n");
    m_right->Type(left.substr(0, 3) + left.substr(4) + "\n");
    EXPECT_EQ(m_left->Wait(), 0) << m_left->Err();
    EXPECT_EQ(m_right->Wait(), 0) << m_right->Err();
    EXPECT_EQ(m_left->Out(),
              "paired right " + FingerprintOf("right") + " may=read entries=*.mp4\n");
    const auto key = [&](const std::string& node) {
        return FirstLine(RunToEnd("crsp", {"key", "show", m_dir.Path(node + ".key")}).out);
    };
    EXPECT_EQ(ReadFile(m_dir.Path("left.peers")),
              "right " + key("right") + " may=read entries=*.mp4\n");
    EXPECT_EQ(ReadFile(m_dir.Path("right.peers")),
              "left " + key("left") + " address=box.lan:59001\n");
}

TEST_F(PairedPrograms, C7_AnythingButTheCodeStoresNothing) {
    for (const auto* answer : {"y\n", "000 00\n", "\n", "1000000\n"}) {
        Begin();
        const auto code = CodeOf(*m_left);
        ASSERT_EQ(code, CodeOf(*m_right));
        m_right->Type(code + "\n");
        m_left->Type(answer);
        EXPECT_EQ(m_left->Wait(), 77) << m_left->Err();
        EXPECT_EQ(m_right->Wait(), 77) << m_right->Err();
        EXPECT_EQ(ReadFile(m_dir.Path("left.peers")), "");
        EXPECT_EQ(ReadFile(m_dir.Path("right.peers")), "");
    }
}

TEST_F(PairedPrograms, C7_AChangedKeyIsRefusedBeforeAnybodyIsAsked) {
    WritePeers("left", "right " + NewKey("right") + "\n");
    const auto known = FingerprintOf("right");
    NewKey("right");
    Begin({"--name", "right"}, {"--name", "left"});
    EXPECT_EQ(m_left->Wait(), 77);
    EXPECT_EQ(m_right->Wait(), 77);
    for (const auto& phrase : {known, FingerprintOf("right"), std::string("crsp revoke right")}) {
        EXPECT_NE(m_left->Err().find(phrase), std::string::npos) << m_left->Err();
    }
    EXPECT_EQ(m_left->Err().find("Type the code"), std::string::npos);
    EXPECT_EQ(ReadFile(m_dir.Path("right.peers")), "");
}

TEST_F(PairedPrograms, AKnownKeyUnderAnotherNameIsRefused) {
    const auto key = FirstLine(RunToEnd("crsp", {"key", "show", m_dir.Path("right.key")}).out);
    WritePeers("left", "old " + key + "\n");
    Begin({"--name", "new"});
    EXPECT_EQ(m_left->Wait(), 77);
    EXPECT_NE(m_left->Err().find("is known as 'old' already"), std::string::npos) << m_left->Err();
    const auto remedy = "crsp revoke old --peers " + m_dir.Path("left.peers");
    EXPECT_NE(m_left->Err().find(remedy), std::string::npos) << m_left->Err();
    EXPECT_EQ(ReadFile(m_dir.Path("left.peers")), "old " + key + "\n");
}

TEST_F(PairedPrograms, PairingAgainPutsAPeerOnNewTermsOnceThePeopleAgree) {
    const auto key = FirstLine(RunToEnd("crsp", {"key", "show", m_dir.Path("right.key")}).out);
    const auto before = "right " + key + " may=read entries=*.mp4 # the tv\n";
    WritePeers("left", before);
    const auto pair = [&](const Arguments& left, const std::string& typed) {
        Begin(Join({"--name", "right"}, left), {"--name", "left"});
        const auto code = CodeOf(*m_right);
        EXPECT_EQ(CodeOf(*m_left), code);
        m_left->Type((typed.empty() ? code : typed) + "\n");
        m_right->Type(code + "\n");
        m_right->Wait();
        return m_left->Wait();
    };
    const auto paired = "paired right " + FingerprintOf("right") + " ";
    EXPECT_EQ(pair({"--may", "control"}, "no"), 77);
    EXPECT_EQ(ReadFile(m_dir.Path("left.peers")), before);
    EXPECT_EQ(pair({}, ""), 0);
    EXPECT_EQ(m_left->Out(), paired + "as before\n");
    EXPECT_EQ(m_left->Err().find("until now"), std::string::npos) << m_left->Err();
    EXPECT_EQ(ReadFile(m_dir.Path("left.peers")), before);
    EXPECT_EQ(pair({"--may", "control,observe", "--address", "tv.lan:59002"}, ""), 0);
    for (const auto* said : {"  until now   may=read entries=*.mp4\n",
                             "  then        may=control,observe address=tv.lan:59002\n",
                             "nodes that run have to be told: kill -HUP PID"}) {
        EXPECT_NE(m_left->Err().find(said), std::string::npos) << m_left->Err();
    }
    EXPECT_EQ(m_left->Out(), paired + "may=control,observe address=tv.lan:59002\n");
    EXPECT_EQ(ReadFile(m_dir.Path("left.peers")),
              "right " + key + " may=control,observe address=tv.lan:59002 # the tv\n");
}

TEST_F(PairedPrograms, C7_ANodeDoesNotPairWithItself) {
    std::filesystem::copy_file(m_dir.Path("left.key"), m_dir.Path("right.key"),
                               std::filesystem::copy_options::overwrite_existing);
    Begin({"--may", "read"}, {"--may", "control"});
    for (auto* side : {&*m_left, &*m_right}) {
        EXPECT_EQ(side->Wait(), 77);
        EXPECT_NE(
            side->Err().find("crsp: the other side is this node itself: it has the same key, " +
                             FingerprintOf("left")),
            std::string::npos)
            << side->Err();
        EXPECT_EQ(side->Err().find("Type the code"), std::string::npos) << side->Err();
    }
    EXPECT_EQ(ReadFile(m_dir.Path("left.peers")), "");
    EXPECT_EQ(ReadFile(m_dir.Path("right.peers")), "");
}

TEST_F(PairedPrograms, APeersFileThatIsMissingIsMade) {
    std::filesystem::remove(m_dir.Path("left.peers"));
    Begin({"--name", "right"}, {"--name", "left"}, false);
    const auto code = CodeOf(*m_left);
    m_left->Type(code + "\n");
    m_right->Type(CodeOf(*m_right) + "\n");
    EXPECT_EQ(m_left->Wait(), 0) << m_left->Err();
    EXPECT_EQ(m_right->Wait(), 0) << m_right->Err();
    for (const auto* node : {"left", "right"}) {
        struct stat status {};
        ASSERT_EQ(::stat(m_dir.Path(std::string(node) + ".peers").c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0600u);
    }
    const auto nowhere =
        RunToEnd("crsp", {"pair", "--code", "--key", m_dir.Path("left.key"), "--peers",
                          m_dir.Path("none/peers"), "--listen", "127.0.0.1:0", "--timeout", "1s"});
    EXPECT_EQ(nowhere.code, 66);
    EXPECT_NE(nowhere.err.find("the folder '" + m_dir.Path("none") + "'"), std::string::npos)
        << nowhere.err;
    EXPECT_FALSE(std::filesystem::exists(m_dir.Path("none")));
}

TEST_F(PairedPrograms, PairingAgainWithoutANameKeepsTheName) {
    const auto key = FirstLine(RunToEnd("crsp", {"key", "show", m_dir.Path("right.key")}).out);
    WritePeers("left", "bee " + key + " may=read\n");
    Begin({"--may", "control"}, {"--name", "left"});
    const auto code = CodeOf(*m_left);
    m_left->Type(code + "\n");
    m_right->Type(CodeOf(*m_right) + "\n");
    EXPECT_EQ(m_left->Wait(), 0) << m_left->Err();
    EXPECT_EQ(m_right->Wait(), 0) << m_right->Err();
    EXPECT_EQ(ReadFile(m_dir.Path("left.peers")), "bee " + key + " may=control\n");
}

TEST_F(PairedPrograms, WithoutATerminalTheCodeHasToCome) {
    const auto blind = RunToEnd("crsp", Join({"pair", "127.0.0.1:1"}, Keys("left")));
    EXPECT_EQ(blind.code, 64);
    EXPECT_NE(blind.err.find("--code"), std::string::npos) << blind.err;
}

TEST_F(PairedPrograms, WithoutAnIdentityTheRemedyIsOneForPairing) {
    const Environment config("XDG_CONFIG_HOME", m_dir.Path("none"));
    ASSERT_EQ(RunToEnd("crsp-server", {"genkey", m_dir.Path("psk")}).code, 0);
    for (const auto& factor : {Arguments{}, Arguments{"--psk", m_dir.Path("psk")}}) {
        const auto end = RunToEnd("crsp", Join({"pair", "--code", "127.0.0.1:1"}, factor));
        EXPECT_EQ(end.code, 78);
        EXPECT_EQ(end.err, "crsp: this node has no identity in '" +
                               m_dir.Path("none/crsp/identity.key") +
                               "': run crsp key generate, then pair again; or name the one it has "
                               "with --key FILE\n");
    }
}

TEST_F(PairedPrograms, NobodyThereIsUnavailableAndNobodyComingATimeout) {
    WritePeers("left", "");
    const auto pair = Join({"pair", "--code", "--timeout", "1s"}, Keys("left"));
    const auto nobody = RunToEnd("crsp", Join(pair, {"127.0.0.1:1"}));
    EXPECT_TRUE(nobody.code == 69 || nobody.code == 75) << nobody.err;
    EXPECT_EQ(RunToEnd("crsp", Join(pair, {"--listen", "127.0.0.1:0"})).code, 75);
    EXPECT_EQ(RunToEnd("crsp", Join(pair, {"--listen", "127.0.0.1:0", "127.0.0.1:1"})).code, 64);
    EXPECT_EQ(RunToEnd("crsp", pair).code, 64);
}

}  // namespace
}  // namespace crsp
