// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/qlog-sequence.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "scenarios/lab/html-sequence.h"
#include "scenarios/lab/qlog-file.h"
#include "tests/support/temp-dir.h"

namespace crsp::lab {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint64_t kGroup = 7;

/// One node's qlog, as the engine has it written.
class NodeLog {
  public:
    NodeLog(const std::string& path, const std::string& clock = "simulated")
        : m_file(path, {"", "", "", clock, {{"seed", "1"}}}) {}

    void Sent(int ms, PacketNumber number, const trace::StreamPart& part) {
        Tell(ms, trace::PacketSent{"data", number, 1200, true, "ack,stream", {&part, 1}});
    }
    void Received(int ms, PacketNumber number, const trace::StreamPart& part) {
        Tell(ms, trace::PacketReceived{"data", number, 1200, "stream", {&part, 1}});
    }
    void Lost(int ms, PacketNumber number) {
        Tell(ms, trace::PacketLost{number, "time_threshold"});
    }
    void Acked(int ms, std::uint64_t number) { Tell(ms, trace::PacketsAcked{{&number, 1}}); }
    void Mark(int ms, const std::string& type, const std::string& message) {
        m_file.GetTracer().Mark(TimePoint{} + milliseconds(ms), type, message);
    }
    void Tell(int ms, const TraceEvent& event) {
        m_file.GetTracer().OnEvent(TimePoint{} + milliseconds(ms), kGroup, event);
    }

  private:
    QlogFile m_file;
};

class QlogSequence : public testing::Test {
  protected:
    std::string Path(const std::string& name) const { return m_folder.Path(name); }
    RunSequence Read() const { return ReadRunSequence(m_folder.Path()); }
    /// Three packets, of which the first is lost and sent again.
    void WriteRun(const std::string& clock, int begin) const {
        NodeLog server(Path("server.sqlog"), clock);
        server.Tell(begin, trace::ConnectionStarted{});
        server.Sent(begin + 1, 0, {0, 0, 30, false});
        server.Sent(begin + 10, 1, {4, 0, 1000, false});
        server.Sent(begin + 11, 2, {4, 1000, 1000, false});
        server.Acked(begin + 50, 2);
        server.Lost(begin + 51, 1);
        server.Sent(begin + 51, 3, {4, 0, 1000, false});
        server.Acked(begin + 90, 3);
        server.Sent(begin + 95, 4, {8, 0, 500, true});
        NodeLog renderer(Path("renderer.sqlog"), clock);
        renderer.Received(begin + 2, 0, {0, 0, 30, false});
        renderer.Received(begin + 31, 2, {4, 1000, 1000, false});
        renderer.Received(begin + 71, 3, {4, 0, 1000, false});
    }

