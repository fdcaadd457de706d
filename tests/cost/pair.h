// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/connection/endpoint.h"
#include "tests/cost/heap.h"

namespace crsp::cost {

/// The path between the two endpoints of a Pair. Loses nothing.
struct WireConfig {
    std::uint64_t rate = 1'000'000'000;  ///< bit/s
    Duration delay = microseconds(500);  ///< one way
    /// How long a receiver lets datagrams collect before it takes them in, as a network card or a
    /// busy program does; zero takes in each by itself.
    Duration coalescing = microseconds(100);
};

/// One direction of the path: datagrams in flight, in a ring small enough for a cache.
class Wire {
  public:
    void Push(TimePoint now, const WireConfig& config, ConstByteSpan datagram);
    bool Empty() const { return m_begin == m_end; }
    TimePoint FrontArrival() const { return At(m_begin).arrival; }
    /// The front datagram; valid until the next Push.
    ByteSpan Front() { return {At(m_begin).bytes, At(m_begin).length}; }
    void Pop() { ++m_begin; }

  private:
    static constexpr std::size_t kSlots = 512;
    static constexpr std::size_t kSlotLength = 1472;

    struct Slot {
        TimePoint arrival{};
        std::size_t length = 0;
        std::byte bytes[kSlotLength];
    };

    Slot& At(std::uint64_t index) { return m_slots[index % m_slots.size()]; }
    const Slot& At(std::uint64_t index) const { return m_slots[index % m_slots.size()]; }

    std::vector<Slot> m_slots = std::vector<Slot>(kSlots);
    std::uint64_t m_begin = 0;
    std::uint64_t m_end = 0;
    TimePoint m_free{};  ///< when the link has sent all before
};

/// An endpoint, what it took from the heap, and what arrives at it.
struct Peer {
    Peer(const EndpointConfig& config, std::uint16_t port);

    Heap heap;
    Endpoint endpoint;
    SocketAddress address;
    Wire incoming;
    std::uint64_t packetsSent = 0;
    std::uint64_t bytesSent = 0;
};

/// Two endpoints and the path between them in virtual time, driven as a host drives them but
/// without sockets: what a run of it costs is what the engine costs, and one copy per datagram.
class Pair {
  public:
    Pair(const EndpointConfig& sending, const EndpointConfig& receiving, const WireConfig& wire);

    /// A connection from sender to receiver that is established at both ends.
    ConnectionHandle Connect();
    /// Sends `bytes` over a stream of its own and returns when the receiver has read them.
    void Transfer(ConnectionHandle connection, std::uint64_t bytes);
    /// Lets `time` pass.
    void Rest(Duration time);

    Peer sender;
    Peer receiver;

  private:
    /// Moves on to the next thing that happens, or to `until` if nothing does before.
    void Step(TimePoint until);
    /// What a host does when datagrams or a deadline are due.
    void Serve(Peer& peer, Peer& other);
    void DrainEvents(Peer& peer);
    void OnEvent(Peer& peer, const Event& event);
    void Feed();
    void Drain(StreamId stream);
    void SendAll(Peer& peer, Peer& to);

    WireConfig m_wire;
    TimePoint m_now{};
    std::vector<std::byte> m_train;
    std::vector<std::byte> m_chunk;
    ConnectionHandle m_sending = 0;
    ConnectionHandle m_receiving = 0;
    std::optional<StreamId> m_stream;
    std::uint64_t m_toWrite = 0;
    int m_established = 0;  ///< ends that have said so
    bool m_finished = false;
};

}  // namespace crsp::cost
