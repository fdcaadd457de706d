// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/stream-table.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

constexpr auto kBidirectional = StreamDirection::kBidirectional;
constexpr auto kUnidirectional = StreamDirection::kUnidirectional;

struct Table {
    explicit Table(Side side = Side::kInitiator) : table(side, SmallLimits()) {
        table.OnPeerParameters(ParametersOf(SmallLimits()));
    }
    StreamTable table;
    StreamEventQueue events;
};

TEST(StreamTable, OpensNothingBeforeThePeersParameters) {
    StreamTable table(Side::kInitiator, SmallLimits());
    EXPECT_EQ(table.Open(kBidirectional).error(), UsageError::kStreamLimit);
}

TEST(StreamTable, NumbersStreamsByOpenerAndDirection) {  // RFC 9000 §2.1
    Table initiator;
    EXPECT_EQ(initiator.table.Open(kBidirectional), kControlStream);
    EXPECT_EQ(initiator.table.Open(kBidirectional), 4u);
    EXPECT_EQ(initiator.table.Open(kUnidirectional), 2u);
    Table responder(Side::kResponder);
    EXPECT_EQ(responder.table.Open(kBidirectional), 1u);
    EXPECT_EQ(responder.table.Open(kUnidirectional), 3u);
    EXPECT_EQ(responder.table.Open(kUnidirectional), 7u);
    EXPECT_FALSE(responder.table.Find(7)->receive);
    EXPECT_TRUE(responder.table.Find(1)->receive);
}

TEST(StreamTable, OpensAsManyAsThePeerAllows) {
    Table t;
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(t.table.Open(kUnidirectional));
    EXPECT_EQ(t.table.Open(kUnidirectional).error(), UsageError::kStreamLimit);
    t.table.OnMaxStreams(kUnidirectional, 3);
    t.table.OnMaxStreams(kBidirectional, 5);
    EXPECT_FALSE(t.table.Open(kUnidirectional));
    t.table.OnMaxStreams(kUnidirectional, 5);
    EXPECT_EQ(t.table.Open(kUnidirectional), 18u);
}

TEST(StreamTable, B7_HoldsNoMoreOfOursThanItMayHoweverManyThePeerGrants) {
    Table t;
    t.table.OnMaxStreams(kUnidirectional, std::uint64_t{1} << 60);
    for (std::uint64_t i = 0; i < kMaxOwnStreams; ++i) ASSERT_TRUE(t.table.Open(kUnidirectional));
    EXPECT_EQ(t.table.Open(kUnidirectional).error(), UsageError::kStreamLimit);
    EXPECT_TRUE(t.table.Open(kBidirectional)) << "of each direction";
    t.table.Erase(2);
    EXPECT_TRUE(t.table.Open(kUnidirectional));
    EXPECT_EQ(t.table.Open(kUnidirectional).error(), UsageError::kStreamLimit);
}

TEST(StreamTable, OpensLowerStreamsAlongWithOneOfThePeer) {  // RFC 9000 §3.2
    Table t;
    ASSERT_TRUE(t.table.ForPeerSending(9, t.events));
    EXPECT_EQ(t.events.Poll(), (StreamEvent{StreamEventKind::kOpened, 1}));
    EXPECT_EQ(t.events.Poll(), (StreamEvent{StreamEventKind::kOpened, 5}));
    EXPECT_EQ(t.events.Poll(), (StreamEvent{StreamEventKind::kOpened, 9}));
    EXPECT_EQ((*t.table.ForPeerSending(5, t.events))->id, 5u);
    EXPECT_FALSE(t.events.Poll());
    EXPECT_EQ(t.table.Count(), 3u);
}

TEST(StreamTable, HoldsThePeerToItsLimit) {  // RFC 9000 §4.6
    const auto error = TransportErrorCode::kStreamLimitError;
    Table t;
    EXPECT_EQ(CodeOf(t.table.ForPeerSending(17, t.events)), error);
    EXPECT_EQ(CodeOf(t.table.ForPeerSending(19, t.events)), error);
    EXPECT_EQ(CodeOf(t.table.ForPeerReceiving(17, t.events)), error);
    EXPECT_EQ(CodeOf(t.table.ForPeerSending(kVarintMax, t.events)), error);
    EXPECT_EQ(t.table.Count(), 0u);
    EXPECT_TRUE(t.table.ForPeerSending(13, t.events));
    EXPECT_TRUE(t.table.ForPeerSending(15, t.events));
}

TEST(StreamTable, KnowsWhoMayTalkAboutAStream) {  // RFC 9000 §19.4, §19.5, §19.8
    const auto error = TransportErrorCode::kStreamStateError;
    Table t;
    EXPECT_EQ(CodeOf(t.table.ForPeerSending(0, t.events)), error) << "ours, not open yet";
    EXPECT_EQ(CodeOf(t.table.ForPeerReceiving(2, t.events)), error) << "ours, not open yet";
    ASSERT_TRUE(t.table.Open(kUnidirectional));
    EXPECT_EQ(CodeOf(t.table.ForPeerSending(2, t.events)), error) << "only we send on it";
    EXPECT_TRUE(t.table.ForPeerReceiving(2, t.events));
    EXPECT_EQ(CodeOf(t.table.ForPeerReceiving(3, t.events)), error) << "only the peer sends on it";
    EXPECT_TRUE(t.table.ForPeerSending(3, t.events));
}

TEST(StreamTable, RemembersThatAStreamIsOver) {
    Table t;
    const auto own = *t.table.Open(kBidirectional);
    ASSERT_TRUE(t.table.ForPeerSending(5, t.events));
    t.table.Erase(own);
    t.table.Erase(1);
    EXPECT_EQ(*t.table.ForPeerSending(own, t.events), nullptr);
    EXPECT_EQ(*t.table.ForPeerSending(1, t.events), nullptr);
    EXPECT_NE(*t.table.ForPeerSending(5, t.events), nullptr);
    EXPECT_EQ(t.table.Count(), 1u);
}

TEST(StreamTable, GrantsAStreamForEachThatIsOver) {  // RFC 9000 §4.6
    Table t;
    ASSERT_TRUE(t.table.ForPeerSending(15, t.events));
    EXPECT_FALSE(t.table.HasControl());
    t.table.Erase(7);
    ASSERT_TRUE(t.table.HasControl());
    std::vector<std::byte> bytes(100);
    PacketBuilder out(bytes);
    ASSERT_TRUE(t.table.WriteControl(out));
    EXPECT_FALSE(t.table.HasControl());
    const auto sent = std::get<SentMaxStreams>(out.Frames().View()[0]);
    EXPECT_EQ(sent.direction, kUnidirectional);
    EXPECT_EQ(sent.maximum, 5u);
    EXPECT_TRUE(t.table.ForPeerSending(19, t.events));
    EXPECT_FALSE(t.table.ForPeerSending(23, t.events));
    t.table.OnFrameLost(sent);
    EXPECT_TRUE(t.table.HasControl());
}

}  // namespace
}  // namespace crsp::test
