// SPDX-License-Identifier: BSD-3-Clause
// Peers that hold the keys and mean ill. What single frames do is in connection-receive-test.cc.
#include <gtest/gtest.h>
#include <malloc.h>

#include <deque>

#include "model/connection/connection.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

/// Heap in use, bytes; 0 where a sanitizer keeps it.
std::size_t HeapInUse() {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

TransportParameters PlentyOfCredit() {
    auto parameters = SealingPeer::GenerousParameters();
    parameters.initialMaxData = parameters.initialMaxStreamData = std::uint64_t{1} << 32;
    return parameters;
}

/// Gets a stream as fast as the sender will give it over 50 ms each way, and acknowledges it.
class Downloader {
  public:
    /// `foresight`: acknowledges what it has and what it will have got so much later.
    explicit Downloader(Duration foresight) : m_foresight(foresight) {
        m_peer.Establish();
        m_stream =
            m_peer.endpoint.OpenStream(m_peer.handle, StreamDirection::kUnidirectional).value();
    }

    void Step() {
        m_peer.now += milliseconds(1);
        if (m_peer.endpoint.NextTimeout() && *m_peer.endpoint.NextTimeout() <= m_peer.now) {
            m_peer.endpoint.HandleTimeout(m_peer.now);
        }
        (void)m_peer.endpoint.Write(m_peer.handle, m_stream, m_chunk);
        for (const auto& packet : m_peer.Receive()) {
            if (const auto close = packet.Get<ConnectionCloseFrame>()) m_closed = close->code;
            m_flight.push_back({m_peer.now + kOneWay, packet.number});
            m_sent += packet.datagramLength;
            ++m_packets;
        }
        if (const auto stats = m_peer.endpoint.StatsOf(m_peer.handle)) {
            m_window = std::max(m_window, stats->congestionWindow);
        }
        Acknowledge();
    }
    std::optional<std::uint64_t> Closed() const { return m_closed; }
    std::uint64_t Sent() const { return m_sent; }
    std::uint64_t Packets() const { return m_packets; }
    std::uint64_t LargestWindow() const { return m_window; }

  private:
    struct At {
        TimePoint time;
        PacketNumber number;
    };

    void Acknowledge() {
        bool news = false;
        while (!m_flight.empty() && m_flight.front().time <= m_peer.now + m_foresight) {
            m_received.Add({m_flight.front().number, m_flight.front().number + 1});
            m_largest = m_flight.front().number;
            m_flight.pop_front();
            news = true;
        }
        if (news) {
            std::vector<Range> ranges;
            if (m_foresight > Duration{}) ranges.push_back({0, m_largest + 1});
            if (m_foresight == Duration{}) {
                ranges.assign(m_received.Ranges().begin(), m_received.Ranges().end());
            }
            if (ranges.size() > 16) ranges.erase(ranges.begin(), ranges.end() - 16);
            m_acks.push_back({m_peer.now + kOneWay, AckPayload(ranges)});
        }
        while (!m_acks.empty() && m_acks.front().first <= m_peer.now) {
            m_peer.Send(m_acks.front().second);
            m_acks.pop_front();
        }
    }

    static constexpr Duration kOneWay = milliseconds(50);

    SealingPeer m_peer{ConfigOf(2), PlentyOfCredit()};
    Duration m_foresight;
    StreamId m_stream = 0;
    Bytes m_chunk = Pattern(1 << 20);
    std::deque<At> m_flight;
    std::deque<std::pair<TimePoint, Bytes>> m_acks;
    RangeSet m_received;
    PacketNumber m_largest = 0;
    std::optional<std::uint64_t> m_closed;
    std::uint64_t m_sent = 0;
    std::uint64_t m_packets = 0;
    std::uint64_t m_window = 0;
};

TEST(HostilePeer, B1_WhoAcknowledgesWhatItPredictsIsFoundOutWithinTwoWindows) {
    for (const auto foresight : {milliseconds(10), milliseconds(30), milliseconds(50)}) {
        Downloader honest(Duration{});
        Downloader optimist(foresight);
        for (int i = 0; i < 20'000 && !optimist.Closed(); ++i) {
            honest.Step();
            optimist.Step();
        }
        ASSERT_TRUE(optimist.Closed()) << foresight.count();
        EXPECT_EQ(*optimist.Closed(),
                  static_cast<std::uint64_t>(TransportErrorCode::kProtocolViolation));
        EXPECT_FALSE(honest.Closed());
        EXPECT_LE(optimist.Sent(), 2 * optimist.LargestWindow() + kFirstSkip * kMinDatagramSize)
            << "two windows";
        EXPECT_LE(optimist.Sent(), 2 * honest.Sent() + kFirstSkip * kMinDatagramSize);
    }
}

TEST(HostilePeer, B1_AnHonestPeerIsNeverTakenForAnOptimist) {
    Downloader honest(Duration{});
    for (int i = 0; i < 10'000 && honest.Packets() < 20'000; ++i) honest.Step();
    EXPECT_FALSE(honest.Closed());
    EXPECT_GE(honest.Packets(), 20'000u);
}

/// Acknowledges odd packets only, for ten minutes, and counts the heap meanwhile.
class OddAcker {
  public:
    explicit OddAcker(const EndpointConfig& config) : m_peer(config, PlentyOfCredit()) {
        m_peer.Establish();
        m_before = HeapInUse();
        const auto stream =
            m_peer.endpoint.OpenStream(m_peer.handle, StreamDirection::kUnidirectional).value();
        for (int turn = 0; turn < kTurns && !m_closed; ++turn) {
            (void)m_peer.endpoint.Write(m_peer.handle, stream, m_chunk);
            Turn();
            m_largest = std::max(m_largest, HeapInUse());
        }
    }
    const std::optional<ClosedEvent>& Closed() const { return m_closed; }
    std::size_t Growth() const { return m_largest - std::min(m_before, m_largest); }
    std::uint64_t Packets() const { return m_packets; }

  private:
    void Turn() {
        for (const auto& packet : m_peer.Advance(kEach)) {
            ++m_packets;
            if (packet.number % 2 == 0) continue;
            m_peer.Send(AckPayload({{packet.number, packet.number + 1}}));
        }
        if (const auto closed = m_peer.Closed()) m_closed = closed;
    }

    static constexpr Duration kEach = milliseconds(20);
    static constexpr int kTurns = 10 * 60 * 50;

    SealingPeer m_peer;
    Bytes m_chunk = Pattern(16'384);
    std::optional<ClosedEvent> m_closed;
    std::size_t m_before = 0;
    std::size_t m_largest = 0;
    std::uint64_t m_packets = 0;
};

TEST(HostilePeer, B3_APeerThatAcknowledgesOddPacketsOnlyCostsABoundedMemory) {
    constexpr std::size_t kSendBufferAndRecords = 4 << 20;
    const OddAcker windowed(ConfigOf(2));
    EXPECT_LE(windowed.Growth(), kSendBufferAndRecords);
    auto config = ConfigOf(2);
    config.transport.congestion = CongestionAlgorithm::kFixedRate;
    config.transport.fixedRate = 1'000'000;
    const OddAcker steady(config);
    EXPECT_LE(steady.Growth(), kSendBufferAndRecords);
    EXPECT_FALSE(steady.Closed());
    EXPECT_GT(steady.Packets(), 50'000u);
}

/// Takes all that it has granted, acknowledges it, and grants nothing more for as long as it lives:
/// what an endpoint keeps for it is what its application waits with, and the records of the path.
class StoppedReader {
  public:
    StoppedReader(std::uint64_t granted, std::size_t sendBuffer)
        : m_peer(Buffering(sendBuffer), Granting(granted)) {
        m_peer.Establish();
        m_stream =
            m_peer.endpoint.OpenStream(m_peer.handle, StreamDirection::kUnidirectional).value();
        const Bytes chunk = Pattern(16'384);
        for (int turn = 0; turn < 20'000 && m_sent < granted; ++turn) Turn(chunk);
        EXPECT_EQ(m_sent, granted);
        // 30 s, in which it answers what it is asked.
        for (int turn = 0; turn < 300; ++turn) {
            Write(chunk);
            Acknowledge(m_peer.Advance(milliseconds(100)));
        }
        EXPECT_TRUE(m_peer.endpoint.StatsOf(m_peer.handle)) << "it is still served";
    }

  private:
    static EndpointConfig Buffering(std::size_t bytes) {
        auto config = ConfigOf(2);
        config.transport.streamSendBuffer = bytes;
        return config;
    }
    static TransportParameters Granting(std::uint64_t bytes) {
        auto parameters = SealingPeer::GenerousParameters();
        parameters.initialMaxData = parameters.initialMaxStreamData = bytes;
        return parameters;
    }
    void Write(const Bytes& chunk) {
        while (m_peer.endpoint.Write(m_peer.handle, m_stream, chunk).value_or(0) == chunk.size()) {
        }
    }
    void Turn(const Bytes& chunk) {
        Write(chunk);
        Acknowledge(m_peer.Advance(milliseconds(1)));
        PollEvents(m_peer.endpoint);
    }
    void Acknowledge(const std::vector<OpenedPacket>& packets) {
        for (const auto& packet : packets) {
            if (const auto data = packet.Get<StreamFrame>()) {
                m_sent = std::max(m_sent, data->offset + data->data.size());
            }
        }
        if (packets.empty()) return;
        const auto& ranges = m_peer.received.Ranges();
        const std::size_t skipped = ranges.size() > 8 ? ranges.size() - 8 : 0;
        m_peer.Send(
            AckPayload({ranges.begin() + static_cast<std::ptrdiff_t>(skipped), ranges.end()}));
    }

    SealingPeer m_peer;
    StreamId m_stream = 0;
    std::uint64_t m_sent = 0;
};

TEST(HostilePeer, B5_AReaderThatStopsForEverCostsLittleHoweverFastItWas) {
    // What a process allocates once is none of a reader's.
    std::make_unique<StoppedReader>(1'000, 16 * 1024).reset();
    // The first is what a server of ours has.
    for (const std::size_t sendBuffer :
         {std::size_t{16 * 1024}, TransportConfig().streamSendBuffer}) {
        for (const std::uint64_t granted : {1'000u, 256'000u, 16'000'000u}) {
            const auto before = HeapInUse();
            const auto reader = std::make_unique<StoppedReader>(granted, sendBuffer);
            EXPECT_LE(HeapInUse(), before + sendBuffer + 48 * 1024) << granted;
        }
    }
}

// It would else hold what is buffered for it as long as it says anything.
TEST(HostilePeer, B5_AReaderThatAcknowledgesNothingIsGivenUp) {
    SealingPeer peer;
    peer.Establish();
    const auto stream = peer.endpoint.OpenStream(peer.handle, StreamDirection::kUnidirectional);
    ASSERT_TRUE(peer.endpoint.Write(peer.handle, *stream, Pattern(100'000)));
    for (int second = 0; second < 25; ++second) {
        peer.Advance(seconds(1));
        peer.Send(Payload(PaddingFrame{}));
    }
    EXPECT_TRUE(peer.endpoint.StatsOf(peer.handle)) << "a path may be bad for a while";
    for (int second = 0; second < 10; ++second) {
        peer.Advance(seconds(1));
        peer.Send(Payload(PaddingFrame{}));
    }
    EXPECT_TRUE(FirstOf<ClosedEvent>(PollEvents(peer.endpoint)));
}

// Bytes of which a reset only says that they were sent use up credit in no time at all.
TEST(HostilePeer, B5_ResetsDoNotMakeAWindowGrow) {
    SealingPeer peer;
    peer.Establish();
    const auto window = [&] { return peer.endpoint.StatsOf(peer.handle)->connectionWindow; };
    const std::uint64_t before = window();
    std::uint64_t limit = before;
    for (std::uint64_t i = 0, used = 0; i < 60; ++i) {
        const std::uint64_t size = std::min<std::uint64_t>(256 * 1024, limit - used);
        used += size;
        peer.Send(Payload(
            ResetStreamFrame{MakeStreamId(Side::kInitiator, StreamDirection::kUnidirectional, i), 0,
                             size},
            ImmediateAckFrame{}));
        const auto packets = peer.Advance(milliseconds(5));
        if (const auto more = FirstFrame<MaxDataFrame>(packets)) limit = more->maximum;
        for (const auto& packet : packets) {
            peer.Send(AckPayload({{packet.number, packet.number + 1}}));
        }
    }
    EXPECT_GT(limit, before) << "it gets its credit back";
    EXPECT_EQ(window(), before);
}

/// What the floods are about: a stream of the peer's, which is read, and one of ours.
constexpr StreamId kTheirs = MakeStreamId(Side::kInitiator, StreamDirection::kBidirectional, 1);
constexpr StreamId kOurs = MakeStreamId(Side::kResponder, StreamDirection::kUnidirectional, 0);
/// Small enough that a packet has room for as many frames as it may have.
constexpr std::uint64_t kPiece = 30;
const Bytes kPieceOfData = Pattern(kPiece);

/// About the `i`th piece of their stream, alone or as half of what the symbol is the sum of.
Frame RepairOf(std::uint64_t i, std::uint64_t symbols) {
    RepairFrame repair;
    repair.stream = kTheirs;
    repair.begin = i * symbols * kPiece;
    repair.number = static_cast<std::uint8_t>(i % kRepairNumbers);
    repair.firstSymbol = static_cast<std::uint8_t>(i % kRepairSymbolNumbers);
    repair.blockCount = 1;
    repair.blocks[0] = {symbols * kPiece, kPiece};
    repair.data = kPieceOfData;
    return repair;
}

/// A frame of each type that a peer may repeat as often as it likes; `i` makes two of them differ.
std::vector<std::function<Frame(std::uint64_t)>> Floods() {
    return {
        [](std::uint64_t) { return Frame{PingFrame{}}; },
        [](std::uint64_t) { return Frame{ImmediateAckFrame{}}; },
        [](std::uint64_t i) { return Frame{PathChallengeFrame{i}}; },
        [](std::uint64_t i) { return Frame{PathResponseFrame{i}}; },
        [](std::uint64_t i) { return Frame{MaxDataFrame{i}}; },
        [](std::uint64_t i) {
            return Frame{MaxStreamDataFrame{kOurs, i}};
        },
        [](std::uint64_t i) {
            return Frame{MaxStreamsFrame{StreamDirection::kUnidirectional, i}};
        },
        [](std::uint64_t i) { return Frame{DataBlockedFrame{i}}; },
        [](std::uint64_t i) {
            return Frame{StreamDataBlockedFrame{kTheirs, i}};
        },
        [](std::uint64_t) {
            return Frame{ResetStreamFrame{kTheirs, 1, 0}};
        },
        [](std::uint64_t) {
            return Frame{StopSendingFrame{kTheirs, 1}};
        },
        [](std::uint64_t) {
            return Frame{StreamFrame{kTheirs, 0, {}, false}};
        },
        [](std::uint64_t) { return Frame{DatagramFrame{}}; },
        // Data that is read, the same once more, and pieces with gaps between.
        [](std::uint64_t i) {
            return Frame{StreamFrame{kTheirs, i * kPiece, kPieceOfData, false}};
        },
        [](std::uint64_t i) {
            return Frame{StreamFrame{kTheirs, i % 16 * kPiece, kPieceOfData, false}};
        },
        [](std::uint64_t i) {
            return Frame{
                StreamFrame{kTheirs, 1 + 2 * i, ConstByteSpan(kPieceOfData).first(1), false}};
        },
        [](std::uint64_t i) {
            return Frame{DataSkippedFrame{kTheirs, i, i + 1}};
        },
        [](std::uint64_t i) {
            return Frame{DataSkippedFrame{kTheirs, 1 + 2 * i, 2 + 2 * i}};
        },
        // One gives what it covers, the other never does.
        [](std::uint64_t i) { return RepairOf(i, 1); },
        [](std::uint64_t i) { return RepairOf(i, 2); },
        [](std::uint64_t i) {
            return Frame{DataRecoveredFrame{kOurs, 2 * (i % 500), 2 * (i % 500) + 1}};
        },
        [](std::uint64_t) { return Frame{AckFrame{}}; },
    };
}

/// Packets full of one frame, whose sender acknowledges a single packet now and then, so that the
/// rest is lost and our window stays as small as it gets. An ACK is of what came last.
class Flooder {
  public:
    explicit Flooder(std::function<Frame(std::uint64_t)> frame) : m_frame(std::move(frame)) {
        m_peer.Establish();
        const auto stream =
            m_peer.endpoint.OpenStream(m_peer.handle, StreamDirection::kUnidirectional).value();
        (void)m_peer.endpoint.Write(m_peer.handle, stream, Pattern(100'000));
        m_last = m_peer.Receive().back().number;
    }
    void Send(int packets) {
        for (int i = 0; i < packets; ++i) {
            m_peer.Send(Full());
            const auto sent = m_peer.Advance(milliseconds(1));
            if (!sent.empty()) m_last = sent.back().number;
            if (i % 20 == 0) m_peer.Send(AckPayload({{m_last, m_last + 1}}));
            for (const auto& event : PollEvents(m_peer.endpoint)) {
                m_closed = m_closed || std::holds_alternative<ClosedEvent>(event);
            }
            ReadAll();
        }
    }
    bool Closed() const { return m_closed; }

  private:
    Bytes Full() {
        Bytes payload(kMinDatagramSize - kDataHeaderLength - kAeadTagLength);
        ByteWriter out(payload);
        std::size_t end = 0;
        for (std::size_t i = 0; i < kMaxFramesReceived && out.Remaining() >= 64; ++i) {
            std::visit([&](const auto& frame) { Write(out, frame); }, m_frame(m_count++));
            end = out.Position();
        }
        payload.resize(end);
        return payload;
    }
    template <class F>
    void Write(ByteWriter& out, const F& frame) const {
        EncodeFrame(out, frame);
    }
    void Write(ByteWriter& out, const AckFrame&) const {
        EncodeAck(out, std::vector<Range>{{m_last, m_last + 1}}, Duration{});
    }
    void Write(ByteWriter& out, const RepairFrame& repair) const {
        EncodeRepairHeader(out, repair);
        out.Bytes(repair.data);
    }
    void ReadAll() {
        Bytes buffer(64 * 1024);
        for (;;) {
            const auto read = m_peer.endpoint.Read(m_peer.handle, kTheirs, buffer);
            if (!read || (read->bytes == 0 && read->skipped.Empty())) return;
        }
    }
    static EndpointConfig Config() {
        auto config = ConfigOf(2);
        config.transport.maxDatagramFrameSize = 1200;
        config.transport.maxRepairSymbol = kMaxRepairSymbol;
        // More than any flood here takes, so that none has to wait for a grant.
        config.transport.FixStreamWindow(16 << 20);
        config.transport.connectionReceiveWindow = 16 << 20;
        return config;
    }

    std::function<Frame(std::uint64_t)> m_frame;
    SealingPeer m_peer{Config()};
    std::uint64_t m_count = 0;
    PacketNumber m_last = 0;
    bool m_closed = false;
};

TEST(HostilePeer, B6_AFloodOfAnyFrameTakesNoMoreMemoryTheLongerItLasts) {
    constexpr std::size_t kRounding = 64 * 1024;
    std::size_t which = 0;
    for (const auto& frame : Floods()) {
        Flooder flooder(frame);
        flooder.Send(2'000);
        const auto before = HeapInUse();
        flooder.Send(6'000);
        EXPECT_LE(HeapInUse(), before + kRounding) << "flood " << which;
        EXPECT_FALSE(flooder.Closed()) << "flood " << which;
        ++which;
    }
}

TEST(HostilePeer, B11_AsManyForgeriesAsTheKeyBearsEndTheConnectionWithoutAWord) {
    auto config = ConfigOf(2);
    config.transport.aeadLimits = {kGcmConfidentialityLimit, 10};
    SealingPeer peer(config);
    peer.Establish();
    for (int i = 1; i <= 10; ++i) {
        EXPECT_FALSE(peer.Closed()) << i;
        Bytes forged = peer.Seal(peer.nextNumber, Payload(PingFrame{}));
        forged.back() ^= std::byte{1};
        peer.Give(forged);
    }
    const auto closed = peer.Closed();
    ASSERT_TRUE(closed);
    EXPECT_EQ(closed->code, TransportErrorCode::kAeadLimitReached);
    EXPECT_TRUE(peer.Advance(seconds(30)).empty());
}

TEST(HostilePeer, B8_NumbersUpToTheLastAreTakenAndNoneBeyond) {
    for (const std::uint64_t last :
         {std::uint64_t{1} << 32, std::uint64_t{1} << 48, kMaxPacketNumber}) {
        SealingPeer peer;
        peer.Establish();
        const auto before = peer.endpoint.StatsOf(peer.handle)->packetsReceived;
        for (PacketNumber number = last - 5; number <= last; ++number) {
            peer.Give(peer.Seal(number, Payload(PingFrame{})));
        }
        EXPECT_EQ(peer.endpoint.StatsOf(peer.handle)->packetsReceived, before + 6);
        const auto ack = FirstFrame<AckFrame>(peer.Advance(milliseconds(100)));
        ASSERT_TRUE(ack);
        EXPECT_EQ(ack->largest, last);
        EXPECT_FALSE(peer.Closed());
    }
    SealingPeer peer;
    peer.Establish();
    const auto malformed = peer.endpoint.Stats().droppedMalformed;
    Bytes beyond = peer.Seal(peer.nextNumber, Payload(PingFrame{}));
    ByteWriter(ByteSpan(beyond).subspan(9)).U64(kMaxPacketNumber + 1);
    peer.Give(beyond);
    EXPECT_EQ(peer.endpoint.Stats().droppedMalformed, malformed + 1);
    peer.Advance(milliseconds(100));
    EXPECT_FALSE(peer.Closed());
}

}  // namespace
}  // namespace crsp::test
