// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/own-files.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <set>

#include "apps/live/directory-content-store.h"
#include "tests/live/keyed-nodes.h"

namespace crsp {
namespace {

using Names = std::set<std::string>;

/// A root with a film, and files of a node in it.
class OwnFilesInRoot : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const auto* name : {"film", "key", "peers"}) m_dir.Write(name, name);
        std::filesystem::create_directory(m_dir.Path("logs"));
        m_dir.Write("logs/old", "of an earlier run");
    }
    void Open(const std::vector<std::string>& own) {
        std::vector<std::string> paths;
        for (const auto& name : own) paths.push_back(m_dir.Path(name));
        m_store =
            DirectoryContentStore::Create(m_dir.Path(), EntryKeyOf(std::nullopt), OwnFiles(paths))
                .value();
    }
    Names Offered() {
        EXPECT_TRUE(m_store->Rescan());
        Names names;
        for (const auto& entry : m_store->List(0, 100)) names.insert(entry.name);
        return names;
    }

    TempDir m_dir;
    std::unique_ptr<DirectoryContentStore> m_store;
};

TEST_F(OwnFilesInRoot, C4_NeitherFilesNorFoldersAreOffered) {
    Open({"key", "peers", "logs"});
    EXPECT_EQ(Offered(), Names{"film"});
    EXPECT_EQ(m_store->Skipped(), 3u);
}

TEST_F(OwnFilesInRoot, C4_WhateverTheyAreCalled) {
    Open({"key"});
    std::filesystem::create_hard_link(m_dir.Path("key"), m_dir.Path("holiday"));
    std::filesystem::rename(m_dir.Path("key"), m_dir.Path("another"));
    EXPECT_EQ(Offered(), (Names{"film", "peers", "logs/old"}));
    // The key that was replaced is still the one that is in use.
    m_dir.Write("key", "new");
    EXPECT_EQ(Offered(), (Names{"film", "peers", "logs/old"}));
}

TEST_F(OwnFilesInRoot, C4_AlsoOnceTheyAreReplaced) {
    Open({"peers", "later"});
    m_dir.Write("new", "peers");
    std::filesystem::rename(m_dir.Path("new"), m_dir.Path("peers"));
    m_dir.Write("later", "now");
    EXPECT_EQ(Offered(), (Names{"film", "key", "logs/old"}));
}

TEST_F(OwnFilesInRoot, C4_WhatTakesThePlaceOfAnEntryIsNotOpened) {
    Open({"key"});
    const auto entries = m_store->List(0, 100);
    const auto film = std::find_if(entries.begin(), entries.end(),
                                   [](const auto& entry) { return entry.name == "film"; });
    ASSERT_NE(film, entries.end());
    ASSERT_TRUE(m_store->Open(film->id, 0));
    std::filesystem::rename(m_dir.Path("key"), m_dir.Path("film"));
    EXPECT_EQ(m_store->Open(film->id, 0).error(), MediaErrorCode::kNoSuchEntry);
}

TEST_F(OwnFilesInRoot, OthersWithTheSameContentAreOffered) {
    Open({"key"});
    m_dir.Write("copy", "key");
    EXPECT_EQ(Offered(), (Names{"film", "peers", "copy", "logs/old"}));
}

/// Everything that a server can be told to use or write, below its root.
TEST_F(KeyedNodes, C4_AServerOffersNothingOfItsOwn) {
    const auto controller = NewKey("controller");
    const auto root = [&](const std::string& name) { return m_dir.Path("root/" + name); };
    ASSERT_EQ(RunToEnd("crsp", {"key", "generate", root("server.key")}).code, 0);
    ASSERT_EQ(RunToEnd("crsp-server", {"genkey", root("psk")}).code, 0);
    m_dir.Write("root/peers", "controller " + controller + " may=read\nother " + NewKey("other"));
    const Arguments options{"--key",      root("server.key"), "--psk",    root("psk"),
                            "--peers",    root("peers"),      "--keylog", root("keys.log"),
                            "--pcap",     root("all.pcap"),   "--stats",  root("stats.json"),
                            "--qlog-dir", root("qlog"),       "--root",   m_dir.Path("root"),
                            "--listen",   "127.0.0.1:0"};
    m_server.emplace("crsp-server", options);
    m_serverAddress = m_server->WaitListening();
    ASSERT_NE(m_serverAddress, "") << m_server->Err();
    EXPECT_TRUE(m_server->WaitSaid("offering 1 file, not offering 7 other names"))
        << m_server->Err();
    const auto key = FirstLine(RunToEnd("crsp", {"key", "show", root("server.key")}).out);
    WritePeers("controller", "server " + key + " address=" + m_serverAddress + "\n");
    const auto list = [&] {
        const auto end = Control({"--psk", root("psk"), "--json", "list"});
        EXPECT_EQ(end.code, 0) << end.err;
        return end.out;
    };
    EXPECT_NE(list().find("\"total\":1,"), std::string::npos) << list();
    ASSERT_EQ(RunToEnd("crsp", {"revoke", "other", "--peers", root("peers")}).code, 0);
    std::filesystem::rename(root("server.key"), root("film"));
    m_server->Signal(SIGHUP);
    ASSERT_TRUE(m_server->WaitSaid("again: 1 known")) << m_server->Err();
    std::filesystem::create_hard_link(m_dir.Path("root/file"), root("second"));
    std::string listed;
    // The server looks again once a second.
    const auto deadline = std::chrono::steady_clock::now() + Process::kPatience;
    while (listed.find("\"total\":2,") == std::string::npos &&
           std::chrono::steady_clock::now() < deadline) {
        listed = list();
        ASSERT_EQ(listed.find("\"total\":3,"), std::string::npos) << listed;
    }
    EXPECT_NE(listed.find("second"), std::string::npos) << listed;
    EXPECT_EQ(listed.find("film"), std::string::npos) << listed;
    EXPECT_EQ(listed.find("peers"), std::string::npos) << listed;
}

TEST_F(KeyedNodes, C4_ARootThatLogsGoToIsRefused) {
    NewKey("server");
    WritePeers("server", "");
    const auto end = RunToEnd(
        "crsp-server", Join(Keys("server"), {"--root", m_dir.Path("root"), "--qlog-dir",
                                             m_dir.Path("root"), "--listen", "127.0.0.1:0"}));
    EXPECT_EQ(end.code, 78);
    EXPECT_NE(end.err.find("writes files of its own"), std::string::npos) << end.err;
}

}  // namespace
}  // namespace crsp
