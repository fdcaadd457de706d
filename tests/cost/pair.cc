// SPDX-License-Identifier: BSD-3-Clause
#include "tests/cost/pair.h"

#include <algorithm>
#include <variant>

#include "model/base/assert.h"

namespace crsp::cost {
namespace {

/// A train of datagrams, as many bytes as segmentation offload takes at once.
constexpr std::size_t kTrainLength = 65'536;
/// What the application writes or reads at a time.
constexpr std::size_t kChunkLength = 65'536;

Endpoint MakeCharged(const EndpointConfig& config, Heap& heap) {
    const Charge charge(heap);
    return Endpoint(config);
}

}  // namespace

void Wire::Push(TimePoint now, const WireConfig& config, ConstByteSpan datagram) {
    CRSP_ASSERT(m_end - m_begin < kSlots && datagram.size() <= kSlotLength);
    const auto bits = static_cast<std::int64_t>(datagram.size() * 8);
    m_free = std::max(m_free, now) +
             nanoseconds(bits * 1'000'000'000 / static_cast<std::int64_t>(config.rate));
    Slot& slot = At(m_end++);
    slot.arrival = m_free + config.delay;
    slot.length = datagram.size();
    std::copy(datagram.begin(), datagram.end(), slot.bytes);
}

Peer::Peer(const EndpointConfig& config, std::uint16_t port)
    : endpoint(MakeCharged(config, heap)), address(SocketAddress::FromIpv4(0x7f000001, port)) {}

Pair::Pair(const EndpointConfig& sending, const EndpointConfig& receiving, const WireConfig& wire)
    : sender(sending, 1),
      receiver(receiving, 2),
      m_wire(wire),
      m_train(kTrainLength),
      m_chunk(kChunkLength) {}

ConnectionHandle Pair::Connect() {
    m_established = 0;
    {
        const Charge charge(sender.heap);
        m_sending = sender.endpoint.Connect(m_now, receiver.address).value();
    }
    SendAll(sender, receiver);
    while (m_established < 2) Step(TimePoint::max());
    return m_sending;
}

void Pair::Transfer(ConnectionHandle connection, std::uint64_t bytes) {
    m_sending = connection;
    m_finished = false;
    m_toWrite = bytes;
    {
        const Charge charge(sender.heap);
        m_stream = sender.endpoint.OpenStream(m_sending, StreamDirection::kUnidirectional).value();
        Feed();
    }
    SendAll(sender, receiver);
    while (!m_finished) Step(TimePoint::max());
    m_stream.reset();
}

void Pair::Rest(Duration time) {
    const TimePoint until = m_now + time;
    while (m_now < until) Step(until);
}

void Pair::Step(TimePoint until) {
    TimePoint next = until;
    for (Peer* peer : {&sender, &receiver}) {
        if (!peer->incoming.Empty()) {
            next = std::min(next, peer->incoming.FrontArrival() + m_wire.coalescing);
        }
        if (const auto timeout = peer->endpoint.NextTimeout()) next = std::min(next, *timeout);
    }
    m_now = std::max(m_now, next);
    Serve(sender, receiver);
    Serve(receiver, sender);
}

void Pair::Serve(Peer& peer, Peer& other) {
    {
        const Charge charge(peer.heap);
        const auto timeout = peer.endpoint.NextTimeout();
        const bool alarm = timeout && *timeout <= m_now;
        const bool arrived =
            !peer.incoming.Empty() && peer.incoming.FrontArrival() + m_wire.coalescing <= m_now;
        if (!alarm && !arrived) return;
        while (arrived && !peer.incoming.Empty() && peer.incoming.FrontArrival() <= m_now) {
            peer.endpoint.HandleDatagram(
                m_now,
                {.source = other.address, .ecn = Ecn::kNotEct, .payload = peer.incoming.Front()});
            peer.incoming.Pop();
        }
        if (alarm) peer.endpoint.HandleTimeout(m_now);
        DrainEvents(peer);
    }
    SendAll(peer, other);
}

void Pair::DrainEvents(Peer& peer) {
    while (const auto event = peer.endpoint.PollEvent()) OnEvent(peer, *event);
}

void Pair::OnEvent(Peer& peer, const Event& event) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        (&peer == &sender ? m_sending : m_receiving) = connected->connection;
        ++m_established;
    } else if (std::get_if<StreamWritableEvent>(&event)) {
        Feed();
    } else if (const auto* readable = std::get_if<StreamReadableEvent>(&event)) {
        m_receiving = readable->connection;
        Drain(readable->stream);
    } else {
        CRSP_ASSERT(!std::holds_alternative<ClosedEvent>(event));
    }
}

void Pair::Feed() {
    std::size_t taken = kChunkLength;
    while (m_toWrite > 0 && taken == kChunkLength) {
        const std::size_t length = std::min<std::uint64_t>(m_toWrite, kChunkLength);
        taken = sender.endpoint
                    .Write(m_sending, *m_stream, ConstByteSpan(m_chunk).first(length),
                           length == m_toWrite)
                    .value();
        m_toWrite -= taken;
    }
}

void Pair::Drain(StreamId stream) {
    ReadResult read{.bytes = kChunkLength};
    while (read.bytes == kChunkLength && !read.finished) {
        read = receiver.endpoint.Read(m_receiving, stream, m_chunk).value();
    }
    m_finished = m_finished || read.finished;
}

void Pair::SendAll(Peer& peer, Peer& to) {
    while (true) {
        std::optional<Transmit> transmit;
        {
            const Charge charge(peer.heap);
            transmit = peer.endpoint.PollTransmit(m_now, m_train);
        }
        if (!transmit) return;
        for (std::size_t at = 0; at < transmit->size; at += transmit->segmentSize) {
            const std::size_t length = std::min(transmit->segmentSize, transmit->size - at);
            to.incoming.Push(m_now, m_wire, ConstByteSpan(m_train).subspan(at, length));
            ++peer.packetsSent;
            peer.bytesSent += length;
        }
    }
}

}  // namespace crsp::cost
