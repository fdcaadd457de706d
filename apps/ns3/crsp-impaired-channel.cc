// SPDX-License-Identifier: GPL-2.0-only
#include "apps/ns3/crsp-impaired-channel.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "model/impair/link-emulator.h"
#include "ns3/abort.h"
#include "ns3/fatal-error.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"

namespace ns3 {

NS_LOG_COMPONENT_DEFINE("CrspImpairedChannel");
NS_OBJECT_ENSURE_REGISTERED(CrspImpairedChannel);

namespace {

constexpr uint32_t kPppHeader = 2;
constexpr uint32_t kIpv6Header = 40;
constexpr uint32_t kUdpHeader = 8;
constexpr uint32_t kMaxHeaders = kPppHeader + 60 + kUdpHeader;
/// PPP, IPv4 and UDP: what is taken off a packet that is no UDP datagram, so that all are offered
/// with the same overhead.
constexpr uint32_t kUsualHeaders = 30;
constexpr uint8_t kUdpProtocol = 17;

using HeaderBytes = std::array<uint8_t, kMaxHeaders>;

/// Where the UDP header of an IPv4 packet begins; nothing if there is none or it is a fragment.
std::optional<uint32_t> UdpInIpv4(const HeaderBytes& bytes) {
    const uint8_t* ip = bytes.data() + kPppHeader;
    const bool fragment = (ip[6] & 0x3f) != 0 || ip[7] != 0;
    if (fragment || ip[9] != kUdpProtocol) return std::nullopt;
    return kPppHeader + 4 * (ip[0] & 0x0fU);
}

std::optional<uint32_t> UdpInIpv6(const HeaderBytes& bytes) {
    if (bytes[kPppHeader + 6] != kUdpProtocol) return std::nullopt;
    return kPppHeader + kIpv6Header;
}

/// Where the payload of a whole UDP datagram begins in a packet with a PPP header.
std::optional<uint32_t> UdpPayloadOffset(Ptr<const Packet> packet) {
    HeaderBytes bytes{};
    const uint32_t copied = packet->CopyData(bytes.data(), kMaxHeaders);
    const unsigned protocol = bytes[0] * 256U + bytes[1];
    std::optional<uint32_t> udp;
    if (protocol == 0x0021) udp = UdpInIpv4(bytes);
    if (protocol == 0x0057) udp = UdpInIpv6(bytes);
    if (!udp || *udp + kUdpHeader > copied) return std::nullopt;
    return *udp + kUdpHeader;
}

uint32_t OfferedBytes(Ptr<const Packet> packet, std::optional<uint32_t> payloadOffset) {
    const uint32_t headers = payloadOffset.value_or(kUsualHeaders);
    return std::max(packet->GetSize(), headers) - headers;
}

/// A copy with its headers and packet tags as they were, and with a damaged payload.
Ptr<Packet> Damaged(Ptr<const Packet> packet, uint32_t offset, const crsp::Corruption& corruption) {
    std::vector<uint8_t> bytes(packet->GetSize());
    packet->CopyData(bytes.data(), packet->GetSize());
    const auto payload = std::as_writable_bytes(std::span(bytes)).subspan(offset);
    const auto rest = crsp::ApplyCorruption(corruption, payload);
    Ptr<Packet> copy = packet->CreateFragment(0, offset);
    copy->AddAtEnd(Create<Packet>(bytes.data() + offset, static_cast<uint32_t>(rest.size())));
    return copy;
}

crsp::TimePoint ToTimePoint(const Time& time) {
    return crsp::TimePoint{crsp::nanoseconds(time.GetNanoSeconds())};
}

Time ToTime(crsp::TimePoint time) {
    return NanoSeconds(time.time_since_epoch().count());
}

}  // namespace

class CrspImpairedChannel::Direction {
  public:
    Direction(const crsp::ImpairmentConfig& config, uint64_t seed, const std::string& name)
        : emulator(config, seed, name) {}

