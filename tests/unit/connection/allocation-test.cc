// SPDX-License-Identifier: BSD-3-Clause
// No allocation per packet in steady state: counted, over the whole engine.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <new>

#include "model/base/random.h"
#include "tests/unit/connection/pair.h"

namespace {

bool g_counting = false;
std::size_t g_allocations = 0;

void* Allocate(std::size_t size) {
    if (g_counting) ++g_allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    std::abort();
}

}  // namespace

void* operator new(std::size_t size) {
    return Allocate(size);
}
void* operator new[](std::size_t size) {
    return Allocate(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace crsp::test {
namespace {

constexpr std::uint64_t kMeasuredPackets = 20'000;
/// Losses can still make a window, and with it the capacity of what keeps its packets, larger than
/// it ever was: a doubling of a ring and of the lists that go with it, six in all. So can packet
/// numbers that are left out, which leave gaps in what is acknowledged. Once per packet would be
/// thousands, and once per loss hundreds.
constexpr std::size_t kDoublings = 4 * 6;

/// Windows grow, but not beyond what the link of SteadyFlow holds.
EndpointConfig BoundedConfig(std::uint8_t which) {
    EndpointConfig config = ConfigOf(which);
    config.transport.maxStreamReceiveWindow = 1024 * 1024;
    return config;
}

/// Two endpoints, a bulk stream, a trickle of control messages, and a link: none of the harness
/// allocates once it runs, so all that is counted is the engine's.
class SteadyFlow {
  public:
    SteadyFlow() {
        m_ends[0].connection = m_ends[0].endpoint.Connect(m_now, kResponderAddress).value();
        while (m_ends[1].connection == 0 || !m_connected) Step();
        m_control = Open(StreamDirection::kBidirectional);
        m_bulk = Open(StreamDirection::kUnidirectional);
    }

    /// Opens the window as far as it gets, and sees worse than what is measured: steady state is
    /// when every buffer has had its largest size.
    void WarmUp() {
        for (int round = 0; round < 12; ++round) {
            Run(5'000, 0, 0);
            Run(4'000, 0.3, 0.05);
        }
    }
    /// Allocations while `packets` more are sent.
    std::size_t Run(std::uint64_t packets, double loss, double duplication) {
        m_loss = loss;
        m_duplication = duplication;
        const std::uint64_t end = m_sent + packets;
        g_allocations = 0;
        g_counting = true;
        while (m_sent < end) {
            Write();
            Step();
            Read();
        }
        g_counting = false;
        return g_allocations;
    }
    std::uint64_t Delivered() const { return m_read; }
    ConnectionStats Stats() const { return StatsOf(0); }
    ConnectionStats ReceiverStats() const { return StatsOf(1); }

  private:
    struct Node {
        explicit Node(std::uint8_t which) : endpoint(BoundedConfig(which)) {}
        Endpoint endpoint;
        ConnectionHandle connection = 0;
    };
    struct Flight {
        TimePoint at;
        std::size_t to = 0;
        std::size_t length = 0;
        std::array<std::byte, kMinDatagramSize> bytes{};
    };

    ConnectionStats StatsOf(std::size_t end) const {
        return m_ends[end].endpoint.StatsOf(m_ends[end].connection).value();
    }
    StreamId Open(StreamDirection direction) {
        return m_ends[0].endpoint.OpenStream(m_ends[0].connection, direction).value();
    }
    void Write() {
        auto& end = m_ends[0];
        static_cast<void>(end.endpoint.Write(end.connection, m_bulk, m_data));
        if (m_sent % 100 != 0) return;
        const auto message = ConstByteSpan(m_data).first(40);
        static_cast<void>(end.endpoint.Write(end.connection, m_control, message));
    }
    void Read() {
        auto& end = m_ends[1];
        for (const StreamId stream : {m_bulk, m_control}) {
            const auto read = end.endpoint.Read(end.connection, stream, m_readInto);
            if (read) m_read += read->bytes;
        }
    }
    void Step() {
        for (std::size_t i = 0; i < 2; ++i) Flush(i);
        if (m_first != m_last && (!Deadline() || Front().at <= *Deadline())) {
            m_now = std::max(m_now, Front().at);
            Deliver();
        } else {
            m_now = std::max(m_now, Deadline().value());
            for (auto& end : m_ends) end.endpoint.HandleTimeout(m_now);
        }
    }
    std::optional<TimePoint> Deadline() const {
        const auto a = m_ends[0].endpoint.NextTimeout();
        const auto b = m_ends[1].endpoint.NextTimeout();
        return !a ? b : !b ? a : std::min(a, b);
    }
    void Flush(std::size_t from) {
        auto& end = m_ends[from];
        while (const auto transmit = end.endpoint.PollTransmit(m_now, m_train)) {
            for (std::size_t at = 0; at < transmit->size; at += transmit->segmentSize) {
                const auto length = std::min(transmit->segmentSize, transmit->size - at);
                Launch(1 - from, ByteSpan(m_train).subspan(at, length));
            }
        }
        while (const auto event = end.endpoint.PollEvent()) Note(end, *event);
    }
    void Note(Node& end, const Event& event) {
        const auto* connected = std::get_if<ConnectedEvent>(&event);
        if (!connected) return;
        end.connection = connected->connection;
        m_connected |= connected->side == Side::kInitiator;
    }
    void Launch(std::size_t to, ConstByteSpan bytes) {
        ++m_sent;
        if (m_connected && m_random.Chance(m_loss)) return;
        const int copies = m_random.Chance(m_duplication) ? 2 : 1;
        for (int i = 0; i < copies; ++i) {
            Flight& flight = m_flying[m_last++ % m_flying.size()];
            flight.at = m_now + milliseconds(10);
            flight.to = to;
            flight.length = bytes.size();
            std::copy(bytes.begin(), bytes.end(), flight.bytes.begin());
        }
    }
    Flight& Front() { return m_flying[m_first % m_flying.size()]; }
    void Deliver() {
        Flight& flight = Front();
        const auto payload = ByteSpan(flight.bytes).first(flight.length);
        m_ends[flight.to].endpoint.HandleDatagram(
            m_now, {.source = flight.to == 0 ? kResponderAddress : kInitiatorAddress,
                    .ecn = Ecn::kNotEct,
                    .payload = payload});
        ++m_first;
    }

    double m_loss = 0;
    double m_duplication = 0;
    Random m_random{3};
    std::array<Node, 2> m_ends{Node(1), Node(2)};
    TimePoint m_now = TimePoint{} + seconds(1);
    std::vector<Flight> m_flying = std::vector<Flight>(4096);
    std::size_t m_first = 0;
    std::size_t m_last = 0;
    std::uint64_t m_sent = 0;
    std::uint64_t m_read = 0;
    bool m_connected = false;
    StreamId m_control = 0;
    StreamId m_bulk = 0;
    Bytes m_data = Pattern(16 * 1024);
    Bytes m_readInto = Bytes(16 * 1024);
    Bytes m_train = Bytes(16 * kMaxDatagramSize);
};

TEST(Allocation, TheCounterCounts) {
    g_allocations = 0;
    g_counting = true;
    const auto something = std::make_unique<int>(1);
    g_counting = false;
    EXPECT_EQ(g_allocations, 1u);
}

TEST(Allocation, NonePerPacketOnACleanPath) {
    SteadyFlow flow;
    flow.Run(kMeasuredPackets, 0, 0);
    const auto before = flow.Delivered();
    EXPECT_LE(flow.Run(kMeasuredPackets, 0, 0), kDoublings);
    EXPECT_GT(flow.Delivered() - before, kMeasuredPackets * 500);
    EXPECT_EQ(flow.ReceiverStats().largestStreamWindow, 1024u * 1024) << "it has grown";
}

TEST(Allocation, NonePerPacketUnderLossAndDuplication) {
    for (const double loss : {0.01, 0.05, 0.15}) {
        SteadyFlow flow;
        flow.WarmUp();
        const auto lost = flow.Stats().packetsLost;
        EXPECT_LE(flow.Run(kMeasuredPackets, loss, 0.01), kDoublings) << loss;
        EXPECT_GT(flow.Stats().packetsLost, lost + 50);
    }
}

}  // namespace
}  // namespace crsp::test
