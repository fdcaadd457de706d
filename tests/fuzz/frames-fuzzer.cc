// SPDX-License-Identifier: BSD-3-Clause
// Every frame in every state of a connection (A8), sealed by a peer that says what the fuzzer
// wants.
#include "model/wire/frame-codec.h"
#include "tests/fuzz/any-frame.h"
#include "tests/fuzz/checked-trace.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::fuzz {
namespace {

using test::SealingPeer;

constexpr int kMaxSteps = 40;
constexpr std::size_t kMaxPayload = 1400;
constexpr int kMaxFrames = 18;

EndpointConfig ConfigOf(std::uint8_t options, CheckedTrace& trace) {
    auto config = test::ConfigOf(2);
    config.tracer = trace.Get();
    config.transport.maxDatagramFrameSize = (options & 1) != 0 ? 1000 : 0;
    config.transport.maxRepairSymbol = (options & 2) != 0 ? 600 : 0;
    if ((options & 4) != 0) config.transport.FixStreamWindow(1000);
    return config;
}

TransportParameters ParametersOf(std::uint8_t options) {
    auto parameters = SealingPeer::GenerousParameters();
    parameters.maxDatagramFrameSize = (options & 1) != 0 ? 1000 : 0;
    parameters.maxRepairSymbol = (options & 2) != 0 ? 600 : 0;
    return parameters;
}

class Listener {
  public:
    explicit Listener(SealingPeer& peer) : m_peer(peer) {}

    /// After its end nothing more is heard of a connection, and before its beginning nothing.
    void Drain() {
        while (const auto event = m_peer.endpoint.PollEvent()) {
            CRSP_ASSERT(!m_closed);
            if (std::holds_alternative<ClosedEvent>(*event)) m_closed = true;
            if (const auto* connected = std::get_if<ConnectedEvent>(&*event)) {
                m_peer.handle = connected->connection;
            } else if (!m_closed) {
                CRSP_ASSERT(m_peer.handle != 0);
            }
            m_moved |= std::holds_alternative<PathChangedEvent>(*event);
            if (const auto* readable = std::get_if<StreamReadableEvent>(&*event)) {
                m_readable.push_back(readable->stream);
            }
        }
    }
    /// Sends what is due. An address that the peer was only seen at gets no more than came from
    /// there (A1).
    void Transmit() {
        Bytes buffer(2 * kMaxDatagramSize);
        while (const auto transmit = m_peer.endpoint.PollTransmit(m_peer.now, buffer)) {
            if (transmit->destination != kElsewhere) continue;
            m_bytesElsewhere -= static_cast<std::int64_t>(transmit->size);
            --m_packetsElsewhere;
        }
        Drain();
        CRSP_ASSERT(m_moved || (m_bytesElsewhere >= 0 && m_packetsElsewhere >= 0));
    }
    void Advance(Duration duration) {
        const TimePoint end = m_peer.now + duration;
        Transmit();
        while (m_peer.endpoint.NextTimeout() && *m_peer.endpoint.NextTimeout() <= end) {
            m_peer.now = std::max(m_peer.now, *m_peer.endpoint.NextTimeout());
            m_peer.endpoint.HandleTimeout(m_peer.now);
            Transmit();
        }
        m_peer.now = end;
    }
    void Send(const Bytes& payload, bool elsewhere) {
        if (!elsewhere) return m_peer.Send(payload);
        auto datagram = m_peer.Seal(m_peer.nextNumber, payload);
        m_bytesElsewhere += static_cast<std::int64_t>(datagram.size());
        ++m_packetsElsewhere;
        test::Give(m_peer.endpoint, m_peer.now, std::move(datagram), kElsewhere);
    }
    void Read(bool unordered) {
        std::array<std::byte, 512> buffer;
        for (const StreamId stream : std::exchange(m_readable, {})) {
            for (;;) {
                const auto read = unordered
                                      ? m_peer.endpoint.ReadUnordered(m_peer.handle, stream, buffer)
                                      : m_peer.endpoint.Read(m_peer.handle, stream, buffer);
                if (!read || (read->bytes == 0 && read->skipped.Empty())) break;
            }
        }
        while (m_peer.endpoint.ReadDatagram(m_peer.handle, buffer).value_or(std::nullopt)) {
        }
    }
    bool Closed() const { return m_closed; }

