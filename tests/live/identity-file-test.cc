// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/identity-file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "apps/live/config-folder.h"
#include "tests/live/environment.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

unsigned ModeOf(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 0;
}

std::size_t FilesIn(const std::string& folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

void ExpectUnusable(const std::string& path, std::string_view phrase) {
    const auto result = LoadIdentity(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ExitCode::kConfig);
    EXPECT_NE(result.error().message.find(phrase), std::string::npos) << result.error().message;
    EXPECT_NE(result.error().message.find(path), std::string::npos) << result.error().message;
}

TEST(IdentityFile, WhatIsGeneratedLoadsAndIsPrivate) {
    const TempDir dir;
    const auto path = dir.Path("a/b/identity.key");
    const auto key = GenerateIdentity(path, Replace::kNo);
    ASSERT_TRUE(key) << key.error().message;
    const auto identity = LoadIdentity(path);
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->pair.publicKey, *key);
    EXPECT_EQ(ModeOf(path), 0600u);
    EXPECT_EQ(ModeOf(dir.Path("a/b")), 0700u);
    EXPECT_EQ(FilesIn(dir.Path("a/b")), 1u);
}

TEST(IdentityFile, NothingIsReplacedUnlessToldTo) {
    const TempDir dir;
    const auto path = dir.Path("identity.key");
    const auto first = GenerateIdentity(path, Replace::kNo).value();
    const auto refused = GenerateIdentity(path, Replace::kNo);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::kFailed);
    EXPECT_NE(refused.error().message.find("--force"), std::string::npos);
    EXPECT_EQ(LoadIdentity(path)->pair.publicKey, first);
    const auto second = GenerateIdentity(path, Replace::kYes).value();
    EXPECT_NE(second, first);
    EXPECT_EQ(LoadIdentity(path)->pair.publicKey, second);
    EXPECT_EQ(FilesIn(dir.Path()), 1u);
}

TEST(IdentityFile, ForceIsNotOfferedWhereItWouldNotHelp) {
    const TempDir dir;
    const auto result = GenerateIdentity(dir.Path(), Replace::kNo);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message.find("--force"), std::string::npos) << result.error().message;
    EXPECT_NE(result.error().message.find("not a regular file"), std::string::npos);
}

TEST(IdentityFile, ForceReplacesNoLinkAndNoFolder) {
    const TempDir dir;
    const auto target = dir.Write("target", "precious");
    std::filesystem::create_symlink(target, dir.Path("link"));
    std::filesystem::create_directory(dir.Path("folder"));
    for (const auto* name : {"link", "folder"}) {
        const auto result = GenerateIdentity(dir.Path(name), Replace::kYes);
        ASSERT_FALSE(result);
        EXPECT_NE(result.error().message.find("not a regular file"), std::string::npos);
    }
    EXPECT_EQ(ReadFile(target), "precious");
}

TEST(IdentityFile, AFolderInWhichOthersCanReplaceFilesIsRefused) {
    const TempDir dir;
    std::filesystem::create_directory(dir.Path("open"));
    ::chmod(dir.Path("open").c_str(), 0777);
    const auto result = GenerateIdentity(dir.Path("open/identity.key"), Replace::kNo);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ExitCode::kConfig);
    EXPECT_NE(result.error().message.find("chmod go-w"), std::string::npos);
}

TEST(IdentityFile, FilesThatOthersCanTouchAreRefused) {
    const TempDir dir;
    const auto path = dir.Path("identity.key");
    ASSERT_TRUE(GenerateIdentity(path, Replace::kNo));
    for (const mode_t mode : {0640, 0604, 0620, 0602, 0644, 0666}) {
        ::chmod(path.c_str(), mode);
        ExpectUnusable(path, "open to others");
    }
    ::chmod(path.c_str(), 0400);
    EXPECT_TRUE(LoadIdentity(path));
}

