// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/peers-file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "apps/cli/file-descriptor.h"
#include "apps/live/config-folder.h"
#include "apps/live/key-text.h"
#include "tests/live/environment.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

KnownPeer PeerNumber(unsigned number) {
    SecretKey secret;
    secret.Bytes()[1] = static_cast<std::byte>(number);
    secret.Bytes()[2] = std::byte{1};
    KnownPeer peer;
    peer.key = X25519PairOf(secret).publicKey;
    peer.rights = {.name = fmt::format("p{}", number), .read = true};
    return peer;
}

TEST(PeersFile, C7_TheCommandToPairNamesTheFilesThatAreNotTheDefault) {
    const Environment config("XDG_CONFIG_HOME", "/else");
    const auto key = DefaultIdentityPath();
    const auto peers = DefaultPeersPath();
    EXPECT_EQ(PairCommand(key, peers, ""), "crsp pair");
    EXPECT_EQ(PairCommand("c/id.key", peers, ""), "crsp pair --key c/id.key");
    EXPECT_EQ(PairCommand(key, "c/peers", ""), "crsp pair --peers c/peers");
    EXPECT_EQ(PairCommand("a b", "c/peers", "psk"),
              "crsp pair --key 'a b' --peers c/peers --psk psk");
}

TEST(PeersFile, AddingMakesTheFileAndKeepsWhatIsThere) {
    const TempDir dir;
    const auto path = dir.Path("crsp/peers");
    ASSERT_TRUE(AddPeer(path, PeerNumber(1)));
    const auto before = ReadFile(path) + "# a comment\n\n";
    dir.Write("crsp/peers", before);
    ASSERT_TRUE(AddPeer(path, PeerNumber(2)));
    EXPECT_EQ(ReadFile(path), before + PeerLine(PeerNumber(2)));
    ASSERT_TRUE(RemovePeer(path, PeerNumber(1).key));
    EXPECT_EQ(ReadFile(path), "# a comment\n\n" + PeerLine(PeerNumber(2)));
    EXPECT_EQ(RemovePeer(path, PeerNumber(1).key).error().code, ExitCode::kNoInput);
    EXPECT_EQ(LoadPeers(path)->size(), 1u);
}

TEST(PeersFile, AddingTwiceChangesNothing) {
    const TempDir dir;
    const auto path = dir.Path("peers");
    ASSERT_TRUE(AddPeer(path, PeerNumber(1)));
    const auto before = ReadFile(path);
    EXPECT_TRUE(AddPeer(path, PeerNumber(1)));
    EXPECT_EQ(ReadFile(path), before);
}

TEST(PeersFile, AddingAKnownPeerPutsItOnNewTermsAndKeepsTheRest) {
    const TempDir dir;
    const auto text = PeerLine(PeerNumber(1)) + "# mine\n";
    const auto path = dir.Write("peers", text);
    auto wanted = PeerNumber(1);
    wanted.rights = {.name = "p1", .control = true};
    wanted.address = "box.lan:59002";
    ASSERT_TRUE(AddPeer(path, wanted));
    EXPECT_EQ(ReadFile(path), PeerLine(wanted) + "# mine\n");
    // Nothing said about it is nothing changed.
    auto silent = PeerNumber(1);
    silent.rights = {.name = "p1"};
    ASSERT_TRUE(AddPeer(path, silent));
    EXPECT_EQ(ReadFile(path), PeerLine(wanted) + "# mine\n");
}

TEST(PeersFile, C7_AskedAgainOnlyAFileWithAnErrorLeavesThePeersAsTheyWere) {
    const TempDir dir;
    const auto path = dir.Write("peers", PeerLine(PeerNumber(1)));
    const auto good = LoadPeersAgain(path);
    EXPECT_EQ(good.peers->size(), 1u);
    EXPECT_EQ(good.complaint, "");
    dir.Write("peers", PeerLine(PeerNumber(1)) + "p2 nonsense\n");
    const auto malformed = LoadPeersAgain(path);
    EXPECT_FALSE(malformed.peers);
    EXPECT_TRUE(malformed.complaint.starts_with(path + ":2: ")) << malformed.complaint;
    const auto nobody = [&](std::string_view why) {
        const auto again = LoadPeersAgain(path);
        EXPECT_TRUE(again.peers && again.peers->empty()) << why;
        EXPECT_NE(again.complaint.find(why), std::string::npos) << again.complaint;
    };
    dir.Write("peers", PeerLine(PeerNumber(1)));
    ::chmod(path.c_str(), 0666);
    nobody("can be written by others");
    std::filesystem::remove(path);
    nobody("No such file");
    std::filesystem::create_directory(path);
    nobody("is not a regular file");
}

