// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "apps/live/delivery-queue.h"
#include "apps/live/udp-socket.h"
#include "model/impair/link-emulator.h"

namespace crsp {

/// Clients of one link at once. One that has been silent for kRelayIdle makes room for a new one;
/// if none has, the new one's datagrams are dropped and counted.
inline constexpr std::size_t kMaxRelayClients = 256;
inline constexpr Duration kRelayIdle = seconds(60);

struct RelayLinkConfig {
    std::string name;  ///< tells its random streams from those of other links
    SocketAddress listen;
    SocketAddress target;
    ImpairmentConfig up;    ///< toward the target
    ImpairmentConfig down;  ///< back from it
    std::uint64_t seed = 1;
    /// How often each client gets another port toward the target, as from a NAT that forgets: what
    /// comes back to the earlier one is lost. Zero: never.
    Duration rebind{};
};

/// What the emulators do not see: how true the relay was to their verdicts.
struct RelayCounters {
    std::uint64_t clients = 0;         ///< ever
    std::uint64_t clientsRefused = 0;  ///< datagrams dropped for want of a place
    std::uint64_t strangers = 0;       ///< datagrams that came back from somewhere else
    std::uint64_t sendFailures = 0;    ///< deliveries that the system did not take
    std::uint64_t overflows = 0;       ///< deliveries beyond kMaxQueuedBytes
    std::uint64_t rebindings = 0;      ///< clients that were given another port
    std::uint32_t kernelDrops = 0;     ///< at the listening socket
};

/// Passes datagrams between any number of clients and one target, through an emulated link each
/// way. Each client gets a socket of its own toward the target, so the target tells them apart.
class RelayLink {
  public:
    /// `queue` must outlive the link, and the link the last turn of `io`. `origin` is the time zero
    /// of schedules and blackouts.
    RelayLink(boost::asio::io_context& io, DeliveryQueue& queue, RelayLinkConfig config,
              TimePoint origin);

    std::error_code Open();
    void Close();

    const RelayLinkConfig& Config() const { return m_config; }
    SocketAddress LocalAddress() const { return m_listen.LocalAddress(); }
    const LinkCounters& Up() const { return m_up.Counters(); }
    const LinkCounters& Down() const { return m_down.Counters(); }
    RelayCounters Counters() const;
    std::size_t ClientCount() const { return m_clients.size(); }

  private:
    struct Client {
        explicit Client(boost::asio::io_context& io) : socket(io) {}
        SocketAddress address;
        UdpSocket socket;
        TimePoint lastSeen;
    };
    using ClientPointer = std::shared_ptr<Client>;

    void WaitForRebinding();
    void Rebind();
    void WaitForClients();
    void WaitForTarget(const ClientPointer& client);
    void ReceiveFromClients();
    void ReceiveFromTarget(const ClientPointer& client);
    ClientPointer ClientAt(const SocketAddress& address, TimePoint now);
    bool MakeRoom(TimePoint now);
    template <class Send>
    void Impair(LinkEmulator& emulator, Ecn ecn, ConstByteSpan datagram, Send send);

    boost::asio::io_context& m_io;
    DeliveryQueue& m_queue;
    RelayLinkConfig m_config;
    LinkEmulator m_up;
    LinkEmulator m_down;
    UdpSocket m_listen;
    boost::asio::steady_timer m_rebinding;
    std::unordered_map<SocketAddress, ClientPointer, SocketAddressHash> m_clients;
    std::vector<std::byte> m_buffer;
    RelayCounters m_counters;
};

}  // namespace crsp