TEST(IdentityFile, AFolderThatOthersCanWriteIsRefusedWhenItIsReadToo) {
    const TempDir dir;
    const auto path = dir.Path("identity");
    ASSERT_TRUE(GenerateIdentity(path, Replace::kNo));
    ::chmod(dir.Path().c_str(), 0777);
    const auto result = LoadIdentity(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ExitCode::kConfig);
    EXPECT_NE(result.error().message.find("stop that with: chmod go-w " + dir.Path()),
              std::string::npos)
        << result.error().message;
    ::chmod(dir.Path().c_str(), 01777);
    EXPECT_TRUE(LoadIdentity(path));
}

TEST(IdentityFile, AFileOfAnotherUserIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    const TempDir dir;
    const auto path = dir.Path("identity.key");
    ASSERT_TRUE(GenerateIdentity(path, Replace::kNo));
    ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    ExpectUnusable(path, "belongs to another user");
}

TEST(IdentityFile, OtherKindsOfFilesAreRefused) {
    const TempDir dir;
    ExpectUnusable(dir.Path(), "not a regular file");
    const auto fifo = dir.Path("fifo");
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    ExpectUnusable(fifo, "not a regular file");
    EXPECT_EQ(LoadIdentity(dir.Path("none")).error().code, ExitCode::kNoInput);
}

TEST(IdentityFile, OtherContentsAreRefused) {
    const TempDir dir;
    const auto path = dir.Path("identity.key");
    ASSERT_TRUE(GenerateIdentity(path, Replace::kNo));
    const auto good = ReadFile(path);
    ASSERT_TRUE(ParseIdentity(good));
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(ParseIdentity(good.substr(0, size))) << size;
    }
    EXPECT_FALSE(ParseIdentity(good + "\n"));
    auto bad = good;
    bad[good.size() - 5] = '*';
    EXPECT_FALSE(ParseIdentity(bad));
    bad = good;
    bad[0] = 'C';
    EXPECT_FALSE(ParseIdentity(bad));
    for (const auto& text : {std::string(), std::string(32, 'k'), bad, good + good}) {
        ExpectUnusable(dir.Write("identity.key", text), "holds no identity");
    }
}

TEST(IdentityFile, ZerosAreNoIdentity) {
    const TempDir dir;
    const auto path = dir.Path("identity.key");
    ASSERT_TRUE(GenerateIdentity(path, Replace::kNo));
    const auto good = ReadFile(path);
    const std::string zeros = std::string(43, 'A') + "=\n";
    const auto header = good.size() - 2 * zeros.size();
    // The key, the other secret, and both.
    for (const auto& [at, count] :
         {std::pair(header, 1), std::pair(header + zeros.size(), 1), std::pair(header, 2)}) {
        auto bad = good;
        for (int i = 0; i < count; ++i) {
            bad.replace(at + static_cast<std::size_t>(i) * zeros.size(), zeros.size(), zeros);
        }
        ASSERT_EQ(bad.size(), good.size());
        ExpectUnusable(dir.Write("identity.key", bad),
                       "holds nothing but zeros for a key, which is no secret");
    }
    ExpectUnusable(dir.Write("identity.key", good.substr(1)), "holds no identity");
}

TEST(ConfigFolder, FollowsTheDesktopSpecification) {
    const Environment home("HOME", "/somewhere");
    {
        const Environment config("XDG_CONFIG_HOME", "/else");
        EXPECT_EQ(DefaultIdentityPath(), "/else/crsp/identity.key");
        EXPECT_EQ(DefaultPeersPath(), "/else/crsp/peers");
    }
    for (const auto& ignored :
         {std::optional<std::string>("relative"), std::optional<std::string>()}) {
        const Environment config("XDG_CONFIG_HOME", ignored);
        EXPECT_EQ(DefaultIdentityPath(), "/somewhere/.config/crsp/identity.key");
    }
    const Environment config("XDG_CONFIG_HOME", std::nullopt);
    const Environment nowhere("HOME", std::nullopt);
    EXPECT_EQ(DefaultIdentityPath(), "");
}

}  // namespace
}  // namespace crsp