TEST(PeersFile, C7_AChangedKeyIsRefusedWithTheRemedy) {
    const TempDir dir;
    const auto path = dir.Path("peers");
    ASSERT_TRUE(AddPeer(path, PeerNumber(1)));
    const auto before = ReadFile(path);
    auto changed = PeerNumber(2);
    changed.rights.name = "p1";
    const auto refused = AddPeer(path, changed);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::kRefused);
    for (const auto& phrase : {Fingerprint(PeerNumber(1).key), Fingerprint(PeerNumber(2).key),
                               std::string("crsp revoke p1")}) {
        EXPECT_NE(refused.error().message.find(phrase), std::string::npos)
            << refused.error().message;
    }
    auto renamed = PeerNumber(1);
    renamed.rights.name = "other";
    const auto known = AddPeer(path, renamed);
    ASSERT_FALSE(known);
    EXPECT_EQ(known.error().code, ExitCode::kRefused);
    EXPECT_NE(known.error().message.find("is known as 'p1' already"), std::string::npos);
    EXPECT_EQ(ReadFile(path), before);
}

TEST(PeersFile, ErrorsNameFileAndLine) {
    const TempDir dir;
    const auto path = dir.Write("peers", "# x\ntv nonsense\n");
    for (const auto& error : {LoadPeers(path).error(), AddPeer(path, PeerNumber(1)).error(),
                              RemovePeer(path, PeerNumber(1).key).error()}) {
        EXPECT_EQ(error.code, ExitCode::kConfig);
        EXPECT_TRUE(error.message.starts_with(path + ":2: expected the public key"))
            << error.message;
    }
    EXPECT_EQ(ReadFile(path), "# x\ntv nonsense\n");
}

TEST(PeersFile, MissingFilesAreNobodyOnlyWhereThatIsAsked) {
    const TempDir dir;
    EXPECT_EQ(LoadPeers(dir.Path("none")).error().code, ExitCode::kNoInput);
    EXPECT_TRUE(LoadPeersIfAny(dir.Path("none"))->empty());
}

TEST(PeersFile, FilesThatOthersCanWriteAreRefused) {
    const TempDir dir;
    const auto path = dir.Write("peers", PeerLine(PeerNumber(1)));
    for (const mode_t mode : {0620, 0602, 0666}) {
        ::chmod(path.c_str(), mode);
        const auto result = LoadPeers(path);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ExitCode::kConfig);
        EXPECT_NE(result.error().message.find("can be written by others"), std::string::npos);
        EXPECT_FALSE(AddPeer(path, PeerNumber(2)));
    }
    ::chmod(path.c_str(), 0644);
    EXPECT_TRUE(LoadPeers(path));
    ASSERT_TRUE(AddPeer(path, PeerNumber(2)));
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0644u) << "others may still read it";
}

template <class T>
void ExpectRefused(const Expected<T, NodeError>& result, std::string_view why) {
    ASSERT_FALSE(result) << why;
    EXPECT_EQ(result.error().code, ExitCode::kConfig);
    EXPECT_NE(result.error().message.find(why), std::string::npos) << result.error().message;
}

void ExpectNobody(const std::string& path, std::string_view why) {
    ExpectRefused(LoadPeers(path), why);
    ExpectRefused(RemovePeer(path, PeerNumber(1).key), why);
    const auto again = LoadPeersAgain(path);
    EXPECT_TRUE(again.peers && again.peers->empty());
    EXPECT_NE(again.complaint.find(why), std::string::npos) << again.complaint;
}

