// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/socket.h"
#include "ns3/traced-callback.h"
#include "ns3/traced-value.h"

namespace crsp {
class DriverObserver;
class Endpoint;
class Role;
class Tracer;
struct TrafficSecret;
}  // namespace crsp

namespace ns3 {

/// One CRSP node in ns-3: an engine on one UDP socket, doing what the role it was given wants.
///
/// The engine and the roles are the ones that the deployed programs run. Configure by attributes,
/// hand in a role, install; CrspHelper does so for the usual cases.
class CrspApplication : public Application {
  public:
    static TypeId GetTypeId();
    CrspApplication();
    ~CrspApplication() override;

    /// What this node is; before the application starts. The role stays readable until disposal.
    void SetRole(std::unique_ptr<crsp::Role> role);
    /// Null before SetRole.
    crsp::Role* GetRole() const;
    /// Null before the application starts.
    crsp::Endpoint* GetEndpoint() const;
    /// Sees all that the engine does (qlog); may be null. Must outlive the application.
    void SetTracer(crsp::Tracer* tracer);
    /// Gets the secrets of all connections (crsp::KeyLog), to read captures with; before the
    /// application starts.
    void SetKeyLog(std::function<void(const crsp::TrafficSecret&)> keyLog);
    /// Sees all inputs and outputs, to record them; may be null. Must outlive the application.
    void SetObserver(crsp::DriverObserver* observer);
    /// Call after the role was given a command from outside of it.
    void Pump();
    /// Ends it as a power cut would: nothing more is sent, and its port is free for another.
    void Crash();

    /// Fixes the random stream of this node's keys and identifiers; returns how many it took: one.
    /// Without it the stream follows from node and port. Either depends on RngSeedManager's seed
    /// and run.
    int64_t AssignStreams(int64_t stream);

  protected:
    void DoDispose() override;

  private:
    class Engine;

    static TypeId AddNodeAttributes(TypeId tid);
    static TypeId AddSizeAttributes(TypeId tid);
    static TypeId AddTimeAttributes(TypeId tid);
    static TypeId AddCongestionAttributes(TypeId tid);
    static TypeId AddTraceSources(TypeId tid);

    void StartApplication() override;
    void StopApplication() override;
    Ptr<Socket> OpenSocket();
    std::string RandomStreamName() const;

    Address m_local;
    uint16_t m_port = 0;
    uint32_t m_socketReceiveBuffer = 0;
    std::string m_preSharedKey;
    std::string m_resetSecret;
    bool m_acceptConnections = true;
    uint32_t m_maxConnections = 0;
    uint32_t m_maxDatagramSize = 0;
    uint64_t m_streamReceiveWindow = 0;
    uint64_t m_maxStreamReceiveWindow = 0;
    uint64_t m_connectionReceiveWindow = 0;
    uint64_t m_maxConnectionReceiveWindow = 0;
    uint64_t m_streamSendBuffer = 0;
    uint64_t m_maxStreamSendBuffer = 0;
    uint64_t m_maxPeerStreams = 0;
    uint64_t m_maxDatagramFrameSize = 0;
    uint64_t m_maxRepairSymbol = 0;
    Time m_idleTimeout;
    Time m_keepAlive;
    Time m_handshakeTimeout;
    Time m_maxAckDelay;
    std::string m_congestion;
    bool m_ecn = true;
    DataRate m_fixedRate;
    int64_t m_stream = -1;

    TracedCallback<Ptr<const Packet>, const Address&> m_txTrace;
    TracedCallback<Ptr<const Packet>, const Address&> m_rxTrace;
    TracedValue<uint32_t> m_congestionWindow;
    TracedValue<uint32_t> m_bytesInFlight;
    TracedValue<Time> m_rtt;

    std::unique_ptr<crsp::Role> m_role;
    crsp::Tracer* m_tracer = nullptr;
    std::function<void(const crsp::TrafficSecret&)> m_keyLog;
    crsp::DriverObserver* m_observer = nullptr;
    std::unique_ptr<Engine> m_engine;
};

}  // namespace ns3
