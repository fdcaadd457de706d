// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "tests/attacks/flood-costs.h"
#include "tests/attacks/party.h"
#include "tests/sim/simulation.h"

namespace crsp::attacks {

/// Sources of the flood: 11.0.0.0/8.
bool IsSpoofed(const SocketAddress& address);

/// Gives a simulated server the CPU of one core: datagrams wait in its socket buffer and are
/// processed one after another, each at its price. Takes the place of the network's filter.
class BusyServer {
  public:
    struct Prices {
        InitialCosts initials;
        double dataPacket = 1'500;  ///< ns, received or sent, with its AEAD
        double systemCall = 0;      ///< ns, for each datagram received or sent
    };

    BusyServer(sim::Network& network, sim::Node& server, const Prices& prices, Duration delay);
    /// A datagram of the flood, which arrives now. Answers to it are taken off the network.
    void Flood(const SocketAddress& from, const Bytes& datagram);
    std::uint64_t FloodDropped() const { return m_floodDropped; }
    std::uint64_t Dropped() const { return m_dropped; }

  private:
    bool Filter(const SocketAddress& from, const SocketAddress& to, ConstByteSpan bytes);
    /// When it will have been processed, unless the socket buffer is full.
    std::optional<TimePoint> Enqueue(double nanoseconds);
    double PriceOf(const SocketAddress& from, ConstByteSpan datagram);
    void Work(double nanoseconds);

    sim::Network& m_network;
    sim::Node& m_server;
    Prices m_prices;
    Duration m_delay;
    TimePoint m_busyUntil{};
    TimePoint m_nextUnproven{};
    std::deque<TimePoint> m_waiting;  ///< when each will have been processed
    std::uint64_t m_floodDropped = 0;
    std::uint64_t m_dropped = 0;
};

}  // namespace crsp::attacks