TEST(PeersFile, C7_InAFolderThatOthersCanWriteNobodyIsKnown) {
    const TempDir dir;
    const auto path = dir.Write("peers", PeerLine(PeerNumber(1)));
    for (const mode_t mode : {0770, 0707, 0777}) {
        ::chmod(dir.Path().c_str(), mode);
        ExpectNobody(path, "stop that with: chmod go-w " + dir.Path());
        EXPECT_FALSE(AddPeer(path, PeerNumber(2)));
    }
    ::chmod(dir.Path().c_str(), 01777);
    EXPECT_TRUE(LoadPeers(path)) << "where others cannot replace it, as in /tmp";
}

TEST(PeersFile, C7_AFolderOfAnotherUserIsAsBad) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give folders away";
    const TempDir dir;
    const auto path = dir.Write("peers", PeerLine(PeerNumber(1)));
    ::chmod(dir.Path().c_str(), 0755);
    ASSERT_EQ(::chown(dir.Path().c_str(), 65534, 65534), 0);
    ExpectNobody(path,
                 "belongs to another user (uid 65534, this is 0); it must be yours or root's");
    EXPECT_FALSE(AddPeer(path, PeerNumber(2)));
}

TEST(PeersFile, C7_LinksThatOthersCanReplaceAreNotFollowed) {
    const TempDir dir;
    std::filesystem::create_directory(dir.Path("safe"));
    std::filesystem::create_directory(dir.Path("open"));
    dir.Write("safe/peers", PeerLine(PeerNumber(1)));
    dir.Write("open/peers", PeerLine(PeerNumber(1)));
    std::filesystem::create_symlink("../safe/peers", dir.Path("open/link"));
    std::filesystem::create_symlink("open/link", dir.Path("over-two"));
    std::filesystem::create_symlink(dir.Path("open/peers"), dir.Path("safe/link"));
    for (const auto* name : {"open/link", "over-two", "safe/link"}) {
        EXPECT_TRUE(LoadPeers(dir.Path(name))) << name;
    }
    ::chmod(dir.Path("open").c_str(), 0777);
    for (const auto* name : {"open/link", "over-two", "safe/link"}) {
        const auto result = LoadPeers(dir.Path(name));
        EXPECT_TRUE(!result && result.error().code == ExitCode::kConfig) << name;
    }
    EXPECT_TRUE(LoadPeers(dir.Path("safe/peers")));
}

TEST(PeersFile, C7_NorAreLinksInTheMiddleOfThePath) {
    const TempDir dir;
    std::filesystem::create_directory(dir.Path("own"));
    std::filesystem::create_directory(dir.Path("own/deep"));
    std::filesystem::create_directory(dir.Path("shared"));
    dir.Write("own/peers", PeerLine(PeerNumber(1)));
    std::filesystem::create_directory_symlink("../own", dir.Path("shared/crsp"));
    std::filesystem::create_directory_symlink(dir.Path("shared/crsp"), dir.Path("over-two"));
    std::filesystem::create_directory_symlink("own", dir.Path("safe"));
    const auto paths = {dir.Path("shared/crsp/peers"), dir.Path("over-two/peers"),
                        dir.Path("shared/crsp/deep/../peers")};
    for (const auto& path : paths) EXPECT_TRUE(LoadPeers(path)) << path;
    ::chmod(dir.Path("shared").c_str(), 0777);
    for (const auto& path : paths) {
        ExpectNobody(path, "stop that with: chmod go-w " + dir.Path("shared"));
        ExpectRefused(AddPeer(path, PeerNumber(2)), "can be written by others");
    }
    ExpectRefused(AddPeer(dir.Path("shared/crsp/new"), PeerNumber(2)), "can be written by others");
    EXPECT_FALSE(std::filesystem::exists(dir.Path("own/new")));
    EXPECT_TRUE(LoadPeers(dir.Path("safe/peers")));
    // Not a link's folder: what others put there does not change where the path leads.
    EXPECT_TRUE(LoadPeers(dir.Path("shared/../own/peers")));
    ::chmod(dir.Path("shared").c_str(), 01777);
    EXPECT_TRUE(LoadPeers(paths.begin()[0])) << "where others cannot replace it, as in /tmp";
    if (::geteuid() != 0) return;
    ASSERT_EQ(::lchown(dir.Path("shared/crsp").c_str(), 65534, 65534), 0);
    ExpectNobody(paths.begin()[0], "crsp' belongs to another user (uid 65534, this is 0)");
}

