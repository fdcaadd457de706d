// SPDX-License-Identifier: GPL-2.0-only
#include <cmath>

#include "ns3/constant-position-mobility-model.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/ssid.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/vector.h"
#include "ns3/wifi-helper.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/yans-wifi-helper.h"
#include "scenarios/lab/ns3-access.h"

namespace crsp::lab {
namespace {

/// What HtMcs8 to HtMcs15 need.
constexpr std::uint32_t kStreams = 2;
/// Random streams of the cell, whatever else was simulated before in the same process.
constexpr std::int64_t kWifiStreams = 1'000'000;
/// How often a station that walks is moved.
constexpr auto kStep = milliseconds(100);

void Stand(ns3::Ptr<ns3::Node> node, const ns3::Vector& where) {
    auto mobility = node->GetObject<ns3::MobilityModel>();
    if (!mobility) {
        mobility = ns3::CreateObject<ns3::ConstantPositionMobilityModel>();
        node->AggregateObject(mobility);
    }
    mobility->SetPosition(where);
}

/// Distance from the access point, m, after `time` of walking there and back.
double DistanceAt(const WifiSpec& wifi, double time) {
    const double length = wifi.far - wifi.distance;
    if (length <= 0) return wifi.distance;
    const double walked = std::fmod(time * wifi.speed, 2 * length);
    return wifi.distance + std::min(walked, 2 * length - walked);
}

/// Each on a line of its own through the access point.
void Walk(const WifiSpec& wifi, ns3::Ptr<ns3::Node> station, double angle) {
    const double distance = DistanceAt(wifi, ns3::Simulator::Now().GetSeconds());
    Stand(station, {distance * std::cos(angle), distance * std::sin(angle), 0});
    if (wifi.speed <= 0) return;
    ns3::Simulator::Schedule(ns3::NanoSeconds(Duration(kStep).count()),
                             [wifi, station, angle] { Walk(wifi, station, angle); });
}

void ChooseMode(const WifiSpec& wifi, ns3::WifiHelper& helper) {
    if (wifi.mode.empty()) {
        helper.SetRemoteStationManager("ns3::IdealWifiManager");
    } else {
        helper.SetRemoteStationManager("ns3::ConstantRateWifiManager", "DataMode",
                                       ns3::StringValue(wifi.mode), "ControlMode",
                                       ns3::StringValue("HtMcs0"));
    }
}

}  // namespace

ns3::NetDeviceContainer BuildWifiCell(const WifiSpec& wifi, ns3::Ptr<ns3::Node> router,
                                      const std::vector<ns3::Ptr<ns3::Node>>& stations) {
    ns3::NodeContainer nodes;
    for (const auto& station : stations) nodes.Add(station);
    ns3::YansWifiPhyHelper phy;
    phy.SetChannel(ns3::YansWifiChannelHelper::Default().Create());
    phy.Set("Antennas", ns3::UintegerValue(kStreams));
    phy.Set("MaxSupportedTxSpatialStreams", ns3::UintegerValue(kStreams));
    phy.Set("MaxSupportedRxSpatialStreams", ns3::UintegerValue(kStreams));
    ns3::WifiHelper helper;
    helper.SetStandard(ns3::WIFI_STANDARD_80211n);
    ChooseMode(wifi, helper);
    ns3::WifiMacHelper mac;
    mac.SetType("ns3::ApWifiMac", "Ssid", ns3::SsidValue(ns3::Ssid("crsp")));
    ns3::NetDeviceContainer devices = helper.Install(phy, mac, router);
    mac.SetType("ns3::StaWifiMac", "Ssid", ns3::SsidValue(ns3::Ssid("crsp")));
    devices.Add(helper.Install(phy, mac, nodes));
    helper.AssignStreams(devices, kWifiStreams);
    Stand(router, {0, 0, 0});
    for (std::size_t i = 0; i < stations.size(); ++i) {
        Walk(wifi, stations[i],
             2 * M_PI * static_cast<double>(i) / static_cast<double>(stations.size()));
    }
    return devices;
}

}  // namespace crsp::lab
