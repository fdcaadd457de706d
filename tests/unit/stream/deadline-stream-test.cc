// SPDX-License-Identifier: BSD-3-Clause
// Deadline streams from set to set (CRSP §5.8).
#include <gtest/gtest.h>

#include <vector>

#include "model/stream/stream-set.h"
#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

constexpr auto kUnidirectional = StreamDirection::kUnidirectional;

TimePoint At(int ms) {
    return TimePoint{} + milliseconds(ms);
}

struct DeadlinePair : StreamPair {
    explicit DeadlinePair(StreamLimits limits = SmallLimits()) : StreamPair(limits) {
        id = *initiator.Open(kUnidirectional, StreamMode::kDeadline);
    }
    Expected<void, UsageError> Write(std::uint64_t offset, std::size_t length, int deadline) {
        return initiator.WriteMessage(id, Pattern(length, offset), At(deadline));
    }
    void Now(int ms) { initiator.OnPath({At(ms), milliseconds(20), 100'000}); }
    StreamRead Read(std::size_t size = 10'000) {
        buffer.resize(size);
        const auto read = responder.Read(id, buffer).value();
        buffer.resize(read.bytes);
        return read;
    }

    StreamId id = 0;
    std::vector<std::byte> buffer;
};

TEST(DeadlineStream, WhatIsInTimeArrivesLikeOnAnyStream) {
    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 500, 50));
    ASSERT_TRUE(pair.Write(500, 500, 60));
    ASSERT_TRUE(pair.initiator.Write(pair.id, {}, true));
    pair.Now(49);
    pair.Exchange();
    const auto read = pair.Read();
    EXPECT_EQ(pair.buffer, Pattern(1000));
    EXPECT_TRUE(read.finished);
    EXPECT_TRUE(read.skipped.Empty());
    EXPECT_EQ(pair.initiator.Count(), 0u);
    EXPECT_EQ(pair.initiator.NextTimeout(), std::nullopt);
}

TEST(DeadlineStream, TheReceiverIsTakenPastALostMessageOnceItIsLate) {
    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 500, 50));
    const auto lost = NextPacket(pair.initiator);
    ASSERT_TRUE(pair.Write(500, 500, 90));
    pair.Exchange();
    EXPECT_EQ(pair.Read().bytes, 0u);
    EXPECT_EQ(pair.initiator.NextTimeout(), At(50));
    Lost(pair.initiator, *lost);
    Events(pair.responder);
    pair.Now(50);
    pair.initiator.CheckMessages();
    EXPECT_TRUE(pair.initiator.WantsToSend());
    const auto packet = NextPacket(pair.initiator);
    EXPECT_FALSE(packet->Get<StreamFrame>()) << "late bytes are not repeated";
    ASSERT_TRUE(Deliver(pair.responder, *packet));
    EXPECT_EQ(Events(pair.responder),
              (std::vector<StreamEvent>{{StreamEventKind::kReadable, pair.id}}));
    const auto read = pair.Read();
    EXPECT_EQ(read.skipped, (Range{0, 500}));
    EXPECT_EQ(pair.buffer, Pattern(500, 500));
    EXPECT_EQ(pair.initiator.Stats().bytesGivenUp, 500u);
    EXPECT_EQ(pair.responder.Stats().bytesSkipped, 500u);
}

TEST(DeadlineStream, DataSkippedIsRepeatedUntilAcknowledged) {
    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 500, 50));
    NextPacket(pair.initiator);
    ASSERT_TRUE(pair.initiator.Write(pair.id, {}, true));
    pair.Now(50);
    const auto first = NextPacket(pair.initiator);
    ASSERT_TRUE(first->Get<DataSkippedFrame>());
    EXPECT_FALSE(pair.initiator.WantsToSend());
    Lost(pair.initiator, *first);
    const auto second = NextPacket(pair.initiator);
    ASSERT_TRUE(second->Get<DataSkippedFrame>());
    ASSERT_TRUE(Deliver(pair.responder, *second));
    EXPECT_EQ(pair.initiator.Count(), 1u);
    Acked(pair.initiator, *second);
    EXPECT_EQ(pair.initiator.Count(), 0u);
    const auto read = pair.Read();
    EXPECT_EQ(read.skipped, (Range{0, 500}));
    EXPECT_TRUE(read.finished);
}

