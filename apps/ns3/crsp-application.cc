// SPDX-License-Identifier: GPL-2.0-only
#include "apps/ns3/crsp-application.h"

#include <charconv>
#include <optional>
#include <string>

#include "apps/ns3/ns3-host.h"
#include "model/base/random.h"
#include "model/connection/endpoint.h"
#include "model/host/driver.h"
#include "model/host/role.h"
#include "model/trace/tracer.h"
#include "model/wire/frames.h"
#include "ns3/boolean.h"
#include "ns3/fatal-error.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/string.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/udp-socket.h"
#include "ns3/uinteger.h"

namespace ns3 {

NS_LOG_COMPONENT_DEFINE("CrspApplication");
NS_OBJECT_ENSURE_REGISTERED(CrspApplication);

namespace {

/// The port of the original CRSP server.
constexpr uint16_t kDefaultPort = 59001;
/// A window's worth of datagrams may arrive at one simulated instant; ns-3's own 128 KiB drops
/// some.
constexpr uint32_t kDefaultSocketBuffer = 4 * 1024 * 1024;

/// The engine's own defaults, so that there is one place where they are written down.
const crsp::TransportConfig& Defaults() {
    static const crsp::TransportConfig defaults;
    return defaults;
}

Time ToTime(crsp::Duration duration) {
    return NanoSeconds(duration.count());
}

crsp::Duration FromTime(const Time& time) {
    return crsp::nanoseconds(time.GetNanoSeconds());
}

crsp::Seed SeedFor(const std::string& purpose) {
    crsp::Random random = crsp::Random::Stream(RngSeedManager::GetSeed(), purpose);
    crsp::Seed seed;
    for (std::byte& byte : seed) byte = static_cast<std::byte>(random.Next());
    return seed;
}

std::optional<crsp::PreSharedKey> ParseKey(const char* attribute, const std::string& hex) {
    if (hex.empty()) return std::nullopt;
    crsp::PreSharedKey key;
    bool ok = hex.size() == 2 * key.size();
    for (std::size_t i = 0; ok && i < key.size(); ++i) {
        std::uint8_t value = 0;
        const char* digits = hex.data() + 2 * i;
        ok = std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
        key[i] = static_cast<std::byte>(value);
    }
    if (!ok) {
        NS_FATAL_ERROR("CrspApplication::" << attribute << ": expected 64 hexadecimal digits");
    }
    return key;
}

void SetCongestion(const std::string& name, const DataRate& fixedRate,
                   crsp::TransportConfig& transport) {
    const auto algorithm = crsp::ParseCongestionAlgorithm(name);
    if (!algorithm) {
        std::string known;
        for (const auto each : crsp::CongestionAlgorithmNames()) known += " " + std::string(each);
        NS_FATAL_ERROR("CrspApplication::Congestion: expected one of" << known);
    }
    transport.congestion = *algorithm;
    transport.fixedRate = fixedRate.GetBitRate();
    if (crsp::IsComplete({*algorithm, transport.fixedRate})) return;
    NS_FATAL_ERROR("CrspApplication::FixedRate: expected a rate above 0 with fixed_rate only");
}

}  // namespace

/// Everything that lives from start to stop.
class CrspApplication::Engine : public crsp::Tracer {
  public:
    Engine(CrspApplication& owner, Ptr<Socket> socket)
        : m_owner(owner),
          m_endpoint(MakeConfig()),
          m_host(socket),
          m_driver(m_host, m_endpoint, *owner.m_role, owner.m_observer) {
        m_host.SetHooks([this](auto packet, auto& to) { m_owner.m_txTrace(packet, to); },
                        [this](auto packet, auto& from) { m_owner.m_rxTrace(packet, from); });
    }

    void Start() { m_host.Start(m_driver); }
    void Pump() { m_driver.Pump(); }
    void Stop() {
        m_driver.Shutdown();
        m_host.Stop();
    }
    void Crash() { m_host.Stop(); }
    crsp::Endpoint& GetEndpoint() { return m_endpoint; }

    void OnEvent(crsp::TimePoint now, std::uint64_t group, const crsp::TraceEvent& event) override {
        if (m_owner.m_tracer) m_owner.m_tracer->OnEvent(now, group, event);
        const auto* metrics = std::get_if<crsp::trace::MetricsUpdated>(&event);
        if (!metrics) return;
        m_owner.m_congestionWindow = static_cast<uint32_t>(metrics->congestionWindow);
        m_owner.m_bytesInFlight = static_cast<uint32_t>(metrics->bytesInFlight);
        m_owner.m_rtt = ToTime(metrics->smoothedRtt);
    }

