// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/live-files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

class LiveFiles : public testing::Test {
  protected:
    const std::string& Write(const std::string& text) const {
        std::ofstream(m_path) << text;
        return m_path;
    }

    const TempDir m_temporary;
    const std::string m_path = m_temporary.Path("file");
};

TEST_F(LiveFiles, CommandsComeInTheOrderOfIssuing) {
    const auto commands = ReadCommands(
        Write(R"({"schema":"crsp.command/1","command":"pause","result":"ok","issued_ns":2000,)"
              R"("answered_ns":2500,"generation":1,"position":77})"
              "\n"
              R"({"schema":"crsp.notification/1","event":"begun","at_ns":1,"generation":1})"
              "\n"
              R"({"schema":"crsp.command/1","command":"play","result":"timeout",)"
              R"("issued_ns":1000,"answered_ns":3000})"
              "\nnot json\n"));
    ASSERT_EQ(commands.size(), 2u);
    EXPECT_EQ(commands[0].verb, Verb::kPlay);
    EXPECT_EQ(commands[0].error, "timeout");
    EXPECT_EQ(commands[1].verb, Verb::kPause);
    EXPECT_EQ(commands[1].error, "");
    EXPECT_EQ(commands[1].answered, TimePoint(nanoseconds(2500)));
    EXPECT_EQ(commands[1].position, 77u);
}

TEST_F(LiveFiles, TimelineSkipsTheHeader) {
    const auto rows =
        ReadTimeline(Write("time_ns,event,generation,position\n"
                           "10,begin,1,0\n20,render,1,500\n30,end,1,500\n40,render\n"));
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0], (TimelineRow{TimePoint(nanoseconds(10)), 1, 0, TimelineRow::Kind::kBegin}));
    EXPECT_EQ(rows[1],
              (TimelineRow{TimePoint(nanoseconds(20)), 1, 500, TimelineRow::Kind::kRender}));
    EXPECT_EQ(rows[2].kind, TimelineRow::Kind::kEnd);
}

TEST_F(LiveFiles, StatisticsAreFound) {
    RunRecord record;
    ReadStreamBytes(Write(R"({"totals":{"stream_bytes_sent":5,"stream_bytes_retransmitted":2}})"),
                    record);
    EXPECT_EQ(record.streamBytesSent, 5u);
    EXPECT_EQ(record.streamBytesRetransmitted, 2u);
    EXPECT_EQ(ReadRenderedHash(Write(R"({"renderer":{"last":{"sha256":"ab"}}})")), "ab");
}

TEST_F(LiveFiles, DamageGivesNothing) {
    RunRecord record;
    for (const char* text : {"", "{", "[]", "{\"renderer\":{\"last\":null}}", "5"}) {
        Write(text);
        ReadStreamBytes(m_path, record);
        EXPECT_EQ(record.streamBytesSent, 0u) << text;
        EXPECT_EQ(ReadRenderedHash(m_path), "") << text;
        EXPECT_TRUE(ReadCommands(m_path).empty()) << text;
        EXPECT_TRUE(ReadTimeline(m_path).empty()) << text;
    }
    EXPECT_TRUE(ReadCommands("no such file").empty());
}

}  // namespace
}  // namespace crsp::lab
