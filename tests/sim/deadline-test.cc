// SPDX-License-Identifier: BSD-3-Clause
// A deadline stream over a lossy path (CRSP §5.8): how late messages are, and how many are missing.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "model/wire/frames.h"
#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

constexpr std::size_t kMessageSize = 1000;
constexpr Duration kInterval = milliseconds(8);  // 1 Mbit/s
constexpr Duration kOneWay = milliseconds(20);

struct DeliveryCase {
    double loss = 0.05;
    std::size_t count = 7500;
    Duration patience = milliseconds(80);  ///< budget of 100 ms: 20 are the way
    RepairOptions repair{};
    BlackoutConfig blackout{};
};

/// Writes a message each interval, and gives each the time until `patience` from then.
class MessageSender : public PatternRole {
  public:
    MessageSender(SocketAddress remote, const DeliveryCase& what)
        : m_remote(remote), m_case(what) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override {
        ASSERT_TRUE(endpoint.Connect(now, m_remote));
    }
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        const auto* connected = std::get_if<ConnectedEvent>(&event);
        if (!connected) return;
        m_connection = connected->connection;
        m_stream = *endpoint.OpenStream(*m_connection, StreamDirection::kUnidirectional,
                                        StreamMode::kDeadline, m_case.repair);
        m_next = now + seconds(1);
    }
    void OnTimeout(TimePoint now, Endpoint& endpoint) override {
        if (!m_next || now < *m_next) return;
        std::vector<std::byte> message(kMessageSize);
        for (auto& byte : message) byte = PatternByte(m_offset++);
        ASSERT_TRUE(endpoint.WriteMessage(*m_connection, m_stream, message, now + m_case.patience));
        written.push_back(now);
        m_next = *m_next + kInterval;
        if (written.size() < m_case.count) return;
        m_next.reset();
        ASSERT_TRUE(endpoint.Write(*m_connection, m_stream, {}, true));
    }
    std::optional<TimePoint> NextTimeout() const override { return m_next; }

    std::vector<TimePoint> written;

  private:
    SocketAddress m_remote;
    DeliveryCase m_case;
    std::uint64_t m_offset = 0;
    StreamId m_stream = 0;
    std::optional<TimePoint> m_next;
};

/// Notes when each message was complete, in whatever order.
class MessageReceiver : public PatternRole {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        if (const auto* opened = std::get_if<StreamOpenedEvent>(&event)) {
            ReadAll(now, opened->connection, opened->stream, endpoint);
        }
        if (const auto* readable = std::get_if<StreamReadableEvent>(&event)) {
            ReadAll(now, readable->connection, readable->stream, endpoint);
        }
    }

    std::uint64_t offset = 0;  ///< behind everything read or skipped
    std::uint64_t skipped = 0;
    bool finished = false;
    std::vector<std::pair<std::uint64_t, TimePoint>> arrived;

  private:
    void ReadAll(TimePoint now, ConnectionHandle from, StreamId stream, Endpoint& endpoint) {
        m_connection = from;
        while (!finished) {
            const auto read = endpoint.ReadUnordered(from, stream, m_buffer).value();
            finished = read.finished;
            skipped += read.skipped.Length();
            offset = std::max({offset, read.skipped.end, read.offset + read.bytes});
            for (std::size_t i = 0; i < read.bytes; ++i) {
                const std::uint64_t message = (read.offset + i) / kMessageSize;
                ASSERT_EQ(m_buffer[i], PatternByte(read.offset + i));
                if (++m_bytes[message] == kMessageSize) arrived.push_back({message, now});
            }
            if (read.bytes == 0 && read.skipped.Empty()) return;
        }
    }

    std::map<std::uint64_t, std::size_t> m_bytes;  ///< by message
    std::vector<std::byte> m_buffer = std::vector<std::byte>(64 * 1024);
};

/// Delay of the messages that arrived, and the share of those that did not.
struct Delivery {
    double At(double quantile) const {
        const auto index = static_cast<std::size_t>(quantile * static_cast<double>(delays.size()));
        return delays[std::min(index, delays.size() - 1)];
    }
    /// Repair bytes by source bytes.
    double Overhead() const {
        return static_cast<double>(stats.repairBytesSent) /
               static_cast<double>(stats.streamBytesSent);
    }
    std::vector<double> delays;                       ///< ms, ascending
    std::vector<std::pair<TimePoint, double>> times;  ///< when written, and the delay in ms
    double missing = 0;
    ConnectionStats stats;
    ConnectionStats receiver;
};

