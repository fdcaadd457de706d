// SPDX-License-Identifier: BSD-3-Clause
// What a connection puts into packets, and when.
#include <gtest/gtest.h>

#include <map>

#include "model/base/random.h"
#include "model/connection/connection.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

/// The packet numbers in the order of sending.
std::vector<PacketNumber> NumbersOf(const End& end) {
    std::vector<PacketNumber> numbers;
    for (const auto& [at, datagram] : end.sent) {
        if (const auto header = HeaderOf<DataHeader>(datagram)) numbers.push_back(header->number);
    }
    return numbers;
}

/// Loses this part of all datagrams. At random, since a strict period can fall in step with probes
/// and their ACKs.
Pair::Link Losing(double part) {
    return [part, random = Random(11)](const End&, Bytes&) mutable {
        return random.Chance(part) ? 0 : 1;
    };
}

std::size_t StreamBytes(const std::vector<OpenedPacket>& packets, StreamId stream) {
    std::size_t bytes = 0;
    for (const auto& packet : packets) {
        for (const auto& frame : packet.Frames()) {
            const auto* found = std::get_if<StreamFrame>(&frame);
            if (found && found->stream == stream) bytes += found->data.size();
        }
    }
    return bytes;
}

StreamId OpenAndWrite(SealingPeer& peer, std::size_t length) {
    const auto stream =
        peer.endpoint.OpenStream(peer.handle, StreamDirection::kUnidirectional).value();
    EXPECT_EQ(peer.endpoint.Write(peer.handle, stream, Pattern(length)).value(), length);
    return stream;
}

/// Acknowledges everything up to and with the last packet received.
void AckAll(SealingPeer& peer, const std::vector<OpenedPacket>& packets) {
    if (packets.empty()) return;
    const auto ranges = peer.received.Ranges();
    peer.Send(AckPayload({ranges.begin(), ranges.end()}));
}

