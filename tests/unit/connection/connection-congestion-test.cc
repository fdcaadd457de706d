// SPDX-License-Identifier: BSD-3-Clause
// ECN and the circuit breaker in one connection (CRSP §6.7, §6.8).
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

EndpointConfig RenoConfig(bool ecn = true) {
    auto config = ConfigOf(2);
    config.transport.congestion = CongestionAlgorithm::kNewReno;
    config.transport.ecn = ecn;
    return config;
}

struct SentMark {
    PacketNumber number;
    Ecn ecn;
};

class ConnectionEcnTest : public ::testing::Test {
  protected:
    explicit ConnectionEcnTest(bool ecn = true) : m_peer(RenoConfig(ecn)) {
        m_peer.Establish();
        m_stream =
            m_peer.endpoint.OpenStream(m_peer.handle, StreamDirection::kUnidirectional).value();
    }
    void Write(std::size_t bytes) {
        m_peer.endpoint.Write(m_peer.handle, m_stream, Pattern(bytes)).value();
    }
    /// What goes out within `duration`, with its marks.
    std::vector<SentMark> Sent(Duration duration) {
        std::vector<SentMark> sent;
        Bytes buffer(16 * kMaxDatagramSize);
        const TimePoint end = m_peer.now + duration;
        while (true) {
            while (const auto t = m_peer.endpoint.PollTransmit(m_peer.now, buffer)) {
                for (std::size_t at = 0; at < t->size; at += t->segmentSize) {
                    const Bytes one(buffer.begin() + static_cast<std::ptrdiff_t>(at),
                                    buffer.begin() + static_cast<std::ptrdiff_t>(
                                                         std::min(at + t->segmentSize, t->size)));
                    const auto header = HeaderOf<DataHeader>(one);
                    if (header) sent.push_back({header->number, t->ecn});
                }
            }
            const auto next = m_peer.endpoint.NextTimeout();
            if (!next || *next > end) break;
            m_peer.now = std::max(m_peer.now, *next);
            m_peer.endpoint.HandleTimeout(m_peer.now);
        }
        m_peer.now = end;
        return sent;
    }
    void Ack(PacketNumber last, std::optional<EcnCounts> counts) {
        Bytes payload(kMaxDatagramSize);
        ByteWriter out(payload);
        const std::vector<Range> ranges{{0, last + 1}};
        EncodeAck(out, ranges, Duration{}, counts);
        payload.resize(out.Position());
        m_peer.Send(payload);
    }
    ConnectionStats Stats() const { return m_peer.endpoint.StatsOf(m_peer.handle).value(); }
    static std::size_t Marked(const std::vector<SentMark>& sent) {
        return static_cast<std::size_t>(std::count_if(
            sent.begin(), sent.end(), [](const auto& s) { return s.ecn == Ecn::kEct0; }));
    }

    SealingPeer m_peer;
    StreamId m_stream = 0;
};

class ConnectionWithoutEcnTest : public ConnectionEcnTest {
  protected:
    ConnectionWithoutEcnTest() : ConnectionEcnTest(false) {}
};

