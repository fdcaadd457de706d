// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/original-application.h"

#include <algorithm>
#include <utility>

#include "apps/ns3/address-conversion.h"
#include "model/base/assert.h"
#include "ns3/inet-socket-address.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"

namespace ns3 {

NS_OBJECT_ENSURE_REGISTERED(CrspOriginalApplication);

namespace {

crsp::TimePoint EngineNow() {
    return crsp::TimePoint(crsp::nanoseconds(Simulator::Now().GetNanoSeconds()));
}

}  // namespace

TypeId CrspOriginalApplication::GetTypeId() {
    static TypeId tid = TypeId("ns3::CrspOriginalApplication")
                            .SetParent<Application>()
                            .SetGroupName("Applications")
                            .AddConstructor<CrspOriginalApplication>();
    return tid;
}

void CrspOriginalApplication::SetParty(crsp::original::Party& party,
                                       std::vector<std::uint16_t> ports,
                                       std::function<void()> hook) {
    CRSP_ASSERT(ports.size() == party.Ports());
    m_party = &party;
    m_ports = std::move(ports);
    m_hook = std::move(hook);
}

void CrspOriginalApplication::StartApplication() {
    for (const std::uint16_t port : m_ports) {
        m_sockets.push_back(Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId()));
        m_sockets.back()->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
        m_sockets.back()->SetRecvCallback(MakeCallback(&CrspOriginalApplication::OnReadable, this));
    }
    m_party->OnStart(EngineNow());
    EndTurn();
}

void CrspOriginalApplication::StopApplication() {
    m_alarm.Cancel();
    for (const auto& socket : m_sockets) {
        socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        socket->Close();
    }
    m_sockets.clear();
}

void CrspOriginalApplication::DoDispose() {
    StopApplication();
    Application::DoDispose();
}

void CrspOriginalApplication::OnReadable(Ptr<Socket> socket) {
    const auto port = std::find(m_sockets.begin(), m_sockets.end(), socket) - m_sockets.begin();
    Address from;
    while (const Ptr<Packet> packet = socket->RecvFrom(from)) {
        std::vector<std::byte> bytes(packet->GetSize());
        packet->CopyData(reinterpret_cast<std::uint8_t*>(bytes.data()), packet->GetSize());
        m_party->OnDatagram(EngineNow(), static_cast<std::size_t>(port), FromNs3Address(from),
                            bytes);
    }
    EndTurn();
}

void CrspOriginalApplication::OnTimeout() {
    m_party->OnTimeout(EngineNow());
    EndTurn();
}

void CrspOriginalApplication::EndTurn() {
    for (const auto& outgoing : m_party->TakeOutgoing()) {
        const auto packet =
            Create<Packet>(reinterpret_cast<const std::uint8_t*>(outgoing.bytes.data()),
                           static_cast<std::uint32_t>(outgoing.bytes.size()));
        m_sockets[outgoing.port]->SendTo(packet, 0, ToNs3Address(outgoing.to));
    }
    m_alarm.Cancel();
    if (const auto next = m_party->NextTimeout()) {
        const auto delay = std::max(*next - EngineNow(), crsp::Duration::zero());
        m_alarm = Simulator::Schedule(NanoSeconds(delay.count()),
                                      &CrspOriginalApplication::OnTimeout, this);
    }
    if (m_hook) m_hook();
}

}  // namespace ns3
