// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "apps/live/asio-host.h"
#include "apps/live/delivery-queue.h"
#include "apps/live/relay-link.h"
#include "apps/live/relay-options.h"
#include "apps/live/relay-report.h"
#include "tests/live/loopback.h"

namespace crsp {
namespace {

TEST(DeliveryQueue, DeliversInOrderOfTimeAndNeverEarly) {
    Loopback loop;
    DeliveryQueue queue(loop.Io());
    const auto start = SteadyNow();
    std::vector<int> order;
    bool early = false;
    const auto add = [&](int number, Duration after) {
        const auto at = start + after;
        ASSERT_TRUE(queue.Add(at, {}, [&, number, at](ByteSpan) {
            early = early || SteadyNow() < at;
            order.push_back(number);
        }));
    };
    add(3, milliseconds(30));
    add(1, milliseconds(10));
    add(2, milliseconds(20));
    add(4, milliseconds(30));
    ASSERT_TRUE(loop.RunUntil([&] { return order.size() == 4; }));
    EXPECT_EQ(order, (std::vector{1, 2, 3, 4}));
    EXPECT_FALSE(early);
    EXPECT_EQ(queue.Lateness().Count(), 4u);
}

TEST(DeliveryQueue, TakesNoMoreThanItsBound) {
    Loopback loop;
    DeliveryQueue queue(loop.Io());
    const std::vector<std::byte> big(kMaxQueuedBytes / 4);
    const auto never = SteadyNow() + std::chrono::hours(1);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(queue.Add(never, big, [](ByteSpan) {}));
    EXPECT_FALSE(queue.Add(never, std::vector<std::byte>(1), [](ByteSpan) {}));
    EXPECT_EQ(queue.Size(), 4u);
}

TEST(LatenessHistogram, QuantilesBoundTheTruth) {
    LatenessHistogram histogram;
    for (int us = 1; us <= 1000; ++us) histogram.Add(microseconds(us));
    EXPECT_EQ(histogram.Max(), microseconds(1000));
    EXPECT_GE(histogram.Quantile(0.5), microseconds(500));
    EXPECT_LE(histogram.Quantile(0.5), microseconds(1024));
    EXPECT_EQ(histogram.Mean(), nanoseconds(500'500));
}

/// A relay link between two bare sockets.
struct RelayRig {
    explicit RelayRig(const ImpairmentConfig& both, Duration rebind = {})
        : queue(loop.Io()), target(loop.Io()) {
        EXPECT_FALSE(target.Open(kAnyLoopbackPort));
        RelayLinkConfig config;
        config.name = "test";
        config.listen = kAnyLoopbackPort;
        config.target = target.LocalAddress();
        config.up = config.down = both;
        config.seed = 5;
        config.rebind = rebind;
        links.push_back(std::make_unique<RelayLink>(loop.Io(), queue, config, SteadyNow()));
        EXPECT_FALSE(links[0]->Open());
    }
    RelayLink& Link() { return *links[0]; }
    /// Sends `count` datagrams from `client` up the link, at a pace that the sockets can hold.
    void SendUp(UdpSocket& client, int count, std::size_t size) {
        const std::vector<std::byte> payload(size, std::byte{0x55});
        for (int i = 1; i <= count; ++i) {
            ASSERT_EQ(client.Send(Link().LocalAddress(), Ecn::kNotEct, payload),
                      UdpSocket::SendResult::kSent);
            if (i % 50 != 0 && i != count) continue;
            const auto offered = static_cast<std::uint64_t>(i);
            ASSERT_TRUE(loop.RunUntil([&] { return Link().Up().offered >= offered; }));
        }
    }
    /// Runs until nothing is under way, and returns what arrived at `socket`.
    std::vector<UdpSocket::Received> Arrived(UdpSocket& socket) {
        EXPECT_TRUE(loop.RunUntil([&] { return queue.Size() == 0; }));
        std::vector<UdpSocket::Received> all;
        std::vector<std::byte> buffer(2000);
        while (const auto received = socket.Receive(buffer)) all.push_back(*received);
        return all;
    }

    Loopback loop;
    DeliveryQueue queue;
    UdpSocket target;
    std::vector<std::unique_ptr<RelayLink>> links;
};

TEST(RelayLink, PassesBothWaysAndTellsClientsApart) {
    RelayRig rig({});
    UdpSocket a(rig.loop.Io());
    UdpSocket b(rig.loop.Io());
    ASSERT_FALSE(a.Open(kAnyLoopbackPort));
    ASSERT_FALSE(b.Open(kAnyLoopbackPort));
    rig.SendUp(a, 1, 11);
    const auto first = rig.Arrived(rig.target);
    const std::vector<std::byte> payload(22);
    b.Send(rig.Link().LocalAddress(), Ecn::kNotEct, payload);
    ASSERT_TRUE(rig.loop.RunUntil([&] { return rig.Link().Up().offered == 2; }));
    const auto second = rig.Arrived(rig.target);
    ASSERT_EQ(first.size(), 1u);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_NE(first[0].source, second[0].source);
    EXPECT_EQ(rig.Link().ClientCount(), 2u);

    rig.target.Send(second[0].source, Ecn::kNotEct, payload);
    ASSERT_TRUE(rig.loop.RunUntil([&] { return rig.Link().Down().offered == 1; }));
    const auto back = rig.Arrived(b);
    ASSERT_EQ(back.size(), 1u);
    EXPECT_EQ(back[0].source, rig.Link().LocalAddress());
    EXPECT_TRUE(rig.Arrived(a).empty());
}

TEST(RelayLink, StrangersDoNotReachClients) {
    RelayRig rig({});
    UdpSocket client(rig.loop.Io());
    UdpSocket stranger(rig.loop.Io());
    ASSERT_FALSE(client.Open(kAnyLoopbackPort));
    ASSERT_FALSE(stranger.Open(kAnyLoopbackPort));
    rig.SendUp(client, 1, 10);
    const auto arrived = rig.Arrived(rig.target);
    ASSERT_EQ(arrived.size(), 1u);
    auto upstream = arrived[0].source;
    stranger.Send(upstream, Ecn::kNotEct, std::vector<std::byte>(10));
    ASSERT_TRUE(rig.loop.RunUntil([&] { return rig.Link().Counters().strangers == 1; }));
    EXPECT_TRUE(rig.Arrived(client).empty());
}

TEST(RelayLink, RealisesWhatWasConfigured) {
    constexpr int kPackets = 5000;
    ImpairmentConfig config;
    config.loss.process = BernoulliLoss{.probability = 0.05};
    config.duplicate.probability = 0.02;
    config.delay = milliseconds(20);
    RelayRig rig(config);
    UdpSocket client(rig.loop.Io());
    ASSERT_FALSE(client.Open(kAnyLoopbackPort));
    const auto before = SteadyNow();
    std::size_t arrived = 0;
    for (int i = 0; i < kPackets / 500; ++i) {
        const auto offered = rig.Link().Up().offered;
        for (int k = 0; k < 500; ++k) {
            client.Send(rig.Link().LocalAddress(), Ecn::kNotEct, std::vector<std::byte>(100));
        }
        ASSERT_TRUE(rig.loop.RunUntil([&] { return rig.Link().Up().offered == offered + 500; }));
        arrived += rig.Arrived(rig.target).size();
    }
    EXPECT_GE(SteadyNow() - before, milliseconds(20));
    const auto& up = rig.Link().Up();
    EXPECT_EQ(arrived, up.delivered + up.duplicated);
    EXPECT_EQ(up.delivered + up.Dropped(DropReason::kLoss), static_cast<unsigned>(kPackets));
    // Five standard deviations of a binomial around the mean.
    EXPECT_NEAR(up.LossShare(), 0.05, 5 * 0.0031);
    EXPECT_NEAR(static_cast<double>(up.duplicated) / kPackets, 0.019, 5 * 0.0020);

    const auto report = RelayStatsJson(rig.links, rig.queue);
    const auto& check = report["links"][0]["up"]["check"]["loss"];
    EXPECT_DOUBLE_EQ(check["configured"].get<double>(), 0.05);
    EXPECT_DOUBLE_EQ(check["realised"].get<double>(), up.LossShare());
    EXPECT_EQ(report["links"][0]["up"]["offered"].get<int>(), kPackets);
}

TEST(RelayLink, RebindingGivesTheClientAnotherPortAndLosesTheOld) {
    RelayRig rig({}, milliseconds(20));
    UdpSocket client(rig.loop.Io());
    ASSERT_FALSE(client.Open(kAnyLoopbackPort));
    rig.SendUp(client, 1, 10);
    const auto first = rig.Arrived(rig.target);
    ASSERT_EQ(first.size(), 1u);
    ASSERT_TRUE(rig.loop.RunUntil([&] { return rig.Link().Counters().rebindings > 0; }));
    client.Send(rig.Link().LocalAddress(), Ecn::kNotEct, std::vector<std::byte>(10));
    ASSERT_TRUE(rig.loop.RunUntil([&] { return rig.Link().Up().offered == 2; }));
    const auto second = rig.Arrived(rig.target);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_NE(first[0].source, second[0].source);
    EXPECT_EQ(rig.Link().ClientCount(), 1u);
}

/// A renderer behind a NAT that forgets it twenty times a second still gets every byte.
TEST(RelayLink, ARenderingSurvivesRebindings) {
    Loopback loop;
    DeliveryQueue queue(loop.Io());
    MemoryContentStore store;
    std::string content(3'000'000, 'x');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i % 251);
    const auto bytes = AsBytes(content);
    store.AddBytes("film", {bytes.begin(), bytes.end()});
    ServerRole server(ServerConfig{}, store);
    const auto serverNode = loop.Start(server, loop.Config());
    RelayLinkConfig config;
    config.name = "nat";
    config.listen = kAnyLoopbackPort;
    config.target = serverNode->LocalAddress();
    config.rebind = milliseconds(50);
    config.down.rate.bitsPerSecond = 30'000'000;
    config.down.rate.queueBytes = 30'000;
    RelayLink link(loop.Io(), queue, config, SteadyNow());
    ASSERT_FALSE(link.Open());
    CollectingSink sink;
    RendererConfig rendererConfig;
    rendererConfig.servers.push_back({"main", link.LocalAddress()});
    RendererRole renderer(rendererConfig, sink);
    const auto rendererNode = loop.Start(renderer, loop.Config());
    ControllerConfig controllerConfig;
    controllerConfig.server = PeerTarget{serverNode->LocalAddress()};
    controllerConfig.renderer = PeerTarget{rendererNode->LocalAddress()};
    controllerConfig.serverName = "main";
    controllerConfig.instance = RandomInstance();
    ControllerRole controller(controllerConfig);
    const auto controllerNode = loop.Start(controller, loop.Config());
    controller.Issue(controllerNode->Now(), Verb::kPlay, "film");
    controllerNode->Pump();
    ASSERT_TRUE(loop.RunUntil([&] { return sink.Complete(); }));
    EXPECT_EQ(sink.Content(), content);
    EXPECT_GE(link.Counters().rebindings, 5u);
}

Expected<ImpairmentConfig, NodeError> Parse(std::vector<std::string> arguments) {
    CLI::App app;
    ImpairmentOptions both;
    ImpairmentOptions up;
    AddImpairmentOptions(app, both, "", "both");
    AddImpairmentOptions(app, up, "up-", "up");
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
    return MakeImpairment(both, up);
}

TEST(RelayOptions, OneDirectionOverridesBoth) {
    const auto config = Parse({"--loss", "5%", "--delay", "50ms", "--up-loss", "0.2"}).value();
    EXPECT_DOUBLE_EQ(MeanLoss(config.loss.process), 0.2);
    EXPECT_EQ(config.delay, milliseconds(50));
}

TEST(RelayOptions, BurstsBlackoutsRatesAndQueuesAreUnderstood) {
    const auto config = Parse({"--ge", "5%,3", "--rate", "10Mbit", "--queue", "64KiB", "--blackout",
                               "1s-2s", "--blackout", "10s-12.5s"})
                            .value();
    EXPECT_NEAR(MeanLoss(config.loss.process), 0.05, 1e-9);
    EXPECT_EQ(config.rate.bitsPerSecond, 10'000'000u);
    EXPECT_EQ(config.rate.queueBytes, 65'536u);
    ASSERT_EQ(config.blackout.intervals.size(), 2u);
    EXPECT_EQ(config.blackout.intervals[1].end, milliseconds(12'500));
}

TEST(RelayOptions, WhatDoesNotGoTogetherIsRefused) {
    EXPECT_EQ(Parse({"--loss", "5%", "--ge", "5%,3"}).error().code, ExitCode::kUsage);
    EXPECT_FALSE(Parse({"--ge", "5%,0.5"}));
    EXPECT_THROW((void)Parse({"--loss", "5"}), CLI::ValidationError);
    EXPECT_THROW((void)Parse({"--blackout", "2s-1s"}), CLI::ValidationError);
    EXPECT_THROW((void)Parse({"--ge", "5%"}), CLI::ValidationError);
}

TEST(RelayLink, CodepointsPassAndAreTreatedAsTold) {
    for (const auto& [treatment, arrives] : {std::pair(EcnTreatment::kCarry, Ecn::kEct0),
                                             std::pair(EcnTreatment::kBleach, Ecn::kNotEct),
                                             std::pair(EcnTreatment::kMarkAll, Ecn::kCe)}) {
        ImpairmentConfig config;
        config.ecn = treatment;
        RelayRig rig(config);
        UdpSocket client(rig.loop.Io());
        ASSERT_FALSE(client.Open(kAnyLoopbackPort));
        const std::vector<std::byte> payload(100);
        ASSERT_EQ(client.Send(rig.Link().LocalAddress(), Ecn::kEct0, payload),
                  UdpSocket::SendResult::kSent);
        bool waits = false;
        rig.target.AsyncWaitReadable([&](const auto&) { waits = true; });
        ASSERT_TRUE(rig.loop.RunUntil([&] { return waits; }));
        std::vector<std::byte> buffer(2000);
        EXPECT_EQ(rig.target.Receive(buffer).value().ecn, arrives);
    }
}

}  // namespace
}  // namespace crsp
