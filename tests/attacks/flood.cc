// SPDX-License-Identifier: BSD-3-Clause
// A4: a server that streams and takes in newcomers while it is flooded with Initials, in virtual
// time.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tests/attacks/busy-server.h"
#include "tests/attacks/roles.h"
#include "tests/attacks/row.h"
#include "tests/attacks/spoofer.h"

namespace crsp::attacks {
namespace {

constexpr std::uint8_t kStreams = 10;
constexpr std::size_t kNewcomers = 200;
constexpr Duration kOneWay = milliseconds(20);
constexpr std::uint64_t kRate = 10'000'000;
constexpr Duration kWarmUp = seconds(2);
constexpr Duration kLimit = seconds(3);
constexpr Duration kTick = microseconds(50);
constexpr double kGoodputKept = 0.9;

/// Sends to each of `listeners` as much as it takes.
class Streamer : public Reacting {
  public:
    explicit Streamer(std::vector<PeerKey> listeners) : m_listeners(std::move(listeners)) {}
    void OnEvent(TimePoint, const Event& event, Endpoint& endpoint) override {
        if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
            if (!std::count(m_listeners.begin(), m_listeners.end(), *connected->peer)) return;
            const auto stream =
                endpoint.OpenStream(connected->connection, StreamDirection::kUnidirectional);
            if (stream) Feed(connected->connection, *stream, endpoint);
        } else if (const auto* writable = std::get_if<StreamWritableEvent>(&event)) {
            Feed(writable->connection, writable->stream, endpoint);
        }
    }

  private:
    void Feed(ConnectionHandle connection, StreamId stream, Endpoint& endpoint) {
        while (endpoint.Write(connection, stream, m_chunk).value_or(0) == m_chunk.size()) {
        }
    }

    std::vector<PeerKey> m_listeners;
    Bytes m_chunk = Bytes(65'536);
};

/// One server with its streams and newcomers.
class Scene {
  public:
    explicit Scene(const BusyServer::Prices& prices)
        : m_network(1, Link()), m_key(IdentityOf(kServer).publicKey), m_initials(MakeInitials()) {
        auto config = ConfigOf(HandshakeMode::kKeyed, kServer);
        config.peers.clear();
        for (std::size_t i = 0; i < kStreams + kNewcomers; ++i) {
            config.peers.push_back(KeysOf(i).publicKey);
        }
        const std::vector listeners(config.peers.begin(), config.peers.begin() + kStreams);
        m_server = &m_network.AddNode(config, std::make_unique<Streamer>(listeners));
        for (std::size_t i = 0; i < kStreams + kNewcomers; ++i) AddVisitor(i);
        m_busy.emplace(m_network, *m_server, prices, kOneWay);
    }

    Outcome Run(double floodPerSecond, Duration lasting) {
        for (std::size_t i = 0; i < kStreams; ++i) CallAt(m_network.Now(), i);
        m_network.RunFor(kWarmUp);
        const TimePoint begin = m_network.Now();
        for (std::size_t i = 0; i < kNewcomers; ++i) {
            CallAt(begin + lasting * static_cast<int>(i) / kNewcomers, kStreams + i);
        }
        m_perTick = floodPerSecond * std::chrono::duration<double>(kTick).count();
        m_until = begin + lasting + kLimit;
        if (floodPerSecond > 0) Tick();
        Outcome outcome;
        const std::uint64_t before = Got();
        m_network.RunFor(lasting + kLimit);
        outcome.bytes = Got() - before;
        Count(outcome);
        return outcome;
    }

