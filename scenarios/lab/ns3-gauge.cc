// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-gauge.h"

#include <functional>

#include "ns3/abort.h"
#include "ns3/callback.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/tag.h"

namespace crsp::lab {
namespace {

/// Which packet of a hop this is: identifiers of ns-3 are not enough, TCP repeats them.
class NumberTag : public ns3::Tag {
  public:
    explicit NumberTag(std::uint32_t value = 0) : number(value) {}

    static ns3::TypeId GetTypeId() {
        static ns3::TypeId tid = ns3::TypeId("crsp::lab::NumberTag")
                                     .SetParent<ns3::Tag>()
                                     .AddConstructor<NumberTag>()
                                     .SetGroupName("Crsp");
        return tid;
    }
    ns3::TypeId GetInstanceTypeId() const override { return GetTypeId(); }
    std::uint32_t GetSerializedSize() const override { return sizeof(number); }
    void Serialize(ns3::TagBuffer buffer) const override { buffer.WriteU32(number); }
    void Deserialize(ns3::TagBuffer buffer) override { number = buffer.ReadU32(); }
    void Print(std::ostream& os) const override { os << number; }

    std::uint32_t number;
};

using PacketFunction = std::function<void(ns3::Ptr<const ns3::Packet>)>;

void Connect(ns3::Ptr<ns3::PointToPointNetDevice> device, const char* source,
             const PacketFunction& function) {
    const bool connected = device->TraceConnectWithoutContext(
        source, ns3::Callback<void, ns3::Ptr<const ns3::Packet>>(function));
    NS_ABORT_MSG_UNLESS(connected, "no trace source " << source);
}

TimePoint Now() {
    return TimePoint(nanoseconds(ns3::Simulator::Now().GetNanoSeconds()));
}

}  // namespace

Ns3Gauge::Ns3Gauge(ns3::Ptr<ns3::PointToPointNetDevice> from,
                   ns3::Ptr<ns3::PointToPointNetDevice> to) {
    Connect(from, "PhyTxBegin", [this](auto packet) { OnBegin(packet); });
    Connect(from, "PhyTxEnd", [this](auto packet) { OnLeft(packet); });
    // What a filter there drops has arrived.
    for (const char* source : {"PhyRxEnd", "PhyRxDrop"}) {
        Connect(to, source, [this](auto packet) { OnArrived(packet); });
    }
}

/// The tag of the hop before gives way. A packet on the wire is nobody else's.
void Ns3Gauge::OnBegin(ns3::Ptr<const ns3::Packet> packet) {
    NumberTag tag(static_cast<std::uint32_t>(m_crossings.size()));
    ns3::ConstCast<ns3::Packet>(packet)->ReplacePacketTag(tag);
    m_crossings.push_back({Now(), {}, {}, packet->GetSize()});
}

void Ns3Gauge::OnLeft(ns3::Ptr<const ns3::Packet>) {
    m_crossings.back().left = Now();
}

void Ns3Gauge::OnArrived(ns3::Ptr<const ns3::Packet> packet) {
    NumberTag tag;
    if (!packet->PeekPacketTag(tag)) return;
    Crossing& crossing = m_crossings[tag.number];
    // A copy comes after its original or is no news.
    if (!crossing.arrived) crossing.arrived = Now();
}

}  // namespace crsp::lab
