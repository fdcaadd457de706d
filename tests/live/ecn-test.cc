// SPDX-License-Identifier: BSD-3-Clause
// Marks over real sockets (CRSP §6.7), and what the counters of a node say of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "apps/live/stats-json.h"
#include "tests/live/loopback.h"

namespace crsp {
namespace {

/// The counters of the busiest connection of a node.
ConnectionStats BusiestOf(const LiveNode& node) {
    ConnectionStats busiest;
    for (ConnectionHandle handle = 1; handle <= 4; ++handle) {
        const auto stats = node.GetEndpoint().StatsOf(handle);
        if (stats &&
            stats->bytesSent + stats->bytesReceived > busiest.bytesSent + busiest.bytesReceived) {
            busiest = *stats;
        }
    }
    return busiest;
}

TEST(LiveEcn, MarksReachTheOtherProcessAndComeBackAsCounts) {
    Trio trio;
    trio.Store().AddGenerated("song", 2'000'000, 7);
    trio.Start();
    ASSERT_FALSE(trio.Do(Verb::kPlay, "song").error);
    ASSERT_TRUE(trio.AwaitEnd());
    const auto sent = BusiestOf(trio.ServerNode());
    const auto received = BusiestOf(trio.RendererNode());
    EXPECT_EQ(sent.ecnState, 3u) << "capable";
    EXPECT_GT(sent.ect0Sent, 1000u);
    EXPECT_GT(received.ect0Received, 1000u);
    EXPECT_EQ(received.ect1Received, 0u);
}

TEST(StatsJson, NamesEveryField) {
    ConnectionStats stats;
    stats.ceReceived = 5;
    stats.minRtt = microseconds(1500);
    const auto json = ToJson(stats);
    EXPECT_EQ(json.size(), ConnectionStatFields().size());
    for (const StatField& field : ConnectionStatFields()) {
        EXPECT_TRUE(json.contains(std::string(field.name))) << field.name;
    }
    EXPECT_EQ(json["ce_received"], 5);
    EXPECT_DOUBLE_EQ(json["min_rtt_ms"].get<double>(), 1.5);
    EXPECT_TRUE(json.contains("datagram_size"));
    EXPECT_TRUE(json.contains("largest_stream_window"));
    EXPECT_TRUE(json.contains("path_changes"));
}

/// The page that users read, up to what it says about endpoints, and from there on.
std::pair<std::string, std::string> StatisticsPage() {
    std::ifstream file(CRSP_SOURCE_DIR "/apps/live/STATISTICS.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto at = text.find("\n## Beside the connections\n");
    EXPECT_NE(at, std::string::npos);
    return {text.substr(0, at), text.substr(std::min(at, text.size()))};
}

std::size_t RowsOf(const std::string& text) {
    std::size_t rows = 0;
    for (std::size_t at = text.find("\n| `"); at != std::string::npos; ++rows) {
        at = text.find("\n| `", at + 1);
    }
    return rows;
}

/// The table that users read, row for row.
TEST(StatsJson, EveryFieldIsInTheTableForUsers) {
    const auto text = StatisticsPage().first;
    std::size_t after = 0;
    for (const StatField& field : ConnectionStatFields()) {
        const std::string row = "| `" + std::string(field.name) + "` | " + std::string(field.unit) +
                                " | " + (field.sums ? "sum" : "now") + " | " +
                                std::string(field.meaning) + " |\n";
        const auto found = text.find(row, after);
        EXPECT_NE(found, std::string::npos) << "missing, or out of order: " << row;
        if (found != std::string::npos) after = found;
    }
    EXPECT_EQ(RowsOf(text), ConnectionStatFields().size());
}

TEST(StatsJson, A4_WhatAnEndpointAnsweredWithoutAConnectionIsTold) {
    EndpointStats stats;
    stats.retriesSent = 3;
    stats.resetsSent = 4;
    const auto json = ToJson(stats);
    EXPECT_EQ(json.at("retries_sent"), 3);
    EXPECT_EQ(json.at("resets_sent"), 4);
    // Of numbers alone; `dropped` is a sum of others.
    EXPECT_EQ(json.size(), sizeof(EndpointStats) / sizeof(std::uint64_t) + 1);
    const auto text = StatisticsPage().second;
    for (const auto& [name, value] : json.items()) {
        EXPECT_NE(text.find("\n| `" + name + "` | "), std::string::npos) << name;
    }
    EXPECT_EQ(RowsOf(text), json.size());
}

}  // namespace
}  // namespace crsp
