// SPDX-License-Identifier: GPL-2.0-only
//
// ns-3's own queue disciplines mark what our applications send (CRSP §6.7).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "apps/ns3/crsp-application.h"
#include "apps/ns3/crsp-helper.h"
#include "model/connection/endpoint.h"
#include "ns3/boolean.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv6-address-helper.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/queue-disc.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/traffic-control-helper.h"

namespace crsp::lab {
namespace {

constexpr std::uint64_t kSize = 8'000'000;
constexpr std::uint16_t kServerPort = 59001;
constexpr std::uint16_t kRendererPort = 59002;

struct Setting {
    std::string congestion = "cubic";
    bool ecn = true;
    bool ipv6 = false;
    std::string disc = "ns3::CoDelQueueDisc";
};

struct Result {
    std::uint64_t rendered = 0;
    double seconds = 0;
    ConnectionStats sent;      ///< of the server toward the renderer
    ConnectionStats received;  ///< of the renderer from the server
    std::uint64_t marked = 0;
    std::uint64_t dropped = 0;
    double delayP95 = 0;  ///< ms in the discipline
};

/// A server and a renderer with 10 Mbit/s and 20 ms between them, behind a discipline that marks.
class MarkedLink {
  public:
    explicit MarkedLink(const Setting& setting) : m_setting(setting) {
        m_nodes.Create(2);
        ns3::PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", ns3::StringValue("10Mbps"));
        link.SetChannelAttribute("Delay", ns3::StringValue("20ms"));
        // So that packets wait where they are marked, not in the device behind it.
        link.SetQueue("ns3::DropTailQueue", "MaxSize", ns3::StringValue("2p"));
        m_devices = link.Install(m_nodes);
        ns3::InternetStackHelper().Install(m_nodes);
        ns3::TrafficControlHelper control;
        control.SetRootQueueDisc(setting.disc, "UseEcn", ns3::BooleanValue(true));
        m_disc = control.Install(m_devices.Get(0)).Get(0);
        m_disc->TraceConnectWithoutContext("SojournTime",
                                           ns3::MakeCallback(&MarkedLink::Note, this));
    }
    ~MarkedLink() { ns3::Simulator::Destroy(); }

    Result Run() {
        m_helper.SetAttribute("Congestion", ns3::StringValue(m_setting.congestion));
        m_helper.SetAttribute("Ecn", ns3::BooleanValue(m_setting.ecn));
        m_setting.ipv6 ? AssignIpv6() : AssignIpv4();
        const auto servers = m_helper.InstallServer(m_nodes.Get(0), {{"song", kSize}});
        m_renderers = m_helper.InstallRenderer(m_nodes.Get(1), m_server);
        m_helper.InstallController(m_nodes.Get(0), m_server, m_player, "1 play song\n");
        Poll();
        ns3::Simulator::Stop(ns3::Seconds(60));
        ns3::Simulator::Run();
        Result result;
        result.rendered = ns3::CrspHelper::GetBytesRendered(m_renderers);
        result.seconds = ns3::Simulator::Now().GetSeconds() - 1;
        result.sent = BusiestOf(servers);
        result.received = BusiestOf(m_renderers);
        result.marked = m_disc->GetStats().nTotalMarkedPackets;
        result.dropped = m_disc->GetStats().nTotalDroppedPackets;
        std::sort(m_delays.begin(), m_delays.end());
        if (!m_delays.empty()) result.delayP95 = m_delays[m_delays.size() * 95 / 100];
        return result;
    }

