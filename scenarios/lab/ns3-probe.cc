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

Ns3Probe::Ns3Probe(ns3::Ptr<ns3::PointToPointNetDevice> device,
                   ns3::Ptr<ns3::QueueDisc> discipline) {
    Connect(device, "Enqueue", [this](auto) {
        m_waiting.push_back(Now() - m_before);
        m_before = {};
    });
    Connect(device, "Dequeue", [this](ns3::Ptr<const ns3::Packet> packet) {
        m_passages.push_back({Now(), Now() - m_waiting.front(), packet->GetSize()});
        m_waiting.pop_front();
    });
    if (!discipline) return;
    // What a discipline lets go it hands to the device at once.
    const std::function<void(ns3::Time)> left = [this](ns3::Time sojourn) {
        m_before = nanoseconds(sojourn.GetNanoSeconds());
    };
    const bool connected =
        discipline->TraceConnectWithoutContext("SojournTime", ns3::Callback<void, ns3::Time>(left));
    NS_ABORT_MSG_UNLESS(connected, "no trace source SojournTime");
}

}  // namespace crsp::lab
