// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "model/connection/endpoint.h"
#include "model/wire/packet-header.h"
#include "tests/support/pattern.h"

namespace crsp::test {

using Bytes = std::vector<std::byte>;

inline const SocketAddress kInitiatorAddress = SocketAddress::FromIpv4(0x0a000001, 40001);
inline const SocketAddress kResponderAddress = SocketAddress::FromIpv4(0x0a000002, 59001);

inline PreSharedKey KeyOf(std::uint8_t which) {
    PreSharedKey key;
    key.fill(std::byte{which});
    return key;
}

/// Talks to anybody. `which` makes the seed, so that no two endpoints of a test share one.
inline EndpointConfig OpenConfigOf(std::uint8_t which) {
    EndpointConfig config;
    config.seed.fill(std::byte{which});
    config.suite = CipherSuite::kChaCha20Poly1305Sha256;
    return config;
}

/// With a key that the peers must share.
inline EndpointConfig Keyed(std::uint8_t which, std::uint8_t key) {
    auto config = OpenConfigOf(which);
    config.psk = KeyOf(key);
    return config;
}

/// With the key that all endpoints of the tests share unless a test is about keys.
inline EndpointConfig ConfigOf(std::uint8_t which) {
    return Keyed(which, 200);
}

inline X25519KeyPair IdentityOf(std::uint8_t which) {
    return X25519PairOf(SecretKey(KeyOf(which)));
}

/// With an identity made of `which`, known to and knowing those of `peers`.
inline EndpointConfig IdentityConfigOf(std::uint8_t which, std::vector<std::uint8_t> peers) {
    auto config = OpenConfigOf(which);
    config.identity = IdentityOf(which);
    for (const auto peer : peers) config.peers.push_back(IdentityOf(peer).publicKey);
    return config;
}

/// All datagrams that `endpoint` has to send now, one by one; checks the shape of each train.
inline std::vector<Bytes> PollAll(Endpoint& endpoint, TimePoint now) {
    std::vector<Bytes> datagrams;
    Bytes buffer(16 * kMaxDatagramSize);
    while (const auto transmit = endpoint.PollTransmit(now, buffer)) {
        for (std::size_t at = 0; at < transmit->size; at += transmit->segmentSize) {
            const auto length = std::min(transmit->segmentSize, transmit->size - at);
            const auto begin = buffer.begin() + static_cast<std::ptrdiff_t>(at);
            datagrams.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
        }
    }
    return datagrams;
}

/// The one datagram that `endpoint` has to send now.
inline Bytes OneFrom(Endpoint& endpoint, TimePoint now) {
    const auto all = PollAll(endpoint, now);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? Bytes{} : all[0];
}

inline void Give(Endpoint& endpoint, TimePoint now, Bytes datagram,
                 SocketAddress source = kInitiatorAddress) {
    endpoint.HandleDatagram(now, {.source = source, .ecn = Ecn::kNotEct, .payload = datagram});
}

inline std::vector<Event> PollEvents(Endpoint& endpoint) {
    std::vector<Event> events;
    while (const auto event = endpoint.PollEvent()) events.push_back(*event);
    return events;
}

template <class E>
std::size_t CountOf(const std::vector<Event>& events) {
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(), [](const auto& e) { return std::holds_alternative<E>(e); }));
}

/// The first event of a type, if there is one.
template <class E>
std::optional<E> FirstOf(const std::vector<Event>& events) {
    for (const auto& event : events) {
        if (const auto* found = std::get_if<E>(&event)) return *found;
    }
    return std::nullopt;
}

/// A header of the given type, or nothing.
template <class Header>
std::optional<Header> HeaderOf(const Bytes& datagram) {
    const auto header = DecodePacketHeader(datagram);
    if (!header || !std::holds_alternative<Header>(*header)) return std::nullopt;
    return std::get<Header>(*header);
}

/// One end of a Pair: its endpoint, and all it did.
struct End {
    End(EndpointConfig config, SocketAddress from) : endpoint(std::move(config)), address(from) {}

    template <class E>
    std::size_t Count() const {
        return CountOf<E>(events);
    }
    template <class E>
    std::optional<E> First() const {
        return FirstOf<E>(events);
    }
    bool Connected() const { return Count<ConnectedEvent>() > 0; }
    /// The end of the first connection, if it has ended.
    std::optional<ClosedEvent> Closed() const { return First<ClosedEvent>(); }
    ConnectionHandle Handle() const { return First<ConnectedEvent>().value().connection; }
    ConnectionStats Stats() const { return endpoint.StatsOf(Handle()).value(); }

    Endpoint endpoint;
    SocketAddress address;
    std::vector<Event> events;
    std::vector<std::pair<TimePoint, Bytes>> sent;  ///< before anything was lost
};

/// Two endpoints, back to back in virtual time.
class Pair {
  public:
    /// Decides over each datagram sent, and may alter it: how many copies arrive.
    using Link = std::function<int(const End& from, Bytes& datagram)>;

    explicit Pair(EndpointConfig initiating = ConfigOf(1), EndpointConfig responding = ConfigOf(2))
        : initiator(std::move(initiating), kInitiatorAddress),
          responder(std::move(responding), kResponderAddress) {}