  private:
    static ImpairmentConfig Link() {
        ImpairmentConfig link;
        link.delay = kOneWay;
        link.rate.bitsPerSecond = kRate;
        link.rate.queueBytes = 50'000;
        return link;
    }
    static std::vector<Bytes> MakeInitials() {
        Caller caller(HandshakeMode::kKeyed, kUnlisted);
        std::vector<Bytes> all;
        for (int i = 0; i < 256; ++i) all.push_back(caller.Initial());
        return all;
    }
    void AddVisitor(std::size_t which) {
        auto role = std::make_unique<Visitor>();
        m_visitors.push_back(role.get());
        EndpointConfig config;
        config.identity = KeysOf(which);
        m_nodes.push_back(&m_network.AddNode(config, std::move(role)));
    }
    void CallAt(TimePoint time, std::size_t which) {
        m_network.Events().At(time, [this, which] {
            m_nodes[which]->Command([&](TimePoint now, Endpoint& endpoint) {
                m_visitors[which]->Call(now, endpoint, m_server->Address(), m_key);
            });
        });
    }
    void Tick() {
        if (m_network.Now() >= m_until) return;
        for (m_owed += m_perTick; m_owed >= 1; m_owed -= 1) {
            const auto source = static_cast<std::uint32_t>(0x0b000000 + m_random.Below(1 << 24));
            m_busy->Flood(SocketAddress::FromIpv4(source, 4000),
                          m_initials[m_random.Below(m_initials.size())]);
            ++m_flood;
        }
        m_network.Events().At(m_network.Now() + kTick, [this] { Tick(); });
    }
    std::uint64_t Got() const {
        std::uint64_t got = 0;
        for (std::size_t i = 0; i < kStreams; ++i) got += m_visitors[i]->Got();
        return got;
    }
    void Count(Outcome& outcome) const {
        std::vector<Duration> times;
        for (std::size_t i = kStreams; i < m_visitors.size(); ++i) {
            times.push_back(m_visitors[i]->Took().value_or(Duration::max()));
        }
        outcome.CountNewcomers(std::move(times), kLimit);
        if (m_flood > 0) {
            outcome.floodDropped =
                static_cast<double>(m_busy->FloodDropped()) / static_cast<double>(m_flood);
        }
    }

    sim::Network m_network;
    PeerKey m_key;
    std::vector<Bytes> m_initials;
    sim::Node* m_server = nullptr;
    std::vector<Visitor*> m_visitors;
    std::vector<sim::Node*> m_nodes;
    std::optional<BusyServer> m_busy;
    Random m_random{17};
    double m_perTick = 0;
    double m_owed = 0;
    std::uint64_t m_flood = 0;
    TimePoint m_until{};
};

struct Judged {
    Row row;
    bool holds = false;
};

Judged Judge(const BusyServer::Prices& prices, double rate, Duration lasting) {
    const Outcome calm = Scene(prices).Run(0, lasting);
    const Outcome flooded = Scene(prices).Run(rate, lasting);
    const double kept = static_cast<double>(flooded.bytes) / static_cast<double>(calm.bytes);
    const bool holds = kept >= kGoodputKept && flooded.p99 <= kLimit;
    return {
        {"A4",
         fmt::format("{:.0f} Initials/s for {:.0f} s beside {} streams and {} new peers, {:.1f} "
                     "us a system call",
                     rate, std::chrono::duration<double>(lasting + kLimit).count(), kStreams,
                     kNewcomers, prices.systemCall / 1000),
         fmt::format("{:.0f} % of goodput, {} connected, p99 {}, {:.0f} % of the flood dropped "
                     "by the socket",
                     kept * 100, flooded.connected, flooded.P99(), flooded.floodDropped * 100),
         "90 %, p99 3 s", holds},
        holds};
}

}  // namespace

Rows Flood(const Scale& scale) {
    BusyServer::Prices prices;
    prices.initials = MeasureInitials();
    Rows rows{Judge(prices, kFloodPerSecond, seconds(scale.floodSeconds)).row};
    for (const double call : {0.0, 1'000.0}) {
        prices.systemCall = call;
        for (double rate = call > 0 ? 1 : 2; rate <= 8; rate *= call > 0 ? 1.5 : 2) {
            Judged judged = Judge(prices, rate * kFloodPerSecond, seconds(1));
            const bool holds = judged.holds;
            judged.row.criterion.clear();
            judged.row.figure += holds ? "; holds" : "; does not hold";
            judged.row.kept = true;
            rows.push_back(judged.row);
            if (!holds) break;
        }
    }
    return rows;
}

}  // namespace crsp::attacks
