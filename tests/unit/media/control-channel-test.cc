// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/control-channel.h"

#include <gtest/gtest.h>

#include "model/trace/tracer.h"
#include "tests/unit/media/sample-messages.h"
#include "tests/unit/media/stream-fixture.h"

namespace crsp {
namespace {

class ControlChannelTest : public test::StreamFixture {};

TEST_F(ControlChannelTest, CarriesEveryMessageBothWays) {
    const auto samples = test::SampleMessages();
    for (const Message& message : samples) {
        m_farNode.Do([&](TimePoint now, Endpoint& e) { m_far.Channel().Send(now, e, message); });
        m_nearNode.Do([&](TimePoint now, Endpoint& e) { m_near.Channel().Send(now, e, message); });
    }
    m_world.RunFor(seconds(1));
    EXPECT_EQ(m_near.heard, samples);
    EXPECT_EQ(m_far.heard, samples);
}

TEST_F(ControlChannelTest, CarriesTheLongestMessageInOrderWithOthers) {
    ListingMessage longest{1, 1, 220, 0, {}};
    longest.entries.assign(kMaxEntriesPerListing, {1, 1, 1, std::string(kMaxNameSize, 'n')});
    Near([&](TimePoint now, Endpoint& endpoint) {
        for (int i = 0; i < 3; ++i) m_near.Channel().Send(now, endpoint, longest);
        m_near.Channel().Send(now, endpoint, ExitMessage{});
    });
    ASSERT_TRUE(m_world.Run(seconds(10), [&] { return m_far.heard.size() == 4; }));
    EXPECT_EQ(m_far.heard[2], Message(longest));
    EXPECT_EQ(m_far.heard[3], Message(ExitMessage{}));
}

TEST_F(ControlChannelTest, ClosesWhenTooMuchIsUnread) {
    ListingMessage longest{1, 1, 220, 0, {}};
    longest.entries.assign(kMaxEntriesPerListing, {1, 1, 1, std::string(kMaxNameSize, 'n')});
    Near([&](TimePoint now, Endpoint& endpoint) {
        for (int i = 0; i < 100 && !m_near.Channel().Closed(); ++i) {
            m_near.Channel().Send(now, endpoint, longest);
        }
    });
    EXPECT_TRUE(m_near.Channel().Closed());
    ASSERT_TRUE(m_world.Run(seconds(5), [&] { return !m_far.closed.empty(); }));
    EXPECT_EQ(m_far.closed[0].applicationCode, static_cast<std::uint64_t>(MediaErrorCode::kBusy));
}

TEST_F(ControlChannelTest, ClosesAtTheFirstMalformedMessageAndHearsNoneAfterIt) {
    const std::byte bytes[] = {std::byte{3}, std::byte{99}, std::byte{0}, std::byte{0}};
    m_farNode.Do([&](TimePoint now, Endpoint& endpoint) {
        (void)endpoint.Write(m_far.Connection(), kControlStream, bytes);
        m_far.Channel().Send(now, endpoint, StatusMessage{1});
    });
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return !m_far.closed.empty(); }));
    EXPECT_TRUE(m_near.heard.empty());
    EXPECT_EQ(m_far.closed[0].applicationCode,
              static_cast<std::uint64_t>(MediaErrorCode::kMalformedMessage));
}

TEST_F(ControlChannelTest, ClosesOnceWithItsCode) {
    Near([&](TimePoint now, Endpoint& endpoint) {
        m_near.Channel().Close(now, endpoint, MediaErrorCode::kNone, "bye");
        m_near.Channel().Close(now, endpoint, MediaErrorCode::kBusy, "again");
        m_near.Channel().Send(now, endpoint, ExitMessage{});
    });
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return !m_far.closed.empty(); }));
    EXPECT_EQ(m_far.closed[0].applicationCode, 0u);
    EXPECT_EQ(m_far.closed[0].reason, "bye");
    EXPECT_TRUE(m_far.heard.empty());
}

class Counter : public Tracer {
  public:
    void OnEvent(TimePoint, std::uint64_t, const TraceEvent& event) override {
        const auto& media = std::get<trace::MediaEvent>(event);
        seen.push_back(std::string(media.name) + " " + std::string(media.detail));
    }
    std::vector<std::string> seen;
};

TEST_F(ControlChannelTest, TellsTheTracer) {
    Counter counter;
    Near([&](TimePoint now, Endpoint& endpoint) {
        ControlChannel traced(m_near.Connection(), &counter);
        traced.Send(now, endpoint, StatusMessage{1});
    });
    EXPECT_EQ(counter.seen, std::vector<std::string>{"status sent"});
}

TEST_F(ControlChannelTest, ARefusedStreamIsStoppedAndResetWhereItCanBe) {
    StreamId both = 0;
    m_farNode.Do([&](TimePoint, Endpoint& endpoint) {
        both = *endpoint.OpenStream(m_far.Connection(), StreamDirection::kBidirectional);
        ASSERT_TRUE(endpoint.Write(m_far.Connection(), both, AsBytes("hello")));
    });
    m_world.RunFor(milliseconds(100));
    Near([&](TimePoint, Endpoint& endpoint) { RefuseStream(endpoint, m_near.Connection(), both); });
    m_world.RunFor(milliseconds(100));
    const auto code = static_cast<std::uint64_t>(MediaErrorCode::kNotSupported);
    EXPECT_EQ(m_far.streams[both].stoppedCode, code);
    EXPECT_EQ(m_far.streams[both].resetCode, code);
}

}  // namespace
}  // namespace crsp
