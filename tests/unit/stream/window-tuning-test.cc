// SPDX-License-Identifier: BSD-3-Clause
// Windows and buffers that follow the path: StreamSet, CRSP §5.3.
#include <gtest/gtest.h>

#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

constexpr Duration kRtt = milliseconds(100);

StreamLimits GrowingLimits() {
    return {.streamReceiveWindow = 4096,
            .maxStreamReceiveWindow = 20'000,
            .connectionReceiveWindow = 8192,
            .maxConnectionReceiveWindow = 64 * 1024,
            .maxPeerStreams = 4,
            .streamSendBuffer = 128 * 1024,
            .maxStreamSendBuffer = 0};
}

/// A receiver of ours and a sender, with the clock in hand.
class WindowTuning : public ::testing::Test {
  protected:
    explicit WindowTuning(StreamLimits limits = GrowingLimits())
        : m_sender(Side::kInitiator, limits),
          m_receiver(Side::kResponder, limits, {.receive = &m_budget}) {
        m_sender.OnPeerParameters(ParametersOf(limits));
        m_receiver.OnPeerParameters(ParametersOf(limits));
        m_id = *m_sender.Open(StreamDirection::kUnidirectional);
    }

    /// Sends and delivers all that credit allows; returns how many new bytes that were.
    std::uint64_t Send() {
        const auto before = m_sender.Stats().bytesSent;
        static_cast<void>(m_sender.Write(m_id, m_data, false));
        while (StreamPair::Pass(m_sender, m_receiver)) {
        }
        return m_sender.Stats().bytesSent - before;
    }
    /// Lets `time` pass, reads all there is and has the credit sent.
    void Grant(Duration time) {
        m_path.now += time;
        ReadAll(m_receiver, m_id);
        GrantUnread();
    }
    void GrantUnread() {
        m_receiver.OnPath(m_path);
        while (StreamPair::Pass(m_receiver, m_sender)) {
        }
    }

