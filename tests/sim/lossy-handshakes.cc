// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/lossy-handshakes.h"

#include <algorithm>
#include <array>

#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

/// Simulated at most.
constexpr Duration kLongest = seconds(180);
constexpr Duration kOneWay = milliseconds(25);
constexpr std::size_t kMessageLength = 100;

const X25519KeyPair& IdentityOf(std::uint8_t which) {
    static const auto make = [](std::uint8_t key) {
        SecretKey secret;
        std::fill(secret.Bytes().begin(), secret.Bytes().end(), std::byte{key});
        return X25519PairOf(secret);
    };
    static const std::array<X25519KeyPair, 2> pairs{make(1), make(2)};
    return pairs[which];
}

EndpointConfig ConfigOf(std::uint8_t which) {
    EndpointConfig config;
    config.identity = IdentityOf(which);
    config.peers = {IdentityOf(1 - which).publicKey};
    return config;
}

/// Sends back what comes.
class Echoer : public Role {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint, const Event& event, Endpoint& endpoint) override {
        m_connected = m_connected || std::holds_alternative<ConnectedEvent>(event);
        const auto* readable = std::get_if<StreamReadableEvent>(&event);
        if (!readable) return;
        std::array<std::byte, kMessageLength> bytes;
        const auto read = endpoint.Read(readable->connection, readable->stream, bytes);
        if (!read) return;
        (void)endpoint.Write(readable->connection, readable->stream,
                             ConstByteSpan(bytes).first(read->bytes), read->finished);
    }
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    bool Connected() const { return m_connected; }

  private:
    bool m_connected = false;
};

/// Connects, sends a message, and waits for it to come back.
class Asker : public Role {
  public:
    explicit Asker(SocketAddress server) : m_server(server) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override {
        m_begunAt = now;
        (void)endpoint.Connect(now, m_server, IdentityOf(0).publicKey);
    }
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
            m_connected = true;
            const auto stream =
                endpoint.OpenStream(connected->connection, StreamDirection::kBidirectional);
            const std::array<std::byte, kMessageLength> message{std::byte{1}};
            (void)endpoint.Write(connected->connection, *stream, message, true);
        } else if (const auto* readable = std::get_if<StreamReadableEvent>(&event)) {
            OnReadable(now, *readable, endpoint);
        } else if (std::holds_alternative<ClosedEvent>(event)) {
            m_closed = true;
        }
    }
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    bool Connected() const { return m_connected; }
    bool Over() const { return m_closed || m_took; }
    std::optional<Duration> Took() const { return m_took; }

  private:
    void OnReadable(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint) {
        std::array<std::byte, kMessageLength> bytes;
        const auto read = endpoint.Read(event.connection, event.stream, bytes);
        if (!read) return;
        m_got += read->bytes;
        if (read->finished && m_got == kMessageLength) m_took = now - m_begunAt;
    }

    SocketAddress m_server;
    TimePoint m_begunAt{};
    std::size_t m_got = 0;
    bool m_connected = false;
    bool m_closed = false;
    std::optional<Duration> m_took;
};

void ShakeOne(const ImpairmentConfig& link, std::uint64_t seed, HandshakeTally& tally) {
    Network network(seed, link);
    auto echoer = std::make_unique<Echoer>();
    Echoer& server = *echoer;
    const Node& node = network.AddNode(ConfigOf(0), std::move(echoer));
    auto asker = std::make_unique<Asker>(node.Address());
    Asker& client = *asker;
    network.AddNode(ConfigOf(1), std::move(asker));
    network.Run(kLongest, [&] { return client.Over(); });
    ++tally.attempts;
    tally.connected += client.Connected() && server.Connected();
    if (!client.Took()) return;
    ++tally.echoed;
    tally.times.push_back(*client.Took());
}

}  // namespace

Duration HandshakeTally::Quantile(double share) const {
    if (times.empty()) return Duration{};
    const auto last = times.size() - 1;
    return times[std::min(last, static_cast<std::size_t>(share * static_cast<double>(last) + 0.5))];
}

ImpairmentConfig BurstyLink(double share, double burst) {
    ImpairmentConfig link;
    link.delay = kOneWay;
    link.loss.process = GilbertFromMean(share, burst).value();
    return link;
}

ImpairmentConfig CorruptingLink(double share) {
    ImpairmentConfig link;
    link.delay = kOneWay;
    link.corrupt.probability = share;
    return link;
}

HandshakeTally ShakeHands(const ImpairmentConfig& link, std::uint64_t firstSeed,
                          std::uint64_t count) {
    HandshakeTally tally;
    for (std::uint64_t i = 0; i < count; ++i) ShakeOne(link, firstSeed + i, tally);
    std::sort(tally.times.begin(), tally.times.end());
    return tally;
}

}  // namespace crsp::sim