TEST(DeadlineStream, AMessageThatHasArrivedIsKeptEvenIfItIsGivenUp) {
    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 500, 50));
    const auto packet = NextPacket(pair.initiator);
    ASSERT_TRUE(Deliver(pair.responder, *packet));  // its ACK is lost
    pair.Now(60);
    pair.Exchange();
    EXPECT_TRUE(pair.Read().skipped.Empty());
    EXPECT_EQ(pair.buffer, Pattern(500));
}

TEST(DeadlineStream, AMessageInPartIsDroppedToItsEnd) {
    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 2000, 50));
    ASSERT_TRUE(pair.Write(2000, 300, 90));
    NextPacket(pair.initiator);  // lost
    pair.Exchange();
    pair.Now(60);
    pair.Exchange();
    EXPECT_EQ(pair.Read().skipped, (Range{0, 2000}));
    EXPECT_EQ(pair.buffer, Pattern(300, 2000));
}

TEST(DeadlineStream, AReadEndsWhereSomethingWasSkippedAndTheReaderIsToldOfTheRest) {
    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 500, 90));
    StreamPair::Pass(pair.initiator, pair.responder);
    ASSERT_TRUE(pair.Write(500, 500, 91));
    NextPacket(pair.initiator);  // lost
    ASSERT_TRUE(pair.Write(1000, 500, 200));
    pair.Exchange();
    pair.Now(100);
    pair.Exchange();
    Events(pair.responder);
    EXPECT_EQ(pair.Read().bytes, 500u);
    EXPECT_EQ(Events(pair.responder).size(), 1u);
    EXPECT_EQ(pair.Read().skipped, (Range{500, 1000}));
    EXPECT_EQ(pair.buffer, Pattern(500, 1000));
    EXPECT_TRUE(Events(pair.responder).empty());
}

// Credit of both kinds comes back for what is skipped, or a stream of late messages would stop.
TEST(DeadlineStream, SkippedBytesReturnTheirCredit) {
    DeadlinePair pair;  // a window of 4,096 bytes, 8,192 for the connection
    std::uint64_t offset = 0;
    for (int i = 0; i < 40; ++i, offset += 1000) {
        ASSERT_TRUE(pair.Write(offset, 1000, 10 * i + 5)) << i;
        pair.Now(10 * i);
        NextPacket(pair.initiator);  // every first transmission is lost
        pair.Now(10 * i + 5);
        pair.Exchange();
        ASSERT_EQ(pair.Read().skipped, (Range{offset, offset + 1000}));
        pair.Exchange();
    }
}

TEST(DeadlineStream, MessagesNeverSentAreSkippedWithinCredit) {
    DeadlinePair pair;
    for (std::uint64_t i = 0; i < 8; ++i) ASSERT_TRUE(pair.Write(1000 * i, 1000, 5));
    EXPECT_EQ(pair.Write(8000, 1000, 5).error(), UsageError::kBlocked);
    pair.Now(10);
    ASSERT_TRUE(StreamPair::Pass(pair.initiator, pair.responder));
    EXPECT_EQ(pair.Read().skipped, (Range{0, 4096}));
    pair.Exchange();
    std::uint64_t end = 4096;
    for (int i = 0; i < 10 && end < 8000; ++i) {
        end = std::max(end, pair.Read().skipped.end);
        pair.Exchange();
    }
    EXPECT_EQ(end, 8000u);
    EXPECT_EQ(pair.initiator.Stats().bytesSent, 0u);
    EXPECT_FALSE(pair.initiator.WantsToSend());
    ASSERT_TRUE(pair.Write(8000, 1000, 50)) << "and there is room again";
    pair.Exchange();
    pair.Read();
    EXPECT_EQ(pair.buffer, Pattern(1000, 8000));
}

