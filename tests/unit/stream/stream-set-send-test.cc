// SPDX-License-Identifier: BSD-3-Clause
// How StreamSet fills packets, and what it does when they are lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

#include "model/base/random.h"
#include "model/stream/stream-set.h"
#include "tests/unit/stream/stream-harness.h"

namespace crsp::test {
namespace {

constexpr auto kBidirectional = StreamDirection::kBidirectional;
constexpr auto kUnidirectional = StreamDirection::kUnidirectional;

StreamLimits LargeLimits() {
    return {.streamReceiveWindow = 64 * 1024,
            .connectionReceiveWindow = 128 * 1024,
            .maxPeerStreams = 16,
            .streamSendBuffer = 64 * 1024};
}

std::vector<StreamId> StreamsIn(const Packet& packet) {
    std::vector<StreamId> ids;
    for (const auto& frame : packet.Frames()) {
        if (const auto* stream = std::get_if<StreamFrame>(&frame)) ids.push_back(stream->stream);
    }
    return ids;
}

TEST(StreamSetSend, StreamsTakeTurnsPacketByPacket) {
    StreamPair pair(LargeLimits());
    std::vector<StreamId> ids;
    for (int i = 0; i < 3; ++i) {
        ids.push_back(*pair.initiator.Open(kUnidirectional));
        ASSERT_TRUE(pair.initiator.Write(ids.back(), Pattern(20'000), false));
    }
    for (int round = 0; round < 4; ++round) {
        for (const auto id : ids) {
            EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{id});
        }
    }
}

// However large the buffer may be: what a peer that has stopped reading holds up is little.
TEST(StreamSetSend, B5_WhatThePeerGivesNoCreditForWaitsWithTheWriter) {
    constexpr std::size_t kAhead = 16 * 1024;
    for (const bool ofStream : {true, false}) {
        auto limits = LargeLimits();
        limits.streamSendBuffer = 4096;
        limits.maxStreamSendBuffer = 1 << 20;
        StreamSet set(Side::kInitiator, limits);
        set.OnPath({.now = {}, .smoothedRtt = {}, .congestionWindow = 1 << 20});
        auto parameters = ParametersOf(limits);
        (ofStream ? parameters.initialMaxStreamData : parameters.initialMaxData) = 1000;
        set.OnPeerParameters(parameters);
        const auto id = *set.Open(kUnidirectional);
        EXPECT_EQ(set.Write(id, Pattern(1 << 20), false), 1000 + kAhead);
        while (const auto packet = NextPacket(set)) Acked(set, *packet);
        EXPECT_TRUE(Events(set).empty()) << "there is no use in more";
        set.Rest();
        EXPECT_LE(set.BufferedCapacity(), kAhead);
        if (ofStream) {
            EXPECT_TRUE(set.OnFrame(MaxStreamDataFrame{id, 50'000}));
        } else {
            EXPECT_TRUE(set.OnFrame(MaxDataFrame{50'000}));
        }
        EXPECT_EQ(Events(set), (std::vector<StreamEvent>{{StreamEventKind::kWritable, id}}));
        EXPECT_EQ(set.Write(id, Pattern(1 << 20, 1000 + kAhead), false), 49'000u);
        std::uint64_t next = 1000;
        while (const auto packet = NextPacket(set)) {
            const auto frame = packet->Get<StreamFrame>();
            if (!frame) continue;
            ASSERT_EQ(frame->offset, next);
            const auto sent = Pattern(frame->data.size(), next);
            ASSERT_TRUE(std::equal(sent.begin(), sent.end(), frame->data.begin()));
            next += sent.size();
        }
        EXPECT_EQ(next, 50'000u);
    }
}

TEST(StreamSetSend, AShortStreamLeavesTheRestOfThePacketToTheNext) {
    StreamPair pair(LargeLimits());
    const auto first = *pair.initiator.Open(kUnidirectional);
    const auto second = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(first, Pattern(100), false));
    ASSERT_TRUE(pair.initiator.Write(second, Pattern(5000), false));
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), (std::vector<StreamId>{first, second}));
}

TEST(StreamPriority, TheMoreUrgentGoesFirstEvenBeforeRepeatsOfOthers) {  // CRSP §5.7
    StreamPair pair(LargeLimits());
    const auto bulk = *pair.initiator.Open(kUnidirectional);
    const auto urgent = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(bulk, Pattern(20'000), false));
    const auto lost = NextPacket(pair.initiator);
    Lost(pair.initiator, *lost);
    ASSERT_TRUE(pair.initiator.SetPriority(urgent, 0));
    ASSERT_TRUE(pair.initiator.Write(urgent, Pattern(3000), true));
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{urgent});
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{urgent});
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), (std::vector<StreamId>{urgent, bulk}));
}

TEST(StreamPriority, MayChangeWhileTheStreamIsWaiting) {
    StreamPair pair(LargeLimits());
    const auto first = *pair.initiator.Open(kUnidirectional);
    const auto second = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(first, Pattern(20'000), false));
    ASSERT_TRUE(pair.initiator.Write(second, Pattern(20'000), false));
    ASSERT_TRUE(pair.initiator.SetPriority(first, 7));
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{second});
    }
    ASSERT_TRUE(pair.initiator.SetPriority(second, 7));
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{first});
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{second});
}

TEST(StreamPriority, TheControlStreamIsAboveAll) {
    StreamPair pair(LargeLimits());
    ASSERT_EQ(*pair.initiator.Open(kBidirectional), kControlStream);
    const auto data = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.SetPriority(kControlStream, 7));
    ASSERT_TRUE(pair.initiator.SetPriority(data, 0));
    ASSERT_TRUE(pair.initiator.Write(data, Pattern(20'000), false));
    ASSERT_TRUE(pair.initiator.Write(kControlStream, Pattern(10), false));
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)),
              (std::vector<StreamId>{kControlStream, data}));
}

TEST(StreamPriority, WrongUseIsAnError) {
    StreamPair pair(LargeLimits());
    const auto id = *pair.initiator.Open(kUnidirectional);
    EXPECT_EQ(pair.initiator.SetPriority(id, 8).error(), UsageError::kBadUrgency);
    EXPECT_EQ(pair.initiator.SetPriority(99, 1).error(), UsageError::kUnknownStream);
    ASSERT_TRUE(pair.initiator.Write(id, Pattern(10), false));
    pair.Exchange();
    EXPECT_EQ(pair.responder.SetPriority(id, 1).error(), UsageError::kNotSendable);
}

// RFC 9000 §2: loss on one stream holds up no other.
TEST(StreamPriority, LossOnOneStreamDoesNotHoldBackAnother) {
    StreamPair pair(LargeLimits());
    const auto first = *pair.initiator.Open(kUnidirectional);
    const auto second = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(first, Pattern(5000), true));
    ASSERT_TRUE(pair.initiator.Write(second, Pattern(5000), true));
    while (const auto packet = NextPacket(pair.initiator)) {
        for (const auto& frame : packet->Frames()) {
            const auto* stream = std::get_if<StreamFrame>(&frame);
            // What is of the first is lost, and nobody has noticed yet.
            if (!stream || stream->stream == first) continue;
            ASSERT_TRUE(pair.responder.OnFrame(*stream));
        }
    }
    EXPECT_TRUE(ReadAll(pair.responder, first).empty());
    EXPECT_EQ(ReadAll(pair.responder, second).size(), 5000u);
}

TEST(StreamSetSend, TheControlStreamGoesFirstHoweverMuchDataWaits) {  // CRSP §5.4
    StreamPair pair(LargeLimits());
    ASSERT_EQ(*pair.initiator.Open(kBidirectional), kControlStream);
    const auto data = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(data, Pattern(60'000), false));
    for (int i = 0; i < 5; ++i) NextPacket(pair.initiator);
    ASSERT_TRUE(pair.initiator.Write(kControlStream, Pattern(3000), false));
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{0});
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{0});
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), (std::vector<StreamId>{0, data}));
}

TEST(StreamSetSend, TheControlStreamGoesOnWhenDataIsOutOfCredit) {  // CRSP §5.4
    StreamPair pair;
    ASSERT_EQ(*pair.initiator.Open(kBidirectional), kControlStream);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(
            pair.initiator.Write(*pair.initiator.Open(kUnidirectional), Pattern(4096), false));
    }
    pair.Exchange();
    EXPECT_EQ(pair.responder.Stats().bytesReceived, 8192u);
    ASSERT_FALSE(pair.initiator.WantsToSend());
    for (std::uint64_t sent = 0; sent < 50'000; sent += 500) {
        ASSERT_TRUE(pair.initiator.Write(kControlStream, Pattern(500, sent), false));
        ASSERT_TRUE(pair.initiator.WantsToSend());
        pair.Exchange();
        ASSERT_EQ(ReadAll(pair.responder, kControlStream), Pattern(500, sent));
        pair.Exchange();
    }
}

TEST(StreamSetSend, TheControlStreamGoesBeforeControlFrames) {  // CRSP §5.4
    StreamPair pair(LargeLimits());
    ASSERT_EQ(*pair.initiator.Open(kBidirectional), kControlStream);
    for (int i = 0; i < 16; ++i) {
        ASSERT_TRUE(pair.initiator.Reset(*pair.initiator.Open(kUnidirectional), 1));
    }
    ASSERT_TRUE(pair.initiator.Write(kControlStream, Pattern(10), false));
    EXPECT_TRUE(std::holds_alternative<StreamFrame>(NextPacket(pair.initiator)->Frames()[0]));
}

TEST(StreamSetSend, StreamFramesAloneBeginWithTheControlStreamToo) {
    StreamPair pair(LargeLimits());
    ASSERT_EQ(*pair.initiator.Open(kBidirectional), kControlStream);
    const auto data = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(data, Pattern(10), false));
    ASSERT_TRUE(pair.initiator.Write(kControlStream, Pattern(10), false));
    Packet packet{std::vector<std::byte>(1200), {}};
    PacketBuilder out(packet.payload);
    pair.initiator.WriteStreamFrames(out);
    packet.payload.resize(out.Length());
    EXPECT_EQ(StreamsIn(packet), (std::vector<StreamId>{kControlStream, data}));
}

TEST(StreamSetSend, TheControlStreamRepeatsItsLossesFirst) {
    StreamPair pair(LargeLimits());
    ASSERT_EQ(*pair.initiator.Open(kBidirectional), kControlStream);
    const auto data = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(kControlStream, Pattern(100), false));
    const auto lost = *NextPacket(pair.initiator);
    ASSERT_TRUE(pair.initiator.Write(data, Pattern(5000), false));
    Lost(pair.initiator, lost);
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), (std::vector<StreamId>{0, data}));
}

