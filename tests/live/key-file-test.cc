// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/key-file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

std::string WriteKey(const TempDir& dir, std::string_view content, mode_t mode = 0600) {
    const auto path = dir.Write("key", content);
    ::chmod(path.c_str(), mode);
    return path;
}

void ExpectRefused(const std::string& path, ExitCode code, std::string_view phrase) {
    const auto result = LoadKeyFile(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_NE(result.error().message.find(phrase), std::string::npos) << result.error().message;
    EXPECT_NE(result.error().message.find(path), std::string::npos) << result.error().message;
}

TEST(KeyFile, RawAndHexFormsAreTheSameKey) {
    const TempDir dir;
    const std::string hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    std::string raw;
    for (char c = 0; c < 32; ++c) raw.push_back(c);
    const auto fromRaw = LoadKeyFile(WriteKey(dir, raw));
    ASSERT_TRUE(fromRaw);
    EXPECT_EQ(*fromRaw, LoadKeyFile(WriteKey(dir, hex)).value());
    EXPECT_EQ(*fromRaw, LoadKeyFile(WriteKey(dir, hex + "\n")).value());
}

TEST(KeyFile, AMissingFileIsMissingInput) {
    const TempDir dir;
    ExpectRefused(dir.Path("none"), ExitCode::kNoInput, "No such file");
}

TEST(KeyFile, AFileOpenToOthersIsRefused) {
    const TempDir dir;
    const std::string key(32, 'k');
    for (const mode_t mode : {0640, 0604, 0620, 0602, 0644, 0666}) {
        ExpectRefused(WriteKey(dir, key, mode), ExitCode::kConfig, "open to others");
    }
    EXPECT_TRUE(LoadKeyFile(WriteKey(dir, key, 0400)));
}

TEST(KeyFile, TheRemedyIsACommandToType) {
    const TempDir dir;
    std::filesystem::create_directory(dir.Path("it's mine"));
    const auto plain = dir.Write("key", std::string(32, 'k'));
    const auto odd = dir.Write("it's mine/$key", std::string(32, 'k'));
    for (const auto& path : {plain, odd}) {
        ::chmod(path.c_str(), 0644);
        const auto message = LoadKeyFile(path).error().message;
        const auto at = message.find("chmod 600 ");
        ASSERT_NE(at, std::string::npos) << message;
        EXPECT_EQ(std::system(message.substr(at).c_str()), 0) << message;
        EXPECT_TRUE(LoadKeyFile(path)) << message;
    }
    EXPECT_NE(LoadKeyFile(WriteKey(dir, "", 0644)).error().message.find("chmod 600 " + plain),
              std::string::npos);
}

TEST(KeyFile, TheRemedyTakesNoFileForAnOption) {
    const TempDir dir;
    ::chmod(dir.Write("-key", std::string(32, 'k')).c_str(), 0644);
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(dir.Path());
    const auto result = LoadKeyFile("-key");
    std::filesystem::current_path(before);
    EXPECT_NE(result.error().message.find("chmod 600 ./-key"), std::string::npos)
        << result.error().message;
}

TEST(KeyFile, WrongSizesAndDigitsAreRefused) {
    const TempDir dir;
    for (const auto& content :
         {std::string(), std::string(31, 'k'), std::string(33, 'k'), std::string(64, 'g'),
          std::string(66, 'a'), std::string(5000, 'a')}) {
        ExpectRefused(WriteKey(dir, content), ExitCode::kConfig, "holds no key");
    }
}

TEST(KeyFile, ZerosAreNoSecret) {
    const TempDir dir;
    for (const auto& zeros : {std::string(32, '\0'), std::string(64, '0')}) {
        ExpectRefused(WriteKey(dir, zeros), ExitCode::kConfig, "nothing but zeros");
    }
    EXPECT_TRUE(LoadKeyFile(WriteKey(dir, std::string(63, '0') + "1")));
}

TEST(KeyFile, ADirectoryIsNoKey) {
    const TempDir dir;
    ExpectRefused(dir.Path(), ExitCode::kConfig, "not a regular file");
}

TEST(KeyFile, AFolderThatOthersCanWriteIsRefused) {
    const TempDir dir;
    const auto path = WriteKey(dir, std::string(32, 'k'));
    for (const mode_t mode : {0770, 0707, 0777}) {
        ::chmod(dir.Path().c_str(), mode);
        const auto refused = LoadKeyFile(path);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ExitCode::kConfig);
        EXPECT_NE(refused.error().message.find("stop that with: chmod go-w " + dir.Path()),
                  std::string::npos)
            << refused.error().message;
        EXPECT_EQ(GenerateKeyFile(dir.Path("new")).error().code, ExitCode::kConfig);
        EXPECT_FALSE(std::filesystem::exists(dir.Path("new")));
    }
    ::chmod(dir.Path().c_str(), 01777);
    EXPECT_TRUE(LoadKeyFile(path)) << "where others cannot replace it, as in /tmp";
    ::chmod(dir.Path().c_str(), 0755);
    EXPECT_TRUE(LoadKeyFile(path));
}

TEST(KeyFile, AGeneratedKeyLoadsAndIsPrivate) {
    const TempDir dir;
    const auto path = dir.Path("new");
    ASSERT_TRUE(GenerateKeyFile(path));
    EXPECT_TRUE(LoadKeyFile(path));
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(KeyFile, GeneratingNeverReplacesAFile) {
    const TempDir dir;
    const auto path = dir.Write("precious", "content");
    const auto result = GenerateKeyFile(path);
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("File exists"), std::string::npos);
    EXPECT_EQ(ReadFile(path), "content");
}

}  // namespace
}  // namespace crsp
