// SPDX-License-Identifier: BSD-3-Clause
// Streams beside each other on one connection (CRSP §5.7).
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

#include "tests/sim/pattern-roles.h"
#include "tests/sim/simulation.h"

namespace crsp::sim {
namespace {

/// Sends two streams at once: a bulk one and, a second later, a short one.
class TwoStreamSender : public PatternRole {
  public:
    TwoStreamSender(SocketAddress remote, std::uint8_t urgency)
        : m_remote(remote), m_urgency(urgency) {}

    void OnStart(TimePoint now, Endpoint& endpoint) override {
        ASSERT_TRUE(endpoint.Connect(now, m_remote));
    }
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
            m_connection = connected->connection;
            m_shortAt = now + seconds(1);
            bulk = Open(endpoint);
            ASSERT_TRUE(endpoint.Write(*m_connection, bulk, Bytes(4'000'000), true));
        }
    }
    void OnTimeout(TimePoint now, Endpoint& endpoint) override {
        if (!m_shortAt || now < *m_shortAt) return;
        m_shortAt.reset();
        brief = Open(endpoint);
        ASSERT_TRUE(endpoint.SetPriority(*m_connection, brief, m_urgency));
        ASSERT_TRUE(endpoint.Write(*m_connection, brief, Bytes(100'000), true));
    }
    std::optional<TimePoint> NextTimeout() const override { return m_shortAt; }

    StreamId bulk = 0;
    StreamId brief = 0;

  private:
    static std::vector<std::byte> Bytes(std::size_t size) { return std::vector<std::byte>(size); }
    StreamId Open(Endpoint& endpoint) {
        return *endpoint.OpenStream(*m_connection, StreamDirection::kUnidirectional);
    }

    SocketAddress m_remote;
    std::uint8_t m_urgency;
    std::optional<TimePoint> m_shortAt;
};

/// Reads every stream, and notes when each ended.
class ManyStreamReceiver : public PatternRole {
  public:
    void OnStart(TimePoint, Endpoint&) override {}
    void OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) override {
        const auto* readable = std::get_if<StreamReadableEvent>(&event);
        if (!readable) return;
        std::vector<std::byte> buffer(16 * 1024);
        while (true) {
            const auto read = endpoint.Read(readable->connection, readable->stream, buffer);
            if (read && read->finished) ended[readable->stream] = now;
            if (!read || read->bytes < buffer.size()) return;
        }
    }
    std::map<StreamId, TimePoint> ended;
};

/// When the short stream of 100 kB beside a bulk of 4 MB ended: 80 ms of the line by itself.
Duration ShortStreamEnd(std::uint8_t urgency) {
    ImpairmentConfig link;
    link.delay = milliseconds(20);
    link.rate.bitsPerSecond = 10'000'000;
    link.rate.queueBytes = 50'000;
    link.loss.process = BernoulliLoss{.probability = 0.01};
    Network network(1, link);
    EndpointConfig config;
    config.transport.streamSendBuffer = 5'000'000;
    auto receiverRole = std::make_unique<ManyStreamReceiver>();
    auto& receiver = *receiverRole;
    Node& node = network.AddNode({}, std::move(receiverRole));
    auto senderRole = std::make_unique<TwoStreamSender>(node.Address(), urgency);
    auto& sender = *senderRole;
    network.AddNode(config, std::move(senderRole));
    EXPECT_TRUE(network.Run(seconds(30), [&] { return receiver.ended.size() == 2; }));
    EXPECT_LT(receiver.ended[sender.brief], receiver.ended[sender.bulk]);
    return receiver.ended[sender.brief].time_since_epoch();
}

TEST(StreamPriorities, AnUrgentStreamFinishesFirstWhileABulkStreamIsUnderWay) {
    const auto urgent = ShortStreamEnd(0);
    const auto equal = ShortStreamEnd(3);
    EXPECT_LT(urgent, milliseconds(1'000 + 80 + 300));
    // Beside an equal one it gets half of the line, and half of what is lost waits its turn.
    EXPECT_GT(equal, urgent + milliseconds(60));
}

}  // namespace
}  // namespace crsp::sim
