// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/link-impairment.h"

#include <gtest/gtest.h>

#include "scenarios/lab/live-relay.h"

namespace crsp::lab {
namespace {

LinkSpec Link() {
    LinkSpec link;
    link.rate = 10e6;
    link.delay = milliseconds(49);
    return link;
}

TEST(QueueBytes, ProductIsOfTheWholePath) {
    EXPECT_EQ(QueueBytes(Link(), {100e6, milliseconds(1), AccessKind::kPointToPoint, {}, {}}),
              125'000u);
}

TEST(QueueBytes, BytesAreTakenAsTheyAre) {
    LinkSpec link = Link();
    link.queue = {1234, 0, {}};
    EXPECT_EQ(QueueBytes(link, {}), 1234u);
}

TEST(QueueBytes, HoldsAtLeastOnePacket) {
    LinkSpec link = Link();
    link.delay = Duration::zero();
    EXPECT_EQ(QueueBytes(link, {100e6, Duration::zero(), AccessKind::kPointToPoint, {}, {}}),
              kQueuePacketBytes);
}

TEST(QueueBytes, TimeFollowsTheRate) {
    LinkSpec link = Link();
    link.queue = {0, 0, milliseconds(300)};
    EXPECT_EQ(QueueBytes(link, {}), 375'000u);
    EXPECT_EQ(QueueBytes(link, {}, 1e6), 37'500u);
}

TEST(LinkSteps, PeriodsBeginWithTheLinkItself) {
    LinkSpec link = Link();
    link.steps = {{milliseconds(1800), 0, {}, {}}};
    link.stepsEvery = seconds(2);
    const auto rates = RatesUntil(link, seconds(4));
    ASSERT_EQ(rates.size(), 4u);
    EXPECT_EQ(rates[1].at, milliseconds(1800));
    EXPECT_EQ(rates[1].rate, 0);
    EXPECT_EQ(rates[2].at, seconds(2));
    EXPECT_EQ(rates[2].rate, 10e6);
    EXPECT_DOUBLE_EQ(CapacityBits(rates, Duration::zero(), seconds(4)), 36e6);
    EXPECT_DOUBLE_EQ(CapacityBits(rates, seconds(1), seconds(3)), 18e6);
}

TEST(BlackoutIntervals, PeriodsAreWrittenOutInOrder) {
    LinkSpec link = Link();
    link.blackouts = {{seconds(5), seconds(2), seconds(7)},
                      {seconds(1), milliseconds(100), std::nullopt}};
    const auto intervals = BlackoutIntervals(link, seconds(20));
    ASSERT_EQ(intervals.size(), 4u);
    EXPECT_EQ(intervals[0].begin, seconds(1));
    EXPECT_EQ(intervals[1].begin, seconds(5));
    EXPECT_EQ(intervals[1].end, seconds(7));
    EXPECT_EQ(intervals[3].begin, seconds(19));
}

TEST(ChannelImpairment, IsValidAndComplete) {
    LinkSpec link = Link();
    link.loss = 0.02;
    link.lossBurst = 3;
    link.jitter = milliseconds(5);
    link.duplicate = 0.01;
    link.corrupt = 0.001;
    link.blackouts = {{seconds(5), seconds(2), seconds(7)}};
    const auto config = ChannelImpairment(link, seconds(60));
    EXPECT_TRUE(Validate(config)) << Validate(config).error();
    EXPECT_EQ(config.delay, milliseconds(49));
    EXPECT_NEAR(MeanLoss(config.loss.process), 0.02, 1e-9);
    EXPECT_FALSE(config.jitter.mayReorder);
    EXPECT_FALSE(config.rate.bitsPerSecond) << "the device has the rate";
}

std::string ValueOf(const std::vector<std::string>& arguments, const std::string& name) {
    for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
        if (arguments[i] == name) return arguments[i + 1];
    }
    return "none";
}

TEST(RelayArguments, SayWhatTheSimulationDoes) {
    Scenario scenario;
    scenario.stop = seconds(60);
    scenario.link = {Link(), Link()};
    scenario.link.down.loss = 0.05;
    scenario.link.up.rate = 1e6;
    const auto arguments =
        RelayArguments("bin", TowardServer(scenario, "127.0.0.1:5"), 7, "stats.json");
    EXPECT_EQ(arguments[0], "bin/crsp-relay");
    EXPECT_EQ(ValueOf(arguments, "--to"), "127.0.0.1:5");
    EXPECT_EQ(ValueOf(arguments, "--seed"), "7");
    EXPECT_EQ(ValueOf(arguments, "--down-loss"), "0.05");
    EXPECT_EQ(ValueOf(arguments, "--up-loss"), "none");
    EXPECT_EQ(ValueOf(arguments, "--up-rate"), "1000000bit");
    EXPECT_EQ(ValueOf(arguments, "--down-delay"), "50000000ns");
    EXPECT_EQ(ValueOf(arguments, "--down-queue"), "125000");
}

TEST(RelayArguments, ClientsAreReboundAsTheNatSays) {
    Scenario scenario;
    scenario.link = {Link(), Link()};
    scenario.nat = NatSpec{seconds(1), seconds(5), false};
    const auto server = RelayArguments("bin", TowardServer(scenario, "127.0.0.1:5"), 7, "s");
    EXPECT_EQ(ValueOf(server, "--rebind"), "5000000000ns");
    const auto renderer = RelayArguments("bin", TowardRenderer(scenario, "127.0.0.1:5"), 7, "s");
    EXPECT_EQ(ValueOf(renderer, "--rebind"), "none");
}

TEST(RelayArguments, DirectionsTurnTowardTheRenderer) {
    Scenario scenario;
    scenario.link = {Link(), Link()};
    scenario.link.down.loss = 0.05;
    const auto arguments = RelayArguments("bin", TowardRenderer(scenario, "127.0.0.1:5"), 7, "s");
    EXPECT_EQ(ValueOf(arguments, "--up-loss"), "0.05");
    EXPECT_EQ(ValueOf(arguments, "--down-loss"), "none");
}

}  // namespace
}  // namespace crsp::lab
