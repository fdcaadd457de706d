// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>

#include "ns3/ipv4-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/net-device.h"
#include "ns3/ptr.h"
#include "ns3/udp-header.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// A NAT in the shared hop that gives the client side's UDP sockets another port, or another
/// address of their own network and another port, whenever it has forgotten them. Before the first
/// time it passes everything on as it is. What comes for a forgotten port is lost.
///
/// It stands where packets arrive: those of the client side are rewritten at the server's end of
/// the hop, those for it at the other end. TCP passes as it is.
class Ns3Nat {
  public:
    /// `server` and `client` are the devices of the hop.
    Ns3Nat(const NatSpec& nat, ns3::Ptr<ns3::NetDevice> server, ns3::Ptr<ns3::NetDevice> client);
    Ns3Nat(const Ns3Nat&) = delete;
    Ns3Nat& operator=(const Ns3Nat&) = delete;

  private:
    struct Place {
        ns3::Ipv4Address address;
        std::uint16_t port = 0;
        bool operator<(const Place& other) const {
            if (address != other.address) return address < other.address;
            return port < other.port;
        }
    };
    struct Datagram {
        ns3::Ptr<ns3::Packet> payload;
        ns3::Ipv4Header ip;
        ns3::UdpHeader udp;
    };

    void Forget();
    bool Arrive(ns3::Ptr<ns3::NetDevice> device, ns3::Ptr<const ns3::Packet> packet,
                std::uint16_t protocol, const ns3::Address& from, bool up);
    bool Translate(Datagram& datagram, bool up);
    Place OutsideOf(const Place& inside);

    NatSpec m_nat;
    std::uint32_t m_epoch = 0;
    std::uint16_t m_nextPort;
    std::map<Place, Place> m_outside;  ///< by what the client side calls itself
    std::map<Place, Place> m_inside;   ///< the other way round
};

}  // namespace crsp::lab