TEST(ConnectionSend, PacketNumbersStrictlyIncreaseWhateverIsLost) {
    Pair pair;
    pair.link = Losing(0.2);
    pair.Connect();
    ASSERT_TRUE(pair.RunUntil([&] { return pair.responder.Connected(); }));
    Transfer transfer(pair, 300'000);
    ASSERT_TRUE(transfer.Run());
    static_cast<void>(pair.responder.endpoint.Close(pair.now, pair.responder.Handle(), 0, ""));
    pair.RunFor(seconds(2));
    EXPECT_EQ(transfer.wrong, 0u);
    EXPECT_GT(pair.initiator.sent.size(), 300u);
    for (const End* end : {&pair.initiator, &pair.responder}) {
        const auto numbers = NumbersOf(*end);
        ASSERT_FALSE(numbers.empty());
        EXPECT_EQ(numbers[0], 0u);
        std::size_t leftOut = 0;
        for (std::size_t i = 1; i < numbers.size(); ++i) {
            ASSERT_GT(numbers[i], numbers[i - 1]);
            leftOut += numbers[i] - numbers[i - 1] - 1;
            if (i < kFirstSkip) {
                EXPECT_EQ(leftOut, 0u);
            }
        }
        EXPECT_LE(leftOut, numbers.size() / 16);
    }
}

TEST(ConnectionSend, ALostFirstDataPacketIsMadeUpForByAProbe) {
    Pair pair;
    bool lost = false;
    pair.link = [&](const End&, Bytes& datagram) {
        const bool drop = !lost && HeaderOf<DataHeader>(datagram);
        lost |= drop;
        return drop ? 0 : 1;
    };
    pair.Connect();
    ASSERT_TRUE(pair.RunUntil([&] { return pair.responder.Connected(); }, seconds(1)));
}

TEST(ConnectionSend, NothingIsSentInSilence) {
    auto config = ConfigOf(2);
    config.transport.keepAlive = Duration{};
    SealingPeer peer(config);
    peer.Establish();
    EXPECT_TRUE(peer.Advance(seconds(14)).empty()) << "no PING answers a PING for ever";
}

TEST(ConnectionSend, OnlyTheLastOfATrainIsShorter) {
    SealingPeer peer;
    peer.Establish();
    OpenAndWrite(peer, 5000);
    Bytes buffer(16 * kMaxDatagramSize);
    const auto transmit = peer.endpoint.PollTransmit(peer.now, buffer).value();
    EXPECT_EQ(transmit.segmentSize, kMinDatagramSize);
    EXPECT_EQ(transmit.destination, kInitiatorAddress);
    std::size_t stream = 0;
    for (std::size_t at = 0; at < transmit.size; at += transmit.segmentSize) {
        const auto end = std::min(at + transmit.segmentSize, transmit.size);
        const auto packet = peer.Open(Bytes(buffer.begin() + static_cast<std::ptrdiff_t>(at),
                                            buffer.begin() + static_cast<std::ptrdiff_t>(end)));
        ASSERT_TRUE(packet) << "each segment is a packet of its own";
        stream += packet->Get<StreamFrame>()->data.size();
    }
    EXPECT_EQ(stream, 5000u);
    EXPECT_NE(transmit.size % transmit.segmentSize, 0u);
    EXPECT_FALSE(peer.endpoint.PollTransmit(peer.now, buffer));
}

TEST(ConnectionSend, ATrainStaysWithinTheBuffer) {
    SealingPeer peer;
    peer.Establish();
    OpenAndWrite(peer, 10'000);
    Bytes buffer(2 * kMinDatagramSize + 100);
    EXPECT_EQ(peer.endpoint.PollTransmit(peer.now, buffer)->size, 2 * kMinDatagramSize);
}

TEST(ConnectionSend, ThePeersDatagramLimitHolds) {
    auto config = ConfigOf(2);
    config.transport.maxDatagramSize = 1400;
    for (const std::size_t limit : {1200, 1300, 1452}) {
        auto parameters = SealingPeer::GenerousParameters();
        parameters.maxDatagramSize = limit;
        SealingPeer peer(config, parameters);
        peer.Establish();
        // Every probe is acknowledged, so the search ends at the limit.
        const auto probes = peer.endpoint.StatsOf(peer.handle)->mtuProbesSent;
        for (int i = 0; i < 10; ++i) AckAll(peer, peer.Advance(milliseconds(30)));
        EXPECT_EQ(peer.endpoint.StatsOf(peer.handle)->mtuProbesSent > probes, limit > 1200);
        OpenAndWrite(peer, 5000);
        EXPECT_EQ(peer.Receive().at(0).datagramLength, std::min<std::size_t>(limit, 1400));
    }
}

// RFC 8899 §4.3.
TEST(ConnectionSend, WhenNothingLargeIsAcknowledgedAnyMoreProbesShrinkToTheBase) {
    auto config = ConfigOf(2);
    config.transport.maxDatagramSize = 1452;
    auto parameters = SealingPeer::GenerousParameters();
    parameters.maxDatagramSize = 1452;
    SealingPeer peer(config, parameters);
    peer.Establish();
    for (int i = 0; i < 10; ++i) AckAll(peer, peer.Advance(milliseconds(30)));
    OpenAndWrite(peer, 50'000);
    ASSERT_EQ(peer.Receive().at(0).datagramLength, 1452u);
    const auto probes = peer.Advance(seconds(3));
    ASSERT_FALSE(probes.empty());
    EXPECT_EQ(probes.front().datagramLength, 1452u);
    EXPECT_EQ(probes.back().datagramLength, kMinDatagramSize);
}

TEST(ConnectionSend, ThePeersCreditHolds) {
    auto parameters = SealingPeer::GenerousParameters();
    parameters.initialMaxStreamData = 700;
    SealingPeer peer(ConfigOf(2), parameters);
    peer.Establish();
    const auto stream = OpenAndWrite(peer, 5000);
    const auto packets = peer.Receive();
    EXPECT_EQ(StreamBytes(packets, stream), 700u);
    EXPECT_TRUE(FirstFrame<StreamDataBlockedFrame>(peer.Advance(milliseconds(1))) ||
                FirstFrame<StreamDataBlockedFrame>(packets));
    AckAll(peer, packets);
    peer.Send(Payload(MaxStreamDataFrame{stream, 1000}));
    EXPECT_EQ(StreamBytes(peer.Receive(), stream), 300u);
}

// CRSP §5.4.
TEST(ConnectionSend, TheControlStreamGoesFirst) {
    Pair pair;
    pair.Establish();
    SealingPeer peer;
    peer.Establish();
    peer.Send(Payload(StreamFrame{kControlStream, 0, Pattern(1), false}));
    peer.Advance(milliseconds(100));
    OpenAndWrite(peer, 100'000);
    peer.Receive();
    ASSERT_TRUE(peer.endpoint.Write(peer.handle, kControlStream, Pattern(10)));
    AckAll(peer, peer.Advance(milliseconds(1)));
    peer.Send(AckPayload({{0, 5}}));
    const auto packets = peer.Advance(milliseconds(100));
    ASSERT_FALSE(packets.empty());
    EXPECT_EQ(packets[0].Get<StreamFrame>()->stream, kControlStream);
}

TEST(ConnectionSend, DataCreditNeverBlocksTheControlStream) {
    auto parameters = SealingPeer::GenerousParameters();
    parameters.initialMaxData = 1000;
    SealingPeer peer(ConfigOf(2), parameters);
    peer.Establish();
    peer.Send(Payload(StreamFrame{kControlStream, 0, Pattern(1), false}));
    const auto stream = OpenAndWrite(peer, 5000);
    const auto packets = peer.Advance(milliseconds(1));
    EXPECT_EQ(StreamBytes(packets, stream), 1000u);
    ASSERT_TRUE(peer.endpoint.Write(peer.handle, kControlStream, Pattern(500)));
    EXPECT_EQ(StreamBytes(peer.Receive(), kControlStream), 500u);
}

// That is how a renderer pauses: CRSP §5.3.
TEST(ConnectionSend, AReceiverThatStopsReadingStopsTheSenderWithinOneWindow) {
    auto responding = ConfigOf(2);
    responding.transport.FixStreamWindow(20'000);
    Pair pair(ConfigOf(1), responding);
    pair.Establish();
    Transfer transfer(pair, 400'000);
    ASSERT_TRUE(pair.RunUntil([&] { return transfer.Step() || transfer.received > 100'000; }));
    transfer.reading = false;
    const auto read = transfer.received;
    pair.RunUntil([&] { return transfer.Step(); }, seconds(5));
    EXPECT_LE(pair.responder.Stats().streamBytesReceived - read, 20'000u);
    EXPECT_EQ(pair.initiator.Stats().streamBytesSent, read + 20'000);
    const auto packets = pair.initiator.Stats().packetsSent;
    pair.RunUntil([&] { return transfer.Step(); }, seconds(4));
    EXPECT_LE(pair.initiator.Stats().packetsSent - packets, 3u) << "silent but for keep-alive";
    transfer.reading = true;
    ASSERT_TRUE(transfer.Run());
    EXPECT_EQ(transfer.wrong, 0u);
    EXPECT_EQ(transfer.received, 400'000u);
}

TEST(ConnectionSend, TheFirstFlightIsOneInitialWindow) {
    SealingPeer peer;
    peer.Establish();
    OpenAndWrite(peer, 100'000);
    const auto packets = peer.Advance(milliseconds(20));
    EXPECT_GE(packets.size(), 9u);
    EXPECT_LE(packets.size(), 10u);
    EXPECT_LE(peer.endpoint.StatsOf(peer.handle)->bytesInFlight,
              peer.endpoint.StatsOf(peer.handle)->congestionWindow);
}

TEST(ConnectionSend, ReductionForALossThatWasNoneIsTakenBack) {
    for (const auto algorithm : {CongestionAlgorithm::kNewReno, CongestionAlgorithm::kCubic}) {
        EndpointConfig config = ConfigOf(2);
        config.transport.congestion = algorithm;
        SealingPeer peer(config);
        peer.Establish();
        OpenAndWrite(peer, 100'000);
        const auto window = [&] { return peer.endpoint.StatsOf(peer.handle)->congestionWindow; };
        const auto packets = peer.Advance(milliseconds(20));
        const PacketNumber first = packets.front().number;
        const std::uint64_t before = window();
        peer.Send(AckPayload({{first + 2, first + 7}}));
        const std::uint64_t reduced = window();
        EXPECT_LT(reduced, before) << ToString(algorithm);
        peer.Send(AckPayload({{first + 1, first + 7}}));
        EXPECT_EQ(window(), reduced) << "one loss stands";
        peer.Send(AckPayload({{first, first + 7}}));
        EXPECT_GE(window(), before) << ToString(algorithm);
        EXPECT_EQ(peer.endpoint.StatsOf(peer.handle)->packetsSpuriouslyLost, 2u);
    }
}

TEST(ConnectionSend, FixedRateIsKeptToFromTheStart) {
    EndpointConfig config = ConfigOf(2);
    config.transport.congestion = CongestionAlgorithm::kFixedRate;
    config.transport.fixedRate = 960'000;  // a packet every 10 ms
    SealingPeer peer(config);
    peer.Establish();
    OpenAndWrite(peer, 100'000);
    peer.Advance(milliseconds(1));
    const auto packets = peer.Advance(milliseconds(200));
    EXPECT_GE(packets.size(), 19u);
    EXPECT_LE(packets.size(), 21u);
}

// RFC 9002 §7.7: no more than ten packets back to back, the rest spread out.
TEST(ConnectionSend, ALargeWindowIsPaced) {
    Pair pair;
    pair.Establish();
    Transfer transfer(pair, 2'000'000);
    ASSERT_TRUE(transfer.Run());
    std::map<TimePoint, std::size_t> burst;
    for (const auto& [at, datagram] : pair.initiator.sent) ++burst[at];
    const auto& stats = pair.initiator.Stats();
    const double perMillisecond = 2.0 * static_cast<double>(stats.congestionWindow) /
                                  ToMilliseconds(stats.smoothedRtt) / 1200;
    for (const auto& [at, count] : burst) {
        EXPECT_LE(static_cast<double>(count), std::max(10.0, 2 * perMillisecond) + 1);
    }
    EXPECT_GT(burst.size(), 50u);
}

// RFC 9002 §6.2.4.
TEST(ConnectionSend, ProbesRepeatTheOldestData) {
    SealingPeer peer;
    peer.Establish();
    const auto stream = OpenAndWrite(peer, 3000);
    const auto first = peer.Receive();
    ASSERT_EQ(first.size(), 3u);
    std::vector<OpenedPacket> probes;
    while (probes.empty()) probes = peer.Advance(milliseconds(10));
    ASSERT_EQ(probes.size(), 2u);
    EXPECT_EQ(probes[0].Get<StreamFrame>().value().stream, stream);
    EXPECT_EQ(probes[0].Get<StreamFrame>().value().offset, 0u);
    EXPECT_GT(probes[0].number, first.back().number) << "under new numbers";
    EXPECT_GT(StreamBytes(probes, stream), 2000u);
    const auto stats = peer.endpoint.StatsOf(peer.handle).value();
    EXPECT_EQ(stats.ptoCount, 1u);
    EXPECT_EQ(stats.packetsLost, 0u) << "a probe declares nothing lost";
    EXPECT_GT(stats.streamBytesRetransmitted, 2000u);
}

TEST(ConnectionSend, ProbesGoOutWhenTheWindowIsFull) {
    SealingPeer peer;
    peer.Establish();
    OpenAndWrite(peer, 100'000);
    peer.Advance(milliseconds(50));
    EXPECT_EQ(peer.Advance(milliseconds(600)).size() % 2, 0u);
    EXPECT_GT(peer.endpoint.StatsOf(peer.handle)->ptoCount, 0u);
}

TEST(ConnectionSend, ProbesBackOffToOneASecond) {
    auto config = ConfigOf(2);
    config.transport.idleTimeout = seconds(60);
    SealingPeer peer(config);
    peer.Establish();
    OpenAndWrite(peer, 1000);
    peer.Advance(seconds(5));
    const auto probes = peer.Advance(seconds(10));
    EXPECT_GE(probes.size(), 18u);
    EXPECT_LE(probes.size(), 24u);
}

TEST(ConnectionSend, LostDataTravelsAgainAndArrivesOnce) {
    for (const double part : {0.05, 0.1, 0.3, 0.5}) {
        Pair pair;
        pair.Establish();
        pair.link = Losing(part);
        Transfer transfer(pair, 60'000);
        ASSERT_TRUE(transfer.Run(seconds(120))) << part;
        EXPECT_EQ(transfer.wrong, 0u);
        EXPECT_EQ(transfer.received, 60'000u);
        EXPECT_GT(pair.initiator.Stats().streamBytesRetransmitted, 0u);
        EXPECT_EQ(pair.responder.Stats().streamBytesReceived, 60'000u);
    }
}

TEST(ConnectionSend, ReorderedAndRepeatedPacketsDoNoHarm) {
    Pair pair;
    pair.Establish();
    int count = 0;
    pair.link = [&](const End&, Bytes&) { return ++count % 3 == 0 ? 2 : 1; };
    Transfer transfer(pair, 100'000);
    ASSERT_TRUE(transfer.Run());
    EXPECT_EQ(transfer.wrong, 0u);
    EXPECT_GT(pair.responder.Stats().packetsDuplicate, 10u);
    EXPECT_EQ(pair.responder.Stats().streamBytesReceived, 100'000u);
    EXPECT_EQ(pair.initiator.Stats().packetsLost, 0u);
}

TEST(ConnectionSend, AnAckWaitsForNoWindow) {
    SealingPeer peer;
    peer.Establish();
    OpenAndWrite(peer, 100'000);
    peer.Advance(milliseconds(50));
    peer.Send(Payload(PingFrame{}));
    const auto packets = peer.Advance(TransportConfig{}.maxAckDelay);
    ASSERT_EQ(packets.size(), 1u) << "the window is full";
    EXPECT_TRUE(packets[0].Get<AckFrame>());
}

// RFC 9000 §13.2.4: else the peer's records of our ACKs would grow for ever.
TEST(ConnectionSend, AReceiverAsksForAnAckOfItsAcksNowAndThen) {
    SealingPeer peer;
    peer.Establish();
    std::size_t pings = 0;
    std::size_t bare = 0;
    for (int i = 0; i < 1000; ++i) {
        peer.now += milliseconds(1);
        peer.Send(Payload(PingFrame{}));
        const auto packets = peer.Receive();
        for (const auto& packet : packets) ++(packet.Eliciting() ? pings : bare);
        if (!packets.empty() && packets.back().Eliciting()) AckAll(peer, packets);
    }
    EXPECT_GE(pings, 5u);
    EXPECT_LE(pings, 10u);
    EXPECT_GT(bare, 400u);
}

TEST(ConnectionSend, AReaderThatPausedIsNotTakenForAFastOne) {
    for (const auto& [pause, window] : {std::pair(milliseconds(0), 512u), {seconds(10), 256u}}) {
        SealingPeer peer;
        peer.Establish();
        for (std::uint64_t at = 0; at < 64 * 1024; at += 1024) {
            peer.Send(Payload(StreamFrame{2, at, Pattern(1024, at), false}));
        }
        peer.Receive();
        peer.now += pause;
        Bytes all(64 * 1024);
        ASSERT_EQ(peer.endpoint.Read(peer.handle, 2, all)->bytes, all.size());
        peer.Receive();
        EXPECT_EQ(peer.endpoint.StatsOf(peer.handle)->largestStreamWindow, window * 1024);
    }
}

/// Keeps the endpoint answering, and acknowledges nothing.
TEST(ConnectionSend, APeerThatNeverAcknowledgesIsClosedAndNotGivenMoreMemory) {
    SealingPeer peer;
    peer.Establish();
    OpenAndWrite(peer, 1000);
    peer.Receive();
    std::optional<ConnectionCloseFrame> close;
    PacketNumber last = 0;
    for (std::size_t i = 0; i < 3 * kMaxTrackedPackets && !close; ++i) {
        peer.now += milliseconds(1);
        peer.Send(Payload(PingFrame{}));
        const auto packets = peer.Receive();
        if (!packets.empty()) last = packets.back().number;
        if (const auto found = FirstFrame<ConnectionCloseFrame>(packets)) close = found;
    }
    ASSERT_TRUE(close);
    EXPECT_EQ(close->code, static_cast<std::uint64_t>(TransportErrorCode::kProtocolViolation));
    // It still answers, under new numbers.
    peer.Send(Payload(PingFrame{}));
    const auto again = peer.Receive();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].number, last + 1);
}

TEST(ConnectionSend, CountersAddUp) {
    Pair pair;
    pair.Establish();
    pair.link = Losing(0.1);
    Transfer transfer(pair, 100'000);
    ASSERT_TRUE(transfer.Run());
    pair.RunFor(milliseconds(500));
    const auto sender = pair.initiator.Stats();
    const auto receiver = pair.responder.Stats();
    EXPECT_EQ(sender.packetsSent, NumbersOf(pair.initiator).size());
    std::uint64_t bytes = 0;
    for (const auto& [at, datagram] : pair.initiator.sent) {
        if (HeaderOf<DataHeader>(datagram)) bytes += datagram.size();
    }
    EXPECT_EQ(sender.bytesSent, bytes);
    EXPECT_EQ(sender.streamBytesSent, 100'000u);
    EXPECT_EQ(receiver.streamBytesReceived, 100'000u);
    EXPECT_GT(sender.packetsLost, 0u);
    EXPECT_GT(receiver.acksSent, 10u);
    EXPECT_LT(receiver.packetsReceived, sender.packetsSent);
    EXPECT_EQ(sender.minRtt, milliseconds(20));
}

}  // namespace
}  // namespace crsp::test
