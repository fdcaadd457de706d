// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/contents-inbox.h"

#include <gtest/gtest.h>

#include "tests/unit/media/stream-fixture.h"

namespace crsp {
namespace {

class ContentsInboxTest : public test::StreamFixture {
  protected:
    std::vector<std::byte> Header() const {
        std::vector<std::byte> bytes;
        EncodeMessage(m_header, bytes);
        return bytes;
    }
    std::optional<ContentsInbox::Arrival> Readable(StreamId stream) {
        std::optional<ContentsInbox::Arrival> arrival;
        Near([&](TimePoint, Endpoint& endpoint) {
            arrival = m_inbox.Readable(endpoint, m_near.Connection(), stream);
        });
        return arrival;
    }
    void Opened(StreamId stream) {
        Near([&](TimePoint, Endpoint& endpoint) {
            m_inbox.Opened(endpoint, m_near.Connection(), stream);
        });
    }
    std::optional<std::uint64_t> StopCode(StreamId stream) {
        m_world.RunFor(milliseconds(100));
        return m_far.streams[stream].stoppedCode;
    }

    const ContentsMessage m_header{1, 2, 3, 4, 5, 6};
    ContentsInbox m_inbox;
};

TEST_F(ContentsInboxTest, ReadsTheHeaderAndNotAByteOfWhatFollows) {
    auto bytes = Header();
    for (const std::byte b : AsBytes("content")) bytes.push_back(b);
    const StreamId stream = Send(bytes, true);
    Opened(stream);
    const auto arrival = Readable(stream);
    ASSERT_TRUE(arrival);
    EXPECT_EQ(arrival->header, m_header);
    EXPECT_EQ(m_inbox.Count(), 0u);
    std::byte rest[100];
    Near([&](TimePoint, Endpoint& endpoint) {
        const auto read = endpoint.Read(m_near.Connection(), stream, rest);
        ASSERT_TRUE(read);
        EXPECT_EQ(AsText(ConstByteSpan(rest).first(read->bytes)), "content");
    });
}

TEST_F(ContentsInboxTest, WaitsForAHeaderThatComesInPieces) {
    const auto bytes = Header();
    const StreamId stream = Send(ConstByteSpan(bytes).first(1), false);
    Opened(stream);
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        EXPECT_FALSE(Readable(stream));
        SendMore(stream, ConstByteSpan(bytes).subspan(i, 1), false);
    }
    EXPECT_TRUE(Readable(stream));
}

TEST_F(ContentsInboxTest, RefusesWhatIsNoHeader) {
    std::vector<std::byte> other;
    EncodeMessage(ExitMessage{}, other);
    const StreamId wrongType = Send(other, false);
    const StreamId tooLong = Send(std::vector<std::byte>{std::byte{0x7f}, std::byte{0xff}}, false);
    const auto bytes = Header();
    const StreamId cutShort = Send(ConstByteSpan(bytes).first(5), true);
    for (const StreamId stream : {wrongType, tooLong, cutShort}) {
        Opened(stream);
        EXPECT_FALSE(Readable(stream));
    }
    EXPECT_EQ(m_inbox.Count(), 0u);
    EXPECT_TRUE(StopCode(wrongType));
    EXPECT_TRUE(StopCode(tooLong));
}

TEST_F(ContentsInboxTest, KnowsOnlyStreamsThatWereOpened) {
    const StreamId stream = Send(Header(), false);
    EXPECT_FALSE(Readable(stream));
    Opened(stream);
    m_inbox.Forget(stream);
    EXPECT_FALSE(Readable(stream));
    Opened(stream);
    m_inbox.Clear();
    EXPECT_EQ(m_inbox.Count(), 0u);
}

TEST_F(ContentsInboxTest, HoldsNoMoreThanItsLimit) {
    const StreamId stream = Send(Header(), false);
    for (std::size_t i = 0; i < kMaxUnreadContents; ++i) {
        Opened(MakeStreamId(Side::kInitiator, StreamDirection::kUnidirectional, 1000 + i));
    }
    Opened(stream);
    EXPECT_EQ(m_inbox.Count(), kMaxUnreadContents);
    EXPECT_TRUE(StopCode(stream));
}

}  // namespace
}  // namespace crsp
