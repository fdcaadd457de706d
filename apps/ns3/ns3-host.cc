// SPDX-License-Identifier: GPL-2.0-only
#include "apps/ns3/ns3-host.h"

#include <algorithm>

#include "ns3/inet-socket-address.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

namespace ns3 {

NS_LOG_COMPONENT_DEFINE("CrspHost");

namespace {

constexpr std::uint8_t kEcnMask = 0x03;
/// A packet of an Ethernet frame with room for whatever headers come in front of it.
constexpr std::size_t kStockedBytes = 1600;
constexpr std::size_t kHeaderBytes = 128;
/// ns-3 keeps no more buffers than these.
constexpr std::size_t kStockedBuffers = 1000;

crsp::Ecn EcnOf(const Ptr<Packet>& packet) {
    SocketIpTosTag tos;
    if (packet->PeekPacketTag(tos)) return static_cast<crsp::Ecn>(tos.GetTos() & kEcnMask);
    SocketIpv6TclassTag traffic;
    if (!packet->PeekPacketTag(traffic)) return crsp::Ecn::kNotEct;
    return static_cast<crsp::Ecn>(traffic.GetTclass() & kEcnMask);
}

/// On the packet, not on the socket: for IPv4 the TOS of an ns-3 UDP socket does not reach packets
/// sent with SendTo, which takes that of the address.
void SetEcn(const Ptr<Packet>& packet, const Address& to, crsp::Ecn ecn) {
    if (ecn == crsp::Ecn::kNotEct) return;
    if (InetSocketAddress::IsMatchingType(to)) {
        SocketIpTosTag tos;
        tos.SetTos(static_cast<std::uint8_t>(ecn));
        packet->AddPacketTag(tos);
    } else {
        SocketIpv6TclassTag traffic;
        traffic.SetTclass(static_cast<std::uint8_t>(ecn));
        packet->AddPacketTag(traffic);
    }
}

/// Of packets with real bytes ns-3 recycles the buffers of the largest that it has ever seen, and
/// no others: those are allocated anew, and copied as a whole, for each header. With as many large
/// ones as it keeps in its store, every packet gets one of them, with room in front.
void StockBuffers(std::size_t bytes) {
    static std::size_t stocked = 0;
    if (bytes + kHeaderBytes <= stocked) return;
    stocked = std::max(bytes + kHeaderBytes, kStockedBytes);
    const std::vector<std::uint8_t> content(stocked);
    std::vector<Ptr<Packet>> packets;
    for (std::size_t i = 0; i < kStockedBuffers; ++i) {
        packets.push_back(Create<Packet>(content.data(), static_cast<std::uint32_t>(stocked)));
    }
}

}  // namespace

void Ns3Host::SetHooks(PacketHook sent, PacketHook received) {
    m_sent = std::move(sent);
    m_received = std::move(received);
}

void Ns3Host::Start(crsp::Driver& driver) {
    m_driver = &driver;
    if (m_socket) m_socket->SetIpRecvTos(true);
    if (m_socket) m_socket->SetIpv6RecvTclass(true);
    if (m_socket) m_socket->SetRecvCallback(MakeCallback(&Ns3Host::OnReadable, this));
    driver.Start();
}

void Ns3Host::Stop() {
    m_driver = nullptr;
    m_alarm.reset();
    for (Pending& pending : m_events) pending.event.Cancel();
    m_events.clear();
    m_reading.Cancel();
    if (!m_socket) return;
    m_socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
    m_socket->Close();
    m_socket = nullptr;
}

crsp::TimePoint Ns3Host::Now() const {
    return crsp::TimePoint(crsp::nanoseconds(Simulator::Now().GetNanoSeconds()));
}

bool Ns3Host::Send(const crsp::Transmit& transmit, crsp::ConstByteSpan bytes) {
    if (!m_socket) return true;
    const Address& to = m_addresses.ToNs3(transmit.destination);
    for (std::size_t at = 0; at < transmit.size; at += transmit.segmentSize) {
        const auto size = std::min(transmit.segmentSize, transmit.size - at);
        SendSegment(bytes.subspan(at, size), to, transmit.ecn);
    }
    return true;
}

void Ns3Host::SendSegment(crsp::ConstByteSpan segment, const Address& to, crsp::Ecn ecn) {
    StockBuffers(segment.size());
    const auto packet = Create<Packet>(reinterpret_cast<const std::uint8_t*>(segment.data()),
                                       static_cast<std::uint32_t>(segment.size()));
    SetEcn(packet, to, ecn);
    if (m_sent) m_sent(packet, to);
    m_sending = true;
    const int sent = m_socket->SendTo(packet, 0, to);
    m_sending = false;
    if (sent < 0) {
        NS_LOG_WARN("datagram of " << segment.size() << " bytes not sent: errno "
                                   << m_socket->GetErrno());
    }
}

/// ns-3's loopback delivers within SendTo: reading then would enter the driver while it sends.
void Ns3Host::OnReadable(Ptr<Socket>) {
    if (!m_sending) return ReadAll();
    if (m_reading.IsRunning()) return;
    m_reading = Simulator::ScheduleNow(&Ns3Host::ReadAll, this);
}

void Ns3Host::ReadAll() {
    Address from;
    while (m_socket) {
        const Ptr<Packet> packet = m_socket->RecvFrom(from);
        if (!packet) break;
        Receive(packet, from);
    }
    if (m_driver) m_driver->Pump();
}

void Ns3Host::Receive(Ptr<Packet> packet, const Address& from) {
    const crsp::Ecn ecn = EcnOf(packet);
    NS_LOG_LOGIC("received " << packet->GetSize() << " bytes");
    if (m_received) m_received(packet, from);
    m_buffer.resize(std::max<std::size_t>(m_buffer.size(), packet->GetSize()));
    const auto size = packet->CopyData(m_buffer.data(), packet->GetSize());
    const auto payload = crsp::ByteSpan(reinterpret_cast<std::byte*>(m_buffer.data()), size);
    m_driver->OnDatagram({m_addresses.FromNs3(from), ecn, payload});
}

void Ns3Host::SetAlarm(std::optional<crsp::TimePoint> deadline) {
    NS_LOG_LOGIC("alarm " << (deadline ? deadline->time_since_epoch().count() : -1) << " ns");
    m_alarm = deadline;
    if (m_driver && m_alarm) Arm();
}

/// An event that is due no later is enough: it will find the alarm, and arm again. Later ones are
/// left where they are, as alarms go back and forth between the next packet and the far timeouts,
/// and ns-3 keeps a cancelled event until its time anyway.
void Ns3Host::Arm() {
    if (!m_events.empty() && m_events.back().at <= *m_alarm) return;
    const crsp::TimePoint now = Now();
    const crsp::TimePoint at = std::max(*m_alarm, now);
    if (!m_events.empty() && m_events.back().at <= at) return;
    m_events.push_back(
        {at, Simulator::Schedule(NanoSeconds((at - now).count()), &Ns3Host::OnEvent, this)});
}

void Ns3Host::OnEvent() {
    m_events.pop_back();
    if (!m_driver || !m_alarm) return;
    if (*m_alarm > Now()) return Arm();
    m_alarm.reset();
    m_driver->OnAlarm();
}

}  // namespace ns3