TEST(DeadlineStream, ResetAndStopEndItAsAnyOther) {
    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 500, 50));
    NextPacket(pair.initiator);
    pair.Now(60);
    const auto skip = NextPacket(pair.initiator);
    ASSERT_TRUE(pair.initiator.Reset(pair.id, 3));
    Lost(pair.initiator, *skip);
    pair.Exchange();
    EXPECT_EQ(pair.initiator.Count(), 0u);
    EXPECT_EQ(pair.initiator.NextTimeout(), std::nullopt);
    ASSERT_TRUE(Deliver(pair.responder, *skip));
}

TEST(DeadlineStream, WrongUseIsAnError) {
    DeadlinePair pair;
    const auto plain = *pair.initiator.Open(kUnidirectional);
    EXPECT_EQ(pair.initiator.Open(StreamDirection::kBidirectional, StreamMode::kDeadline).error(),
              UsageError::kBadMode);
    EXPECT_EQ(pair.initiator.WriteMessage(plain, Pattern(1), At(1)).error(),
              UsageError::kNotSendable);
    EXPECT_EQ(pair.initiator.Write(pair.id, Pattern(1), false).error(), UsageError::kNotSendable);
    EXPECT_EQ(pair.initiator.WriteMessage(99, Pattern(1), At(1)).error(),
              UsageError::kUnknownStream);
    EXPECT_EQ(pair.Write(0, 200'000, 1).error(), UsageError::kTooLong);
}

// CRSP §5.8: skipped offsets count against credit and the final size like bytes.
TEST(DeadlineStream, ViolationsOfThePeerAreFound) {
    const auto code = [](std::vector<Frame> frames) {
        StreamPair pair;
        TransportErrorCode last{};
        for (const auto& frame : frames) {
            if (const auto* skip = std::get_if<DataSkippedFrame>(&frame)) {
                last = CodeOf(pair.responder.OnFrame(*skip));
            } else {
                last = CodeOf(pair.responder.OnFrame(std::get<StreamFrame>(frame)));
            }
        }
        return last;
    };
    const StreamFrame ten{2, 0, AsBytes("0123456789"), true};
    EXPECT_EQ(code({DataSkippedFrame{2, 0, 4096}}), TransportErrorCode::kNoError);
    EXPECT_EQ(code({DataSkippedFrame{2, 0, 4097}}), TransportErrorCode::kFlowControlError);
    EXPECT_EQ(code({ten, DataSkippedFrame{2, 0, 10}}), TransportErrorCode::kNoError);
    EXPECT_EQ(code({ten, DataSkippedFrame{2, 5, 11}}), TransportErrorCode::kFinalSizeError);
    EXPECT_EQ(code({DataSkippedFrame{3, 0, 10}}), TransportErrorCode::kStreamStateError);
}

TEST(DeadlineStream, APeerCannotMakeTheReceiverKeepManyRanges) {
    StreamLimits limits = SmallLimits();
    limits.streamReceiveWindow = limits.connectionReceiveWindow = 1 << 20;
    StreamPair pair(limits);
    // Skipped, byte, skipped, byte ... in order: one island, as many skipped ranges as there are.
    std::uint64_t offset = 0;
    FrameResult last = FrameOutcome::kAccepted;
    while (offset < 20'000 && last && *last == FrameOutcome::kAccepted) {
        ASSERT_TRUE(pair.responder.OnFrame(StreamFrame{2, offset, AsBytes("x"), false}));
        last = pair.responder.OnFrame(DataSkippedFrame{2, offset + 1, offset + 2});
        offset += 2;
    }
    ASSERT_TRUE(last);
    EXPECT_EQ(*last, FrameOutcome::kRefused);
}

/// As DeadlinePair, with forward error correction of a quarter.
struct RepairPair : StreamPair {
    static StreamLimits Limits() {
        StreamLimits limits = SmallLimits();
        limits.maxRepairSymbol = kMaxRepairSymbol;
        return limits;
    }
    RepairPair() : StreamPair(Limits()) {
        auto parameters = ParametersOf(Limits());
        parameters.maxRepairSymbol = Limits().maxRepairSymbol;
        initiator.OnPeerParameters(parameters);
        id = *initiator.Open(kUnidirectional, StreamMode::kDeadline, {25});
    }
    /// The packets of one message of 1,000 bytes.
    std::vector<Packet> Message() {
        const auto message = Pattern(1000, offset);
        EXPECT_TRUE(initiator.WriteMessage(id, message, At(1000)));
        offset += message.size();
        std::vector<Packet> packets;
        while (auto packet = NextPacket(initiator)) packets.push_back(std::move(*packet));
        return packets;
    }

    /// The receiver's history begins behind the first message, so repairs must not cover it.
    void Pass(const std::vector<Packet>& packets) {
        for (const auto& packet : packets) {
            EXPECT_TRUE(Deliver(responder, packet));
            Acked(initiator, packet);
        }
    }

    StreamId id = 0;
    std::uint64_t offset = 0;
};

// CRSP §5.9.
TEST(RepairStream, EachSymbolHasAPacketAndTheRepairBehindThemMakesALostOne) {
    RepairPair pair;
    const auto first = pair.Message();
    ASSERT_EQ(first.size(), 5u);
    pair.Pass(first);
    EXPECT_EQ(ReadAll(pair.responder, pair.id), Pattern(1000));
    const auto second = pair.Message();
    ASSERT_EQ(second.size(), 5u);
    for (const std::size_t i : {0u, 1u, 3u, 4u}) {
        ASSERT_TRUE(Deliver(pair.responder, second[i]));
    }
    EXPECT_EQ(ReadAll(pair.responder, pair.id), Pattern(1000, 1000));
    EXPECT_EQ(pair.responder.Stats().bytesRecovered, 250u);
    EXPECT_EQ(pair.responder.Stats().bytesReceived, 2000u);
    EXPECT_EQ(pair.initiator.Stats().repairBytesSent, 500u);
}

TEST(RepairStream, TheSenderIsToldAndDoesNotRepeatWhatWasMade) {
    RepairPair pair;
    pair.Pass(pair.Message());
    const auto packets = pair.Message();
    for (const std::size_t i : {0u, 2u, 3u, 4u}) {
        ASSERT_TRUE(Deliver(pair.responder, packets[i]));
    }
    const auto back = NextPacket(pair.responder);
    ASSERT_TRUE(back);
    const auto told = back->Get<DataRecoveredFrame>();
    ASSERT_TRUE(told);
    EXPECT_EQ(told->begin, 1250u);
    EXPECT_EQ(told->end, 1500u);
    EXPECT_FALSE(NextPacket(pair.responder)) << "once";
    Lost(pair.initiator, packets[1]);
    EXPECT_TRUE(pair.initiator.WantsToSend());
    ASSERT_TRUE(Deliver(pair.initiator, *back));
    EXPECT_FALSE(pair.initiator.WantsToSend());
}

TEST(RepairStream, APacketThatLeavesNothingToSendAsksForAnAck) {
    RepairPair pair;
    const auto packets = pair.Message();
    for (std::size_t i = 0; i < packets.size(); ++i) {
        EXPECT_EQ(packets[i].Get<ImmediateAckFrame>().has_value(), i == 4) << i;
    }
    DeadlinePair plain;
    ASSERT_TRUE(plain.Write(0, 500, 50));
    EXPECT_TRUE(NextPacket(plain.initiator)->Get<ImmediateAckFrame>());
    const auto bytes = *plain.initiator.Open(kUnidirectional);
    ASSERT_TRUE(plain.initiator.Write(bytes, Pattern(100), false));
    EXPECT_FALSE(NextPacket(plain.initiator)->Get<ImmediateAckFrame>()) << "no deadline";
}

TEST(RepairStream, AnOverdueMessageIsRepeatedWithoutProofOfLoss) {
    DeadlinePair pair;
    const auto now = [&](int ms) {
        pair.initiator.OnPath({At(ms), milliseconds(20), 100'000, milliseconds(21)});
    };
    now(0);
    ASSERT_TRUE(pair.Write(0, 500, 100));
    ASSERT_TRUE(NextPacket(pair.initiator));
    EXPECT_EQ(pair.initiator.NextTimeout(), At(21));
    now(20);
    pair.initiator.CheckMessages();
    EXPECT_FALSE(pair.initiator.WantsToSend());
    now(21);
    pair.initiator.CheckMessages();
    const auto repeat = NextPacket(pair.initiator);
    ASSERT_TRUE(repeat);
    EXPECT_EQ(repeat->Get<StreamFrame>()->offset, 0u);
    EXPECT_TRUE(repeat->Get<ImmediateAckFrame>());
}

TEST(RepairStream, WrongUseIsAnError) {
    RepairPair pair;
    const auto open = [&](StreamSet& set, StreamDirection direction, StreamMode mode, int percent) {
        const auto id = set.Open(direction, mode, {static_cast<std::uint8_t>(percent)});
        return id ? std::optional<UsageError>() : id.error();
    };
    EXPECT_EQ(open(pair.initiator, kUnidirectional, StreamMode::kReliable, 25),
              UsageError::kBadMode);
    EXPECT_EQ(open(pair.initiator, kUnidirectional, StreamMode::kDeadline, 101),
              UsageError::kBadMode);
    EXPECT_EQ(open(pair.initiator, kUnidirectional, StreamMode::kDeadline, 100), std::nullopt);
    StreamPair without;
    EXPECT_EQ(open(without.initiator, kUnidirectional, StreamMode::kDeadline, 25),
              UsageError::kRefused);
}

TEST(RepairStream, ViolationsOfThePeerAreFound) {
    const auto repair = [](StreamId id, std::uint64_t begin, std::uint64_t length) {
        static const std::vector<std::byte> kData(kMaxRepairSymbol);
        RepairFrame frame;
        frame.stream = id;
        frame.begin = begin;
        frame.blockCount = 1;
        frame.blocks[0] = {length, length};
        frame.data = ConstByteSpan(kData).first(frame.SymbolLength());
        return frame;
    };
    const auto code = [](auto... frames) {
        StreamLimits limits = SmallLimits();
        limits.maxRepairSymbol = 100;
        StreamSet set(Side::kResponder, limits);
        set.OnPeerParameters(ParametersOf(limits));
        TransportErrorCode last{};
        ((last = CodeOf(set.OnFrame(frames))), ...);
        return last;
    };
    EXPECT_EQ(code(repair(2, 3996, 100)), TransportErrorCode::kNoError);
    EXPECT_EQ(code(repair(2, 0, 101)), TransportErrorCode::kProtocolViolation);
    EXPECT_EQ(code(repair(2, 3997, 100)), TransportErrorCode::kFlowControlError);
    EXPECT_EQ(code(repair(3, 0, 100)), TransportErrorCode::kStreamStateError);
    const auto bytes = Pattern(10);
    EXPECT_EQ(code(StreamFrame{2, 0, bytes, true}, repair(2, 0, 11)),
              TransportErrorCode::kFinalSizeError);

    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 500, 50));
    ASSERT_TRUE(NextPacket(pair.initiator));
    EXPECT_EQ(CodeOf(pair.initiator.OnFrame(DataRecoveredFrame{pair.id, 0, 501})),
              TransportErrorCode::kProtocolViolation);
    EXPECT_EQ(CodeOf(pair.initiator.OnFrame(DataRecoveredFrame{3, 0, 1})),
              TransportErrorCode::kStreamStateError);
}

// Else each packet could name single bytes, and each would be kept by itself.
TEST(RepairStream, B18_WhatIsRecoveredCountsOnlyWhereRepairWasSent) {
    DeadlinePair pair;
    ASSERT_TRUE(pair.Write(0, 500, 50));
    ASSERT_TRUE(NextPacket(pair.initiator));
    EXPECT_EQ(CodeOf(pair.initiator.OnFrame(DataRecoveredFrame{pair.id, 0, 500})),
              TransportErrorCode::kNoError);
    EXPECT_NE(pair.initiator.NextTimeout(), std::nullopt) << "it is not acknowledged";
    RepairPair repaired;
    ASSERT_FALSE(repaired.Message().empty());
    EXPECT_EQ(CodeOf(repaired.initiator.OnFrame(DataRecoveredFrame{repaired.id, 0, 1000})),
              TransportErrorCode::kNoError);
    EXPECT_EQ(repaired.initiator.NextTimeout(), std::nullopt);
}

// CRSP §5.2.
TEST(UnorderedReading, TakesBytesAsTheyArriveWithTheirOffsets) {
    StreamPair pair;
    const StreamId id = *pair.initiator.Open(kUnidirectional);
    std::vector<std::byte> out(10'000);
    const auto frame = [&](std::uint64_t offset, std::size_t length, bool fin) {
        const auto bytes = Pattern(length, offset);
        ASSERT_TRUE(pair.responder.OnFrame(StreamFrame{id, offset, bytes, fin}));
    };
    const auto take = [&] { return pair.responder.ReadUnordered(id, out).value(); };
    frame(1000, 500, false);
    EXPECT_EQ(Events(pair.responder).size(), 1u) << "opened, and nothing to read in order";
    auto read = take();
    EXPECT_EQ(read.offset, 1000u);
    EXPECT_EQ(read.bytes, 500u);
    EXPECT_EQ(take().bytes, 0u);
    frame(2000, 500, true);
    EXPECT_EQ(Events(pair.responder), (std::vector<StreamEvent>{{StreamEventKind::kReadable, id}}));
    read = take();
    EXPECT_EQ(read.offset, 2000u);
    EXPECT_FALSE(read.finished);
    EXPECT_EQ(pair.responder.Read(id, out).error(), UsageError::kBadMode);
    frame(1500, 500, false);
    frame(0, 1000, false);
    read = take();
    EXPECT_EQ(read.offset, 0u);
    EXPECT_EQ(read.bytes, 1000u);
    EXPECT_EQ(ConstByteSpan(out).front(), Pattern(1).front());
    EXPECT_FALSE(read.finished);
    read = take();
    EXPECT_EQ(read.offset, 1500u);
    EXPECT_TRUE(read.finished);
}

TEST(UnorderedReading, CreditComesBackAsTheFrontIsComplete) {
    StreamPair pair;  // windows of 4,096
    const StreamId id = *pair.initiator.Open(kUnidirectional);
    std::vector<std::byte> out(10'000);
    const auto bytes = Pattern(3000);
    ASSERT_TRUE(pair.responder.OnFrame(StreamFrame{id, 1000, bytes, false}));
    EXPECT_EQ(pair.responder.ReadUnordered(id, out)->bytes, 3000u);
    EXPECT_FALSE(NextPacket(pair.responder)) << "the ring still has to reach back to offset 0";
    ASSERT_TRUE(
        pair.responder.OnFrame(StreamFrame{id, 0, ConstByteSpan(bytes).first(1000), false}));
    EXPECT_EQ(pair.responder.ReadUnordered(id, out)->bytes, 1000u);
    const auto grant = NextPacket(pair.responder);
    ASSERT_TRUE(grant);
    EXPECT_EQ(grant->Get<MaxStreamDataFrame>()->maximum, 4000u + 4096u);
}

TEST(UnorderedReading, ASkippedRangeComesByItself) {
    DeadlinePair pair;
    std::vector<std::byte> out(1000);
    ASSERT_TRUE(pair.Write(0, 500, 50));
    ASSERT_TRUE(NextPacket(pair.initiator));
    ASSERT_TRUE(pair.Write(500, 500, 90));
    pair.Exchange();
    EXPECT_EQ(pair.responder.ReadUnordered(pair.id, out)->offset, 500u);
    pair.Now(50);
    pair.Exchange();
    const auto read = pair.responder.ReadUnordered(pair.id, out).value();
    EXPECT_EQ(read.skipped, (Range{0, 500}));
    EXPECT_EQ(read.bytes, 0u);
    EXPECT_EQ(pair.responder.Stats().bytesSkipped, 500u);
}

}  // namespace
}  // namespace crsp::test
