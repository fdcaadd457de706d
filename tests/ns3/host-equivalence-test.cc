// SPDX-License-Identifier: GPL-2.0-only
//
// One engine, two hosts: a run recorded in ns-3 and played to the Asio host gives the same
// datagrams byte for byte, and the other way round.
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "apps/live/asio-host.h"
#include "apps/ns3/address-conversion.h"
#include "apps/ns3/ns3-host.h"
#include "model/media/memory-content-store.h"
#include "model/media/renderer-role.h"
#include "model/media/scripted-controller.h"
#include "model/media/server-role.h"
#include "ns3/error-model.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"
#include "scenarios/lab/hash-sink.h"
#include "tests/ns3/recording.h"

namespace crsp::test {
namespace {

constexpr std::size_t kNodes = 3;
constexpr std::size_t kServer = 0;
constexpr std::size_t kRenderer = 1;
constexpr std::size_t kController = 2;
constexpr std::uint64_t kContentBytes = 200'000;

using Addresses = std::array<SocketAddress, kNodes>;

/// The three roles as fresh as at the start of a run; the same addresses give the same roles.
class Cast {
  public:
    explicit Cast(const Addresses& addresses)
        : m_server({}, m_store),
          m_renderer(RendererAt(addresses), m_sink),
          m_controller(ControllerAt(addresses)) {
        m_store.AddGenerated("song", kContentBytes, 7);
    }

    Role& At(std::size_t index) {
        if (index == kServer) return m_server;
        return index == kRenderer ? static_cast<Role&>(m_renderer) : m_controller;
    }
    const ScriptedController& Controller() const { return m_controller; }
    std::uint64_t Rendered() const { return m_sink.Position(); }

  private:
    static RendererConfig RendererAt(const Addresses& addresses) {
        RendererConfig config;
        config.servers = {{"server", {addresses[kServer]}}};
        return config;
    }
    static ScriptedControllerConfig ControllerAt(const Addresses& addresses) {
        ScriptedControllerConfig config;
        config.controller.server = PeerTarget{addresses[kServer]};
        config.controller.renderer = PeerTarget{addresses[kRenderer]};
        config.controller.instance = 3;
        config.script = {{milliseconds(100), Verb::kPlay, "song"},
                         {milliseconds(250), Verb::kPause, ""},
                         {milliseconds(400), Verb::kResume, ""},
                         {milliseconds(500), Verb::kRestart, ""}};
        config.limit = seconds(60);
        return config;
    }

    MemoryContentStore m_store;
    lab::HashSink m_sink;
    ServerRole m_server;
    RendererRole m_renderer;
    ScriptedController m_controller;
};

EndpointConfig ConfigOf(std::size_t node) {
    EndpointConfig config;
    config.seed.fill(static_cast<std::byte>(node + 1));
    config.psk.emplace();
    config.psk->fill(std::byte{9});
    return config;
}

/// An endpoint and a recorded driver on some host.
struct Engine {
    Engine(Host& host, Role& role, std::size_t node, Recording& recording)
        : endpoint(ConfigOf(node)), driver(host, endpoint, role, &recording) {}

    Endpoint endpoint;
    Driver driver;
};

using Engines = std::array<std::unique_ptr<Engine>, kNodes>;

/// A run of all three nodes.
struct Session {
    Addresses addresses;
    std::array<Recording, kNodes> recordings;
    bool finished = false;
    std::uint64_t rendered = 0;
};

/// Two ns-3 nodes with 5 % loss each way: the server and the controller on one, the renderer on the
/// other.
Session RecordInNs3() {
    ns3::RngSeedManager::SetRun(1);
    ns3::NodeContainer nodes;
    nodes.Create(2);
    ns3::PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", ns3::StringValue("10Mbps"));
    link.SetChannelAttribute("Delay", ns3::StringValue("20ms"));
    const auto devices = link.Install(nodes);
    for (std::uint32_t i = 0; i < 2; ++i) {
        auto errors = ns3::CreateObject<ns3::RateErrorModel>();
        errors->SetUnit(ns3::RateErrorModel::ERROR_UNIT_PACKET);
        errors->SetRate(0.05);
        errors->AssignStreams(i);
        devices.Get(i)->SetAttribute("ReceiveErrorModel", ns3::PointerValue(errors));
    }
    ns3::InternetStackHelper().Install(nodes);
    ns3::Ipv4AddressHelper helper("10.0.0.0", "255.255.255.0");
    const auto interfaces = helper.Assign(devices);

    Session run;
    std::array<std::unique_ptr<ns3::Ns3Host>, kNodes> hosts;
    const std::array<std::uint32_t, kNodes> places{0, 1, 0};
    for (std::size_t i = 0; i < kNodes; ++i) {
        const auto port = static_cast<std::uint16_t>(59001 + i);
        const ns3::InetSocketAddress at(interfaces.GetAddress(places[i]), port);
        run.addresses[i] = ns3::FromNs3Address(at);
        auto socket =
            ns3::Socket::CreateSocket(nodes.Get(places[i]), ns3::UdpSocketFactory::GetTypeId());
        socket->SetAttribute("RcvBufSize", ns3::UintegerValue(1 << 20));
        socket->Bind(at);
        hosts[i] = std::make_unique<ns3::Ns3Host>(socket);
    }
    Cast cast(run.addresses);
    Engines engines;
    for (std::size_t i = 0; i < kNodes; ++i) {
        engines[i] = std::make_unique<Engine>(*hosts[i], cast.At(i), i, run.recordings[i]);
        ns3::Simulator::Schedule(ns3::MilliSeconds(1),
                                 [&, i] { hosts[i]->Start(engines[i]->driver); });
    }
    ns3::Simulator::Stop(ns3::Seconds(30));
    ns3::Simulator::Run();
    run.finished = cast.Controller().Finished();
    run.rendered = cast.Rendered();
    for (auto& host : hosts) host.reset();
    ns3::Simulator::Destroy();
    return run;
}

/// The clock of a live run: it stands still within a turn, so that a turn's inputs have one time,
/// as they have in a simulation.
class TurnClock {
  public:
    TimePoint Now() const { return m_now; }
    void Turn() { m_now = SteadyNow(); }

