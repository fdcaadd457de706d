// SPDX-License-Identifier: BSD-3-Clause
// ACKs of every shape to an endpoint that has sent data: those of packets never sent end the
// connection (B2), the others never, and the books balance after each.
#include <set>

#include "model/wire/frame-codec.h"
#include "tests/fuzz/checked-trace.h"
#include "tests/fuzz/fuzzed-data.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::fuzz {
namespace {

using test::SealingPeer;

constexpr int kMaxSteps = 60;
constexpr std::size_t kMaxRanges = 300;

/// The endpoint under test, and all that it has sent.
class Sender {
  public:
    explicit Sender(std::uint8_t options) : m_peer(ConfigOf(options)) {
        m_peer.Establish();
        Note(m_peer.Receive());
        const auto stream =
            m_peer.endpoint.OpenStream(m_peer.handle, StreamDirection::kUnidirectional);
        CRSP_ASSERT(stream && m_peer.endpoint.Write(m_peer.handle, *stream, Bytes(100'000)));
        Poll();
    }

    void Advance(Duration duration) { Note(m_peer.Advance(duration)); }
    void Write(std::size_t length) {
        const auto stream =
            m_peer.endpoint.OpenStream(m_peer.handle, StreamDirection::kUnidirectional);
        if (stream) (void)m_peer.endpoint.Write(m_peer.handle, *stream, Bytes(length), true);
        Poll();
    }
    void Poll() { Note(m_peer.Receive()); }
    /// Packet numbers up to here have been used, as far as the wire shows.
    PacketNumber End() const { return m_end; }

    /// Sends an ACK, well formed or not; returns whether the connection has ended.
    bool Acknowledge(const Bytes& payload) {
        const bool invalid = IsOfTheFuture(payload);
        m_peer.Send(payload);
        const auto closed = m_peer.Closed();
        CRSP_ASSERT(closed || !invalid);
        if (!closed) CheckBooks();
        return closed.has_value();
    }

  private:
    EndpointConfig ConfigOf(std::uint8_t options) {
        constexpr std::array kAlgorithms = {CongestionAlgorithm::kBbrLda, CongestionAlgorithm::kBbr,
                                            CongestionAlgorithm::kCubic,
                                            CongestionAlgorithm::kNewReno};
        auto config = test::ConfigOf(2);
        config.tracer = m_trace.Get();
        config.transport.congestion = kAlgorithms[options & 3];
        // After persistent congestion: two packets in RFC 9002 §7.6.2, and one beyond what is in
        // flight in draft-ietf-ccwg-bbr.
        m_leastWindow = (options & 3) < 2 ? kMinDatagramSize : 2 * kMinDatagramSize;
        config.transport.ecn = (options & 4) == 0;
        return config;
    }
    void Note(const std::vector<test::OpenedPacket>& packets) {
        for (const auto& packet : packets) {
            CRSP_ASSERT(packet.number >= m_end);  // never used twice
            m_end = packet.number + 1;
        }
    }
    /// Whether one of the frames is no frame, or acknowledges what is yet to be sent.
    bool IsOfTheFuture(const Bytes& payload) const {
        for (ByteReader in(payload); !in.Empty();) {
            const auto frame = DecodeFrame(in);
            if (!frame) return true;
            const auto* ack = std::get_if<AckFrame>(&*frame);
            if (ack && ack->largest >= m_end) return true;
        }
        return payload.empty();
    }
    void CheckBooks() const {
        const auto stats = m_peer.endpoint.StatsOf(m_peer.handle).value();
        CRSP_ASSERT(stats.packetsAcked <= stats.packetsSent);
        CRSP_ASSERT(stats.packetsLost <= stats.packetsSent);
        CRSP_ASSERT(stats.bytesInFlight <= stats.bytesSent);
        CRSP_ASSERT(stats.bytesAcked <= stats.bytesSent);
        CRSP_ASSERT(stats.congestionWindow >= m_leastWindow);
    }

    CheckedTrace m_trace;
    std::uint64_t m_leastWindow = 0;
    SealingPeer m_peer;
    PacketNumber m_end = 0;
};

/// Ranges from some number down, with gaps and lengths that are mostly small.
Bytes PickAck(FuzzedData& data, PacketNumber end) {
    std::vector<Range> ranges;
    PacketNumber at = end;
    const auto mode = data.U8();
    if ((mode & 15) == 1) at += 1 + data.Below(4);
    if ((mode & 15) == 2) at = data.Number();
    const auto count = (mode & 16) != 0 ? data.Below(kMaxRanges) : data.Below(8);
    for (std::size_t i = 0; i <= count && at > 0; ++i) {
        const PacketNumber begin = at - std::min<PacketNumber>(at, 1 + data.Below(8));
        ranges.insert(ranges.begin(), {begin, at});
        const PacketNumber gap = 1 + data.Below(8);
        at = begin > gap ? begin - gap : 0;
    }
    Bytes payload(kMaxDatagramSize);
    ByteWriter out(payload);
    std::optional<EcnCounts> ecn;
    if ((mode & 32) != 0) ecn = EcnCounts{data.Number(), data.Number(), data.Number()};
    if (ranges.empty()) ranges.push_back({0, 1});
    EncodeAck(out, ranges, microseconds(data.U16()), ecn);
    payload.resize(out.Position());
    return payload;
}

void Run(FuzzedData data) {
    Sender sender(data.U8());
    for (int i = 0; i < kMaxSteps && !data.Empty(); ++i) {
        bool ended = false;
        switch (data.Below(8)) {
            case 0:
                sender.Advance(milliseconds(data.U8()));
                break;
            case 1:
                sender.Advance(milliseconds(20 * data.U8()));
                break;
            case 2:
                sender.Write(data.Below(30'000));
                break;
            case 3:
                ended = sender.Acknowledge(data.ChunkCopy());
                break;
            default:
                ended = sender.Acknowledge(PickAck(data, sender.End()));
                break;
        }
        if (ended) return;
        sender.Poll();
    }
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    crsp::fuzz::Run(crsp::fuzz::FuzzedData(data, size));
    return 0;
}