    bool WantsPackets() const override {
        return m_owner.m_tracer && m_owner.m_tracer->WantsPackets();
    }

  private:
    crsp::EndpointConfig MakeConfig() {
        crsp::EndpointConfig config;
        config.seed = SeedFor(m_owner.RandomStreamName());
        config.psk = ParseKey("PreSharedKey", m_owner.m_preSharedKey);
        config.secret = ParseKey("ResetSecret", m_owner.m_resetSecret);
        config.transport = MakeTransportConfig();
        config.acceptConnections = m_owner.m_acceptConnections;
        config.maxConnections = m_owner.m_maxConnections;
        config.tracer = this;
        config.keyLog = m_owner.m_keyLog;
        return config;
    }

    crsp::TransportConfig MakeTransportConfig() const {
        crsp::TransportConfig transport;
        transport.maxDatagramSize = m_owner.m_maxDatagramSize;
        transport.streamReceiveWindow = m_owner.m_streamReceiveWindow;
        transport.maxStreamReceiveWindow = m_owner.m_maxStreamReceiveWindow;
        transport.connectionReceiveWindow = m_owner.m_connectionReceiveWindow;
        transport.maxConnectionReceiveWindow = m_owner.m_maxConnectionReceiveWindow;
        transport.streamSendBuffer = m_owner.m_streamSendBuffer;
        transport.maxStreamSendBuffer = m_owner.m_maxStreamSendBuffer;
        transport.maxPeerStreams = m_owner.m_maxPeerStreams;
        transport.maxDatagramFrameSize = m_owner.m_maxDatagramFrameSize;
        transport.maxRepairSymbol = m_owner.m_maxRepairSymbol;
        transport.idleTimeout = FromTime(m_owner.m_idleTimeout);
        transport.keepAlive = FromTime(m_owner.m_keepAlive);
        transport.handshakeTimeout = FromTime(m_owner.m_handshakeTimeout);
        transport.maxAckDelay = FromTime(m_owner.m_maxAckDelay);
        transport.ecn = m_owner.m_ecn;
        SetCongestion(m_owner.m_congestion, m_owner.m_fixedRate, transport);
        return transport;
    }

