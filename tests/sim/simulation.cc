// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/base/assert.h"

namespace crsp::sim {
namespace {

/// Addresses of nodes: 10.0.0.1, 10.0.0.2, ... port 59001.
constexpr std::uint32_t kFirstAddress = 0x0a000001;
constexpr std::uint16_t kPort = 59001;
/// Datagrams that wait for a process that is stopped.
constexpr std::size_t kSocketBuffer = 64;
/// What the log takes of each end of a datagram: the header in front, the tag behind.
constexpr std::size_t kLoggedEnd = 32;

/// Nodes have IPv4 addresses only.
std::uint64_t Word(const SocketAddress& address) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 4; ++i) word = word << 8 | address.bytes[i];
    return word << 16 | address.port;
}

Seed SeedOf(std::uint64_t seed, const SocketAddress& address, std::uint64_t life) {
    std::string label = "endpoint " + ToString(address);
    if (life > 0) label += fmt::format(" life {}", life);
    Random random = Random::Stream(seed, label);
    Seed bytes{};
    for (auto& byte : bytes) byte = static_cast<std::byte>(random.Next());
    return bytes;
}

}  // namespace

void EventQueue::At(TimePoint time, Action action) {
    m_events.emplace(Key{std::max(time, m_now), m_sequence++}, std::move(action));
}

bool EventQueue::Step() {
    if (m_events.empty()) return false;
    auto event = m_events.extract(m_events.begin());
    m_now = event.key().first;
    event.mapped()();
    return true;
}

Node::Node(Network& network, SocketAddress address, EndpointConfig config,
           std::unique_ptr<Role> role, DriverObserver* observer)
    : m_network(network),
      m_address(address),
      m_endpoint(std::move(config)),
      m_role(std::move(role)),
      m_driver(*this, m_endpoint, *m_role, observer) {}

TimePoint Node::Now() const {
    return m_network.Now() + m_ahead;
}

bool Node::Send(const Transmit& transmit, ConstByteSpan bytes) {
    if (m_network.Now() < m_blockedUntil) return false;
    while (!bytes.empty()) {
        const auto segment = bytes.first(std::min(transmit.segmentSize, bytes.size()));
        if (m_alive) m_network.Transfer(m_address, transmit.destination, segment, transmit.ecn);
        bytes = bytes.subspan(segment.size());
    }
    return true;
}

void Node::SetAlarm(std::optional<TimePoint> deadline) {
    const std::uint64_t id = ++m_alarm;
    m_deadline = deadline;
    if (deadline) m_network.Events().At(*deadline - m_ahead, [this, id] { OnAlarm(id); });
}

void Node::OnAlarm(std::uint64_t id) {
    if (m_alive && id == m_alarm && !Suspended()) m_driver.OnAlarm();
}

void Node::JumpClock(Duration leap) {
    m_ahead += leap;
    SetAlarm(m_deadline);
}

bool Node::Suspended() const {
    return m_network.Now() < m_suspendedUntil;
}

void Node::Suspend(Duration duration) {
    m_suspendedUntil = std::max(m_suspendedUntil, m_network.Now() + duration);
    m_network.Events().At(m_suspendedUntil, [this] { Continue(); });
}

void Node::Continue() {
    if (!m_alive || Suspended()) return;
    for (auto& waiting : std::exchange(m_backlog, {})) {
        Receive(waiting.source, std::move(waiting.bytes), waiting.ecn);
    }
    m_driver.OnAlarm();
}

void Node::BlockSocket(Duration duration) {
    m_blockedUntil = std::max(m_blockedUntil, m_network.Now() + duration);
    m_network.Events().At(m_blockedUntil, [this] {
        if (m_alive && !Suspended()) m_driver.Pump();
    });
}

void Node::Receive(const SocketAddress& source, std::vector<std::byte> bytes, Ecn ecn) {
    if (!m_alive) return;
    if (Suspended()) {
        if (m_backlog.size() < kSocketBuffer) m_backlog.push_back({source, std::move(bytes), ecn});
        return;
    }
    m_driver.OnDatagram({.source = source, .ecn = ecn, .payload = bytes});
    m_driver.Pump();
}

void Node::Command(const std::function<void(TimePoint, Endpoint&)>& command) {
    command(Now(), m_endpoint);
    m_driver.Pump();
}

Network::Network(std::uint64_t seed, ImpairmentConfig link)
    : m_seed(seed), m_default(std::move(link)) {
    const auto valid = Validate(m_default);
    CRSP_ASSERT(valid.has_value());
}

Node& Network::AddNode(EndpointConfig config, std::unique_ptr<Role> role,
                       DriverObserver* observer) {
    const auto address = SocketAddress::FromIpv4(kFirstAddress + m_addresses++, kPort);
    return Enter(address, 0, std::move(config), std::move(role), observer);
}

Node& Network::Restart(Node& old, EndpointConfig config, std::unique_ptr<Role> role,
                       DriverObserver* observer) {
    old.Kill();
    // Another life draws other keys: two nodes of one seed would seal twice under one nonce.
    return Enter(old.Address(), ++m_restarts, std::move(config), std::move(role), observer);
}