TEST_F(ConnectionEcnTest, MarksTenPacketsAndGoesOnOnceTheyAreSeen) {
    const auto before = Stats().ect0Sent;
    Write(30'000);
    // A window, and then probes.
    const auto sent = Sent(milliseconds(400));
    EXPECT_GT(before, 0u) << "the handshake's end";
    EXPECT_GT(sent.size(), 12u);
    EXPECT_EQ(before + Marked(sent), 10u) << "nothing has come back yet";
    EXPECT_EQ(Stats().ect0Sent, 10u);
    Ack(sent.back().number, EcnCounts{.ect0 = 10, .ect1 = 0, .ce = 0});
    EXPECT_EQ(Stats().ecnState, 3u);
    Write(20'000);
    const auto later = Sent(milliseconds(15));
    ASSERT_FALSE(later.empty());
    EXPECT_EQ(Marked(later), later.size());
}

TEST_F(ConnectionEcnTest, AMarkReportedByThePeerIsACongestionEvent) {
    Write(9'000);
    const auto sent = Sent(milliseconds(15));
    const auto window = Stats().congestionWindow;
    const auto marked = Stats().ect0Sent;
    Ack(sent.back().number, EcnCounts{.ect0 = marked - 1, .ect1 = 0, .ce = 1});
    EXPECT_EQ(Stats().congestionEvents, 1u);
    EXPECT_EQ(Stats().congestionEventsByEcn, 1u);
    EXPECT_EQ(Stats().ceReported, 1u);
    EXPECT_LT(Stats().congestionWindow, window);
    EXPECT_EQ(Stats().packetsLost, 0u);
}

TEST_F(ConnectionEcnTest, CountsThatCannotBeAreNotBelieved) {
    Write(9'000);
    const auto sent = Sent(milliseconds(15));
    const auto window = Stats().congestionWindow;
    Ack(sent.back().number, EcnCounts{.ect0 = 0, .ect1 = 0, .ce = 1'000'000});
    EXPECT_EQ(Stats().ecnState, 4u);
    EXPECT_EQ(Stats().congestionEvents, 0u);
    EXPECT_GE(Stats().congestionWindow, window);
    EXPECT_FALSE(m_peer.Closed()) << "a path that spoils marks is no offence of the peer";
    Write(9'000);
    EXPECT_EQ(Marked(Sent(milliseconds(15))), 0u);
}

TEST_F(ConnectionEcnTest, AMarkedPacketIsAcknowledgedAtOnceWithItsCount) {
    Bytes datagram = m_peer.Seal(m_peer.nextNumber, Payload(PingFrame{}));
    m_peer.endpoint.HandleDatagram(
        m_peer.now, {.source = kInitiatorAddress, .ecn = Ecn::kCe, .payload = datagram});
    const auto ack = FirstFrame<AckFrame>(m_peer.Receive());
    ASSERT_TRUE(ack);
    EXPECT_EQ(ack->ecn, (EcnCounts{.ect0 = 0, .ect1 = 0, .ce = 1}));
    EXPECT_EQ(Stats().ceReceived, 1u);
}

// SECURITY B17.
TEST_F(ConnectionEcnTest, MarksOfForgedAndRepeatedPacketsDoNotCount) {
    Bytes datagram = m_peer.Seal(m_peer.nextNumber, Payload(PingFrame{}));
    Bytes forged = datagram;
    forged.back() ^= std::byte{1};
    m_peer.endpoint.HandleDatagram(
        m_peer.now, {.source = kInitiatorAddress, .ecn = Ecn::kCe, .payload = forged});
    EXPECT_EQ(Stats().ceReceived, 0u);
    EXPECT_EQ(Stats().packetsUnopened, 1u);
    Bytes copy = datagram;
    m_peer.Give(datagram);
    m_peer.endpoint.HandleDatagram(m_peer.now,
                                   {.source = kInitiatorAddress, .ecn = Ecn::kCe, .payload = copy});
    EXPECT_EQ(Stats().ceReceived, 0u);
    EXPECT_EQ(Stats().packetsDuplicate, 1u);
}

TEST_F(ConnectionWithoutEcnTest, NothingIsMarkedAndMarksOfThePeerCountAllTheSame) {
    Write(20'000);
    const auto sent = Sent(milliseconds(15));
    EXPECT_GT(sent.size(), 0u);
    EXPECT_EQ(Marked(sent), 0u);
    EXPECT_EQ(Stats().ecnState, 0u);
    Bytes datagram = m_peer.Seal(m_peer.nextNumber, Payload(PingFrame{}));
    m_peer.endpoint.HandleDatagram(
        m_peer.now, {.source = kInitiatorAddress, .ecn = Ecn::kEct0, .payload = datagram});
    EXPECT_EQ(Stats().ect0Received, 1u);
}

/// Loses two of three packets of a sender that never stops.
TEST(ConnectionBreakerTest, EndsTheConnectionAndTellsThePeer) {
    auto config = ConfigOf(1);
    config.transport.congestion = CongestionAlgorithm::kCubic;
    Pair pair(config);
    const TimePoint begun = pair.now;
    pair.Establish();
    Transfer transfer(pair, 100'000'000);
    std::uint64_t count = 0;
    pair.link = [&count, &pair](const End& from, Bytes&) {
        return &from == &pair.initiator && ++count % 3 != 0 ? 0 : 1;
    };
    pair.RunUntil([&] { return transfer.Step() || pair.initiator.Closed(); }, seconds(300));
    ASSERT_TRUE(pair.initiator.Closed());
    EXPECT_EQ(pair.initiator.Closed()->code, TransportErrorCode::kCongested);
    EXPECT_GE(pair.now - begun, seconds(15));
    pair.link = {};
    pair.RunFor(seconds(3));
    ASSERT_TRUE(pair.responder.Closed());
    EXPECT_EQ(pair.responder.Closed()->code, TransportErrorCode::kCongested);
    EXPECT_TRUE(pair.responder.Closed()->byPeer);
}

}  // namespace
}  // namespace crsp::test