    CrspApplication& m_owner;
    crsp::Endpoint m_endpoint;
    Ns3Host m_host;
    crsp::Driver m_driver;
};

TypeId CrspApplication::AddNodeAttributes(TypeId tid) {
    return tid
        .AddAttribute(
            "Local", "Address to bind; any IPv4 address if not given. Its port is not used.",
            AddressValue(), MakeAddressAccessor(&CrspApplication::m_local), MakeAddressChecker())
        .AddAttribute("Port", "UDP port to bind.", UintegerValue(kDefaultPort),
                      MakeUintegerAccessor(&CrspApplication::m_port),
                      MakeUintegerChecker<uint16_t>())
        .AddAttribute("SocketReceiveBuffer", "Receive buffer of the UDP socket, bytes.",
                      UintegerValue(kDefaultSocketBuffer),
                      MakeUintegerAccessor(&CrspApplication::m_socketReceiveBuffer),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("PreSharedKey", "64 hexadecimal digits; empty means no authentication.",
                      StringValue(""), MakeStringAccessor(&CrspApplication::m_preSharedKey),
                      MakeStringChecker())
        .AddAttribute("ResetSecret",
                      "64 hexadecimal digits that outlive a crash, so that who comes after it can "
                      "end the connections that it had; empty means random.",
                      StringValue(""), MakeStringAccessor(&CrspApplication::m_resetSecret),
                      MakeStringChecker())
        .AddAttribute("MaxConnections", "Connections held at once.",
                      UintegerValue(crsp::EndpointConfig{}.maxConnections),
                      MakeUintegerAccessor(&CrspApplication::m_maxConnections),
                      MakeUintegerChecker<uint32_t>(1))
        .AddAttribute(
            "AcceptConnections", "Whether others may connect to this node.", BooleanValue(true),
            MakeBooleanAccessor(&CrspApplication::m_acceptConnections), MakeBooleanChecker());
}

TypeId CrspApplication::AddSizeAttributes(TypeId tid) {
    return tid
        .AddAttribute("MaxDatagramSize", "Largest UDP payload sent, bytes.",
                      UintegerValue(Defaults().maxDatagramSize),
                      MakeUintegerAccessor(&CrspApplication::m_maxDatagramSize),
                      MakeUintegerChecker<uint32_t>(crsp::kMinDatagramSize, crsp::kMaxDatagramSize))
        .AddAttribute("StreamReceiveWindow", "Credit for each stream, bytes.",
                      UintegerValue(Defaults().streamReceiveWindow),
                      MakeUintegerAccessor(&CrspApplication::m_streamReceiveWindow),
                      MakeUintegerChecker<uint64_t>(1))
        .AddAttribute("MaxStreamReceiveWindow",
                      "What it grows to with the path, bytes; not above it keeps it fixed.",
                      UintegerValue(Defaults().maxStreamReceiveWindow),
                      MakeUintegerAccessor(&CrspApplication::m_maxStreamReceiveWindow),
                      MakeUintegerChecker<uint64_t>())
        .AddAttribute("MaxConnectionReceiveWindow", "The same for the credit over all streams.",
                      UintegerValue(Defaults().maxConnectionReceiveWindow),
                      MakeUintegerAccessor(&CrspApplication::m_maxConnectionReceiveWindow),
                      MakeUintegerChecker<uint64_t>())
        .AddAttribute("MaxStreamSendBuffer", "The same for what is buffered.",
                      UintegerValue(Defaults().maxStreamSendBuffer),
                      MakeUintegerAccessor(&CrspApplication::m_maxStreamSendBuffer),
                      MakeUintegerChecker<uint64_t>())
        .AddAttribute("ConnectionReceiveWindow", "Credit over all data streams, bytes.",
                      UintegerValue(Defaults().connectionReceiveWindow),
                      MakeUintegerAccessor(&CrspApplication::m_connectionReceiveWindow),
                      MakeUintegerChecker<uint64_t>(1))
        .AddAttribute("StreamSendBuffer", "Bytes buffered for each stream until acknowledged.",
                      UintegerValue(Defaults().streamSendBuffer),
                      MakeUintegerAccessor(&CrspApplication::m_streamSendBuffer),
                      MakeUintegerChecker<uint64_t>(1))
        .AddAttribute("MaxPeerStreams", "Streams of each direction the peer may hold open.",
                      UintegerValue(Defaults().maxPeerStreams),
                      MakeUintegerAccessor(&CrspApplication::m_maxPeerStreams),
                      MakeUintegerChecker<uint64_t>(1))
        .AddAttribute("MaxDatagramFrameSize",
                      "Longest DATAGRAM frame that the peer may send, bytes; zero refuses them.",
                      UintegerValue(Defaults().maxDatagramFrameSize),
                      MakeUintegerAccessor(&CrspApplication::m_maxDatagramFrameSize),
                      MakeUintegerChecker<uint64_t>())
        .AddAttribute("MaxRepairSymbol",
                      "Longest repair symbol that the peer may send, bytes; zero refuses them.",
                      UintegerValue(Defaults().maxRepairSymbol),
                      MakeUintegerAccessor(&CrspApplication::m_maxRepairSymbol),
                      MakeUintegerChecker<uint64_t>(0, crsp::kMaxRepairSymbol));
}

TypeId CrspApplication::AddTimeAttributes(TypeId tid) {
    return tid
        .AddAttribute("IdleTimeout", "Silence after which a connection has failed.",
                      TimeValue(ToTime(Defaults().idleTimeout)),
                      MakeTimeAccessor(&CrspApplication::m_idleTimeout), MakeTimeChecker())
        .AddAttribute("KeepAlive", "Silence after which a PING goes out; zero sends none.",
                      TimeValue(ToTime(Defaults().keepAlive)),
                      MakeTimeAccessor(&CrspApplication::m_keepAlive), MakeTimeChecker())
        .AddAttribute("HandshakeTimeout", "Time after which an unfinished handshake has failed.",
                      TimeValue(ToTime(Defaults().handshakeTimeout)),
                      MakeTimeAccessor(&CrspApplication::m_handshakeTimeout), MakeTimeChecker())
        .AddAttribute("MaxAckDelay", "Longest that an acknowledgement is held back.",
                      TimeValue(ToTime(Defaults().maxAckDelay)),
                      MakeTimeAccessor(&CrspApplication::m_maxAckDelay), MakeTimeChecker());
}

TypeId CrspApplication::AddCongestionAttributes(TypeId tid) {
    return tid
        .AddAttribute("Congestion", "Congestion control: new_reno, cubic or fixed_rate.",
                      StringValue(std::string(ToString(Defaults().congestion))),
                      MakeStringAccessor(&CrspApplication::m_congestion), MakeStringChecker())
        .AddAttribute("Ecn", "Whether packets are marked ECT(0) where the path carries it.",
                      BooleanValue(Defaults().ecn), MakeBooleanAccessor(&CrspApplication::m_ecn),
                      MakeBooleanChecker())
        .AddAttribute("FixedRate", "What fixed_rate sends; zero with any other.",
                      DataRateValue(Defaults().fixedRate),
                      MakeDataRateAccessor(&CrspApplication::m_fixedRate), MakeDataRateChecker());
}

TypeId CrspApplication::AddTraceSources(TypeId tid) {
    return tid
        .AddTraceSource("Tx", "A datagram is sent.",
                        MakeTraceSourceAccessor(&CrspApplication::m_txTrace),
                        "ns3::Packet::AddressTracedCallback")
        .AddTraceSource("Rx", "A datagram is received.",
                        MakeTraceSourceAccessor(&CrspApplication::m_rxTrace),
                        "ns3::Packet::AddressTracedCallback")
        .AddTraceSource("CongestionWindow", "Congestion window, bytes.",
                        MakeTraceSourceAccessor(&CrspApplication::m_congestionWindow),
                        "ns3::TracedValueCallback::Uint32")
        .AddTraceSource("BytesInFlight", "Bytes sent and neither acknowledged nor lost.",
                        MakeTraceSourceAccessor(&CrspApplication::m_bytesInFlight),
                        "ns3::TracedValueCallback::Uint32")
        .AddTraceSource("Rtt", "Smoothed round-trip time.",
                        MakeTraceSourceAccessor(&CrspApplication::m_rtt),
                        "ns3::TracedValueCallback::Time");
}

TypeId CrspApplication::GetTypeId() {
    static TypeId tid = AddTraceSources(AddCongestionAttributes(AddTimeAttributes(
        AddSizeAttributes(AddNodeAttributes(TypeId("ns3::CrspApplication")
                                                .SetParent<Application>()
                                                .SetGroupName("Applications")
                                                .AddConstructor<CrspApplication>())))));
    return tid;
}

CrspApplication::CrspApplication() = default;
CrspApplication::~CrspApplication() = default;

void CrspApplication::SetRole(std::unique_ptr<crsp::Role> role) {
    m_role = std::move(role);
}

crsp::Role* CrspApplication::GetRole() const {
    return m_role.get();
}

crsp::Endpoint* CrspApplication::GetEndpoint() const {
    return m_engine ? &m_engine->GetEndpoint() : nullptr;
}

void CrspApplication::SetTracer(crsp::Tracer* tracer) {
    m_tracer = tracer;
}

void CrspApplication::SetKeyLog(std::function<void(const crsp::TrafficSecret&)> keyLog) {
    m_keyLog = std::move(keyLog);
}

void CrspApplication::SetObserver(crsp::DriverObserver* observer) {
    m_observer = observer;
}

void CrspApplication::Pump() {
    if (m_engine) m_engine->Pump();
}

void CrspApplication::Crash() {
    if (m_engine) m_engine->Crash();
}

int64_t CrspApplication::AssignStreams(int64_t stream) {
    m_stream = stream;
    return 1;
}

void CrspApplication::StartApplication() {
    NS_LOG_FUNCTION(this);
    if (m_engine) return;
    if (!m_role) NS_FATAL_ERROR("CrspApplication on node " << GetNode()->GetId() << " has no role");
    m_engine = std::make_unique<Engine>(*this, OpenSocket());
    m_engine->Start();
}

void CrspApplication::StopApplication() {
    NS_LOG_FUNCTION(this);
    if (m_engine) m_engine->Stop();
}

void CrspApplication::DoDispose() {
    NS_LOG_FUNCTION(this);
    m_engine.reset();
    m_role.reset();
    Application::DoDispose();
}

std::string CrspApplication::RandomStreamName() const {
    const auto run = std::to_string(RngSeedManager::GetRun());
    if (m_stream >= 0) return "ns-3 run " + run + " stream " + std::to_string(m_stream);
    return "ns-3 run " + run + " node " + std::to_string(GetNode()->GetId()) + " port " +
           std::to_string(m_port);
}

Ptr<Socket> CrspApplication::OpenSocket() {
    Ptr<Socket> socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
    socket->SetAttribute("RcvBufSize", UintegerValue(m_socketReceiveBuffer));
    Address local = InetSocketAddress(Ipv4Address::GetAny(), m_port);
    if (Ipv4Address::IsMatchingType(m_local)) {
        local = InetSocketAddress(Ipv4Address::ConvertFrom(m_local), m_port);
    } else if (Ipv6Address::IsMatchingType(m_local)) {
        local = Inet6SocketAddress(Ipv6Address::ConvertFrom(m_local), m_port);
    }
    if (socket->Bind(local) != 0) {
        NS_FATAL_ERROR("CrspApplication on node " << GetNode()->GetId() << " cannot bind UDP port "
                                                  << m_port << ": errno " << socket->GetErrno());
    }
    return socket;
}

}  // namespace ns3
