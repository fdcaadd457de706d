// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "model/base/socket-address.h"
#include "ns3/node.h"
#include "ns3/ptr.h"
#include "ns3/socket.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Sends the first packets of connections to a server, each from a port and with chances of its
/// own, and heeds no answer. It has the key: what it sends is all that an insider can send. Lives
/// as long as the simulation.
class Ns3Handshakes {
  public:
    Ns3Handshakes(const TrafficSpec& traffic, ns3::Ptr<ns3::Node> sender,
                  const SocketAddress& server, std::uint64_t seed);
    Ns3Handshakes(const Ns3Handshakes&) = delete;
    Ns3Handshakes& operator=(const Ns3Handshakes&) = delete;

    std::uint64_t Sent() const { return m_sent; }

  private:
    void Send();

    TrafficSpec m_traffic;
    ns3::Ptr<ns3::Node> m_sender;
    SocketAddress m_server;
    std::uint64_t m_seed;
    std::uint64_t m_sent = 0;
    std::vector<ns3::Ptr<ns3::Socket>> m_sockets;
};

}  // namespace crsp::lab
