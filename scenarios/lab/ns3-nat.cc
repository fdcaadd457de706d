// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-nat.h"

#include <functional>

#include "ns3/callback.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"

namespace crsp::lab {
namespace {

constexpr std::uint8_t kUdp = 17;
constexpr std::uint16_t kFirstPort = 20'000;
/// Addresses of a network from here on are nobody's in the laboratory.
constexpr std::uint32_t kFirstHost = 100;
constexpr std::uint32_t kHosts = 100;
constexpr std::uint32_t kHostMask = 0xff;

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

}  // namespace

Ns3Nat::Ns3Nat(const NatSpec& nat, ns3::Ptr<ns3::NetDevice> server, ns3::Ptr<ns3::NetDevice> client)
    : m_nat(nat), m_nextPort(kFirstPort) {
    for (const auto& device : {server, client}) {
        const bool up = device == server;
        using Receive = bool(ns3::Ptr<ns3::NetDevice>, ns3::Ptr<const ns3::Packet>, std::uint16_t,
                             const ns3::Address&);
        const std::function<Receive> receive = [this, up](auto to, auto packet, auto protocol,
                                                          const auto& from) {
            return Arrive(to, packet, protocol, from, up);
        };
        device->SetReceiveCallback(ns3::NetDevice::ReceiveCallback(receive));
    }
    ns3::Simulator::Schedule(ToNs3(nat.first), &Ns3Nat::Forget, this);
}

void Ns3Nat::Forget() {
    ++m_epoch;
    m_outside.clear();
    m_inside.clear();
    ns3::Simulator::Schedule(ToNs3(m_nat.every), &Ns3Nat::Forget, this);
}

bool Ns3Nat::Arrive(ns3::Ptr<ns3::NetDevice> device, ns3::Ptr<const ns3::Packet> packet,
                    std::uint16_t protocol, const ns3::Address& from, bool up) {
    const auto ip = device->GetNode()->GetObject<ns3::Ipv4L3Protocol>();
    Datagram datagram{packet->Copy(), {}, {}};
    datagram.payload->RemoveHeader(datagram.ip);
    ns3::Ptr<ns3::Packet> passed = packet->Copy();
    if (datagram.ip.GetProtocol() == kUdp) {
        datagram.payload->RemoveHeader(datagram.udp);
        if (!Translate(datagram, up)) return true;
        passed = datagram.payload;
        passed->AddHeader(datagram.udp);
        passed->AddHeader(datagram.ip);
    }
    ip->Receive(device, passed, protocol, from, device->GetAddress(), ns3::NetDevice::PACKET_HOST);
    return true;
}

/// False if there is nobody any more whom the datagram could be for.
bool Ns3Nat::Translate(Datagram& datagram, bool up) {
    if (up) {
        const Place outside = OutsideOf({datagram.ip.GetSource(), datagram.udp.GetSourcePort()});
        datagram.ip.SetSource(outside.address);
        datagram.udp.SetSourcePort(outside.port);
        return true;
    }
    const auto inside =
        m_inside.find({datagram.ip.GetDestination(), datagram.udp.GetDestinationPort()});
    if (inside == m_inside.end()) return m_epoch == 0;
    datagram.ip.SetDestination(inside->second.address);
    datagram.udp.SetDestinationPort(inside->second.port);
    return true;
}

Ns3Nat::Place Ns3Nat::OutsideOf(const Place& inside) {
    if (m_epoch == 0) return inside;
    const auto known = m_outside.find(inside);
    if (known != m_outside.end()) return known->second;
    Place outside{inside.address, m_nextPort++};
    if (m_nat.address) {
        const std::uint32_t network = inside.address.Get() & ~kHostMask;
        outside.address = ns3::Ipv4Address(network | (kFirstHost + m_epoch % kHosts));
    }
    m_outside[inside] = outside;
    m_inside[outside] = inside;
    return outside;
}

}  // namespace crsp::lab
