// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-handshakes.h"

#include <array>

#include "apps/ns3/address-conversion.h"
#include "model/base/random.h"
#include "model/connection/endpoint.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"
#include "scenarios/lab/ns3-node.h"

namespace crsp::lab {
namespace {

/// So many sockets take turns: ns-3 finds the one that an answer is for by looking at all.
constexpr std::size_t kSockets = 64;
constexpr std::size_t kHeaders = 28;

TimePoint Now() {
    return TimePoint(nanoseconds(ns3::Simulator::Now().GetNanoSeconds()));
}

/// What an endpoint that has just been made sends first.
std::size_t FirstPacket(const SocketAddress& server, std::uint64_t seed, std::uint64_t number,
                        ByteSpan buffer) {
    Random random = Random::Stream(seed, "handshakes " + std::to_string(number));
    EndpointConfig config;
    for (std::byte& byte : config.seed) byte = static_cast<std::byte>(random.Next());
    config.psk = SimulationPreSharedKey();
    Endpoint endpoint(config);
    if (!endpoint.Connect(Now(), server)) return 0;
    const auto transmit = endpoint.PollTransmit(Now(), buffer);
    return transmit ? transmit->size : 0;
}

}  // namespace

Ns3Handshakes::Ns3Handshakes(const TrafficSpec& traffic, ns3::Ptr<ns3::Node> sender,
                             const SocketAddress& server, std::uint64_t seed)
    : m_traffic(traffic), m_sender(sender), m_server(server), m_seed(seed) {
    ns3::Simulator::Schedule(ns3::NanoSeconds(traffic.start.count()), &Ns3Handshakes::Send, this);
}

void Ns3Handshakes::Send() {
    if (m_traffic.stop && Now() >= TimePoint(*m_traffic.stop)) return;
    if (m_sockets.size() < kSockets) {
        m_sockets.push_back(
            ns3::Socket::CreateSocket(m_sender, ns3::UdpSocketFactory::GetTypeId()));
        m_sockets.back()->Bind();
    }
    std::array<std::byte, 2048> buffer;
    const std::size_t size = FirstPacket(m_server, m_seed, m_sent, buffer);
    const auto packet = ns3::Create<ns3::Packet>(
        reinterpret_cast<const std::uint8_t*>(buffer.data()), static_cast<std::uint32_t>(size));
    m_sockets[m_sent++ % m_sockets.size()]->SendTo(packet, 0, ns3::ToNs3Address(m_server));
    const double gap = 8 * static_cast<double>(size + kHeaders) / m_traffic.rate;
    ns3::Simulator::Schedule(ns3::Seconds(gap), &Ns3Handshakes::Send, this);
}

}  // namespace crsp::lab
