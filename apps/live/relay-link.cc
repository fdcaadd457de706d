// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/relay-link.h"

#include <algorithm>
#include <utility>

#include "apps/live/asio-host.h"

namespace crsp {
namespace {

/// Datagrams taken from one socket per turn.
constexpr int kDatagramsPerTurn = 64;

/// A wildcard of the target's family.
SocketAddress AnyAddress(const SocketAddress& target) {
    SocketAddress any;
    any.family = target.family;
    return any;
}

/// Hands what waits at `socket` to `take`, datagram by datagram, within one turn's budget.
template <class Take>
void Drain(UdpSocket& socket, ByteSpan buffer, Take take) {
    for (int i = 0; i < kDatagramsPerTurn; ++i) {
        const auto received = socket.Receive(buffer);
        if (received) {
            take(*received, ConstByteSpan(buffer).first(received->size));
        } else if (received.error() == std::errc::resource_unavailable_try_again) {
            return;
        }
    }
}

}  // namespace

RelayLink::RelayLink(boost::asio::io_context& io, DeliveryQueue& queue, RelayLinkConfig config,
                     TimePoint origin)
    : m_io(io),
      m_queue(queue),
      m_config(std::move(config)),
      m_up(m_config.up, m_config.seed, m_config.name + "/up", origin),
      m_down(m_config.down, m_config.seed, m_config.name + "/down", origin),
      m_listen(io),
      m_rebinding(io),
      m_buffer(kMaxUdpPayload) {}

std::error_code RelayLink::Open() {
    if (const auto error = m_listen.Open(m_config.listen)) return error;
    WaitForClients();
    if (m_config.rebind > Duration{}) WaitForRebinding();
    return {};
}

void RelayLink::Close() {
    m_listen.Close();
    m_rebinding.cancel();
    for (auto& [address, client] : m_clients) client->socket.Close();
}

RelayCounters RelayLink::Counters() const {
    RelayCounters counters = m_counters;
    counters.kernelDrops = m_listen.KernelDrops();
    return counters;
}

void RelayLink::WaitForRebinding() {
    m_rebinding.expires_after(m_config.rebind);
    m_rebinding.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        Rebind();
        WaitForRebinding();
    });
}

void RelayLink::Rebind() {
    for (auto& [address, client] : m_clients) {
        client->socket.Close();
        if (client->socket.Open(AnyAddress(m_config.target))) continue;
        ++m_counters.rebindings;
        WaitForTarget(client);
    }
}

void RelayLink::WaitForClients() {
    m_listen.AsyncWaitReadable([this](const boost::system::error_code& error) {
        if (error) return;
        ReceiveFromClients();
        WaitForClients();
    });
}

void RelayLink::WaitForTarget(const ClientPointer& client) {
    client->socket.AsyncWaitReadable([this, client](const boost::system::error_code& error) {
        if (error || !client->socket.IsOpen()) return;
        ReceiveFromTarget(client);
        WaitForTarget(client);
    });
}

void RelayLink::ReceiveFromClients() {
    Drain(m_listen, m_buffer, [this](const UdpSocket::Received& received, ConstByteSpan datagram) {
        const auto client = ClientAt(received.source, SteadyNow());
        if (!client) {
            ++m_counters.clientsRefused;
            return;
        }
        Impair(m_up, received.ecn, datagram, [this, client](Ecn ecn, ByteSpan bytes) {
            const auto result = client->socket.Send(m_config.target, ecn, bytes);
            if (result != UdpSocket::SendResult::kSent) ++m_counters.sendFailures;
        });
    });
}

void RelayLink::ReceiveFromTarget(const ClientPointer& client) {
    const auto take = [&](const UdpSocket::Received& received, ConstByteSpan datagram) {
        if (received.source != m_config.target) {
            ++m_counters.strangers;
            return;
        }
        client->lastSeen = SteadyNow();
        Impair(m_down, received.ecn, datagram, [this, client](Ecn ecn, ByteSpan bytes) {
            const auto result = m_listen.Send(client->address, ecn, bytes);
            if (result != UdpSocket::SendResult::kSent) ++m_counters.sendFailures;
        });
    };
    Drain(client->socket, m_buffer, take);
}

RelayLink::ClientPointer RelayLink::ClientAt(const SocketAddress& address, TimePoint now) {
    if (const auto found = m_clients.find(address); found != m_clients.end()) {
        found->second->lastSeen = now;
        return found->second;
    }
    if (m_clients.size() >= kMaxRelayClients && !MakeRoom(now)) return nullptr;
    auto client = std::make_shared<Client>(m_io);
    client->address = address;
    client->lastSeen = now;
    if (client->socket.Open(AnyAddress(m_config.target))) return nullptr;
    ++m_counters.clients;
    m_clients.emplace(address, client);
    WaitForTarget(client);
    return client;
}

bool RelayLink::MakeRoom(TimePoint now) {
    const auto oldest = std::min_element(
        m_clients.begin(), m_clients.end(),
        [](const auto& a, const auto& b) { return a.second->lastSeen < b.second->lastSeen; });
    if (now - oldest->second->lastSeen < kRelayIdle) return false;
    oldest->second->socket.Close();
    m_clients.erase(oldest);
    return true;
}

template <class Send>
void RelayLink::Impair(LinkEmulator& emulator, Ecn ecn, ConstByteSpan datagram, Send send) {
    const auto verdict = emulator.Offer(SteadyNow(), datagram.size(), ecn);
    for (const auto& delivery : verdict.Deliveries()) {
        const auto corruption = delivery.corruption;
        const auto deliver = [corruption, mark = verdict.Mark(), send](ByteSpan bytes) {
            send(mark, corruption ? ApplyCorruption(*corruption, bytes) : bytes);
        };
        const bool kept = m_queue.Add(delivery.at, datagram, deliver);
        if (!kept) ++m_counters.overflows;
    }
}

}  // namespace crsp
