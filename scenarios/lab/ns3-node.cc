// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-node.h"

#include <memory>
#include <string>
#include <utility>

#include "apps/ns3/address-conversion.h"
#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/inet-socket-address.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/ns3-first-of-type.h"
#include "scenarios/lab/ns3-path.h"

namespace crsp::lab {
namespace {

/// Of SimulationKey, which has this digit throughout.
constexpr std::byte kKeyByte{0x55};

ns3::Time ToNs3(Duration duration) {
    return ns3::NanoSeconds(duration.count());
}

void SetTransport(ns3::CrspApplication& application, const TransportConfig& config) {
    const auto size = [&](const char* name, std::uint64_t value) {
        application.SetAttribute(name, ns3::UintegerValue(value));
    };
    const auto time = [&](const char* name, Duration value) {
        application.SetAttribute(name, ns3::TimeValue(ToNs3(value)));
    };
    size("MaxDatagramSize", config.maxDatagramSize);
    size("StreamReceiveWindow", config.streamReceiveWindow);
    size("MaxStreamReceiveWindow", config.maxStreamReceiveWindow);
    size("ConnectionReceiveWindow", config.connectionReceiveWindow);
    size("MaxConnectionReceiveWindow", config.maxConnectionReceiveWindow);
    size("StreamSendBuffer", config.streamSendBuffer);
    size("MaxStreamSendBuffer", config.maxStreamSendBuffer);
    time("IdleTimeout", config.idleTimeout);
    time("KeepAlive", config.keepAlive);
    time("HandshakeTimeout", config.handshakeTimeout);
    time("MaxAckDelay", config.maxAckDelay);
    application.SetAttribute("Congestion",
                             ns3::StringValue(std::string(ToString(config.congestion))));
    application.SetAttribute("Ecn", ns3::BooleanValue(config.ecn));
    application.SetAttribute("FixedRate", ns3::DataRateValue(config.fixedRate));
}

/// Random streams of programs that come back, apart from those that ns-3 gives away itself.
constexpr std::uint64_t kStreamsOfIncarnations = std::uint64_t{1} << 48;

void Incarnate(const Incarnation& incarnation, std::uint32_t node, std::uint16_t port,
               ns3::CrspApplication& application) {
    if (!incarnation.lasting) return;
    application.SetAttribute("ResetSecret", ns3::StringValue(std::string(64, '7')));
    if (incarnation.number == 0) return;
    application.AssignStreams(static_cast<std::int64_t>(
        kStreamsOfIncarnations + (incarnation.number << 40) + (std::uint64_t{node} << 16) + port));
}

}  // namespace

const std::string& SimulationKey() {
    static const std::string key(64, '5');
    return key;
}

void Ns3Node::End() {
    Sample();
    const TimePoint now(nanoseconds(ns3::Simulator::Now().GetNanoSeconds()));
    if (Endpoint* endpoint = application->GetEndpoint()) role->OnShutdown(now, *endpoint);
    application->Pump();
}

void Ns3Node::Crash() {
    Sample();
    application->Crash();
}

void Ns3Node::Sample() {
    if (Endpoint* endpoint = application->GetEndpoint()) role->Sample(*endpoint);
}

Ns3Node InstallNs3Node(ns3::Ptr<ns3::Node> node, std::uint16_t port, Role& role, Tracer* tracer,
                       const TransportConfig& transport, std::function<void()> hook, KeyLog keyLog,
                       const Incarnation& incarnation) {
    auto watched = std::make_unique<WatchedRole>(role, std::move(hook));
    Ns3Node installed{ns3::CreateObject<ns3::CrspApplication>(), watched.get()};
    installed.application->SetRole(std::move(watched));
    installed.application->SetTracer(tracer);
    installed.application->SetKeyLog(std::move(keyLog));
    installed.application->SetAttribute("Port", ns3::UintegerValue(port));
    installed.application->SetAttribute("PreSharedKey", ns3::StringValue(SimulationKey()));
    SetTransport(*installed.application, transport);
    Incarnate(incarnation, node->GetId(), port, *installed.application);
    if (auto* ear = dynamic_cast<Ns3Ear*>(tracer)) ear->Connect(installed.application);
    node->AddApplication(installed.application);
    return installed;
}

PreSharedKey SimulationPreSharedKey() {
    PreSharedKey key;
    key.fill(kKeyByte);
    return key;
}

SocketAddress AddressAt(ns3::Ptr<ns3::Node> node, std::uint16_t port) {
    return ns3::FromNs3Address(ns3::InetSocketAddress(AddressOf(node), port));
}

}  // namespace crsp::lab