TEST(StreamSetSend, DataBlockedIsToldOncePerLimitAndAgainWhenLost) {  // RFC 9000 §4.1
    StreamPair pair;
    std::optional<DataBlockedFrame> told;
    Packet teller;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(
            pair.initiator.Write(*pair.initiator.Open(kUnidirectional), Pattern(4096), false));
    }
    while (auto packet = NextPacket(pair.initiator)) {
        if (const auto blocked = packet->Get<DataBlockedFrame>()) {
            EXPECT_FALSE(told);
            told = blocked;
            teller = *packet;
        }
    }
    ASSERT_TRUE(told);
    EXPECT_EQ(told->limit, 8192u);
    Lost(pair.initiator, teller);
    EXPECT_TRUE(NextPacket(pair.initiator)->Get<DataBlockedFrame>());
    pair.initiator.OnFrame(MaxDataFrame{9000});
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)).size(), 1u);
}

TEST(StreamSetSend, AWriteWithoutConnectionCreditIsToldAtOnce) {
    StreamPair pair;
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(
            pair.initiator.Write(*pair.initiator.Open(kUnidirectional), Pattern(4096), false));
    }
    pair.Exchange();
    ASSERT_FALSE(pair.initiator.WantsToSend());
    ASSERT_TRUE(pair.initiator.Write(*pair.initiator.Open(kUnidirectional), Pattern(1), false));
    ASSERT_TRUE(pair.initiator.WantsToSend());
    EXPECT_EQ(NextPacket(pair.initiator)->Get<DataBlockedFrame>()->limit, 8192u);
    EXPECT_FALSE(pair.initiator.WantsToSend());
}

