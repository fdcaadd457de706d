// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/stream-set.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

constexpr auto kBidirectional = StreamDirection::kBidirectional;
constexpr auto kUnidirectional = StreamDirection::kUnidirectional;
using Kind = StreamEventKind;

/// One end that has heard the peer's parameters; frames are handed to it directly.
/// More than enough room for kMaxReceiveGaps islands of one byte.
constexpr std::uint64_t kFragmentable = 4 * kMaxReceiveGaps;

StreamLimits FragmentableLimits() {
    StreamLimits limits = SmallLimits();
    limits.streamReceiveWindow = limits.connectionReceiveWindow = kFragmentable;
    return limits;
}

struct Lone {
    explicit Lone(Side side = Side::kResponder, StreamLimits limits = SmallLimits())
        : set(side, limits) {
        set.OnPeerParameters(ParametersOf(limits));
    }
    FrameResult Bytes(StreamId id, std::uint64_t offset, std::size_t length, bool fin = false) {
        const auto data = Pattern(length, offset);
        return set.OnFrame(StreamFrame{id, offset, data, fin});
    }
    StreamSet set;
};

TEST(StreamSet, CarriesAStreamFromOneEndToTheOther) {
    StreamPair pair;
    const auto id = *pair.initiator.Open(kUnidirectional);
    const auto bytes = Pattern(3000);
    ASSERT_EQ(pair.initiator.Write(id, bytes, true), 3000u);
    pair.Exchange();
    EXPECT_EQ(Events(pair.responder),
              (std::vector<StreamEvent>{{Kind::kOpened, id}, {Kind::kReadable, id}}));
    EXPECT_EQ(ReadAll(pair.responder, id), bytes);
    EXPECT_EQ(pair.initiator.Count(), 0u);
    EXPECT_EQ(pair.responder.Count(), 0u);
    EXPECT_EQ(pair.initiator.Stats().bytesSent, 3000u);
    EXPECT_EQ(pair.initiator.Stats().bytesRetransmitted, 0u);
    EXPECT_EQ(pair.responder.Stats().bytesReceived, 3000u);
}

TEST(StreamSet, FreesABidirectionalStreamWhenBothDirectionsAreOver) {
    StreamPair pair;
    const auto id = *pair.initiator.Open(kBidirectional);
    ASSERT_TRUE(pair.initiator.Write(id, Pattern(10), true));
    pair.Exchange();
    ReadAll(pair.responder, id);
    EXPECT_EQ(pair.responder.Count(), 1u);
    ASSERT_TRUE(pair.responder.Write(id, Pattern(20), true));
    pair.Exchange();
    EXPECT_EQ(pair.responder.Count(), 0u);
    EXPECT_EQ(pair.initiator.Count(), 1u);
    EXPECT_EQ(ReadAll(pair.initiator, id), Pattern(20));
    EXPECT_EQ(pair.initiator.Count(), 0u);
    EXPECT_EQ(pair.initiator.BufferedCapacity() + pair.responder.BufferedCapacity(), 0u);
}

TEST(StreamSet, LateFramesOfAFreedStreamChangeNothing) {
    Lone lone;
    ASSERT_TRUE(lone.Bytes(2, 0, 10, true));
    ReadAll(lone.set, 2);
    ASSERT_EQ(lone.set.Count(), 0u);
    EXPECT_EQ(lone.Bytes(2, 0, 10, true), FrameOutcome::kAccepted);
    EXPECT_EQ(lone.set.OnFrame(ResetStreamFrame{2, 1, 10}), FrameOutcome::kAccepted);
    EXPECT_EQ(lone.set.OnFrame(StreamDataBlockedFrame{2, 10}), FrameOutcome::kAccepted);
    EXPECT_EQ(lone.set.Count(), 0u);
    EXPECT_EQ(lone.set.Stats().bytesReceived, 10u);
    EXPECT_EQ(lone.set.Read(2, {}).error(), UsageError::kUnknownStream);
}

TEST(StreamSet, RefusesMisuseAndChangesNothing) {
    Lone lone;
    std::vector<std::byte> room(10);
    EXPECT_EQ(lone.set.Write(4, room, false).error(), UsageError::kUnknownStream);
    EXPECT_EQ(lone.set.Read(4, room).error(), UsageError::kUnknownStream);
    EXPECT_EQ(lone.set.Reset(4, 0).error(), UsageError::kUnknownStream);
    EXPECT_EQ(lone.set.StopSending(4, 0).error(), UsageError::kUnknownStream);
    const auto own = *lone.set.Open(kUnidirectional);
    EXPECT_EQ(lone.set.Read(own, room).error(), UsageError::kNotReadable);
    EXPECT_EQ(lone.set.StopSending(own, 0).error(), UsageError::kNotReadable);
    ASSERT_TRUE(lone.Bytes(2, 0, 1));
    EXPECT_EQ(lone.set.Write(2, room, false).error(), UsageError::kNotSendable);
    EXPECT_EQ(lone.set.Reset(2, 0).error(), UsageError::kNotSendable);
    EXPECT_FALSE(lone.set.WantsToSend());
}