  private:
    static const SocketAddress kElsewhere;

    SealingPeer& m_peer;
    std::vector<StreamId> m_readable;
    bool m_closed = false;
    bool m_moved = false;
    std::int64_t m_bytesElsewhere = 0;  ///< that came from there, less what went there
    std::int64_t m_packetsElsewhere = 0;
};

const SocketAddress Listener::kElsewhere = SocketAddress::FromIpv4(0x0a0000ff, 999);

Bytes PickPayload(FuzzedData& data) {
    if (data.Below(4) == 0) return data.ChunkCopy();
    Bytes payload(kMaxPayload);
    std::size_t length = 0;
    const auto frames = 1 + data.Below(kMaxFrames);
    for (std::size_t i = 0; i < frames && !data.Empty(); ++i) {
        ByteWriter out(ByteSpan(payload).subspan(length));
        EncodeAnyFrame(out, PickFrame(data));
        if (!out.Ok()) break;
        length += out.Position();
    }
    payload.resize(length);
    return payload;
}

/// Something that a program would do at our end.
void Use(FuzzedData& data, SealingPeer& peer, Listener& listener) {
    auto& endpoint = peer.endpoint;
    const std::vector<std::byte> bytes(data.Below(3000));
    switch (data.Below(9)) {
        case 0:
        case 1:
            return listener.Read(data.Flag());
        case 2: {
            const auto direction =
                data.Flag() ? StreamDirection::kUnidirectional : StreamDirection::kBidirectional;
            const auto stream = endpoint.OpenStream(peer.handle, direction);
            if (stream) (void)endpoint.Write(peer.handle, *stream, bytes, data.Flag());
            return;
        }
        case 3: {
            const auto stream = endpoint.OpenStream(
                peer.handle, StreamDirection::kUnidirectional, StreamMode::kDeadline,
                RepairOptions{static_cast<std::uint8_t>(data.Flag() ? 25 : 0)});
            const auto deadline = peer.now + milliseconds(data.U8());
            if (stream) (void)endpoint.WriteMessage(peer.handle, *stream, bytes, deadline);
            return;
        }
        case 4:
            (void)endpoint.ResetStream(peer.handle, data.Below(24), 7);
            return;
        case 5:
            (void)endpoint.StopSending(peer.handle, data.Below(24), 7);
            return;
        case 6:
            (void)endpoint.SendDatagram(peer.handle, bytes);
            return;
        case 7:
            (void)endpoint.SetPriority(peer.handle, data.Below(24), data.U8() % 8);
            return;
        default:
            if (data.Below(4) == 0) (void)endpoint.Close(peer.now, peer.handle, 1, "enough");
    }
}

/// Sends what the fuzzer wants, and what is no frame ends an established connection (RFC 9000
/// §12.4).
void SendPicked(FuzzedData& data, Listener& listener) {
    const Bytes payload = PickPayload(data);
    const bool legal = CheckRoundTrip(payload) && !payload.empty();
    listener.Send(payload, data.Below(8) == 7);
    listener.Drain();
    CRSP_ASSERT(legal || listener.Closed());
}

void Run(FuzzedData data) {
    CheckedTrace trace;
    const auto options = data.U8();
    SealingPeer peer(ConfigOf(options, trace), ParametersOf(options));
    Listener listener(peer);
    peer.Shake();
    if ((options & 8) == 0) {
        peer.Send(test::Payload(PingFrame{}));
        listener.Advance(milliseconds(100));
    }
    listener.Drain();
    for (int i = 0; i < kMaxSteps && !data.Empty(); ++i) {
        switch (data.Below(6)) {
            case 0:
                listener.Advance(milliseconds(data.Below(200)));
                break;
            case 1:
                Use(data, peer, listener);
                break;
            default:
                SendPicked(data, listener);
                break;
        }
        listener.Transmit();
    }
    listener.Advance(seconds(1));
}

}  // namespace
}  // namespace crsp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crsp::fuzz;
    (void)CheckRoundTrip(FuzzedData(data, size).Rest());
    Run(FuzzedData(data, size));
    return 0;
}