    const TempDir m_folder;
};

TEST_F(QlogSequence, FollowsEachByteFromItsSenderToItsReceiver) {
    WriteRun("simulated", 0);
    const RunSequence sequence = Read();
    EXPECT_THAT(sequence.problem, IsEmpty());
    ASSERT_EQ(sequence.streams.size(), 1u) << "no control stream, and none that never arrived";
    const StreamSequence& stream = sequence.streams[0];
    ASSERT_EQ(stream.sent.size(), 2u);
    EXPECT_EQ(stream.sent[1].end, 2000u);
    EXPECT_DOUBLE_EQ(stream.sent[1].at, 0.011);
    ASSERT_EQ(stream.repeated.size(), 1u);
    EXPECT_DOUBLE_EQ(stream.repeated[0].at, 0.051);
    ASSERT_EQ(stream.lost.size(), 1u);
    EXPECT_EQ(stream.lost[0].begin, 0u);
    EXPECT_EQ(stream.lost[0].end, 1000u);
    // Nothing counts before the first byte is there.
    ASSERT_EQ(stream.acknowledged.size(), 1u);
    EXPECT_EQ(stream.acknowledged[0].bytes, 2000u);
    EXPECT_DOUBLE_EQ(stream.acknowledged[0].at, 0.09);
    ASSERT_EQ(stream.delivered.size(), 1u);
    EXPECT_DOUBLE_EQ(stream.delivered[0].at, 0.071);
}

TEST_F(QlogSequence, TellsWhatBefellTheNodes) {
    WriteRun("simulated", 0);
    {
        NodeLog renderer(Path("renderer.sqlog"));
        renderer.Received(71, 3, {4, 0, 1000, false});
        renderer.Mark(80, "command", "renderer: pause");
        renderer.Mark(90, "fault", "kill server");
    }
    const RunSequence sequence = Read();
    ASSERT_EQ(sequence.faults.size(), 1u);
    EXPECT_EQ(sequence.faults[0].what, "kill server");
    EXPECT_DOUBLE_EQ(sequence.faults[0].at, 0.09);
}

TEST_F(QlogSequence, OnTheMachinesClockTheRunBeginsWithItsFirstRecord) {
    WriteRun("monotonic", 5'000'000);
    const RunSequence sequence = Read();
    ASSERT_EQ(sequence.streams.size(), 1u);
    EXPECT_NEAR(sequence.streams[0].sent[0].at, 0.010, 1e-6);
}

TEST_F(QlogSequence, SaysWhyThereIsNone) {
    EXPECT_EQ(Read().problem, "It kept no qlog of a renderer.");
    EXPECT_EQ(ReadRunSequence("").problem, "It kept no qlog of a renderer.");
    { NodeLog renderer(Path("renderer.sqlog")); }
    EXPECT_EQ(Read().problem, "Its folder has no qlog of a server.");
    { NodeLog server(Path("server.sqlog")); }
    EXPECT_THAT(Read().problem, HasSubstr("do not say which bytes"));
    WriteRun("simulated", 0);
    NodeLog(Path("renderer.sqlog")).Received(1, 1, {0, 0, 30, false});
    EXPECT_THAT(Read().problem, HasSubstr("received no data"));
}

TEST_F(QlogSequence, WhateverStandsInAFileItEnds) {
    WriteRun("simulated", 0);
    for (const char* text :
         {"x", "\x1e{\"time\":1e400,\"name\":\"crsp:packet_lost\"}\n", "\n\n\x1e\n",
          "{\"time\":-1,\"name\":\"crsp:packets_acked\",\"group_id\":\"0000000000000007\","
          "\"data\":{\"packet_numbers\":[2]}}\n",
          "{\"time\":1,\"name\":\"crsp:packets_acked\",\"group_id\":\"0000000000000007\","
          "\"data\":{\"packet_numbers\":[99999,18446744073709551616,\n",
          "{\"time\":1,\"name\":\"crsp:packets_acked\",\"data\":{\"packet_numbers\":[2,\n",
          "{\"time\":1,\"name\":\"crsp:packet_lost\",\"group_id\":7,\"data\":[]}\n",
          "{\"time\":nan,\"name\":\"crsp:packet_lost\"}\n{\"time\":1,\"name\":\"\n",
          "{\"time\":1,\"name\":\"crsp:packet_sent\",\"group_id\":\"0000000000000007\",\"data\":"
          "{\"packet_number\":9,\"frames\":[{\"frame_type\":\"stream\",\"stream_id\":4,"
          "\"offset\":18446744073709551615,\"length\":5}]}}\n"}) {
        std::ofstream(Path("server.sqlog"), std::ios::app) << text;
    }
    const RunSequence sequence = Read();
    ASSERT_EQ(sequence.streams.size(), 1u);
    EXPECT_EQ(sequence.streams[0].sent.size(), 2u);
    EXPECT_FALSE(sequence.cut);
    std::filesystem::resize_file(Path("server.sqlog"), kMostQlogBytes + 1);
    EXPECT_TRUE(Read().cut);
}

/// As many packets as a long run has, of which every tenth is lost.
RunSequence LongRun() {
    StreamSequence stream;
    for (std::uint64_t i = 0; i < 50'000; ++i) {
        const double at = 0.001 * static_cast<double>(i);
        stream.sent.push_back({at, 1000 * i, 1000 * i + 1000});
        stream.acknowledged.push_back({at + 0.1, 1000 * i + 1000});
        stream.delivered.push_back({at + 0.05, 1000 * i + 1000});
        if (i % 10 != 5) continue;
        stream.lost.push_back({at + 0.12, 1000 * i, 1000 * i + 1000});
        stream.repeated.push_back({at + 0.12, 1000 * i, 1000 * i + 1000});
    }
    return {{stream, stream}, {}, false, ""};
}

TEST(HtmlSequence, IsBoundedInSize) {
    const auto plots = SequencePlots(LongRun(), "one", "ns-3", {});
    ASSERT_EQ(plots.size(), 2u);
    EXPECT_EQ(plots[0].title, "ns-3: 10000 parts sent again, 10000 taken for lost");
    for (const Plot& plot : plots) {
        EXPECT_LT(SvgOf(plot, SvgUse::kPage).size(), 100'000u);
        for (const PlotLine& line : plot.lines) {
            const bool marks = line.shape == PlotShape::kDots || line.shape == PlotShape::kTicks;
            EXPECT_LE(line.points.size(), marks ? kMostSequenceMarks : 4 * kSequenceColumns + 16);
        }
    }
}

TEST(HtmlSequence, ComesCloseToTheFirstLoss) {
    const auto plots = SequencePlots(LongRun(), "one", "ns-3", {});
    const Plot& close = plots.at(1);
    EXPECT_THAT(close.title, HasSubstr("close-up of the first loss"));
    const auto& sent = close.lines.at(0).points;
    EXPECT_EQ(sent.size(), 2 * kCloseUpParts);
    EXPECT_LT(sent.front().first, 0.125);
    EXPECT_GT(sent.back().first, 0.125);
    // Acknowledged and delivered go from side to side.
    for (const std::size_t line : {1u, 2u}) {
        const auto& points = close.lines.at(line).points;
        EXPECT_LT(points.front().first, 0.13);
        EXPECT_EQ(points.back().first, sent.back().first);
    }
    // The axes are those of the part that is shown.
    EXPECT_THAT(SvgOf(close, SvgUse::kPage), Not(HasSubstr("data-x=\"0,")));
    EXPECT_THAT(SvgOf(plots.at(0), SvgUse::kPage), HasSubstr("data-x=\"0,"));
}

TEST(HtmlSequence, WithoutALossItComesCloseToTheBegin) {
    RunSequence run = LongRun();
    for (StreamSequence& stream : run.streams) stream.lost.clear();
    EXPECT_THAT(SequencePlots(run, "one", "ns-3", {}).at(1).title,
                HasSubstr("close-up of the begin"));
    run.streams[0].sent.clear();
    run.streams.resize(1);
    EXPECT_EQ(SequencePlots(run, "one", "ns-3", {}).size(), 1u);
}

}  // namespace
}  // namespace crsp::lab