TEST(StreamSetSend, RepeatsNeedNoConnectionCredit) {
    StreamPair pair;
    std::vector<Packet> packets;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(
            pair.initiator.Write(*pair.initiator.Open(kUnidirectional), Pattern(4096), false));
    }
    while (auto packet = NextPacket(pair.initiator)) packets.push_back(*packet);
    Lost(pair.initiator, packets[0]);
    EXPECT_TRUE(pair.initiator.WantsToSend());
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), StreamsIn(packets[0]));
    EXPECT_GT(pair.initiator.Stats().bytesRetransmitted, 1000u);
    EXPECT_EQ(pair.initiator.Stats().bytesSent, 8192u);
}

TEST(StreamSetSend, AnAcknowledgementAfterAllTakesTheRepeatBack) {
    StreamPair pair;
    const auto id = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(id, Pattern(500), true));
    const auto packet = *NextPacket(pair.initiator);
    Lost(pair.initiator, packet);
    EXPECT_TRUE(pair.initiator.WantsToSend());
    Acked(pair.initiator, packet);
    EXPECT_FALSE(pair.initiator.WantsToSend());
    EXPECT_EQ(pair.initiator.Count(), 0u);
    Lost(pair.initiator, packet);
    EXPECT_FALSE(pair.initiator.WantsToSend());
}

