// SPDX-License-Identifier: BSD-3-Clause
#include "tests/attacks/busy-server.h"

#include <algorithm>

#include "model/connection/handshake-gate.h"
#include "model/wire/packet-header.h"

namespace crsp::attacks {
namespace {

/// A socket buffer of 4 MiB, of which Linux charges a datagram of 1,200 bytes 2,304.
constexpr std::size_t kMostWaiting = 4 * 1024 * 1024 / 2'304;
constexpr std::uint8_t kSpoofedNetwork = 11;

bool HasMac2(ConstByteSpan initial) {
    const auto mac2 = initial.last(kMacLength);
    return std::any_of(mac2.begin(), mac2.end(), [](std::byte b) { return b != std::byte{}; });
}

}  // namespace

bool IsSpoofed(const SocketAddress& address) {
    return address.bytes[0] == kSpoofedNetwork;
}

BusyServer::BusyServer(sim::Network& network, sim::Node& server, const Prices& prices,
                       Duration delay)
    : m_network(network), m_server(server), m_prices(prices), m_delay(delay) {
    network.SetFilter([this](const SocketAddress& from, const SocketAddress& to,
                             ConstByteSpan bytes) { return Filter(from, to, bytes); });
}

bool BusyServer::Filter(const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes) {
    if (from == m_server.Address()) {
        if (IsSpoofed(to)) return true;
        Work(m_prices.dataPacket + m_prices.systemCall);
        return false;
    }
    auto& events = m_network.Events();
    Bytes copy(bytes.begin(), bytes.end());
    events.At(m_network.Now() + m_delay, [this, from, &events, moved = std::move(copy)]() mutable {
        const auto done = Enqueue(PriceOf(from, moved));
        if (!done) {
            ++m_dropped;
            return;
        }
        events.At(*done, [this, from, again = std::move(moved)]() mutable {
            m_server.Receive(from, std::move(again));
        });
    });
    return true;
}

// What the server does with it shows nowhere but in its CPU, so it need not wait for its turn.
void BusyServer::Flood(const SocketAddress& from, const Bytes& datagram) {
    if (Enqueue(PriceOf(from, datagram))) {
        m_server.Receive(from, datagram);
    } else {
        ++m_floodDropped;
    }
}

std::optional<TimePoint> BusyServer::Enqueue(double nanoseconds) {
    while (!m_waiting.empty() && m_waiting.front() <= m_network.Now()) m_waiting.pop_front();
    if (m_waiting.size() >= kMostWaiting) return std::nullopt;
    Work(nanoseconds);
    m_waiting.push_back(m_busyUntil);
    return m_busyUntil;
}

double BusyServer::PriceOf(const SocketAddress& from, ConstByteSpan datagram) {
    const auto& initials = m_prices.initials;
    const double call = m_prices.systemCall;
    const auto header = DecodePacketHeader(datagram);
    if (!header || !std::holds_alternative<InitialHeader>(*header)) {
        return m_prices.dataPacket + call;
    }
    if (!IsSpoofed(from)) return HasMac2(datagram) ? initials.handshake + call : initials.retry;
    if (m_network.Now() >= m_nextUnproven) {
        m_nextUnproven = std::max(m_nextUnproven, m_network.Now() - seconds(1)) +
                         Duration(seconds(1)) / kUnprovenPerSecond;
        return initials.unlisted + call;
    }
    return initials.retry + 2 * call;  // it is answered
}

void BusyServer::Work(double nanosecondsOfWork) {
    m_busyUntil = std::max(m_busyUntil, m_network.Now()) +
                  nanoseconds(static_cast<std::int64_t>(nanosecondsOfWork));
}

}  // namespace crsp::attacks