Delivery Deliver(const DeliveryCase& what, std::uint64_t seed) {
    ImpairmentConfig link;
    link.delay = kOneWay;
    link.rate.bitsPerSecond = 10'000'000;
    link.rate.queueBytes = 50'000;
    if (what.loss > 0) link.loss.process = BernoulliLoss{.probability = what.loss};
    link.blackout = what.blackout;
    Network network(seed, link);
    EndpointConfig config;
    config.transport.maxRepairSymbol = kMaxRepairSymbol;
    auto receiverRole = std::make_unique<MessageReceiver>();
    auto& receiver = *receiverRole;
    Node& node = network.AddNode(config, std::move(receiverRole));
    auto senderRole = std::make_unique<MessageSender>(node.Address(), what);
    auto& sender = *senderRole;
    Node& from = network.AddNode(config, std::move(senderRole));
    EXPECT_TRUE(network.Run(seconds(600), [&] { return receiver.finished; }));
    Delivery delivery;
    for (const auto& [index, at] : receiver.arrived) {
        const TimePoint written = sender.written.at(index);
        delivery.delays.push_back(1000 * ToSeconds(at - written));
        delivery.times.push_back({written, delivery.delays.back()});
    }
    std::sort(delivery.delays.begin(), delivery.delays.end());
    const auto count = static_cast<double>(what.count);
    delivery.missing = 1 - static_cast<double>(receiver.arrived.size()) / count;
    delivery.stats = from.GetEndpoint().StatsOf(sender.Connection()).value();
    delivery.receiver = node.GetEndpoint().StatsOf(receiver.Connection()).value();
    // Each message arrived, or the reader was taken past it.
    EXPECT_EQ(receiver.offset, what.count * kMessageSize);
    return delivery;
}

/// Five seeds as one.
Delivery DeliverOften(const DeliveryCase& what) {
    Delivery all;
    constexpr int kSeeds = 5;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const auto one = Deliver(what, seed);
        all.delays.insert(all.delays.end(), one.delays.begin(), one.delays.end());
        all.missing += one.missing / kSeeds;
        all.stats = one.stats;
        all.receiver = one.receiver;
        printf(
            "seed %d: p50 %.1f p99 %.1f p999 %.1f max %.1f missing %.3f%% repair %.3f repeats %.3f "
            "lost %lu/%lu spur %lu pto %lu recovered %lu wire %.3f acks %lu\n",
            (int)seed, one.At(.5), one.At(.99), one.At(.999), one.At(1), 100 * one.missing,
            one.Overhead(), (double)one.stats.streamBytesRetransmitted / one.stats.streamBytesSent,
            one.stats.packetsLost, one.stats.packetsSent, one.stats.packetsSpuriouslyLost,
            one.stats.ptoCount, one.receiver.streamBytesRecovered,
            (double)one.stats.bytesSent / one.stats.streamBytesSent, one.receiver.packetsSent);
    }
    std::sort(all.delays.begin(), all.delays.end());
    return all;
}

TEST(DeadlineDelivery, Table) {
    for (auto patience : {milliseconds(5000), milliseconds(80)})
        for (int percent : {0, 25}) {
            const auto d =
                DeliverOften({.patience = patience, .repair = {.percent = (std::uint8_t)percent}});
            printf("== %ld ms, %d %%: p50 %.1f p99 %.1f max %.1f missing %.4f%% overhead %.3f\n",
                   patience.count(), percent, d.At(.5), d.At(.99), d.At(1), 100 * d.missing,
                   d.Overhead());
        }
}

TEST(DeadlineDelivery, WithoutLossEveryMessageTakesOneWay) {
    const auto delivery = Deliver({.loss = 0, .count = 1000}, 1);
    EXPECT_EQ(delivery.missing, 0);
    EXPECT_LT(delivery.At(1), 22);
    EXPECT_EQ(delivery.stats.streamBytesGivenUp, 0u);
}

}  // namespace
}  // namespace crsp::sim
