// SPDX-License-Identifier: GPL-2.0-only
//
// For ns-3's own test runner: the adapter and its helper as an ns-3 user meets them.
#include <string>

#include "apps/ns3/crsp-application.h"
#include "apps/ns3/crsp-helper.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/error-model.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/uinteger.h"

using namespace ns3;

namespace {

constexpr uint64_t kSize = 100'000;

/// A server and a renderer on a link; the controller sits beside the server.
class CrspTestCase : public TestCase {
  public:
    using TestCase::TestCase;

  protected:
    void Build(double loss) {
        m_nodes.Create(2);
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue("10Mbps"));
        link.SetChannelAttribute("Delay", StringValue("20ms"));
        const auto devices = link.Install(m_nodes);
        for (uint32_t i = 0; i < 2; ++i) {
            auto errors = CreateObject<RateErrorModel>();
            errors->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
            errors->SetRate(loss);
            errors->AssignStreams(i);
            devices.Get(i)->SetAttribute("ReceiveErrorModel", PointerValue(errors));
        }
        InternetStackHelper().Install(m_nodes);
        Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
        const auto interfaces = addresses.Assign(devices);
        m_server = InetSocketAddress(interfaces.GetAddress(0), CrspHelper::kServerPort);
        m_player = InetSocketAddress(interfaces.GetAddress(1), CrspHelper::kRendererPort);
    }

    void Install(const std::string& script) {
        m_servers = m_helper.InstallServer(m_nodes.Get(0), {{"song", kSize}});
        m_renderers = m_helper.InstallRenderer(m_nodes.Get(1), m_server);
        m_controllers = m_helper.InstallController(m_nodes.Get(0), m_server, m_player, script);
    }

    NodeContainer m_nodes;
    CrspHelper m_helper;
    Address m_server;
    Address m_player;
    ApplicationContainer m_servers;
    ApplicationContainer m_renderers;
    ApplicationContainer m_controllers;
};

class CrspTransferTestCase : public CrspTestCase {
  public:
    explicit CrspTransferTestCase(double loss)
        : CrspTestCase("A file crosses a link with loss " + std::to_string(loss)), m_loss(loss) {}

  private:
    void DoRun() override {
        Build(m_loss);
        Install("0.5 list\n1 play song\n");
        Simulator::Stop(Seconds(60));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(CrspHelper::GetBytesRendered(m_renderers), kSize, "bytes rendered");
        NS_TEST_EXPECT_MSG_EQ(CrspHelper::IsFinished(m_controllers), true, "controller finished");
        Simulator::Destroy();
    }

    double m_loss;
};

class CrspPauseTestCase : public CrspTestCase {
  public:
    CrspPauseTestCase() : CrspTestCase("A pause holds until resume") {}

  private:
    void DoRun() override {
        Build(0);
        m_helper.SetAttribute("StreamReceiveWindow", UintegerValue(10'000));
        m_helper.SetAttribute("MaxStreamReceiveWindow", UintegerValue(10'000));
        Install("1 play song\n1.3 pause\n5 resume\n");
        Simulator::Schedule(Seconds(2), &CrspPauseTestCase::Note, this, &m_early);
        Simulator::Schedule(Seconds(4.9), &CrspPauseTestCase::Note, this, &m_late);
        Simulator::Stop(Seconds(60));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_GT(m_early, 0, "something was rendered before the pause");
        NS_TEST_EXPECT_MSG_LT(m_early, kSize, "the pause came before the end");
        NS_TEST_EXPECT_MSG_EQ(m_early, m_late, "nothing was rendered while paused");
        NS_TEST_EXPECT_MSG_EQ(CrspHelper::GetBytesRendered(m_renderers), kSize, "the rest came");
        Simulator::Destroy();
    }

    void Note(uint64_t* bytes) { *bytes = CrspHelper::GetBytesRendered(m_renderers); }

    uint64_t m_early = 0;
    uint64_t m_late = 0;
};

class CrspTraceTestCase : public CrspTestCase {
  public:
    CrspTraceTestCase() : CrspTestCase("Trace sources tell what happens") {}

  private:
    void DoRun() override {
        Build(0);
        Install("1 play song\n");
        const auto server = m_servers.Get(0);
        server->TraceConnectWithoutContext("Tx", MakeCallback(&CrspTraceTestCase::Sent, this));
        server->TraceConnectWithoutContext("Rx", MakeCallback(&CrspTraceTestCase::Received, this));
        server->TraceConnectWithoutContext("Rtt", MakeCallback(&CrspTraceTestCase::Rtt, this));
        server->TraceConnectWithoutContext("CongestionWindow",
                                           MakeCallback(&CrspTraceTestCase::Window, this));
        Simulator::Stop(Seconds(30));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_GT(m_sent, kSize / 1452, "datagrams sent");
        NS_TEST_EXPECT_MSG_GT(m_received, 1, "datagrams received");
        NS_TEST_EXPECT_MSG_GT_OR_EQ(m_rtt, MilliSeconds(40), "RTT is at least the path's");
        NS_TEST_EXPECT_MSG_LT(m_rtt, MilliSeconds(400), "RTT is not absurd");
        NS_TEST_EXPECT_MSG_GT(m_window, 0, "a window was reported");
        Simulator::Destroy();
    }

    void Sent(Ptr<const Packet>, const Address&) { ++m_sent; }
    void Received(Ptr<const Packet>, const Address&) { ++m_received; }
    void Rtt(Time, Time now) { m_rtt = now; }
    void Window(uint32_t, uint32_t now) { m_window = now; }

    uint64_t m_sent = 0;
    uint64_t m_received = 0;
    Time m_rtt;
    uint32_t m_window = 0;
};

class CrspKeyTestCase : public CrspTestCase {
  public:
    CrspKeyTestCase() : CrspTestCase("Nodes with different keys do not talk") {}

  private:
    void DoRun() override {
        Build(0);
        m_helper.SetAttribute("PreSharedKey", StringValue(std::string(64, '1')));
        m_servers = m_helper.InstallServer(m_nodes.Get(0), {{"song", kSize}});
        m_renderers = m_helper.InstallRenderer(m_nodes.Get(1), m_server);
        m_helper.SetAttribute("PreSharedKey", StringValue(std::string(64, '2')));
        m_controllers =
            m_helper.InstallController(m_nodes.Get(0), m_server, m_player, "1 play song\n");
        Simulator::Stop(Seconds(60));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(CrspHelper::GetBytesRendered(m_renderers), 0, "nothing was rendered");
        Simulator::Destroy();
    }
};

class CrspTestSuite : public TestSuite {
  public:
    CrspTestSuite() : TestSuite("crsp", UNIT) {
        AddTestCase(new CrspTransferTestCase(0), TestCase::QUICK);
        AddTestCase(new CrspTransferTestCase(0.05), TestCase::QUICK);
        AddTestCase(new CrspPauseTestCase(), TestCase::QUICK);
        AddTestCase(new CrspTraceTestCase(), TestCase::QUICK);
        AddTestCase(new CrspKeyTestCase(), TestCase::QUICK);
    }
};

const CrspTestSuite g_crspTestSuite;

}  // namespace
