// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-probe.h"

#include <functional>

#include "ns3/abort.h"
#include "ns3/callback.h"
#include "ns3/nstime.h"
#include "ns3/queue.h"
#include "ns3/simulator.h"

namespace crsp::lab {
namespace {

using PacketFunction = std::function<void(ns3::Ptr<const ns3::Packet>)>;

TimePoint Now() {
    return TimePoint(nanoseconds(ns3::Simulator::Now().GetNanoSeconds()));
}

void Connect(ns3::Ptr<ns3::PointToPointNetDevice> device, const char* source,
             const PacketFunction& function) {
    const bool connected = device->GetQueue()->TraceConnectWithoutContext(
        source, ns3::Callback<void, ns3::Ptr<const ns3::Packet>>(function));
    NS_ABORT_MSG_UNLESS(connected, "no trace source " << source);
}

}  // namespace

Ns3Probe::Ns3Probe(ns3::Ptr<ns3::PointToPointNetDevice> device) {
    Connect(device, "Enqueue", [this](auto) { m_waiting.push_back(Now()); });
    Connect(device, "Dequeue", [this](ns3::Ptr<const ns3::Packet> packet) {
        m_passages.push_back({Now(), Now() - m_waiting.front(), packet->GetSize()});
        m_waiting.pop_front();
    });
}

}  // namespace crsp::lab