TEST(StreamSet, ViolationsOfThePeerHaveTheirErrors) {  // RFC 9000 §4.1, §4.5, §4.6, §19.8
    EXPECT_EQ(CodeOf(Lone().Bytes(3, 0, 1)), TransportErrorCode::kStreamStateError);
    EXPECT_EQ(CodeOf(Lone().Bytes(1, 0, 1)), TransportErrorCode::kStreamStateError);
    EXPECT_EQ(CodeOf(Lone().set.OnFrame(StopSendingFrame{2, 0})),
              TransportErrorCode::kStreamStateError);
    EXPECT_EQ(CodeOf(Lone().set.OnFrame(MaxStreamDataFrame{2, 9})),
              TransportErrorCode::kStreamStateError);
    EXPECT_EQ(CodeOf(Lone().set.OnFrame(ResetStreamFrame{3, 0, 0})),
              TransportErrorCode::kStreamStateError);
    EXPECT_EQ(CodeOf(Lone().set.OnFrame(StreamDataBlockedFrame{3, 0})),
              TransportErrorCode::kStreamStateError);
    EXPECT_EQ(CodeOf(Lone().Bytes(16, 0, 1)), TransportErrorCode::kStreamLimitError);
    EXPECT_EQ(CodeOf(Lone().Bytes(4, 4096, 1)), TransportErrorCode::kFlowControlError);
    Lone finished;
    ASSERT_TRUE(finished.Bytes(4, 0, 5, true));
    EXPECT_EQ(CodeOf(finished.Bytes(4, 5, 1)), TransportErrorCode::kFinalSizeError);
}

TEST(StreamSet, AllDataStreamsShareTheConnectionCredit) {  // RFC 9000 §4.1
    Lone lone;
    ASSERT_TRUE(lone.Bytes(2, 4000, 96));
    ASSERT_TRUE(lone.Bytes(6, 4000, 96));
    EXPECT_EQ(CodeOf(lone.Bytes(10, 0, 1)), TransportErrorCode::kFlowControlError);
    Lone other;
    ASSERT_TRUE(other.Bytes(2, 4000, 96));
    ASSERT_TRUE(other.Bytes(6, 4000, 95));
    EXPECT_EQ(CodeOf(other.set.OnFrame(ResetStreamFrame{10, 0, 2})),
              TransportErrorCode::kFlowControlError);
}

TEST(StreamSet, TheControlStreamUsesNoConnectionCredit) {  // CRSP §5.4
    Lone lone;
    ASSERT_TRUE(lone.Bytes(2, 4000, 96));
    ASSERT_TRUE(lone.Bytes(6, 4000, 96));
    EXPECT_TRUE(lone.Bytes(kControlStream, 0, 4096));
    EXPECT_EQ(CodeOf(lone.Bytes(kControlStream, 4096, 1)), TransportErrorCode::kFlowControlError);
}

TEST(StreamSet, ReadBytesComeBackAsConnectionCreditAndLostGrantsAreRepeated) {
    Lone lone;
    lone.Bytes(2, 0, 4096);
    EXPECT_FALSE(lone.set.WantsToSend());
    ReadAll(lone.set, 2);
    auto packet = NextPacket(lone.set);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->Get<MaxDataFrame>()->maximum, 8192u + 4096u);
    EXPECT_EQ(packet->Get<MaxStreamDataFrame>()->maximum, 8192u);
    EXPECT_FALSE(NextPacket(lone.set));
    Lost(lone.set, *packet);
    packet = NextPacket(lone.set);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->Get<MaxDataFrame>()->maximum, 8192u + 4096u);
    EXPECT_EQ(packet->Get<MaxStreamDataFrame>()->maximum, 8192u);
    Acked(lone.set, *packet);
    EXPECT_FALSE(lone.set.WantsToSend());
}

TEST(StreamSet, AReaderThatStopsReadingStopsTheSenderWithinOneWindow) {
    StreamPair pair;
    const auto id = *pair.initiator.Open(kUnidirectional);
    ASSERT_EQ(pair.initiator.Write(id, Pattern(8192), false), 8192u);
    pair.Exchange();
    EXPECT_EQ(pair.responder.Stats().bytesReceived, 4096u);
    EXPECT_LE(pair.responder.BufferedCapacity(), 4096u);
    EXPECT_FALSE(pair.initiator.WantsToSend());
    EXPECT_EQ(ReadAll(pair.responder, id), Pattern(4096));
    pair.Exchange();
    EXPECT_EQ(pair.responder.Stats().bytesReceived, 8192u);
}