    ConnectionHandle Connect() {
        return initiator.endpoint.Connect(now, responder.address).value();
    }
    /// Connects, and lets the handshake and its last ACK pass.
    void Establish() {
        Connect();
        RunFor(seconds(1));
    }

    /// Runs until `done`; false if that was not within `limit`.
    bool RunUntil(const std::function<bool()>& done, Duration limit = seconds(60)) {
        const TimePoint end = now + limit;
        Settle();
        while (!done()) {
            const auto next = NextInstant();
            if (!next || *next > end) {
                now = end;
                return false;
            }
            now = std::max(now, *next);
            Deliver();
            HandleTimeouts();
            Settle();
        }
        return true;
    }
    void RunFor(Duration duration) {
        RunUntil([] { return false; }, duration);
    }
    /// Collects what both want to send, and their events.
    void Settle() {
        for (End* end : {&initiator, &responder}) {
            for (auto& datagram : PollAll(end->endpoint, now)) Launch(*end, std::move(datagram));
            for (auto& event : PollEvents(end->endpoint)) end->events.push_back(std::move(event));
        }
    }
    /// Gives `end` a datagram as if its peer had sent it.
    void Inject(End& end, Bytes datagram) {
        end.endpoint.HandleDatagram(
            now, {.source = PeerOf(end).address, .ecn = Ecn::kNotEct, .payload = datagram});
    }
    End& PeerOf(const End& end) { return &end == &initiator ? responder : initiator; }

    End initiator;
    End responder;
    TimePoint now = TimePoint{} + seconds(1);
    Duration delay = milliseconds(10);  ///< one way
    Link link;                          ///< absent: nothing is lost

  private:
    struct Flight {
        TimePoint at;
        End* to;
        Bytes datagram;
    };

    void Launch(End& from, Bytes datagram) {
        from.sent.emplace_back(now, datagram);
        const int copies = link ? link(from, datagram) : 1;
        for (int i = 0; i < copies; ++i) {
            m_flying.push_back({now + delay, &PeerOf(from), datagram});
        }
    }
    std::optional<TimePoint> NextInstant() const {
        std::optional<TimePoint> next;
        const auto take = [&next](std::optional<TimePoint> at) {
            if (at && (!next || *at < *next)) next = at;
        };
        take(initiator.endpoint.NextTimeout());
        take(responder.endpoint.NextTimeout());
        for (const auto& flight : m_flying) take(flight.at);
        return next;
    }
    void Deliver() {
        std::vector<Flight> waiting;
        std::swap(waiting, m_flying);
        for (auto& flight : waiting) {
            if (flight.at > now) {
                m_flying.push_back(std::move(flight));
            } else {
                Inject(*flight.to, std::move(flight.datagram));
            }
        }
    }
    void HandleTimeouts() {
        for (End* end : {&initiator, &responder}) {
            const auto due = end->endpoint.NextTimeout();
            if (due && *due <= now) end->endpoint.HandleTimeout(now);
        }
    }

    std::vector<Flight> m_flying;
};

/// Writes `size` pattern bytes and reads them at the other end, as two simple applications would.
class Transfer {
  public:
    /// The initiator opens a unidirectional stream and sends.
    Transfer(Pair& pair, std::uint64_t size) : m_pair(pair), m_size(size) {
        const auto handle = pair.initiator.Handle();
        stream =
            pair.initiator.endpoint.OpenStream(handle, StreamDirection::kUnidirectional).value();
    }

    /// Runs until the end of the stream is read.
    bool Run(Duration limit = seconds(60)) {
        return m_pair.RunUntil([this] { return Step(); }, limit);
    }
    /// Moves what can be moved now; true when all is there.
    bool Step() {
        Write();
        if (reading) Read();
        m_pair.Settle();
        return finished;
    }

    StreamId stream = 0;
    std::uint64_t written = 0;
    std::uint64_t received = 0;
    std::uint64_t wrong = 0;
    bool finished = false;
    bool reading = true;

  private:
    void Write() {
        while (written < m_size) {
            const auto length = std::min<std::uint64_t>(m_size - written, 16 * 1024);
            const Bytes data = Pattern(static_cast<std::size_t>(length), written);
            const auto taken = m_pair.initiator.endpoint.Write(m_pair.initiator.Handle(), stream,
                                                               data, written + length == m_size);
            written += taken.value_or(0);
            if (taken.value_or(0) < length) return;
        }
    }
    void Read() {
        if (!m_pair.responder.Connected()) return;
        while (!finished) {
            const auto read =
                m_pair.responder.endpoint.Read(m_pair.responder.Handle(), stream, m_buffer);
            if (!read) return;
            for (std::size_t i = 0; i < read->bytes; ++i) {
                if (m_buffer[i] != PatternByte(received + i)) ++wrong;
            }
            received += read->bytes;
            finished = read->finished;
            if (read->bytes < m_buffer.size()) return;
        }
    }

    Pair& m_pair;
    std::uint64_t m_size;
    Bytes m_buffer = Bytes(16 * 1024);
};

}  // namespace crsp::test