    crsp::LinkEmulator emulator;
    uint64_t checksumDrops = 0;
    Time heldUntil;
};

TypeId CrspImpairedChannel::GetTypeId() {
    static TypeId tid =
        TypeId("ns3::CrspImpairedChannel")
            .SetParent<PointToPointChannel>()
            .SetGroupName("Crsp")
            .AddConstructor<CrspImpairedChannel>()
            .AddTraceSource("Drop", "A packet that does not arrive, and why.",
                            MakeTraceSourceAccessor(&CrspImpairedChannel::m_dropTrace),
                            "ns3::CrspImpairedChannel::DropCallback");
    return tid;
}

CrspImpairedChannel::CrspImpairedChannel() {
    for (auto& direction : m_directions) {
        direction = std::make_unique<Direction>(crsp::ImpairmentConfig{}, 0, "");
    }
}

CrspImpairedChannel::~CrspImpairedChannel() = default;

void CrspImpairedChannel::DoDispose() {
    for (auto& direction : m_directions) direction.reset();
    PointToPointChannel::DoDispose();
}

Ptr<CrspImpairedChannel> CrspImpairedChannel::Replace(const NetDeviceContainer& link) {
    NS_ABORT_MSG_IF(link.GetN() != 2, "CrspImpairedChannel::Replace: a link has two devices");
    auto channel = CreateObject<CrspImpairedChannel>();
    TimeValue delay;
    link.Get(0)->GetChannel()->GetAttribute("Delay", delay);
    channel->SetAttribute("Delay", delay);
    for (uint32_t i = 0; i < 2; ++i) {
        auto device = DynamicCast<PointToPointNetDevice>(link.Get(i));
        NS_ABORT_MSG_IF(!device, "CrspImpairedChannel::Replace: no point-to-point device");
        device->Attach(channel);
    }
    return channel;
}

void CrspImpairedChannel::SetImpairments(uint32_t direction, const crsp::ImpairmentConfig& config,
                                         uint64_t seed, const std::string& name) {
    const auto valid = crsp::Validate(config);
    if (!valid) NS_FATAL_ERROR("CrspImpairedChannel: " << valid.error());
    if (config.ecn != crsp::EcnTreatment::kCarry) {
        NS_FATAL_ERROR("CrspImpairedChannel: ECN marks belong to the queue discs of ns-3");
    }
    At(direction) = Direction(config, seed, name);
}

void CrspImpairedChannel::ChangeDelay(uint32_t direction, Time delay,
                                      const crsp::JitterConfig& jitter) {
    At(direction).emulator.ChangeDelay(crsp::nanoseconds(delay.GetNanoSeconds()), jitter);
}

void CrspImpairedChannel::HoldUntil(uint32_t direction, Time until) {
    At(direction).heldUntil = until;
}

CrspImpairedChannel::Direction& CrspImpairedChannel::At(uint32_t direction) const {
    NS_ABORT_MSG_IF(direction > 1 || !m_directions[direction],
                    "CrspImpairedChannel: directions are 0 and 1, until disposal");
    return *m_directions[direction];
}

const crsp::LinkCounters& CrspImpairedChannel::GetCounters(uint32_t direction) const {
    return At(direction).emulator.Counters();
}

uint64_t CrspImpairedChannel::GetChecksumDrops(uint32_t direction) const {
    return At(direction).checksumDrops;
}

bool CrspImpairedChannel::TransmitStart(Ptr<const Packet> packet, Ptr<PointToPointNetDevice> source,
                                        Time txTime) {
    NS_LOG_FUNCTION(this << packet << source << txTime);
    const uint32_t wire = source == GetSource(0) ? 0 : 1;
    Direction& direction = At(wire);
    const auto bytes = OfferedBytes(packet, UdpPayloadOffset(packet));
    const Time from = std::max(Simulator::Now(), direction.heldUntil);
    const auto verdict = direction.emulator.Offer(ToTimePoint(from + txTime), bytes);
    if (verdict.Dropped()) m_dropTrace(packet, std::string(ToString(verdict.Reason())));
    for (const auto& delivery : verdict.Deliveries()) {
        Deliver(direction, packet, GetDestination(wire), delivery);
    }
    return true;
}

void CrspImpairedChannel::Deliver(Direction& direction, Ptr<const Packet> packet,
                                  Ptr<PointToPointNetDevice> to, const crsp::Delivery& delivery) {
    Ptr<Packet> copy;
    if (!delivery.corruption) {
        copy = packet->Copy();
    } else if (const auto offset = UdpPayloadOffset(packet)) {
        copy = Damaged(packet, *offset, *delivery.corruption);
    } else {
        ++direction.checksumDrops;
        m_dropTrace(packet, "checksum");
        return;
    }
    const Time wait = ToTime(delivery.at) + GetDelay() - Simulator::Now();
    Simulator::ScheduleWithContext(to->GetNode()->GetId(), wait, &PointToPointNetDevice::Receive,
                                   to, copy);
}

}  // namespace ns3
