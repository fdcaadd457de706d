// SPDX-License-Identifier: BSD-3-Clause
// A deadline stream over a lossy path (CRSP §5.8): how late messages are, and how many are missing.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

constexpr std::size_t kMessageSize = 1000;
constexpr Duration kInterval = milliseconds(8);  // 1 Mbit/s
constexpr Duration kOneWay = milliseconds(20);

/// Writes a message each interval, and gives each the time until `patience` from then.
class MessageSender : public PatternRole {
  public:
    MessageSender(SocketAddress remote, std::size_t count, Duration patience)
        : m_remote(remote), m_count(count), m_patience(patience) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override {
        ASSERT_TRUE(endpoint.Connect(now, m_remote));
    }
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        const auto* connected = std::get_if<ConnectedEvent>(&event);
        if (!connected) return;
        m_connection = connected->connection;
        m_stream = *endpoint.OpenStream(*m_connection, StreamDirection::kUnidirectional,
                                        StreamMode::kDeadline);
        m_next = now + seconds(1);
    }
    void OnTimeout(TimePoint now, Endpoint& endpoint) override {
        if (!m_next || now < *m_next) return;
        const std::vector<std::byte> message(kMessageSize);
        ASSERT_TRUE(endpoint.WriteMessage(*m_connection, m_stream, message, now + m_patience));
        written.push_back(now);
        m_next = *m_next + kInterval;
        if (written.size() < m_count) return;
        m_next.reset();
        ASSERT_TRUE(endpoint.Write(*m_connection, m_stream, {}, true));
    }
    std::optional<TimePoint> NextTimeout() const override { return m_next; }

    std::vector<TimePoint> written;

  private:
    SocketAddress m_remote;
    std::size_t m_count;
    Duration m_patience;
    StreamId m_stream = 0;
    std::optional<TimePoint> m_next;
};

/// Notes when each message was complete.
class MessageReceiver : public PatternRole {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        const auto* readable = std::get_if<StreamReadableEvent>(&event);
        if (!readable) return;
        std::vector<std::byte> buffer(64 * 1024);
        const auto read = endpoint.Read(readable->connection, readable->stream, buffer).value();
        if (!read.skipped.Empty()) offset = read.skipped.end;
        skipped += read.skipped.Length();
        for (std::size_t i = 0; i < read.bytes; ++i) {
            if (++offset % kMessageSize == 0) arrived.push_back({offset / kMessageSize - 1, now});
        }
        finished |= read.finished;
    }

    std::uint64_t offset = 0;
    std::uint64_t skipped = 0;
    bool finished = false;
    std::vector<std::pair<std::uint64_t, TimePoint>> arrived;
};

/// Delay of the messages that arrived, and the share of those that did not.
struct Delivery {
    double At(double quantile) const {
        const auto index = static_cast<std::size_t>(quantile * static_cast<double>(delays.size()));
        return delays[std::min(index, delays.size() - 1)];
    }
    std::vector<double> delays;  ///< ms, ascending
    double missing = 0;
    ConnectionStats stats;
};

Delivery Deliver(double loss, std::size_t count, Duration patience, std::uint64_t seed) {
    ImpairmentConfig link;
    link.delay = kOneWay;
    link.rate.bitsPerSecond = 10'000'000;
    link.rate.queueBytes = 50'000;
    if (loss > 0) link.loss.process = BernoulliLoss{.probability = loss};
    Network network(seed, link);
    auto receiverRole = std::make_unique<MessageReceiver>();
    auto& receiver = *receiverRole;
    Node& node = network.AddNode({}, std::move(receiverRole));
    auto senderRole = std::make_unique<MessageSender>(node.Address(), count, patience);
    auto& sender = *senderRole;
    Node& from = network.AddNode({}, std::move(senderRole));
    EXPECT_TRUE(network.Run(seconds(600), [&] { return receiver.finished; }));
    Delivery delivery;
    for (const auto& [index, at] : receiver.arrived) {
        delivery.delays.push_back(1000 * ToSeconds(at - sender.written.at(index)));
    }
    std::sort(delivery.delays.begin(), delivery.delays.end());
    delivery.missing =
        1 - static_cast<double>(receiver.arrived.size()) / static_cast<double>(count);
    delivery.stats = from.GetEndpoint().StatsOf(sender.Connection()).value();
    // Each message arrived, or the reader was taken past it.
    EXPECT_EQ(receiver.offset, count * kMessageSize);
    return delivery;
}

TEST(DeadlineDelivery, WithoutLossEveryMessageTakesOneWay) {
    const auto delivery = Deliver(0, 1000, milliseconds(80), 1);
    EXPECT_EQ(delivery.missing, 0);
    EXPECT_LT(delivery.At(1), 22);
    EXPECT_EQ(delivery.stats.streamBytesGivenUp, 0u);
}

/// The budget of 100 ms: 80 for the sender, as 20 are the way.
TEST(DeadlineDelivery, KeepsToABudgetOf100MsAt5PercentLoss) {
    std::vector<double> all;
    double missing = 0;
    constexpr int kSeeds = 5;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const auto delivery = Deliver(0.05, 7500, milliseconds(80), seed);
        all.insert(all.end(), delivery.delays.begin(), delivery.delays.end());
        missing += delivery.missing / kSeeds;
    }
    std::sort(all.begin(), all.end());
    const Delivery total{.delays = all, .missing = missing, .stats = {}};
    // 77.9 ms and 0.277 % when this was written: a sixth of room for what others change.
    EXPECT_LT(total.At(0.99), 90);
    EXPECT_LT(missing, 0.0033);
}

}  // namespace
}  // namespace crsp::sim
