// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/media/role-harness.h"

#include <array>

#include "model/base/overloaded.h"

namespace crsp::test {

TestNode::TestNode(World& world, SocketAddress address, EndpointConfig config, Role& role)
    : m_world(world), m_address(address), m_endpoint(config), m_driver(*this, m_endpoint, role) {
    m_driver.Start();
}

namespace {

X25519KeyPair PairOf(std::uint8_t which) {
    SecretKey secret;
    secret.Bytes()[5] = std::byte{which};
    secret.Bytes()[9] = std::byte{1};
    return X25519PairOf(secret);
}

}  // namespace

PeerKey PublicKeyOf(std::uint8_t which) {
    return PairOf(which).publicKey;
}

EndpointConfig IdentityConfig(std::uint8_t which, const std::vector<std::uint8_t>& peers) {
    EndpointConfig config;
    config.identity = PairOf(which);
    for (const std::uint8_t peer : peers) config.peers.push_back(PublicKeyOf(peer));
    return config;
}

TimePoint TestNode::Now() const {
    return m_world.Now();
}

bool TestNode::Send(const Transmit& transmit, ConstByteSpan bytes) {
    for (std::size_t at = 0; m_alive && at < transmit.size; at += transmit.segmentSize) {
        const std::size_t size = std::min(transmit.segmentSize, transmit.size - at);
        m_world.Deliver(m_address, transmit.destination, bytes.subspan(at, size));
    }
    return true;
}

void TestNode::SetAlarm(std::optional<TimePoint> deadline) {
    const std::uint64_t alarm = ++m_alarm;
    if (!deadline) return;
    m_world.At(*deadline, [this, alarm] {
        if (m_alive && alarm == m_alarm) m_driver.OnAlarm();
    });
}

void TestNode::Do(const std::function<void(TimePoint, Endpoint&)>& action) {
    action(m_world.Now(), m_endpoint);
    m_driver.Pump();
}

void TestNode::Receive(const SocketAddress& source, std::vector<std::byte> bytes) {
    if (!m_alive) return;
    m_driver.OnDatagram({source, Ecn::kNotEct, bytes});
    m_driver.Pump();
}

SocketAddress World::AddressOf(std::uint32_t number) {
    return SocketAddress::FromIpv4(0x0a000000u + number, 59001);
}

TestNode& World::Add(Role& role, EndpointConfig config) {
    const auto number = static_cast<std::uint32_t>(m_nodes.size() + 1);
    config.seed.fill(static_cast<std::byte>(number));
    m_nodes.push_back(std::make_unique<TestNode>(*this, AddressOf(number), config, role));
    return *m_nodes.back();
}

TestNode& World::Replace(TestNode& node, Role& role, EndpointConfig config) {
    node.Kill();
    config.seed.fill(static_cast<std::byte>(m_nodes.size() + 1));
    m_nodes.push_back(std::make_unique<TestNode>(*this, node.Address(), config, role));
    return *m_nodes.back();
}

void World::At(TimePoint time, std::function<void()> action) {
    m_events.emplace(std::pair(std::max(time, m_now), m_sequence++), std::move(action));
}

void World::Deliver(const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes) {
    std::vector<std::byte> copy(bytes.begin(), bytes.end());
    At(m_now + m_delay, [this, from, to, copy = std::move(copy)] {
        for (const auto& node : m_nodes) {
            if (node->Address() == to) node->Receive(from, copy);
        }
    });
}

bool World::Run(Duration limit, const std::function<bool()>& done) {
    const TimePoint end = m_now + limit;
    while (!done()) {
        if (m_events.empty() || m_events.begin()->first.first > end) {
            m_now = end;
            return done();
        }
        const auto event = m_events.extract(m_events.begin());
        m_now = event.key().first;
        event.mapped()();
    }
    return true;
}

void World::RunFor(Duration duration) {
    Run(duration, [] { return false; });
}

void RawPeer::OnStart(TimePoint now, Endpoint& endpoint) {
    if (m_target) m_connecting = *endpoint.Connect(now, *m_target, m_key);
}

void RawPeer::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    std::visit(
        Overloaded{
            [&](const ConnectedEvent& e) {
                m_channel.emplace(e.connection);
                if (e.side == Side::kInitiator) m_channel->Open(endpoint);
            },
            [&](const ClosedEvent& e) { closed.push_back(e); },
            [&](const StreamOpenedEvent& e) {
                if (e.stream != kControlStream) {
                    streams[e.stream];
                } else {
                    m_channel->Flush(endpoint);
                }
            },
            [&](const StreamReadableEvent& e) {
                if (e.stream != kControlStream) return ReadStream(e, endpoint);
                while (auto message = m_channel->Receive(now, endpoint)) {
                    heard.push_back(std::move(*message));
                }
            },
            [&](const StreamWritableEvent& e) {
                if (e.stream == kControlStream) m_channel->Flush(endpoint);
            },
            [&](const StreamResetEvent& e) { streams[e.stream].resetCode = e.applicationCode; },
            [](const DatagramReceivedEvent&) {},
            [&](const StreamStoppedEvent& e) { streams[e.stream].stoppedCode = e.applicationCode; },
            [](const PathChangedEvent&) {},
        },
        event);
}

void RawPeer::ReadStream(const StreamReadableEvent& event, Endpoint& endpoint) {
    Stream& stream = streams[event.stream];
    while (readStreams) {
        std::array<std::byte, 4096> buffer;
        const auto read = endpoint.Read(event.connection, event.stream, buffer);
        if (!read) return;
        stream.bytes.insert(stream.bytes.end(), buffer.begin(),
                            buffer.begin() + static_cast<std::ptrdiff_t>(read->bytes));
        stream.finished |= read->finished;
        if (read->bytes == 0) return;
    }
}

}  // namespace crsp::test