TEST(StreamSetSend, APacketIsNotToppedUpWithCrumbs) {
    StreamPair pair(LargeLimits());
    const auto first = *pair.initiator.Open(kUnidirectional);
    const auto second = *pair.initiator.Open(kUnidirectional);
    ASSERT_TRUE(pair.initiator.Write(first, Pattern(1160), false));
    ASSERT_TRUE(pair.initiator.Write(second, Pattern(3000), false));
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{first});
    EXPECT_EQ(StreamsIn(*NextPacket(pair.initiator)), std::vector<StreamId>{second});
}

TEST(StreamSetSend, ControlFramesOfManyStreamsSpreadOverPackets) {
    StreamPair pair(LargeLimits());
    std::map<StreamId, int> resets;
    for (int i = 0; i < 16; ++i) {
        const auto id = *pair.initiator.Open(kUnidirectional);
        ASSERT_TRUE(pair.initiator.Reset(id, 1));
    }
    while (const auto packet = NextPacket(pair.initiator)) {
        for (const auto& frame : packet->Frames())
            ++resets[std::get<ResetStreamFrame>(frame).stream];
    }
    EXPECT_EQ(resets.size(), 16u);
    for (const auto& [id, count] : resets) EXPECT_EQ(count, 1) << id;
}

TEST(StreamSetSend, WantsToSendIsTrueExactlyWhenAnEmptyPacketGetsAFrame) {
    StreamPair pair;
    Random random(7);
    for (int step = 0; step < 3000; ++step) {
        StreamSet& set = random.Chance(0.5) ? pair.initiator : pair.responder;
        StreamSet& peer = &set == &pair.initiator ? pair.responder : pair.initiator;
        const StreamId id = random.Below(20);
        std::vector<std::byte> room(static_cast<std::size_t>(random.Below(2000)));
        switch (random.Below(8)) {
            case 0:
                set.Open(random.Chance(0.5) ? kBidirectional : kUnidirectional);
                break;
            case 1:
                set.Reset(id, 1);
                break;
            case 2:
                set.StopSending(id, 1);
                break;
            case 3:
            case 4:
                set.Write(id, room, random.Chance(0.1));
                break;
            default:
                set.Read(id, room);
        }
        const bool wants = set.WantsToSend();
        const auto packet = NextPacket(set);
        ASSERT_EQ(packet.has_value(), wants) << step;
        if (!packet) continue;
        if (random.Chance(0.3)) {
            Lost(set, *packet);
        } else {
            ASSERT_TRUE(Deliver(peer, *packet));
            Acked(set, *packet);
        }
    }
}