TEST(StreamSet, ReadableIsToldOncePerDrainedReader) {
    Lone lone;
    ASSERT_TRUE(lone.Bytes(2, 0, 100));
    EXPECT_EQ(Events(lone.set),
              (std::vector<StreamEvent>{{Kind::kOpened, 2}, {Kind::kReadable, 2}}));
    ASSERT_TRUE(lone.Bytes(2, 100, 100));
    EXPECT_TRUE(Events(lone.set).empty());
    std::vector<std::byte> room(200);
    EXPECT_EQ(lone.set.Read(2, room)->bytes, 200u);
    ASSERT_TRUE(lone.Bytes(2, 200, 100));
    EXPECT_TRUE(Events(lone.set).empty()) << "the reader has not seen the end yet";
    EXPECT_EQ(lone.set.Read(2, room)->bytes, 100u);
    ASSERT_TRUE(lone.Bytes(2, 300, 0, true));
    EXPECT_EQ(Events(lone.set), (std::vector<StreamEvent>{{Kind::kReadable, 2}}));
    EXPECT_TRUE(lone.set.Read(2, room)->finished);
    EXPECT_TRUE(Events(lone.set).empty());
}

TEST(StreamSet, ReadableOfAStreamThatIsGoneIsLeftOut) {
    Lone lone;
    ASSERT_TRUE(lone.Bytes(2, 0, 100, true));
    ReadAll(lone.set, 2);
    EXPECT_EQ(Events(lone.set), (std::vector<StreamEvent>{{Kind::kOpened, 2}}));
}

TEST(StreamSet, WritableIsToldAfterAWriteThatWasCutShort) {
    StreamPair pair;
    const auto id = *pair.initiator.Open(kUnidirectional);
    EXPECT_EQ(pair.initiator.Write(id, Pattern(8192), false), 8192u);
    EXPECT_EQ(pair.initiator.Write(id, Pattern(1), false), 0u);
    EXPECT_TRUE(Events(pair.initiator).empty());
    pair.Exchange();
    EXPECT_EQ(Events(pair.initiator), (std::vector<StreamEvent>{{Kind::kWritable, id}}));
    EXPECT_EQ(pair.initiator.Write(id, Pattern(9000), false), 4096u);
}

TEST(StreamSet, ResetReachesTheReaderAndFreesTheStream) {
    StreamPair pair;
    const auto id = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(id, Pattern(500), false));
    pair.Exchange();
    Events(pair.responder);
    ASSERT_TRUE(pair.initiator.Reset(id, 42));
    const auto packet = NextPacket(pair.initiator);
    Lost(pair.initiator, *packet);
    pair.Exchange();
    EXPECT_EQ(Events(pair.responder), (std::vector<StreamEvent>{{Kind::kReset, id, 42}}));
    EXPECT_EQ(pair.initiator.Count() + pair.responder.Count(), 0u);
}

TEST(StreamSet, StopSendingResetsTheSender) {
    StreamPair pair;
    const auto id = *pair.initiator.Open(kUnidirectional);
    ASSERT_EQ(pair.initiator.Write(id, Pattern(8000), false), 8000u);
    pair.Exchange();
    ASSERT_TRUE(pair.responder.StopSending(id, 7));
    ASSERT_TRUE(pair.responder.StopSending(id, 8));
    const auto packet = NextPacket(pair.responder);
    EXPECT_EQ(packet->Get<StopSendingFrame>()->applicationCode, 7u);
    Lost(pair.responder, *packet);
    pair.Exchange();
    EXPECT_EQ(Events(pair.initiator), (std::vector<StreamEvent>{{Kind::kStopped, id, 7}}));
    EXPECT_EQ(pair.initiator.Write(id, Pattern(1), false).error(), UsageError::kUnknownStream);
    EXPECT_EQ(pair.initiator.Count() + pair.responder.Count(), 0u);
}

TEST(StreamSet, AStoppedOrResetStreamGivesItsConnectionCreditBack) {
    StreamPair pair;
    for (int round = 0; round < 10; ++round) {
        const auto id = *pair.initiator.Open(kUnidirectional);
        ASSERT_TRUE(pair.initiator.Write(id, Pattern(4096), false));
        pair.Exchange();
        if (round % 2 == 0) {
            ASSERT_TRUE(pair.initiator.Reset(id, 1));
        } else {
            ASSERT_TRUE(pair.responder.StopSending(id, 1));
        }
        pair.Exchange();
        ASSERT_EQ(pair.responder.Stats().bytesReceived, 4096u * (round + 1));
        ASSERT_EQ(pair.initiator.Count() + pair.responder.Count(), 0u);
    }
}