    PathView m_path{.now = TimePoint{} + seconds(1), .smoothedRtt = kRtt};
    MemoryBudget m_budget{1 << 20};
    StreamSet m_sender;
    StreamSet m_receiver;
    StreamId m_id = 0;
    std::vector<std::byte> m_data = Pattern(100'000);
};

TEST_F(WindowTuning, DoublesUpToItsMaximumWhileItIsUsedUpFast) {
    for (const std::uint64_t window : {4096, 8192, 16384, 20'000, 20'000}) {
        m_receiver.OnPath(m_path);
        EXPECT_EQ(Send(), window);
        Grant(kRtt / 2);
    }
    EXPECT_EQ(m_receiver.LargestStreamWindow(), 20'000u);
}

TEST_F(WindowTuning, StaysWhileAQuarterLastsARoundTrip) {
    m_receiver.OnPath(m_path);
    for (int i = 0; i < 5; ++i) {
        static_cast<void>(m_sender.Write(m_id, Pattern(3000), false));
        while (StreamPair::Pass(m_sender, m_receiver)) {
        }
        Grant(2 * kRtt);
    }
    EXPECT_EQ(m_receiver.LargestStreamWindow(), 4096u);
}

TEST_F(WindowTuning, TheConnectionKeepsAtOneAndAHalfTimesTheLargestStream) {
    for (int i = 0; i < 3; ++i) {
        m_receiver.OnPath(m_path);
        Send();
        Grant(kRtt / 2);
    }
    EXPECT_GE(2 * m_receiver.ConnectionWindow(), 3 * m_receiver.LargestStreamWindow());
    EXPECT_EQ(m_budget.Used(), m_receiver.ConnectionWindow());
}

TEST_F(WindowTuning, APausedReaderGetsNoMoreHoweverOftenThePeerIsBlocked) {
    m_receiver.OnPath(m_path);
    EXPECT_EQ(Send(), 4096u);
    for (int i = 0; i < 5; ++i) {
        m_path.now += 5 * kRtt;
        ASSERT_TRUE(m_receiver.OnFrame(StreamDataBlockedFrame{m_id, 4096}));
        ASSERT_TRUE(m_receiver.OnFrame(DataBlockedFrame{8192}));
        GrantUnread();
    }
    EXPECT_EQ(Send(), 0u);
    Grant(5 * kRtt);
    EXPECT_EQ(Send(), 4096u) << "nor does the pause count against it";
}

TEST_F(WindowTuning, APeerThatStarvesWhileAPacketIsRepeatedGetsMore) {
    m_receiver.OnPath(m_path);
    static_cast<void>(m_sender.Write(m_id, m_data, false));
    const auto lost = NextPacket(m_sender);
    while (StreamPair::Pass(m_sender, m_receiver)) {
    }
    Grant(5 * kRtt);
    EXPECT_EQ(m_receiver.LargestStreamWindow(), 8192u);
    EXPECT_EQ(Send(), 4096u) << "although nothing could be read yet";
}

TEST_F(WindowTuning, GrowsBeforeThePeerStarvesWhileAPacketIsMissing) {
    m_receiver.OnPath(m_path);
    ASSERT_TRUE(m_receiver.OnFrame(StreamFrame{m_id, 900, Pattern(100), false}));
    EXPECT_FALSE(NextPacket(m_receiver));
    ASSERT_TRUE(m_receiver.OnFrame(StreamFrame{m_id, 1100, Pattern(100), false}));
    const auto packet = NextPacket(m_receiver);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->Get<MaxStreamDataFrame>().value().maximum, 8192u);
}

TEST_F(WindowTuning, NothingGrowsBeyondTheMemoryOfTheEndpoint) {
    m_budget.Take((1 << 20) - 8192 - 100);
    for (int i = 0; i < 5; ++i) {
        m_receiver.OnPath(m_path);
        EXPECT_EQ(Send(), 4096u);
        Grant(kRtt / 2);
    }
    EXPECT_EQ(m_receiver.ConnectionWindow(), 8192u);
    StreamSet another(Side::kResponder, GrowingLimits(), {.receive = &m_budget});
    EXPECT_EQ(another.ConnectionWindow(), 8192u) << "a new one begins all the same";
}

TEST_F(WindowTuning, AConnectionThatEndsGivesItsMemoryBack) {
    const auto before = m_budget.Used();
    {
        StreamSet another(Side::kResponder, GrowingLimits(), {.receive = &m_budget});
        EXPECT_GT(m_budget.Used(), before);
    }
    EXPECT_EQ(m_budget.Used(), before);
}

TEST_F(WindowTuning, TheConnectionsWindowGrowsUnderManyStreams) {
    const auto second = *m_sender.Open(StreamDirection::kUnidirectional);
    const auto third = *m_sender.Open(StreamDirection::kUnidirectional);
    m_receiver.OnPath(m_path);
    for (const auto id : {second, third}) {
        static_cast<void>(m_sender.Write(id, m_data, false));
    }
    EXPECT_EQ(Send(), 8192u) << "two of three used up the connection's";
    for (const auto id : {second, third}) ReadAll(m_receiver, id);
    Grant(kRtt / 2);
    EXPECT_GE(m_receiver.ConnectionWindow(), 16384u);
}

TEST_F(WindowTuning, TheControlStreamIsFixed) {
    const auto control = *m_sender.Open(StreamDirection::kBidirectional);
    ASSERT_EQ(control, kControlStream);
    for (int i = 0; i < 5; ++i) {
        m_receiver.OnPath(m_path);
        static_cast<void>(m_sender.Write(control, m_data, false));
        while (StreamPair::Pass(m_sender, m_receiver)) {
        }
        EXPECT_EQ(ReadAll(m_receiver, control).size(), 4096u);
        GrantUnread();
    }
}

TEST(SendBufferTuning, FollowsFourCongestionWindowsUpToTheMaximum) {
    StreamLimits limits = SmallLimits();
    limits.maxStreamSendBuffer = 40'000;
    StreamSet set(Side::kInitiator, limits);
    auto parameters = ParametersOf(limits);
    parameters.initialMaxData = parameters.initialMaxStreamData = 100'000;
    set.OnPeerParameters(parameters);
    const auto id = *set.Open(StreamDirection::kUnidirectional);
    EXPECT_EQ(set.Write(id, Pattern(100'000), false), 8192u);
    set.OnPath({.now = {}, .smoothedRtt = {}, .congestionWindow = 5000});
    EXPECT_EQ(set.Write(id, Pattern(100'000), false), 20'000u - 8192);
    set.OnPath({.now = {}, .smoothedRtt = {}, .congestionWindow = 1000});
    EXPECT_EQ(set.Write(id, Pattern(100'000), false), 0u) << "what it holds stays";
    set.OnPath({.now = {}, .smoothedRtt = {}, .congestionWindow = 1 << 30});
    EXPECT_EQ(set.Write(id, Pattern(100'000), false), 20'000u);
    EXPECT_LE(set.BufferedCapacity(), 40'000u);
}

TEST(SendBufferTuning, AWriterCutShortIsWokenWhenTheWindowHasGrown) {
    StreamLimits limits = SmallLimits();
    limits.maxStreamSendBuffer = 40'000;
    StreamSet set(Side::kInitiator, limits);
    set.OnPeerParameters(ParametersOf(limits));
    const auto id = *set.Open(StreamDirection::kUnidirectional);
    ASSERT_EQ(set.Write(id, Pattern(100'000), false), 8192u);
    const auto packet = *NextPacket(set, 200);
    set.OnPath({.now = {}, .smoothedRtt = {}, .congestionWindow = 4096});
    Acked(set, packet);
    EXPECT_EQ(Events(set), (std::vector<StreamEvent>{{StreamEventKind::kWritable, id}}));
}

}  // namespace
}  // namespace crsp::test