/// Two ends and a link that loses, reorders and duplicates packets, and tells the sender late.
class LossyRun {
  public:
    explicit LossyRun(std::uint64_t seed) : m_random(seed) {}

    void Run() {
        for (int i = 0; i < kStreams; ++i) Open();
        while (m_finished < 2 * kStreams) {
            ASSERT_LT(++m_steps, 300'000u) << "no progress";
            for (auto& end : m_ends) {
                WriteSome(end);
                ReadSome(end);
                SendSome(end);
                SettleSome(end);
                if (testing::Test::HasFatalFailure()) return;
            }
        }
        for (auto& end : m_ends) {
            while (!end.flight.empty()) SettleSome(end);
            while (end.set->WantsToSend()) {
                SendSome(end);
                while (!end.flight.empty()) SettleSome(end);
            }
        }
        EXPECT_EQ(m_pair.initiator.Count(), 0u);
        EXPECT_EQ(m_pair.responder.Count(), 0u);
        EXPECT_EQ(m_pair.initiator.Stats().bytesSent, kStreams * kBytes);
        EXPECT_EQ(m_pair.responder.Stats().bytesReceived, kStreams * kBytes);
        EXPECT_GT(m_pair.initiator.Stats().bytesRetransmitted, 0u);
    }

  private:
    static constexpr int kStreams = 4;
    static constexpr std::uint64_t kBytes = 20'000;

    struct Stream {
        std::uint64_t written = 0;
        std::uint64_t read = 0;
        bool finished = false;
    };
    struct End {
        StreamSet* set;
        StreamSet* peer;
        std::map<StreamId, Stream> streams;
        std::vector<Packet> flight;
    };

    void Open() {
        const auto id = *m_pair.initiator.Open(kBidirectional);
        for (auto& end : m_ends) end.streams[id];
    }

    void WriteSome(End& end) {
        for (auto& [id, stream] : end.streams) {
            if (stream.written == kBytes) continue;
            const auto length = std::min(kBytes - stream.written, m_random.Below(3000));
            const bool last = stream.written + length == kBytes;
            const auto taken = end.set->Write(
                id, Pattern(static_cast<std::size_t>(length), stream.written + id), last);
            if (taken) stream.written += *taken;
        }
    }

    void ReadSome(End& end) {
        for (auto& [id, stream] : end.streams) {
            if (stream.finished || m_random.Chance(0.5)) continue;
            std::vector<std::byte> out(static_cast<std::size_t>(m_random.Below(3000)));
            const auto read = end.set->Read(id, out);
            if (!read) continue;
            out.resize(read->bytes);
            ASSERT_EQ(out, Pattern(read->bytes, stream.read + id));
            stream.read += read->bytes;
            if (!read->finished) continue;
            ASSERT_EQ(stream.read, kBytes);
            stream.finished = true;
            ++m_finished;
        }
    }

    void SendSome(End& end) {
        auto packet = NextPacket(*end.set, 300 + m_random.Below(1000));
        if (packet) end.flight.push_back(std::move(*packet));
    }

    void SettleSome(End& end) {
        if (end.flight.empty() || (end.flight.size() < 10 && m_random.Chance(0.5))) return;
        const auto index = static_cast<std::ptrdiff_t>(m_random.Below(end.flight.size()));
        const Packet packet = end.flight[static_cast<std::size_t>(index)];
        const bool keep = m_random.Chance(0.1);
        if (!keep) end.flight.erase(end.flight.begin() + index);
        if (m_random.Chance(0.2)) {
            Lost(*end.set, packet);
            return;
        }
        const auto result = Deliver(*end.peer, packet);
        ASSERT_TRUE(result) << result.error().reason;
        Acked(*end.set, packet);
    }

    Random m_random;
    StreamPair m_pair;
    std::array<End, 2> m_ends{End{&m_pair.initiator, &m_pair.responder, {}, {}},
                              End{&m_pair.responder, &m_pair.initiator, {}, {}}};
    int m_finished = 0;
    std::uint64_t m_steps = 0;
};

TEST(StreamSetSend, EveryByteArrivesUnderLossReorderingAndDuplication) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        LossyRun(seed).Run();
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace crsp::test
