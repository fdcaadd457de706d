// SPDX-License-Identifier: BSD-3-Clause
// Somebody on the path who sends again what he has seen, long after (CRSP §3.3).
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

constexpr Duration kEach = milliseconds(10);
constexpr Duration kLasting = seconds(60);
constexpr Duration kLatest = seconds(60);

/// Connects, and sends a numbered datagram every kEach: nothing but packet numbers tells one that
/// comes twice.
class Counter : public Role {
  public:
    explicit Counter(SocketAddress remote) : m_remote(remote) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override {
        EXPECT_TRUE(endpoint.Connect(now, m_remote));
    }
    void OnEvent(TimePoint now, const Event& event, Endpoint&) override {
        if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
            m_connection = connected->connection;
            m_next = now;
            m_until = now + kLasting;
        }
        if (std::holds_alternative<ClosedEvent>(event)) m_next.reset();
    }
    void OnTimeout(TimePoint now, Endpoint& endpoint) override {
        if (!m_next || now < *m_next) return;
        std::array<std::byte, 8> number;
        ByteWriter(number).U64(sent);
        sent += endpoint.SendDatagram(*m_connection, number) ? 1 : 0;
        m_next = now + kEach;
        if (now >= m_until) m_next.reset();
    }
    std::optional<TimePoint> NextTimeout() const override { return m_next; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::uint64_t sent = 0;

  private:
    SocketAddress m_remote;
    std::optional<ConnectionHandle> m_connection;
    std::optional<TimePoint> m_next;
    TimePoint m_until{};
};

/// Accepts, and keeps the numbers that came.
class Collector : public Role {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint, const Event& event, Endpoint& endpoint) override {
        connected += std::holds_alternative<ConnectedEvent>(event);
        const auto* there = std::get_if<DatagramReceivedEvent>(&event);
        if (!there) return;
        std::array<std::byte, 8> number;
        while (endpoint.ReadDatagram(there->connection, number).value_or(std::nullopt)) {
            twice += !numbers.insert(*ByteReader(number).U64()).second;
        }
    }
    void OnTimeout(TimePoint, Endpoint&) override {}
    std::optional<TimePoint> NextTimeout() const override { return std::nullopt; }
    void OnShutdown(TimePoint, Endpoint&) override {}

    std::set<std::uint64_t> numbers;
    std::uint64_t twice = 0;
    std::uint64_t connected = 0;
};

TEST(Replay, B13_HalfOfAllPacketsAgainUpToAMinuteLateDeliverNothingTwice) {
    ImpairmentConfig link;
    link.delay = milliseconds(20);
    Network network(1, link);
    EndpointConfig config;
    config.transport.maxDatagramFrameSize = 100;
    config.transport.idleTimeout = seconds(180);
    auto accepting = std::make_unique<Collector>();
    auto* collector = accepting.get();
    Node& receiver = network.AddNode(config, std::move(accepting));
    auto connecting = std::make_unique<Counter>(receiver.Address());
    auto* counter = connecting.get();
    Node& sender = network.AddNode(config, std::move(connecting));
    Random random(7);
    std::uint64_t replayed = 0;
    // Past the link, so that no copy is copied again.
    network.SetFilter([&](const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes) {
        if (!random.Chance(0.5)) return false;
        const auto late = microseconds(static_cast<std::int64_t>(
            random.Below(static_cast<std::uint64_t>(kLatest.count()) / 1000)));
        network.Inject(from, to, {bytes.begin(), bytes.end()}, network.Now() + link.delay + late);
        ++replayed;
        return false;
    });
    network.RunFor(kLasting + kLatest + seconds(5));
    EXPECT_GE(counter->sent, 5'900u);
    EXPECT_EQ(collector->numbers.size(), counter->sent);
    EXPECT_EQ(collector->twice, 0u);
    EXPECT_EQ(collector->connected, 1u) << "an Initial that came again began nothing";
    const auto duplicates = receiver.GetEndpoint().StatsOf(1)->packetsDuplicate +
                            sender.GetEndpoint().StatsOf(1)->packetsDuplicate;
    EXPECT_GT(replayed, 3'000u);
    EXPECT_GT(duplicates + 10, replayed) << "each has arrived, but for those of the handshake";
}

}  // namespace
}  // namespace crsp::sim
