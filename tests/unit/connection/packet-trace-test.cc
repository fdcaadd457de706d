// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/packet-trace.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace crsp {
namespace {

class Recorder : public Tracer {
  public:
    void OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) override {
        times.push_back(now);
        groups.push_back(group);
        kinds.push_back(event.index());
        const auto* told = std::get_if<trace::PacketsAcked>(&event);
        if (told) acked.assign(told->numbers.begin(), told->numbers.end());
    }
    bool WantsPackets() const override { return packets; }
    bool packets = true;
    std::vector<TimePoint> times;
    std::vector<std::uint64_t> groups;
    std::vector<std::size_t> kinds;
    std::vector<std::uint64_t> acked;
};

SentFrameList OneOfEach() {
    SentFrameList frames;
    frames.Push(SentAck{1});
    frames.Push(SentStream{4, 0, 10, false});
    frames.Push(SentMaxData{100});
    frames.Push(SentMaxStreams{StreamDirection::kBidirectional, 3});
    return frames;
}

TEST(PacketTrace, PassesEventsOnWithTimeAndGroup) {
    Recorder recorder;
    PacketTrace trace(&recorder, 99);
    EXPECT_TRUE(trace.Enabled());
    trace.Emit(TimePoint{} + seconds(2), trace::PacketDropped{"duplicate", 10});
    ASSERT_EQ(recorder.groups.size(), 1u);
    EXPECT_EQ(recorder.groups[0], 99u);
    EXPECT_EQ(recorder.times[0], TimePoint{} + seconds(2));
    EXPECT_EQ(recorder.kinds[0], TraceEvent(trace::PacketDropped{}).index());
}

TEST(PacketTrace, ListsTheNamesOfSentAndReceivedFramesAlike) {
    Recorder recorder;
    PacketTrace sending(&recorder, 1);
    sending.Begin();
    sending.Add(OneOfEach());
    EXPECT_EQ(sending.Names(), "ack,stream,max_data,max_streams");
    PacketTrace receiving(&recorder, 1);
    receiving.Begin();
    receiving.Add(Frame(AckFrame{}));
    receiving.Add(Frame(StreamFrame{}));
    receiving.Add(Frame(MaxDataFrame{}));
    receiving.Add(Frame(MaxStreamsFrame{}));
    EXPECT_EQ(receiving.Names(), sending.Names());
}

TEST(PacketTrace, TellsWhatSentAndReceivedStreamFramesCarry) {
    Recorder recorder;
    PacketTrace trace(&recorder, 1);
    trace.Begin();
    trace.Add(OneOfEach());
    ASSERT_EQ(trace.Parts().size(), 1u);
    EXPECT_EQ(trace.Parts()[0].stream, 4u);
    EXPECT_EQ(trace.Parts()[0].length, 10u);
    trace.Begin();
    EXPECT_TRUE(trace.Parts().empty());
    const std::array<std::byte, 7> data{};
    trace.Add(Frame(PingFrame{}));
    trace.Add(Frame(StreamFrame{.stream = 8, .offset = 100, .data = data, .fin = true}));
    ASSERT_EQ(trace.Parts().size(), 1u);
    EXPECT_EQ(trace.Parts()[0].stream, 8u);
    EXPECT_EQ(trace.Parts()[0].offset, 100u);
    EXPECT_EQ(trace.Parts()[0].length, 7u);
    EXPECT_TRUE(trace.Parts()[0].fin);
}

TEST(PacketTrace, TellsWhatWasAcknowledgedToWhoWantsPackets) {
    const SentPacket late{.number = 3};
    const SentPacket next{.number = 9};
    const std::array<const SentPacket*, 1> spurious{&late};
    const std::array<const SentPacket*, 1> acked{&next};
    Recorder recorder;
    PacketTrace trace(&recorder, 1);
    trace.Acked(TimePoint{}, {}, {});
    EXPECT_TRUE(recorder.kinds.empty());
    trace.Acked(TimePoint{}, spurious, acked);
    EXPECT_EQ(recorder.acked, (std::vector<std::uint64_t>{3, 9}));
    Recorder deaf;
    deaf.packets = false;
    PacketTrace(&deaf, 1).Acked(TimePoint{}, spurious, acked);
    EXPECT_TRUE(deaf.kinds.empty());
}

/// Every record has the name of the frame it stands for.
TEST(PacketTrace, EverySentFrameHasTheNameOfItsFrame) {
    const std::vector<std::pair<SentFrame, Frame>> pairs = {
        {SentAck{}, AckFrame{}},
        {SentPing{}, PingFrame{}},
        {SentStream{}, StreamFrame{}},
        {SentDatagram{}, DatagramFrame{}},
        {SentResetStream{}, ResetStreamFrame{}},
        {SentStopSending{}, StopSendingFrame{}},
        {SentMaxData{}, MaxDataFrame{}},
        {SentMaxStreamData{}, MaxStreamDataFrame{}},
        {SentMaxStreams{}, MaxStreamsFrame{}},
        {SentDataBlocked{}, DataBlockedFrame{}},
        {SentStreamDataBlocked{}, StreamDataBlockedFrame{}},
        {SentPathChallenge{}, PathChallengeFrame{}},
        {SentPathResponse{}, PathResponseFrame{}},
        {SentDataSkipped{}, DataSkippedFrame{}},
        {SentImmediateAck{}, ImmediateAckFrame{}},
        {SentRepair{}, RepairFrame{}},
        {SentDataRecovered{}, DataRecoveredFrame{}}};
    ASSERT_EQ(pairs.size(), std::variant_size_v<SentFrame>);
    Recorder recorder;
    PacketTrace trace(&recorder, 1);
    for (const auto& [sent, frame] : pairs) {
        SentFrameList list;
        list.Push(sent);
        trace.Begin();
        trace.Add(list);
        EXPECT_EQ(trace.Names(), FrameName(frame));
    }
}

TEST(PacketTrace, BeginStartsTheListAnew) {
    Recorder recorder;
    PacketTrace trace(&recorder, 1);
    trace.Begin();
    trace.AddName("ping");
    trace.Begin();
    trace.AddName("padding");
    EXPECT_EQ(trace.Names(), "padding");
}

TEST(PacketTrace, WithoutATracerNothingIsCollected) {
    PacketTrace trace(nullptr, 1);
    EXPECT_FALSE(trace.Enabled());
    trace.Begin();
    trace.Add(OneOfEach());
    trace.AddName("ping");
    trace.Emit(TimePoint{}, trace::PacketDropped{});
    EXPECT_TRUE(trace.Names().empty());
}

}  // namespace
}  // namespace crsp
