// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "model/connection/handshake.h"
#include "model/crypto/packet-protection.h"
#include "model/wire/frame-codec.h"
#include "tests/unit/connection/pair.h"

namespace crsp::test {

/// One packet of the endpoint under test, opened.
struct OpenedPacket {
    PacketNumber number = 0;
    std::size_t datagramLength = 0;
    Bytes payload;

    std::vector<Frame> Frames() const {
        std::vector<Frame> frames;
        for (ByteReader in(payload); !in.Empty();) frames.push_back(DecodeFrame(in).value());
        return frames;
    }
    /// The first frame of a type; it views this packet.
    template <class F>
    std::optional<F> Get() const {
        for (const auto& frame : Frames()) {
            if (const auto* found = std::get_if<F>(&frame)) return *found;
        }
        return std::nullopt;
    }
    bool Eliciting() const {
        for (const auto& frame : Frames()) {
            if (IsAckEliciting(frame)) return true;
        }
        return false;
    }
};

/// The first frame of a type in any of `packets`.
template <class F>
std::optional<F> FirstFrame(const std::vector<OpenedPacket>& packets) {
    for (const auto& packet : packets) {
        if (const auto found = packet.Get<F>()) return found;
    }
    return std::nullopt;
}

/// The payload made of `frames`, one after the other.
template <class... F>
Bytes Payload(const F&... frames) {
    Bytes payload(kMaxDatagramSize);
    ByteWriter out(payload);
    (EncodeFrame(out, frames), ...);
    payload.resize(out.Position());
    return payload;
}

/// An ACK of `ranges`, ascending.
inline Bytes AckPayload(const std::vector<Range>& ranges, Duration delay = Duration{}) {
    Bytes payload(kMaxDatagramSize);
    ByteWriter out(payload);
    EncodeAck(out, ranges, delay);
    payload.resize(out.Position());
    return payload;
}

/// An initiator made of the handshake and packet protection alone, which sends whatever the test
/// wants, and the endpoint that it talks to.
class SealingPeer {
  public:
    explicit SealingPeer(const EndpointConfig& config = ConfigOf(2),
                         TransportParameters parameters = GenerousParameters())
        : endpoint(config), m_seed(Seed{std::byte{77}}), m_random(m_seed) {
        m_config.parameters = parameters;
        if (config.psk) m_config.psk.emplace(*config.psk);
        m_handshake.emplace(m_config, HandshakeGoal{m_config.Mode(), std::nullopt, 1}, kOwnId,
                            m_random);
    }

    static TransportParameters GenerousParameters() {
        return {.initialMaxData = 1 << 20,
                .initialMaxStreamData = 1 << 20,
                .initialMaxStreams = 16,
                .maxIdleTimeout = seconds(30),
                .maxAckDelay = milliseconds(25),
                .maxDatagramSize = kMinDatagramSize};
    }

    Bytes Initial() const {
        const auto initial = m_handshake->Initial();
        return {initial.begin(), initial.end()};
    }
    void Give(Bytes datagram) {
        endpoint.HandleDatagram(
            now, {.source = kInitiatorAddress, .ecn = Ecn::kNotEct, .payload = datagram});
    }
    /// Everything up to the keys; the endpoint is still waiting for the first Data packet.
    void Shake() {
        Give(Initial());
        const auto response = PollAll(endpoint, now).at(0);
        const auto result = m_handshake->OnResponse(response);
        Use(result.value().value());
        now += kRoundTrip;
    }
    /// The whole handshake: packet 0 is a PING, and has been acknowledged.
    void Establish() {
        Shake();
        Send(Payload(PingFrame{}));
        Advance(milliseconds(100));
        handle = FirstOf<ConnectedEvent>(PollEvents(endpoint)).value().connection;
    }

    Bytes Seal(PacketNumber number, const Bytes& payload) {
        Bytes datagram(kDataHeaderLength + payload.size() + kAeadTagLength);
        EncodePacketHeader(datagram, DataHeader{peerId, number, protection->OddPhase()});
        std::copy(payload.begin(), payload.end(), datagram.begin() + kDataHeaderLength);
        const ByteSpan all(datagram);
        protection->Seal(number, all.first(kDataHeaderLength), all.subspan(kDataHeaderLength));
        nextNumber = number + 1;
        return datagram;
    }
    void Send(const Bytes& payload) { Give(Seal(nextNumber, payload)); }
    /// What the endpoint sends now, opened.
    std::vector<OpenedPacket> Receive() {
        std::vector<OpenedPacket> packets;
        for (auto& datagram : PollAll(endpoint, now)) {
            if (auto packet = Open(datagram)) packets.push_back(std::move(*packet));
        }
        return packets;
    }
    std::optional<OpenedPacket> Open(Bytes datagram) {
        const auto header = HeaderOf<DataHeader>(datagram);
        if (!header) return std::nullopt;
        const ByteSpan all(datagram);
        const auto sealed = all.subspan(kDataHeaderLength);
        if (protection->Open(header->number, header->oddPhase, all.first(kDataHeaderLength),
                             sealed) == PacketProtection::Opened::kNo) {
            return std::nullopt;
        }
        received.Add({header->number, header->number + 1});
        const auto text = sealed.first(sealed.size() - kAeadTagLength);
        return OpenedPacket{header->number, datagram.size(), Bytes(text.begin(), text.end())};
    }
    /// Lets time pass, runs timers, and returns all that was sent meanwhile.
    std::vector<OpenedPacket> Advance(Duration duration) {
        const TimePoint end = now + duration;
        auto all = Receive();
        while (endpoint.NextTimeout() && *endpoint.NextTimeout() <= end) {
            now = std::max(now, *endpoint.NextTimeout());
            endpoint.HandleTimeout(now);
            for (auto& packet : Receive()) all.push_back(std::move(packet));
        }
        now = end;
        return all;
    }
    /// The CONNECTION_CLOSE code that is sent at once in answer to `payload`, if one is.
    std::optional<std::uint64_t> CloseCodeAfter(const Bytes& payload) {
        Send(payload);
        const auto close = FirstFrame<ConnectionCloseFrame>(Receive());
        if (!close) return std::nullopt;
        return close->code;
    }
    std::optional<ClosedEvent> Closed() { return FirstOf<ClosedEvent>(PollEvents(endpoint)); }

    static constexpr Duration kRoundTrip = milliseconds(20);
    static constexpr ConnectionId kOwnId = 0x1122334455667788;

    Endpoint endpoint;
    TimePoint now = TimePoint{} + seconds(1);
    ConnectionHandle handle = 0;
    ConnectionId peerId = 0;
    PacketNumber nextNumber = 0;
    std::optional<PacketProtection> protection;
    RangeSet received;  ///< numbers that opened

  private:
    void Use(const HandshakeResult& result) {
        peerId = result.peerId;
        protection.emplace(result.keys, Side::kInitiator, result.suite);
    }

    Seed m_seed;
    SecureRandom m_random;
    HandshakeConfig m_config;
    std::optional<InitiatorHandshake> m_handshake;
};

}  // namespace crsp::test
