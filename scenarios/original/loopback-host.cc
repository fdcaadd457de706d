// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/original/loopback-host.h"

#include <boost/asio/buffer.hpp>
#include <chrono>

#include "model/base/assert.h"

namespace crsp::original {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

constexpr std::uint32_t kLoopback = 0x7f000001;

}  // namespace

TimePoint LoopbackNow() {
    return TimePoint(std::chrono::steady_clock::now().time_since_epoch());
}

SocketAddress Loopback(std::uint16_t port) {
    return SocketAddress::FromIpv4(kLoopback, port);
}

LoopbackHost::LoopbackHost(asio::io_context& io, Party& party,
                           const std::vector<std::uint16_t>& ports)
    : m_party(party), m_timer(io) {
    CRSP_ASSERT(ports.size() == party.Ports());
    for (const std::uint16_t port : ports) {
        m_sockets.push_back(std::make_unique<Socket>(
            Socket{udp::socket(io, {asio::ip::address_v4::loopback(), port})}));
    }
}

std::uint16_t LoopbackHost::Port(std::size_t index) const {
    return m_sockets.at(index)->socket.local_endpoint().port();
}

void LoopbackHost::Start() {
    for (std::size_t port = 0; port < m_sockets.size(); ++port) Receive(port);
    m_party.OnStart(LoopbackNow());
    EndTurn();
}

void LoopbackHost::Receive(std::size_t port) {
    Socket& on = *m_sockets[port];
    on.socket.async_receive_from(
        asio::buffer(on.buffer), on.from,
        [this, port, &on](const boost::system::error_code& error, std::size_t size) {
            if (error == asio::error::operation_aborted) return;
            // Other errors are those of an earlier send that found nobody.
            if (!error) {
                m_party.OnDatagram(LoopbackNow(), port, Loopback(on.from.port()),
                                   ConstByteSpan(on.buffer).first(size));
            }
            Receive(port);
            EndTurn();
        });
}

/// Sends what the turn has made, and waits for the next, unless there is none.
void LoopbackHost::EndTurn() {
    for (const Outgoing& outgoing : m_party.TakeOutgoing()) {
        boost::system::error_code lost;
        m_sockets[outgoing.port]->socket.send_to(
            asio::buffer(outgoing.bytes), {asio::ip::address_v4::loopback(), outgoing.to.port}, 0,
            lost);
    }
    m_timer.cancel();
    if (m_party.Finished()) {
        for (const auto& on : m_sockets) on->socket.close();
        return;
    }
    const auto next = m_party.NextTimeout();
    if (!next) return;
    m_timer.expires_at(std::chrono::steady_clock::time_point(next->time_since_epoch()));
    m_timer.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        m_party.OnTimeout(LoopbackNow());
        EndTurn();
    });
}

}  // namespace crsp::original
