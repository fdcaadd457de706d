// SPDX-License-Identifier: GPL-2.0-only
#include "ns3/node-container.h"
#include "ns3/ssid.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wifi-helper.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/yans-wifi-helper.h"
#include "scenarios/lab/ns3-access.h"
#include "scenarios/lab/ns3-walk.h"

namespace crsp::lab {
namespace {

/// What HtMcs8 to HtMcs15 need.
constexpr std::uint32_t kStreams = 2;
/// Random streams of the cell, whatever else was simulated before in the same process.
constexpr std::int64_t kWifiStreams = 1'000'000;

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
        Walk(wifi.walk, {0, 0, 0}, stations[i], i, stations.size());
    }
    return devices;
}

}  // namespace crsp::lab