TEST(StreamSet, ManyStreamsOneAfterTheOtherStayWithinTheLimitAndInMemory) {
    StreamPair pair;
    for (int i = 0; i < 500; ++i) {
        const auto id = pair.initiator.Open(kBidirectional);
        ASSERT_TRUE(id) << i;
        ASSERT_TRUE(pair.initiator.Write(*id, Pattern(100), true));
        pair.Exchange();
        ASSERT_EQ(ReadAll(pair.responder, *id), Pattern(100));
        ASSERT_TRUE(pair.responder.Write(*id, {}, true));
        pair.Exchange();
        ASSERT_TRUE(ReadAll(pair.initiator, *id).empty());
        ASSERT_EQ(pair.initiator.Count() + pair.responder.Count(), 0u);
        pair.Exchange();
    }
}

TEST(StreamSet, B4_AFragmentingPeerIsRefusedNotClosedAndTakesNoMemory) {
    Lone lone(Side::kResponder, FragmentableLimits());
    for (std::uint64_t at = 1; at < kFragmentable; at += 2) {
        const auto result = lone.Bytes(2, at, 1);
        ASSERT_TRUE(result);
        const bool fits = at / 2 < kMaxReceiveGaps;
        ASSERT_EQ(*result, fits ? FrameOutcome::kAccepted : FrameOutcome::kRefused);
    }
    EXPECT_EQ(lone.set.Stats().framesRefused, kFragmentable / 2 - kMaxReceiveGaps);
    EXPECT_LE(lone.set.BufferedCapacity(), kFragmentable);
    ASSERT_EQ(lone.Bytes(2, 0, kFragmentable), FrameOutcome::kAccepted);
    EXPECT_EQ(ReadAll(lone.set, 2), Pattern(kFragmentable));
}

TEST(StreamSet, ARefusedFrameLeavesNoTrace) {
    Lone lone(Side::kResponder, FragmentableLimits());
    for (std::uint64_t i = 0; i < kMaxReceiveGaps; ++i) ASSERT_TRUE(lone.Bytes(2, 2 * i + 1, 1));
    ASSERT_EQ(lone.Bytes(2, 3 * kMaxReceiveGaps, 5, true), FrameOutcome::kRefused);
    EXPECT_EQ(lone.Bytes(2, 2 * kMaxReceiveGaps, 10, true), FrameOutcome::kAccepted)
        << "another final size is possible";
}

TEST(StreamSet, ManySmallWritesOfAnHonestPeerArrive) {
    StreamPair pair;
    const auto id = *pair.initiator.Open(kUnidirectional);
    for (std::uint64_t i = 0; i < 3000; ++i) {
        ASSERT_EQ(pair.initiator.Write(id, Pattern(1, i), i == 2999), 1u);
        StreamPair::Pass(pair.initiator, pair.responder);
    }
    pair.Exchange();
    EXPECT_EQ(ReadAll(pair.responder, id), Pattern(3000));
}

/// What every stream may buffer beyond 4 kB each comes from one endpoint's 96 kB, of which a
/// connection takes a quarter of what the others leave.
TEST(StreamSet, SendBuffersOfAllConnectionsGrowWithinOneMemory) {
    MemoryBudget memory(96'000);
    StreamLimits limits = SmallLimits();
    limits.streamSendBuffer = 4'000;
    limits.maxStreamSendBuffer = 100'000;
    limits.streamReceiveWindow = limits.connectionReceiveWindow = 1'000'000;
    const auto fill = [](StreamSet& set, StreamId id) {
        return *set.Write(id, Pattern(200'000), false);
    };
    const auto open = [&](StreamSet& set) {
        set.OnPeerParameters(ParametersOf(limits));
        set.OnPath({.now = TimePoint{} + seconds(1), .congestionWindow = 6'000});
        return *set.Open(kUnidirectional);
    };
    auto second =
        std::make_unique<StreamSet>(Side::kInitiator, limits, MemoryBudgets{.send = &memory});
    const StreamId other = open(*second);
    {
        StreamSet first(Side::kInitiator, limits, {.send = &memory});
        EXPECT_EQ(fill(first, open(first)), 24'000u) << "four windows";
        EXPECT_EQ(fill(*second, other), 23'000u) << "its share of what is left";
    }
    EXPECT_EQ(fill(*second, other), 1'000u) << "and of what the first gave back";
    const auto before = memory.Used();
    ASSERT_EQ(*second->Open(kBidirectional), kControlStream);
    EXPECT_EQ(fill(*second, kControlStream), 4'000u);
    EXPECT_EQ(memory.Used(), before) << "the control stream does not grow";
    second.reset();
    EXPECT_EQ(memory.Used(), 0u);
}

}  // namespace
}  // namespace crsp::test
