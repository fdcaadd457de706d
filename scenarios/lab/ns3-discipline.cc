// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/ns3-discipline.h"

#include <fmt/format.h>

#include <algorithm>

#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/nstime.h"
#include "ns3/queue-size.h"
#include "ns3/traffic-control-helper.h"

namespace crsp::lab {
namespace {

const char* TypeOf(QueueKind kind) {
    switch (kind) {
        case QueueKind::kCoDel:
            return "ns3::CoDelQueueDisc";
        case QueueKind::kFqCoDel:
            return "ns3::FqCoDelQueueDisc";
        case QueueKind::kPie:
            return "ns3::PieQueueDisc";
        case QueueKind::kRed:
            return "ns3::RedQueueDisc";
        case QueueKind::kDropTail:
            break;
    }
    return "ns3::FifoQueueDisc";
}

/// The rule of RED's author: the upper threshold is three times the lower one, and the queue is
/// seldom full (Floyd, "RED: Discussions of Setting Parameters", 1997).
void SetThresholds(const LinkSpec& link, std::uint64_t packets, ns3::Ptr<ns3::QueueDisc> red) {
    const double lower = std::max(1.0, static_cast<double>(packets) / 6);
    red->SetAttribute("MinTh", ns3::DoubleValue(lower));
    red->SetAttribute("MaxTh", ns3::DoubleValue(3 * lower));
    red->SetAttribute("MeanPktSize", ns3::UintegerValue(kQueuePacketBytes));
    red->SetAttribute("LinkBandwidth",
                      ns3::DataRateValue(ns3::DataRate(static_cast<std::uint64_t>(link.rate))));
    red->SetAttribute("LinkDelay", ns3::TimeValue(ns3::NanoSeconds(link.delay.count())));
}

}  // namespace

ns3::Ptr<ns3::QueueDisc> InstallQueueDiscipline(const LinkSpec& link, std::uint64_t bytes,
                                                ns3::Ptr<ns3::PointToPointNetDevice> device) {
    const std::uint64_t packets = std::max<std::uint64_t>(bytes / kQueuePacketBytes, 1);
    device->GetQueue()->SetMaxSize(ns3::QueueSize("1p"));
    ns3::TrafficControlHelper helper;
    helper.SetRootQueueDisc(TypeOf(link.discipline));
    const auto discipline = helper.Install(device).Get(0);
    discipline->SetMaxSize(ns3::QueueSize(fmt::format("{}p", packets)));
    discipline->SetAttribute("UseEcn", ns3::BooleanValue(link.marks));
    if (link.discipline == QueueKind::kRed) SetThresholds(link, packets, discipline);
    return discipline;
}

}  // namespace crsp::lab
