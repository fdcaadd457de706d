// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>

#include "apps/live/asio-address.h"
#include "apps/live/file-descriptor.h"
#include "model/wire/packet-header.h"
#include "tests/live/environment.h"
#include "tests/live/process.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

using Arguments = std::vector<std::string>;

Arguments Join(Arguments a, const Arguments& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::string FirstLine(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// Nodes with identities and peers files of their own, made by the programs themselves.
class KeyedNodes : public ::testing::Test {
  protected:
    void SetUp() override {
        std::filesystem::create_directory(m_dir.Path("root"));
        m_dir.Write("root/file", PatternText(200'000));
    }
    /// The public key of `node`, which gets an identity now.
    std::string NewKey(const std::string& node) {
        const auto end =
            RunToEnd("crsp", {"key", "generate", m_dir.Path(node + ".key"), "--force"});
        EXPECT_EQ(end.code, 0) << end.err;
        return FirstLine(end.out);
    }
    std::string FingerprintOf(const std::string& node) {
        return FirstLine(RunToEnd("crsp", {"key", "fingerprint", m_dir.Path(node + ".key")}).out);
    }
    Arguments Keys(const std::string& node) {
        return {"--key", m_dir.Path(node + ".key"), "--peers", m_dir.Path(node + ".peers")};
    }
    void WritePeers(const std::string& node, const std::string& text) {
        m_dir.Write(node + ".peers", text);
    }
    Arguments Node(const std::string& node) {
        return Join(Keys(node), {"--listen", "127.0.0.1:0", "--idle-timeout", "3s"});
    }
    /// Server and renderer that know each other and a controller; returns when both are up.
    void StartTrio() {
        const auto server = NewKey("server");
        const auto renderer = NewKey("renderer");
        const auto controller = NewKey("controller");
        WritePeers("server",
                   "renderer " + renderer + " may=read\ncontroller " + controller + " may=read\n");
        m_server.emplace("crsp-server", Join(Node("server"), {"--root", m_dir.Path("root")}));
        m_serverAddress = m_server->WaitListening();
        ASSERT_NE(m_serverAddress, "") << m_server->Err();
        WritePeers("renderer", "server " + server + " address=" + m_serverAddress +
                                   "\ncontroller " + controller + " may=control\n");
        m_renderer.emplace(
            "crsp-renderer",
            Join(Node("renderer"), {"--server", "server", "--output", m_dir.Path("out")}));
        m_rendererAddress = m_renderer->WaitListening();
        ASSERT_NE(m_rendererAddress, "") << m_renderer->Err();
        WritePeers("controller", "server " + server + " address=" + m_serverAddress +
                                     "\nrenderer " + renderer + " address=" + m_rendererAddress +
                                     "\n");
    }
    Finished Control(const Arguments& arguments) {
        return RunToEnd("crsp-controller", Join(Join(Keys("controller"),
                                                     {"--server", m_serverReference, "--renderer",
                                                      m_rendererReference, "--timeout", m_timeout}),
                                                arguments));
    }
    Finished ListAt(const std::string& server) {
        m_serverReference = server;
        return Control({"list"});
    }

    TempDir m_dir;
    std::optional<Process> m_server;
    std::optional<Process> m_renderer;
    std::string m_serverAddress;
    std::string m_rendererAddress;
    std::string m_serverReference = "server";
    std::string m_rendererReference = "renderer";
    std::string m_timeout = "2s";
};

TEST_F(KeyedNodes, PeersByNamePlayAFile) {
    StartTrio();
    const auto list = Control({"list"});
    EXPECT_EQ(list.code, 0) << list.err;
    EXPECT_NE(list.out.find("file"), std::string::npos);
    const auto play = Control({"play", "file", "--wait"});
    EXPECT_EQ(play.code, 0) << play.err << m_renderer->Err();
    EXPECT_TRUE(ReadFile(m_dir.Path("out")) == PatternText(200'000));
}

TEST_F(KeyedNodes, PeersByAddressOrByKeyAreTheSame) {
    StartTrio();
    EXPECT_EQ(ListAt(m_serverAddress).code, 0);
    EXPECT_EQ(ListAt("server=" + m_serverAddress).code, 0);
    const auto key = FirstLine(RunToEnd("crsp", {"key", "show", m_dir.Path("server.key")}).out);
    WritePeers("controller", "");
    EXPECT_EQ(ListAt(key + "@" + m_serverAddress).code, 0);
    const auto unknown = ListAt("server");
    EXPECT_EQ(unknown.code, 78);
    EXPECT_NE(unknown.err.find("nobody called 'server' is in the peers file"), std::string::npos)
        << unknown.err;
    EXPECT_EQ(ListAt(m_serverAddress).code, 78);
}

TEST_F(KeyedNodes, C7_ARevokedPeerIsOutAtOnce) {
    m_dir.Write("root/long", PatternText(3'000'000));
    StartTrio();
    m_renderer.reset();
    m_renderer.emplace("crsp-renderer",
                       Join(Node("renderer"), {"--server", "server", "--rate", "100000"}));
    const auto address = m_renderer->WaitListening();
    m_rendererReference = "renderer=" + address;
    ASSERT_EQ(Control({"play", "long"}).code, 0);
    ASSERT_EQ(RunToEnd("crsp", {"revoke", "renderer", "--peers", m_dir.Path("server.peers")}).code,
              0);
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("again: 1 known")) << m_server->Err();
    EXPECT_TRUE(m_renderer->WaitSaid("the connection to the server is lost")) << m_renderer->Err();
    EXPECT_EQ(Control({"list"}).code, 0) << "others are not disturbed";
    EXPECT_NE(Control({"play", "long"}).code, 0);

    ASSERT_EQ(
        RunToEnd("crsp", {"revoke", "controller", "--peers", m_dir.Path("renderer.peers")}).code,
        0);
    m_renderer->Signal(SIGHUP);
    EXPECT_TRUE(m_renderer->WaitSaid("again: 1 known")) << m_renderer->Err();
    EXPECT_EQ(Control({"status"}).code, 77);
}

TEST_F(KeyedNodes, R6_AfterAServerWasKilledTheRenderingGoesOnWithTheNext) {
    m_dir.Write("root/long", PatternText(3'000'000));
    StartTrio();
    m_renderer.reset();
    // On a port that was named, so that the next process may say that it knows nothing.
    const Arguments server =
        Join(Keys("server"), {"--listen", m_serverAddress, "--root", m_dir.Path("root")});
    m_server.emplace("crsp-server", server);
    ASSERT_EQ(m_server->WaitListening(), m_serverAddress) << m_server->Err();
    m_renderer.emplace(
        "crsp-renderer",
        Join(Node("renderer"), {"--server", "server", "--rate", "1000000", "--window", "65536",
                                "--output", m_dir.Path("long"), "--verbose"}));
    m_rendererReference = "renderer=" + m_renderer->WaitListening();
    ASSERT_EQ(Control({"play", "long"}).code, 0);
    m_server->Signal(SIGKILL);
    EXPECT_EQ(m_server->Wait(), 128 + SIGKILL);
    m_server.emplace("crsp-server", server);
    ASSERT_EQ(m_server->WaitListening(), m_serverAddress) << m_server->Err();
    EXPECT_TRUE(m_renderer->WaitSaid("ENDED")) << m_renderer->Err();
    EXPECT_TRUE(ReadFile(m_dir.Path("long")) == PatternText(3'000'000));
    EXPECT_NE(m_renderer->Err().find("STATELESS_RESET"), std::string::npos) << m_renderer->Err();
}

/// The token with which the node at `address` ends a connection that it does not know.
std::optional<std::array<std::byte, 16>> TokenOf(const std::string& address) {
    const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = Process::kPatience.count(), .tv_usec = 0};
    ::setsockopt(socket.Get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(ParseHostPort(address).value().port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::array<std::byte, 100> datagram{};
    EncodePacketHeader(datagram, DataHeader{7, 1});
    ::sendto(socket.Get(), datagram.data(), datagram.size(), 0,
             reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    const auto size = ::recv(socket.Get(), datagram.data(), datagram.size(), 0);
    if (size <= 0) return std::nullopt;
    const auto header =
        DecodePacketHeader(ConstByteSpan(datagram).first(static_cast<std::size_t>(size)));
    const auto* reset = header ? std::get_if<ResetHeader>(&*header) : nullptr;
    return reset ? std::optional(reset->token) : std::nullopt;
}

TEST_F(KeyedNodes, B15_NodesOfOneIdentityCannotEndEachOthersConnections) {
    NewKey("server");
    WritePeers("server", "");
    const auto start = [&](const std::string& listen) {
        auto server = std::make_unique<Process>(
            "crsp-server",
            Join(Keys("server"), {"--listen", listen, "--root", m_dir.Path("root")}));
        EXPECT_NE(server->WaitListening(), "") << server->Err();
        return server;
    };
    // Ports that are free; a server has a lasting secret only where its port was named.
    auto first = start("127.0.0.1:0");
    auto second = start("127.0.0.1:0");
    const auto one = first->WaitListening();
    const auto other = second->WaitListening();
    first.reset();
    second.reset();
    auto server = start(one);
    const auto token = TokenOf(one);
    ASSERT_TRUE(token);
    const auto sibling = start(other);
    EXPECT_NE(TokenOf(other), token);
    server.reset();
    server = start(one);
    EXPECT_EQ(TokenOf(one), token) << "it ends what it has forgotten itself";
}

TEST_F(KeyedNodes, ARevokedServerIsNotPulledFrom) {
    StartTrio();
    ASSERT_EQ(RunToEnd("crsp", {"revoke", "server", "--peers", m_dir.Path("renderer.peers")}).code,
              0);
    m_renderer->Signal(SIGHUP);
    EXPECT_TRUE(m_renderer->WaitSaid("again: 1 known"));
    EXPECT_NE(Control({"play", "file", "--wait"}).code, 0);
    EXPECT_TRUE(m_renderer->WaitSaid("the server was revoked")) << m_renderer->Err();
}

TEST_F(KeyedNodes, ABadPeersFileChangesNothing) {
    StartTrio();
    WritePeers("server", "nonsense\n");
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("THE PEERS STAY AS THEY WERE: ")) << m_server->Err();
    EXPECT_TRUE(m_server->WaitSaid("server.peers:1: expected the public key of 'nonsense'"));
    EXPECT_EQ(Control({"list"}).code, 0);
}

TEST_F(KeyedNodes, C7_WithoutAPeersFileNobodyIsKnown) {
    StartTrio();
    ASSERT_EQ(Control({"list"}).code, 0);
    const auto path = m_dir.Path("server.peers");
    const auto peers = ReadFile(path);
    std::filesystem::remove(path);
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(
        m_server->WaitSaid("NOBODY OF THE PEERS FILE IS KNOWN ANY MORE: cannot open the "
                           "peers file '" +
                           path + "': No such file"))
        << m_server->Err();
    EXPECT_EQ(Control({"list"}).code, 77);
    m_dir.Write("server.peers", peers);
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("again: 2 known")) << m_server->Err();
    EXPECT_EQ(Control({"list"}).code, 0);
    // Whoever else can write it could let anybody in.
    ::chmod(path.c_str(), 0666);
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("can be written by others (mode 0666)")) << m_server->Err();
    EXPECT_EQ(Control({"list"}).code, 77);
}

TEST_F(KeyedNodes, C7_WithoutAPeersFileTheConnectionsThereAreEnd) {
    m_dir.Write("root/long", PatternText(3'000'000));
    StartTrio();
    m_renderer.reset();
    m_renderer.emplace("crsp-renderer",
                       Join(Node("renderer"), {"--server", "server", "--rate", "100000"}));
    m_rendererReference = "renderer=" + m_renderer->WaitListening();
    ASSERT_EQ(Control({"play", "long"}).code, 0);
    std::filesystem::remove(m_dir.Path("server.peers"));
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_renderer->WaitSaid("the connection to the server is lost")) << m_renderer->Err();
}

TEST_F(KeyedNodes, C7_AChangedKeyIsRefusedWithTheRemedy) {
    StartTrio();
    const auto expected = FingerprintOf("server");
    m_server.reset();
    NewKey("server");
    Process impostor("crsp-server", Join(Keys("server"), {"--listen", m_serverAddress, "--root",
                                                          m_dir.Path("root")}));
    ASSERT_NE(impostor.WaitListening(), "") << impostor.Err();
    const auto list = Control({"list"});
    EXPECT_EQ(list.code, 77) << list.err;
    for (const auto& phrase :
         {"'server' at " + m_serverAddress, expected, std::string("crsp revoke server"),
          std::string("crsp pair"), std::string("crsp peers")}) {
        EXPECT_NE(list.err.find(phrase), std::string::npos) << phrase << " in " << list.err;
    }
    EXPECT_EQ(list.err.find('\n'), list.err.size() - 1) << list.err;
    m_timeout = "15s";
    EXPECT_NE(Control({"play", "#1"}).code, 0);
    EXPECT_TRUE(m_renderer->WaitSaid("'server' at " + m_serverAddress + " did not prove the key " +
                                     expected))
        << m_renderer->Err();
}

TEST_F(KeyedNodes, APeerThatIsKnownMayOnlyDoWhatItsLineSays) {
    StartTrio();
    const auto key = FirstLine(RunToEnd("crsp", {"key", "show", m_dir.Path("controller.key")}).out);
    WritePeers("server", "controller " + key + "\n");
    m_server->Signal(SIGHUP);
    ASSERT_TRUE(m_server->WaitSaid("again: 1 known"));
    const auto list = Control({"list"});
    EXPECT_EQ(list.out.find("file"), std::string::npos) << list.out;
    WritePeers("server", "controller " + key + " may=read entries=fi*\n");
    m_dir.Write("root/other", "x");
    m_server->Signal(SIGHUP);
    ASSERT_TRUE(m_server->WaitSaid("again: 1 known"));
    const auto some = Control({"list"});
    EXPECT_EQ(some.code, 0) << some.err;
    EXPECT_NE(some.out.find("file"), std::string::npos) << some.out;
    EXPECT_EQ(some.out.find("other"), std::string::npos) << some.out;
}

TEST_F(KeyedNodes, A7_OnlyEqualModesConnect) {
    const auto rendererKey = NewKey("renderer");
    const auto controllerKey = NewKey("controller");
    WritePeers("renderer", "controller " + controllerKey + " may=control\n");
    WritePeers("controller", "");
    ASSERT_EQ(RunToEnd("crsp-server", {"genkey", m_dir.Path("psk")}).code, 0);
    const Arguments psk{"--psk", m_dir.Path("psk")};
    const std::map<std::string, std::pair<Arguments, Arguments>> modes{
        {"keyed", {Keys("renderer"), Keys("controller")}},
        {"keyed and psk", {Join(Keys("renderer"), psk), Join(Keys("controller"), psk)}},
        {"psk", {psk, psk}},
        {"no-auth", {{"--no-auth"}, {"--no-auth"}}}};
    for (const auto& [theirs, renderer] : modes) {
        const auto named = theirs.starts_with("keyed") ? "s=" + rendererKey + "@127.0.0.1:1"
                                                       : std::string("s=127.0.0.1:1");
        Process target("crsp-renderer",
                       Join(renderer.first, {"--listen", "127.0.0.1:0", "--server", named}));
        const auto address = target.WaitListening();
        ASSERT_NE(address, "") << target.Err();
        EXPECT_EQ(target.Err().find("UNAUTHENTICATED") != std::string::npos, theirs == "no-auth");
        for (const auto& [ours, controller] : modes) {
            const bool keyed = ours.starts_with("keyed");
            const auto where = keyed ? rendererKey + "@" + address : address;
            const auto status = RunToEnd(
                "crsp-controller",
                Join(controller.second, {"--renderer", where, "--timeout", "500ms", "status"}));
            const int refused = keyed ? 77 : 69;
            EXPECT_EQ(status.code, ours == theirs ? 0 : refused)
                << ours << " to " << theirs << ": " << status.err;
        }
    }
}

TEST_F(KeyedNodes, WithoutAnyKeyTheRemedyIsNamed) {
    const Environment config("XDG_CONFIG_HOME", m_dir.Path("config"));
    const auto run = [&] {
        return RunToEnd("crsp-server", {"--root", m_dir.Path("root"), "--listen", "nonsense"});
    };
    const auto none = run();
    EXPECT_EQ(none.code, 78);
    for (const auto* phrase : {"crsp key generate", "--psk FILE", "--no-auth"}) {
        EXPECT_NE(none.err.find(phrase), std::string::npos) << none.err;
    }
    ASSERT_EQ(RunToEnd("crsp", {"key", "generate"}).code, 0);
    EXPECT_EQ(run().code, 64) << "now it is the address that is wrong";
    ::chmod(m_dir.Path("config/crsp/identity.key").c_str(), 0644);
    const auto open = run();
    EXPECT_EQ(open.code, 78);
    EXPECT_NE(open.err.find("chmod 600"), std::string::npos) << open.err;
}

TEST_F(KeyedNodes, KeyCommandsAgree) {
    const auto key = NewKey("a");
    const auto fingerprint = FingerprintOf("a");
    EXPECT_EQ(FirstLine(RunToEnd("crsp", {"key", "fingerprint", key}).out), fingerprint);
    EXPECT_EQ(RunToEnd("crsp", {"key", "show", m_dir.Path("a.key")}).out, key + "\n");
    EXPECT_EQ(RunToEnd("crsp", {"key", "generate", m_dir.Path("a.key")}).code, 1);
    EXPECT_EQ(FingerprintOf("a"), fingerprint);
    EXPECT_EQ(RunToEnd("crsp", {"key", "show", m_dir.Path("none")}).code, 66);
    for (const auto& mistyped : {key.substr(1), key + "=", "*" + key.substr(1), key + "\033[2J"}) {
        const auto end = RunToEnd("crsp", {"key", "fingerprint", mistyped});
        EXPECT_EQ(end.code, 66);
        for (const auto* phrase : {"neither a public key (44 characters", "nor an identity file"}) {
            EXPECT_NE(end.err.find(phrase), std::string::npos) << end.err;
        }
        EXPECT_EQ(end.err.find('\033'), std::string::npos);
        EXPECT_EQ(end.err.find('\n'), end.err.size() - 1) << end.err;
    }
    for (const auto& arguments : {Arguments{}, {"key"}, {"key", "steal"}, {"nonsense"}}) {
        const auto end = RunToEnd("crsp", arguments);
        EXPECT_EQ(end.code, 64);
        EXPECT_NE(end.err.find("expected one of"), std::string::npos) << end.err;
    }
}

TEST_F(KeyedNodes, PeersAreListedAndRevokedByNameKeyAndFingerprint) {
    const auto a = NewKey("a");
    const auto b = NewKey("b");
    const auto c = NewKey("c");
    const std::string comment = "# keep me\n";
    WritePeers("x", comment + "a " + a + " may=read entries=*.mp4 address=h:1\nb " + b + "\nc " +
                        c + "\n");
    const Arguments peers{"--peers", m_dir.Path("x.peers")};
    const auto list = RunToEnd("crsp", Join({"peers"}, peers));
    EXPECT_EQ(list.out, "a " + FingerprintOf("a") + " may=read entries=*.mp4 address=h:1\nb " +
                            FingerprintOf("b") + " none\nc " + FingerprintOf("c") + " none\n");
    for (const auto& who : {std::string("a"), b, FingerprintOf("c")}) {
        EXPECT_EQ(RunToEnd("crsp", Join({"revoke", who}, peers)).code, 0);
    }
    EXPECT_EQ(ReadFile(m_dir.Path("x.peers")), comment);
    EXPECT_EQ(RunToEnd("crsp", Join({"revoke", "a"}, peers)).code, 66);
}

/// Two people at two terminals.
class PairedPrograms : public KeyedNodes {
  protected:
    void SetUp() override {
        KeyedNodes::SetUp();
        NewKey("left");
        NewKey("right");
    }
    void Begin(const Arguments& leftOptions = {}, const Arguments& rightOptions = {}) {
        const auto pair = [&](const std::string& node) {
            return Join({"pair", "--code"}, Keys(node));
        };
        for (const auto* node : {"left", "right"}) {
            if (!std::filesystem::exists(m_dir.Path(std::string(node) + ".peers"))) {
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

TEST_F(PairedPrograms, WithoutATerminalTheCodeHasToCome) {
    const auto blind = RunToEnd("crsp", Join({"pair", "127.0.0.1:1"}, Keys("left")));
    EXPECT_EQ(blind.code, 64);
    EXPECT_NE(blind.err.find("--code"), std::string::npos) << blind.err;
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