  private:
    TimePoint m_now = SteadyNow();
};

SocketAddress Loopback() {
    return SocketAddress::FromIpv4(0x7f000001, 0);
}

/// Three Asio hosts over loopback in one thread.
Session RecordLive() {
    boost::asio::io_context io(1);
    TurnClock clock;
    Session run;
    std::array<std::unique_ptr<AsioHost>, kNodes> hosts;
    for (std::size_t i = 0; i < kNodes; ++i) {
        hosts[i] = std::make_unique<AsioHost>(io, [&clock] { return clock.Now(); });
        if (const auto error = hosts[i]->Open(Loopback())) {
            ADD_FAILURE() << error.message();
            return run;
        }
        run.addresses[i] = hosts[i]->LocalAddress();
    }
    Cast cast(run.addresses);
    Engines engines;
    for (std::size_t i = 0; i < kNodes; ++i) {
        engines[i] = std::make_unique<Engine>(*hosts[i], cast.At(i), i, run.recordings[i]);
        hosts[i]->Start(engines[i]->driver);
    }
    const TimePoint limit = SteadyNow() + seconds(30);
    while (!cast.Controller().Finished() && SteadyNow() < limit) {
        clock.Turn();
        if (io.poll_one() == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    run.finished = cast.Controller().Finished();
    run.rendered = cast.Rendered();
    for (auto& host : hosts) host->Stop();
    io.poll();
    return run;
}

/// What one node of a run sends when its recorded inputs come to it on an Asio host.
std::vector<Recording::Output> ReplayOnAsio(const Session& run, std::size_t node) {
    boost::asio::io_context io(1);
    TimePoint now;
    AsioHost host(io, [&now] { return now; });
    Cast cast(run.addresses);
    Recording replayed;
    Engine engine(host, cast.At(node), node, replayed);
    for (const ReplayStep& step : StepsOf(run.recordings[node])) {
        now = step.at;
        step.call(engine.driver);
    }
    return replayed.Outputs();
}

/// The same on an ns-3 host: each input is an event at its time.
std::vector<Recording::Output> ReplayInNs3(const Session& run, std::size_t node) {
    ns3::Ns3Host host;
    Cast cast(run.addresses);
    Recording replayed;
    Engine engine(host, cast.At(node), node, replayed);
    for (const ReplayStep& step : StepsOf(run.recordings[node])) {
        ns3::Simulator::Schedule(ns3::NanoSeconds(step.at.time_since_epoch().count()),
                                 [&engine, call = step.call] { call(engine.driver); });
    }
    ns3::Simulator::Run();
    ns3::Simulator::Destroy();
    return replayed.Outputs();
}

void ExpectEqual(const std::vector<Recording::Output>& recorded,
                 const std::vector<Recording::Output>& replayed) {
    ASSERT_FALSE(recorded.empty());
    ASSERT_EQ(recorded.size(), replayed.size());
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        ASSERT_EQ(recorded[i].at, replayed[i].at) << "output " << i;
        ASSERT_EQ(recorded[i].destination, replayed[i].destination) << "output " << i;
        ASSERT_EQ(recorded[i].segmentSize, replayed[i].segmentSize) << "output " << i;
        ASSERT_EQ(recorded[i].bytes, replayed[i].bytes) << "output " << i;
    }
}

TEST(HostEquivalence, RecordedInNs3ReplayedOnAsio) {
    const Session run = RecordInNs3();
    ASSERT_TRUE(run.finished);
    ASSERT_EQ(run.rendered, kContentBytes);
    EXPECT_GT(run.recordings[kServer].CountOf(Recording::Kind::kDatagram), 50u);
    EXPECT_GT(run.recordings[kServer].CountOf(Recording::Kind::kAlarm), 5u);
    EXPECT_GT(run.recordings[kController].CountOf(Recording::Kind::kDatagram), 5u);
    for (std::size_t node = 0; node < kNodes; ++node) {
        SCOPED_TRACE("node " + std::to_string(node));
        ExpectEqual(run.recordings[node].Outputs(), ReplayOnAsio(run, node));
    }
}

TEST(HostEquivalence, RecordedLiveReplayedInNs3) {
    const Session run = RecordLive();
    ASSERT_TRUE(run.finished);
    ASSERT_EQ(run.rendered, kContentBytes);
    EXPECT_GT(run.recordings[kServer].CountOf(Recording::Kind::kDatagram), 10u);
    for (std::size_t node = 0; node < kNodes; ++node) {
        SCOPED_TRACE("node " + std::to_string(node));
        ExpectEqual(run.recordings[node].Outputs(), ReplayInNs3(run, node));
    }
}

/// The comparison above can fail: one flipped bit of one input changes what comes out.
TEST(HostEquivalence, OtherInputsGiveOtherOutputs) {
    const Session run = RecordInNs3();
    Session changed = RecordInNs3();
    changed.recordings[kServer].Flip(3);
    EXPECT_NE(run.recordings[kServer].Outputs(), ReplayOnAsio(changed, kServer));
}

}  // namespace
}  // namespace crsp::test