TEST(PeersFile, AFileOfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    const TempDir dir;
    const auto path = dir.Write("peers", PeerLine(PeerNumber(1)));
    ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    EXPECT_NE(LoadPeers(path).error().message.find("belongs to another user"), std::string::npos);
}

TEST(PeersFile, ALinkIsFollowedAndNotReplaced) {
    const TempDir dir;
    const auto target = dir.Write("target", PeerLine(PeerNumber(1)));
    const auto link = dir.Path("peers");
    std::filesystem::create_symlink("target", link);
    EXPECT_TRUE(AddPeer(link, PeerNumber(2)));
    EXPECT_EQ(LoadPeers(link)->size(), 2u);
    EXPECT_TRUE(RemovePeer(link, PeerNumber(1).key));
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(ReadFile(target), PeerLine(PeerNumber(2)));
    std::filesystem::remove(target);
    EXPECT_FALSE(AddPeer(link, PeerNumber(3))) << "a link to nothing is not replaced either";
}

TEST(PeersFile, C7_WhoMayOnlyReadTheFolderHoldsUpNobody) {
    const TempDir dir;
    const auto path = dir.Write("peers", PeerLine(PeerNumber(1)));
    for (const int kind : {LOCK_SH, LOCK_EX}) {
        const FileDescriptor folder(::open(dir.Path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        ASSERT_EQ(::flock(folder.Get(), kind | LOCK_NB), 0);
        ASSERT_EQ(::flock(file.Get(), kind | LOCK_NB), 0);
        EXPECT_TRUE(AddPeer(path, PeerNumber(2)));
        EXPECT_TRUE(RemovePeer(path, PeerNumber(2).key));
    }
}

TEST(PeersFile, C7_OnlyALockFileOfOursIsTaken) {
    const TempDir dir;
    const auto path = dir.Write("peers", PeerLine(PeerNumber(1)));
    const auto lock = dir.Path(".peers.lock");
    const auto expectRefused = [&](std::string_view why) {
        const auto result = AddPeer(path, PeerNumber(2));
        ASSERT_FALSE(result) << why;
        EXPECT_EQ(result.error().code, ExitCode::kFailed);
        EXPECT_NE(result.error().message.find(why), std::string::npos) << result.error().message;
    };
    dir.Write("precious", "");
    std::filesystem::create_symlink("precious", lock);
    expectRefused("'" + lock + "': Too many levels of symbolic links");
    EXPECT_TRUE(std::filesystem::is_symlink(lock));
    std::filesystem::remove(lock);
    dir.Write(".peers.lock", "");
    ::chmod(lock.c_str(), 0644);
    expectRefused("'" + lock + "' is not a file of yours alone");
    if (::geteuid() == 0) {
        ::chmod(lock.c_str(), 0600);
        ASSERT_EQ(::chown(lock.c_str(), 65534, 65534), 0);
        expectRefused("'" + lock + "' is not a file of yours alone");
        ASSERT_EQ(::chown(lock.c_str(), 0, 0), 0);
    }
    // What a killed process left.
    ::chmod(lock.c_str(), 0600);
    EXPECT_TRUE(AddPeer(path, PeerNumber(2)));
    EXPECT_FALSE(std::filesystem::exists(lock));
    EXPECT_EQ(ReadFile(dir.Path("precious")), "");
}

TEST(PeersFile, ManyWhoPairAtOnceLoseNothing) {
    constexpr unsigned kWriters = 8;
    constexpr unsigned kEach = 8;
    const TempDir dir;
    const auto path = dir.Path("peers");
    std::vector<std::thread> writers;
    for (unsigned writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            for (unsigned i = 0; i < kEach; ++i) {
                EXPECT_TRUE(AddPeer(path, PeerNumber(1 + writer * kEach + i)));
            }
        });
    }
    for (auto& writer : writers) writer.join();
    EXPECT_EQ(LoadPeers(path)->size(), kWriters * kEach);
    const std::filesystem::directory_iterator all(dir.Path());
    EXPECT_EQ(std::distance(begin(all), end(all)), 1) << "nothing is left behind";
}

}  // namespace
}  // namespace crsp