Node& Network::Enter(const SocketAddress& address, std::uint64_t life, EndpointConfig config,
                     std::unique_ptr<Role> role, DriverObserver* observer) {
    config.seed = SeedOf(m_seed, address, life);
    config.suite = CipherSuite::kChaCha20Poly1305Sha256;
    m_nodes.push_back(
        std::make_unique<Node>(*this, address, std::move(config), std::move(role), observer));
    Node& node = *m_nodes.back();
    m_events.At(Now(), [&node] { node.Start(); });
    return node;
}

void Network::SetLink(const Node& from, const Node& to, const ImpairmentConfig& config) {
    const auto key = std::pair(from.Address(), to.Address());
    m_links.insert_or_assign(
        key, LinkEmulator(config, m_seed, ToString(key.first) + ">" + ToString(key.second)));
}

void Network::Relink(const ImpairmentConfig& config) {
    m_default = config;
    m_links.clear();
}

void Network::ShareUplink(const Node& from, const ImpairmentConfig& config) {
    m_uplinks.emplace(from.Address(), LinkEmulator(config, m_seed, ToString(from.Address())));
}

LinkEmulator& Network::LinkOf(const SocketAddress& from, const SocketAddress& to) {
    if (const auto shared = m_uplinks.find(from); shared != m_uplinks.end()) return shared->second;
    const auto key = std::pair(from, to);
    const auto found = m_links.find(key);
    if (found != m_links.end()) return found->second;
    const auto name = ToString(from) + ">" + ToString(to);
    return m_links.emplace(key, LinkEmulator(m_default, m_seed, name)).first->second;
}

bool Network::Run(Duration limit, const std::function<bool()>& done) {
    const TimePoint end = Now() + limit;
    while (!done()) {
        if (Now() >= end || !m_events.Step()) return false;
    }
    return true;
}

void Network::RunFor(Duration duration) {
    bool over = false;
    m_events.At(Now() + duration, [&over] { over = true; });
    Run(duration + nanoseconds(1), [&over] { return over; });
}

void Network::Transfer(const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes,
                       Ecn ecn) {
    Log(from, to, ecn, bytes);
    if (m_filter && m_filter(from, to, bytes)) return;
    const SocketAddress source = ShownAs(from);
    const Verdict verdict = LinkOf(from, OwnerOf(to)).Offer(Now(), bytes.size(), ecn);
    for (const auto& delivery : verdict.Deliveries()) {
        std::vector<std::byte> copy(bytes.begin(), bytes.end());
        if (delivery.corruption) copy.resize(ApplyCorruption(*delivery.corruption, copy).size());
        Inject(source, to, std::move(copy), delivery.at, verdict.Mark());
    }
}

void Network::Inject(const SocketAddress& from, const SocketAddress& to,
                     std::vector<std::byte> bytes, TimePoint at, Ecn ecn) {
    m_events.At(at, [this, from, to, ecn, moved = std::move(bytes)]() mutable {
        Deliver(from, to, std::move(moved), ecn);
    });
}

void Network::Deliver(const SocketAddress& from, const SocketAddress& to,
                      std::vector<std::byte> bytes, Ecn ecn) {
    const SocketAddress owner = OwnerOf(to);
    if (ShownAs(owner) != to) return;
    for (auto& node : m_nodes) {
        if (node->Alive() && node->Address() == owner)
            return node->Receive(from, std::move(bytes), ecn);
    }
}

void Network::Rebind(const Node& node, const SocketAddress& shown) {
    m_shown[node.Address()] = shown;
    m_owners[shown] = node.Address();
}

SocketAddress Network::OwnerOf(const SocketAddress& shown) const {
    const auto found = m_owners.find(shown);
    return found == m_owners.end() ? shown : found->second;
}

SocketAddress Network::ShownAs(const SocketAddress& owner) const {
    const auto found = m_shown.find(owner);
    return found == m_shown.end() ? owner : found->second;
}

void Network::Log(const SocketAddress& from, const SocketAddress& to, Ecn ecn,
                  ConstByteSpan bytes) {
    const std::array<std::uint64_t, 5> line = {
        static_cast<std::uint64_t>(Now().time_since_epoch().count()), Word(from), Word(to),
        static_cast<std::uint64_t>(ecn), bytes.size()};
    for (const std::uint64_t word : line) {
        std::array<std::byte, 8> encoded;
        for (std::size_t i = 0; i < 8; ++i) encoded[i] = static_cast<std::byte>(word >> (8 * i));
        m_log.Update(encoded);
    }
    m_log.Update(bytes.first(std::min(kLoggedEnd, bytes.size())));
    m_log.Update(bytes.last(std::min(kLoggedEnd, bytes.size())));
}

std::string Network::LogDigest() {
    Sha256 copy = m_log;
    std::string text;
    for (const std::byte byte : copy.Finish()) {
        text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    }
    return text;
}

}  // namespace crsp::sim
