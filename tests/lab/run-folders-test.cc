// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-folders.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/host_name.hpp>
#include <fstream>

#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

class RunFoldersTest : public testing::Test {
  protected:
    /// What a laboratory of `host` that was killed has left behind.
    std::filesystem::path LeftBehindBy(const std::string& host) const {
        const auto folder = m_out / (".running-" + host + "-000000");
        std::filesystem::create_directories(folder / "0");
        std::ofstream(folder / "0" / "run.json") << "{}";
        return folder;
    }

    const TempDir m_dir;
    const std::filesystem::path m_out = m_dir.Path("out");
};

TEST_F(RunFoldersTest, WhatAKilledLaboratoryLeftGoesWhenTheNextBegins) {
    const auto left = LeftBehindBy(boost::asio::ip::host_name());
    const RunFolders next(m_out);
    EXPECT_FALSE(std::filesystem::exists(left));
}

TEST_F(RunFoldersTest, WhatAnotherHostHasInFlightStays) {
    const auto others = LeftBehindBy("of-another-host");
    const auto longer = LeftBehindBy(boost::asio::ip::host_name() + "-2");
    const RunFolders ours(m_out);
    EXPECT_TRUE(std::filesystem::exists(others / "0" / "run.json"));
    EXPECT_TRUE(std::filesystem::exists(longer / "0" / "run.json"));
}

TEST_F(RunFoldersTest, TwoLaboratoriesAtOnceKeepWhatTheyHaveInFlight) {
    const RunFolders first(m_out);
    std::filesystem::create_directory(first.InFlight(0));
    const RunFolders second(m_out);
    EXPECT_TRUE(std::filesystem::exists(first.InFlight(0)));
}

TEST_F(RunFoldersTest, NothingIsLeftAtTheEndButWhatWasKept) {
    {
        const RunFolders folders(m_out);
        for (const std::size_t run : {0, 1}) {
            std::filesystem::create_directory(folders.InFlight(run));
        }
        folders.Keep(1, m_out / "scenario" / "ns3-1");
    }
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(m_out)) {
        left.push_back(entry.path().filename());
    }
    EXPECT_EQ(left, std::vector<std::string>{"scenario"});
    EXPECT_TRUE(std::filesystem::exists(m_out / "scenario" / "ns3-1"));
}

TEST_F(RunFoldersTest, ARunThatIsKeptReplacesThatOfBefore) {
    const RunFolders folders(m_out);
    const auto kept = m_out / "scenario" / "ns3-1";
    std::filesystem::create_directories(kept);
    std::ofstream(kept / "old") << "old";
    std::filesystem::create_directory(folders.InFlight(0));
    folders.Keep(0, kept);
    EXPECT_TRUE(std::filesystem::is_empty(kept));
}

}  // namespace
}  // namespace crsp::lab