  private:
    void AssignIpv4() {
        ns3::Ipv4AddressHelper addresses("10.1.1.0", "255.255.255.0");
        const auto assigned = addresses.Assign(m_devices);
        m_server = ns3::InetSocketAddress(assigned.GetAddress(0), kServerPort);
        m_player = ns3::InetSocketAddress(assigned.GetAddress(1), kRendererPort);
    }
    void AssignIpv6() {
        ns3::Ipv6AddressHelper addresses("2001:db8::", 64);
        const auto assigned = addresses.Assign(m_devices);
        m_helper.SetAttribute("Local", ns3::AddressValue(ns3::Ipv6Address::GetAny()));
        m_server = ns3::Inet6SocketAddress(assigned.GetAddress(0, 1), kServerPort);
        m_player = ns3::Inet6SocketAddress(assigned.GetAddress(1, 1), kRendererPort);
    }
    void Poll() {
        if (ns3::CrspHelper::GetBytesRendered(m_renderers) == kSize) {
            return ns3::Simulator::Stop();
        }
        ns3::Simulator::Schedule(ns3::MilliSeconds(50), &MarkedLink::Poll, this);
    }
    void Note(ns3::Time delay) { m_delays.push_back(delay.GetSeconds() * 1000); }
    /// A node has two connections: with the controller, and this.
    static ConnectionStats BusiestOf(const ns3::ApplicationContainer& applications) {
        const auto application = ns3::DynamicCast<ns3::CrspApplication>(applications.Get(0));
        ConnectionStats busiest;
        for (ConnectionHandle handle = 1; handle <= 2; ++handle) {
            const auto stats = application->GetEndpoint()->StatsOf(handle);
            if (stats && stats->bytesSent + stats->bytesReceived >
                             busiest.bytesSent + busiest.bytesReceived) {
                busiest = *stats;
            }
        }
        return busiest;
    }

    Setting m_setting;
    ns3::NodeContainer m_nodes;
    ns3::NetDeviceContainer m_devices;
    ns3::Ptr<ns3::QueueDisc> m_disc;
    ns3::CrspHelper m_helper;
    ns3::ApplicationContainer m_renderers;
    ns3::Address m_server;
    ns3::Address m_player;
    std::vector<double> m_delays;
};

Result RunWith(const Setting& setting) {
    return MarkedLink(setting).Run();
}

constexpr std::uint64_t kCapable = 3;

TEST(EcnInNs3, CoDelMarksInsteadOfDroppingAndTheQueueStaysShort) {
    for (const bool ipv6 : {false, true}) {
        const Result result = RunWith({.ipv6 = ipv6});
        EXPECT_EQ(result.rendered, kSize) << ipv6;
        EXPECT_EQ(result.sent.ecnState, kCapable) << ipv6;
        EXPECT_GT(result.marked, 0u) << ipv6;
        EXPECT_EQ(result.received.ceReceived, result.marked) << ipv6;
        EXPECT_GT(result.sent.congestionEventsByEcn, 0u) << ipv6;
        EXPECT_EQ(result.dropped, 0u) << ipv6;
        EXPECT_EQ(result.sent.packetsLost, 0u) << ipv6;
        // CUBIC's start takes the discipline a while; 100 ms of queue would be a drop-tail's.
        EXPECT_LT(result.delayP95, 60) << ipv6;
        EXPECT_GT(static_cast<double>(kSize) * 8 / result.seconds, 0.8 * 10e6) << ipv6;
    }
}

TEST(EcnInNs3, WithoutEcnTheSameCoDelDrops) {
    const Result result = RunWith({.ecn = false});
    EXPECT_EQ(result.rendered, kSize);
    EXPECT_EQ(result.marked, 0u);
    EXPECT_GT(result.dropped, 0u);
    EXPECT_GT(result.sent.packetsLost, 0u);
    EXPECT_EQ(result.sent.ect0Sent, 0u);
}

TEST(EcnInNs3, TheDefaultControllerKeepsWithinTheSameQueue) {
    const Result result = RunWith({.congestion = "bbr_lda"});
    EXPECT_EQ(result.rendered, kSize);
    EXPECT_EQ(result.sent.ecnState, kCapable);
    EXPECT_EQ(result.received.ceReceived, result.marked);
    EXPECT_EQ(result.dropped, 0u);
    EXPECT_EQ(result.sent.packetsLost, 0u);
    EXPECT_LT(result.delayP95, 30);
    EXPECT_GT(static_cast<double>(kSize) * 8 / result.seconds, 0.8 * 10e6);
}

TEST(EcnInNs3, RedMarksOurPackets) {
    const Result result = RunWith({.congestion = "new_reno", .disc = "ns3::RedQueueDisc"});
    EXPECT_EQ(result.rendered, kSize);
    EXPECT_GT(result.marked, 0u);
    EXPECT_EQ(result.received.ceReceived, result.marked);
    EXPECT_GT(result.sent.congestionEventsByEcn, 0u);
}

}  // namespace
}  // namespace crsp::lab
