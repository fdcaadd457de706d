// SPDX-License-Identifier: BSD-3-Clause
#include <arpa/inet.h>
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

#include "apps/cli/file-descriptor.h"
#include "apps/live/asio-address.h"
#include "model/wire/packet-header.h"
#include "tests/live/environment.h"
#include "tests/live/keyed-nodes.h"

namespace crsp {
namespace {

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
    EXPECT_TRUE(m_renderer->WaitSaid("not allowed: the server closed the connection"))
        << m_renderer->Err();
    EXPECT_EQ(Control({"list"}).code, 0) << "others are not disturbed";
    EXPECT_NE(Control({"play", "long"}).code, 0);

    ASSERT_EQ(
        RunToEnd("crsp", {"revoke", "controller", "--peers", m_dir.Path("renderer.peers")}).code,
        0);
    m_renderer->Signal(SIGHUP);
    EXPECT_TRUE(m_renderer->WaitSaid("again: 1 known")) << m_renderer->Err();
    EXPECT_EQ(Control({"status"}).code, 69) << "it says nothing to those it does not know";
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
    const auto at = ParseHostPort(address).value();
    to.sin_port = htons(at.port);
    ::inet_pton(AF_INET, at.host.c_str(), &to.sin_addr);
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
    const auto neighbour = "127.0.0.2" + one.substr(one.find(':'));
    const auto samePort = start(neighbour);
    ASSERT_TRUE(TokenOf(neighbour));
    EXPECT_NE(TokenOf(neighbour), token) << "one port, and another address";
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
    EXPECT_EQ(Control({"list"}).code, 69) << "it says nothing to those it does not know";
    m_dir.Write("server.peers", peers);
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("again: 2 known")) << m_server->Err();
    EXPECT_EQ(Control({"list"}).code, 0);
    // Whoever else can write it could let anybody in.
    ::chmod(path.c_str(), 0666);
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("can be written by others (mode 0666)")) << m_server->Err();
    EXPECT_EQ(Control({"list"}).code, 69);
}

TEST_F(KeyedNodes, C7_APeersFileThatOthersCanReplaceIsNotTaken) {
    StartTrio();
    ::chmod(m_dir.Path().c_str(), 0777);
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("NOBODY OF THE PEERS FILE IS KNOWN ANY MORE: the folder '" +
                                   m_dir.Path() + "' can be written by others (mode 0777)"))
        << m_server->Err();
    const Arguments peers{"--peers", m_dir.Path("server.peers")};
    for (const auto& end :
         {RunToEnd("crsp", Join({"peers"}, peers)),
          RunToEnd("crsp", Join({"revoke", "renderer"}, peers)),
          RunToEnd("crsp-server", Join(Node("server"), {"--root", m_dir.Path()}))}) {
        EXPECT_EQ(end.code, 78);
        EXPECT_NE(end.err.find("stop that with: chmod go-w " + m_dir.Path()), std::string::npos)
            << end.err;
    }
    ::chmod(m_dir.Path().c_str(), 0755);
    EXPECT_EQ(Control({"list"}).code, 69) << "all were shut out";
    m_server->Signal(SIGHUP);
    EXPECT_TRUE(m_server->WaitSaid("again: 2 known")) << m_server->Err();
    EXPECT_EQ(Control({"list"}).code, 0);
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
    EXPECT_TRUE(m_renderer->WaitSaid("not allowed: the server closed")) << m_renderer->Err();
}

TEST_F(KeyedNodes, C7_AChangedKeyIsRefusedWithTheRemedy) {
    StartTrio("control,borrow");
    const auto expected = FingerprintOf("server");
    m_server.reset();
    NewKey("server");
    Process impostor("crsp-server", Join(Keys("server"), {"--listen", m_serverAddress, "--root",
                                                          m_dir.Path("root")}));
    ASSERT_NE(impostor.WaitListening(), "") << impostor.Err();
    const auto list = Control({"list"});
    EXPECT_EQ(list.code, 69) << list.err;
    for (const auto& phrase :
         {std::string("within 2 s: is it running?"), "'server' at " + m_serverAddress, expected,
          "crsp revoke server --peers " + m_dir.Path("controller.peers"),
          "crsp pair --key " + m_dir.Path("controller.key") + " --peers " +
              m_dir.Path("controller.peers") + " with it",
          "crsp peers --peers " + m_dir.Path("controller.peers")}) {
        EXPECT_NE(list.err.find(phrase), std::string::npos) << phrase << " in " << list.err;
    }
    EXPECT_EQ(list.err.find('\n'), list.err.size() - 1) << list.err;
    m_timeout = "15s";
    EXPECT_NE(Control({"play", "#1"}).code, 0);
    EXPECT_TRUE(m_renderer->WaitSaid("does 'server' at " + m_serverAddress +
                                     " still have the key " + expected))
        << m_renderer->Err();
}

