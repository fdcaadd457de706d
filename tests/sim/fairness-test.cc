// SPDX-License-Identifier: BSD-3-Clause
// What a server gives to each key when several want more than its uplink carries (CRSP §9.10).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "model/media/memory-content-store.h"
#include "model/media/peer-link.h"
#include "model/media/server-role.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

constexpr std::uint64_t kUplink = 20'000'000;  // bit/s
constexpr EntryId kFilm = 1;

X25519KeyPair PairOf(std::uint8_t which) {
    SecretKey secret;
    secret.Bytes()[5] = std::byte{which};
    return X25519PairOf(secret);
}

/// Pulls one entry over each of its connections, and counts what comes.
class Puller : public Role {
  public:
    Puller(const PeerTarget& server, std::size_t connections)
        : m_server(server), m_connections(connections) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override { OnTimeout(now, endpoint); }
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        if (const auto* e = std::get_if<ConnectedEvent>(&event)) {
            auto& channel = m_channels.try_emplace(e->connection, e->connection).first->second;
            channel.Open(endpoint);
            channel.Send(now, endpoint, RenderMessage{1, 1, "", kFilm, 0, 0});
        } else if (const auto* r = std::get_if<StreamReadableEvent>(&event)) {
            if (r->stream == kControlStream) return ReadControl(now, r->connection, endpoint);
            while (true) {
                const auto read = endpoint.Read(r->connection, r->stream, m_buffer);
                if (!read || read->bytes == 0) break;
                bytes += read->bytes;
            }
        } else if (std::holds_alternative<StreamOpenedEvent>(event)) {
            ++streams;
        }
    }
    /// One by one: an endpoint bounds the handshakes of a key that are under way.
    void OnTimeout(TimePoint now, Endpoint& endpoint) override {
        if (now < m_nextAt || m_opened == m_connections) return;
        (void)endpoint.Connect(now, m_server.address, m_server.key);
        ++m_opened;
        m_nextAt = now + milliseconds(50);
    }
    std::optional<TimePoint> NextTimeout() const override {
        return m_opened == m_connections ? std::nullopt : std::optional(m_nextAt);
    }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::uint64_t bytes = 0;
    std::size_t streams = 0;
    std::size_t refused = 0;

  private:
    void ReadControl(TimePoint now, ConnectionHandle connection, Endpoint& endpoint) {
        while (const auto message = m_channels.at(connection).Receive(now, endpoint)) {
            const auto* error = std::get_if<ErrorMessage>(&*message);
            refused += error && error->code == MediaErrorCode::kBusy;
        }
    }

    PeerTarget m_server;
    std::size_t m_connections;
    std::size_t m_opened = 0;
    TimePoint m_nextAt{};
    std::map<ConnectionHandle, ControlChannel> m_channels;
    std::array<std::byte, 16 * 1024> m_buffer;
};

/// A server behind one uplink of 20 Mbit/s, 20 ms away from all others.
class Fairness : public testing::Test {
  protected:
    Fairness() : m_network(1, Link(0)) {
        m_store.AddGenerated("film", std::uint64_t{1} << 40, 1);
        auto config = ConfigOf(1);
        for (std::uint8_t which = 2; which < 10; ++which) {
            config.peers.push_back(PairOf(which).publicKey);
        }
        auto role = std::make_unique<ServerRole>(ServerConfig{}, m_store);
        m_server = role.get();
        m_node = &m_network.AddNode(config, std::move(role));
        m_network.ShareUplink(*m_node, Link(kUplink));
    }
    static ImpairmentConfig Link(std::uint64_t rate) {
        ImpairmentConfig link;
        link.delay = milliseconds(10);
        if (rate == 0) return link;
        link.rate.bitsPerSecond = rate;
        link.rate.queueBytes = 100'000;
        return link;
    }
    static EndpointConfig ConfigOf(std::uint8_t which) {
        EndpointConfig config;
        config.identity = PairOf(which);
        config.suite = CipherSuite::kChaCha20Poly1305Sha256;
        return config;
    }
    Puller& Add(std::uint8_t which, std::size_t connections) {
        auto role = std::make_unique<Puller>(PeerTarget{m_node->Address(), PairOf(1).publicKey},
                                             connections);
        Puller& puller = *role;
        m_network.AddNode(ConfigOf(which), std::move(role));
        return puller;
    }
    /// Bytes per second over the next `duration`, as a part of the uplink.
    std::pair<double, double> Shares(Puller& a, Puller& b, Duration duration) {
        const std::uint64_t beforeA = a.bytes;
        const std::uint64_t beforeB = b.bytes;
        m_network.RunFor(duration);
        const double whole = static_cast<double>(kUplink) / 8 * ToSeconds(duration);
        return {static_cast<double>(a.bytes - beforeA) / whole,
                static_cast<double>(b.bytes - beforeB) / whole};
    }

    MemoryContentStore m_store;
    Network m_network;
    ServerRole* m_server = nullptr;
    Node* m_node = nullptr;
};

TEST_F(Fairness, C14_AKeyThatOpensAllItMayTakesNoMoreThanItsShare) {
    Puller& hog = Add(2, kMaxSessionsPerPeer + 8);
    m_network.RunFor(seconds(3));
    EXPECT_EQ(hog.streams, kMaxContentsPerPeer);
    EXPECT_EQ(hog.refused, kMaxSessionsPerPeer - kMaxContentsPerPeer);
    Puller& other = Add(3, 1);
    m_network.RunFor(seconds(5));
    const auto [hogs, others] = Shares(hog, other, seconds(20));
    RecordProperty("hog", std::to_string(hogs));
    RecordProperty("other", std::to_string(others));
    EXPECT_GE(others, 0.9 * (hogs + others) / 2) << hogs << " " << others;
    // And nothing is wasted: alone or together they fill the uplink.
    EXPECT_GE(hogs + others, 0.8) << hogs << " " << others;
}

TEST_F(Fairness, C14_WhereNobodyElseWantsAnythingAKeyHasTheWholeUplink) {
    Puller& one = Add(2, 8);
    Puller& idle = Add(3, 0);
    m_network.RunFor(seconds(3));
    EXPECT_GE(Shares(one, idle, seconds(5)).first, 0.85);
}

TEST_F(Fairness, C14_EveryConnectionOfAKeyHasItsTurn) {
    Puller& two = Add(2, 3);
    Puller& other = Add(3, 3);
    m_network.RunFor(seconds(3));
    const auto [a, b] = Shares(two, other, seconds(20));
    EXPECT_NEAR(a, b, 0.2);
    EXPECT_GE(a + b, 0.8);
    EXPECT_EQ(m_server->Counters().transfersFailed, 0u);
}

}  // namespace
}  // namespace crsp::sim
