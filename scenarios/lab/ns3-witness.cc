// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-witness.h"

#include <cstring>

#include "model/base/bytes.h"
#include "ns3/callback.h"
#include "ns3/config.h"
#include "ns3/ipv4-address.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/udp-l4-protocol.h"

namespace crsp::lab {
namespace {

constexpr const char* kEveryNode = "/NodeList/*/$ns3::Ipv4L3Protocol/";

/// ns-3's network between base stations of LTE. It numbers what they say to each other through all
/// simulations of a process, so that only when and how much they say is the same each time.
bool IsBetweenBaseStations(ns3::Ipv4Address address) {
    return address.CombineMask(ns3::Ipv4Mask("255.0.0.0")) == ns3::Ipv4Address("12.0.0.0");
}

/// Between two ports of GTP-C (3GPP TS 29.274 §10.1): what the nodes of an LTE core agree on. The
/// address of ns-3's Create Session Response is memory that nobody has written to.
bool IsOfLteCore(const ns3::Ipv4Header& header, ConstByteSpan datagram) {
    constexpr std::uint16_t kGtpcPort = 2123;
    if (header.GetProtocol() != ns3::UdpL4Protocol::PROT_NUMBER) return false;
    ByteReader ports(datagram);
    return ports.U16() == kGtpcPort && ports.U16() == kGtpcPort;
}

}  // namespace

Ns3Witness::Ns3Witness() {
    const std::string every = kEveryNode;
    ns3::Config::ConnectWithoutContext(every + "SendOutgoing",
                                       ns3::MakeCallback(&Ns3Witness::OnSend, this));
    ns3::Config::ConnectWithoutContext(every + "LocalDeliver",
                                       ns3::MakeCallback(&Ns3Witness::OnDeliver, this));
}

std::string Ns3Witness::Finish(const RunRecord& record) {
    AddRecord(record, m_digest);
    return m_digest.Hex();
}

void Ns3Witness::OnSend(const ns3::Ipv4Header& header, ns3::Ptr<const ns3::Packet> packet,
                        std::uint32_t) {
    ++m_packets;
    AddHeader(header, packet->GetSize());
    if (IsBetweenBaseStations(header.GetDestination())) return;
    m_bytes.resize(packet->GetSize());
    packet->CopyData(reinterpret_cast<std::uint8_t*>(m_bytes.data()), packet->GetSize());
    if (!IsOfLteCore(header, m_bytes)) m_digest.Add(m_bytes);
}

/// What is in it was added when it was sent.
void Ns3Witness::OnDeliver(const ns3::Ipv4Header& header, ns3::Ptr<const ns3::Packet> packet,
                           std::uint32_t) {
    AddHeader(header, packet->GetSize());
}

void Ns3Witness::AddHeader(const ns3::Ipv4Header& header, std::uint32_t bytes) {
    const std::uint64_t now[] = {
        static_cast<std::uint64_t>(ns3::Simulator::Now().GetNanoSeconds()),
        std::uint64_t{header.GetSource().Get()} << 32 | header.GetDestination().Get(), bytes,
        static_cast<std::uint64_t>(header.GetTos()) << 8 | header.GetTtl()};
    m_digest.Add(std::as_bytes(std::span(now)));
}

}  // namespace crsp::lab