TEST_F(KeyedNodes, C7_TheRemedyPairsAsTheNodeThatNeedsIt) {
    NewKey("controller");
    WritePeers("controller", "");
    ASSERT_EQ(RunToEnd("crsp-server", {"genkey", m_dir.Path("psk")}).code, 0);
    m_serverReference = "nobody";
    const auto pair = "crsp pair --key " + m_dir.Path("controller.key") + " --peers " +
                      m_dir.Path("controller.peers");
    const auto list = Control({"list"});
    EXPECT_EQ(list.code, 78);
    EXPECT_NE(list.err.find(": " + pair + " makes peers known"), std::string::npos) << list.err;
    const auto withPsk = Control({"--psk", m_dir.Path("psk"), "list"});
    EXPECT_NE(withPsk.err.find(pair + " --psk " + m_dir.Path("psk") + " makes peers known"),
              std::string::npos)
        << withPsk.err;
}

TEST_F(KeyedNodes, ANodeThatIsNotThereIsUnavailable) {
    StartTrio();
    m_server.reset();
    const auto list = Control({"list"});
    EXPECT_EQ(list.code, 69) << list.err;
    EXPECT_NE(list.err.find("within 2 s: is it running?"), std::string::npos) << list.err;
}

TEST_F(KeyedNodes, ARevokedPeersLinkIsFollowedAsItIsRead) {
    const auto a = NewKey("a");
    std::filesystem::create_directory(m_dir.Path("real"));
    m_dir.Write("real/peers", "a " + a + "\n");
    std::filesystem::create_symlink("real/peers", m_dir.Path("x.peers"));
    const Arguments peers{"--peers", m_dir.Path("x.peers")};
    EXPECT_NE(RunToEnd("crsp", Join({"peers"}, peers)).out, "");
    const auto revoked = RunToEnd("crsp", Join({"revoke", "a"}, peers));
    EXPECT_EQ(revoked.code, 0) << revoked.err;
    EXPECT_TRUE(std::filesystem::is_symlink(m_dir.Path("x.peers")));
    EXPECT_EQ(ReadFile(m_dir.Path("real/peers")), "");
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
            // Who knows the key and lacks the second factor is answered, and can tell.
            const int refused = keyed && theirs.starts_with("keyed") ? 77 : 69;
            const auto where = keyed ? rendererKey + "@" + address : address;
            const auto status = RunToEnd(
                "crsp-controller",
                Join(controller.second, {"--renderer", where, "--timeout", "500ms", "status"}));
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
    const auto folder = RunToEnd("crsp", {"key", "generate", m_dir.Path()});
    EXPECT_EQ(folder.code, 1);
    EXPECT_EQ(folder.err.find("--force"), std::string::npos) << folder.err;
    const Environment config("XDG_CONFIG_HOME", m_dir.Path("config"));
    EXPECT_EQ(RunToEnd("crsp", {"key", "generate", ""}).code, 64);
    EXPECT_FALSE(std::filesystem::exists(m_dir.Path("config")));
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
    const auto unusable = RunToEnd("crsp", {"key", "fingerprint", std::string(43, 'A') + "="});
    EXPECT_EQ(unusable.code, 64);
    EXPECT_NE(unusable.err.find("is not a usable public key"), std::string::npos) << unusable.err;
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
    const auto gone = RunToEnd("crsp", Join({"revoke", "a"}, peers));
    EXPECT_EQ(gone.code, 66);
    EXPECT_NE(gone.err.find("; crsp peers --peers " + m_dir.Path("x.peers") + " shows"),
              std::string::npos)
        << gone.err;
}

}  // namespace
}  // namespace crsp
