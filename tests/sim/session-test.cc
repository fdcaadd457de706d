// SPDX-License-Identifier: BSD-3-Clause
// What the controller asked for is what the renderer does, on clean and on broken links.
#include <gtest/gtest.h>

#include <array>

#include "tests/sim/session.h"

namespace crsp::sim {
namespace {

ImpairmentConfig Link(Duration delay, double loss) {
    ImpairmentConfig link;
    link.delay = delay;
    link.loss.process = BernoulliLoss{.probability = loss};
    return link;
}

ScriptStep Step(Duration at, Verb verb, std::string argument = {}) {
    return {.at = at, .verb = verb, .argument = std::move(argument)};
}

TEST(Session, PlayRendersTheWholeEntry) {
    Session session({.link = Link(milliseconds(20), 0), .script = {Step({}, Verb::kPlay, "film")}});
    ASSERT_TRUE(session.Run(seconds(60)));
    EXPECT_TRUE(session.AllSucceeded());
    EXPECT_TRUE(session.Rendered().Complete());
    EXPECT_EQ(session.Rendered().Rendered(), 256u * 1024);
    EXPECT_EQ(session.Rendered().Wrong(), 0u);
}

TEST(Session, PauseHolds) {
    const std::uint64_t window = 64 * 1024;
    TransportConfig transport;
    transport.FixStreamWindow(window);
    Session session({.link = Link(milliseconds(20), 0.02),
                     .size = 4 << 20,
                     .script = {Step({}, Verb::kPlay, "film"), Step(seconds(1), Verb::kPause),
                                Step(seconds(31), Verb::kResume)},
                     .transport = transport});
    session.Net().RunFor(seconds(2));
    ASSERT_EQ(session.Renderer().State(), TransportState::kPaused);
    const auto rendered = session.Rendered().Rendered();
    const auto sent = session.ServerNode().GetEndpoint().Stats().datagramsSent;
    EXPECT_GT(rendered, 0u);
    EXPECT_FALSE(session.Rendered().Complete());

    session.Net().RunFor(seconds(28));
    EXPECT_EQ(session.Rendered().Rendered(), rendered);
    // One window of credit at most is on its way, and keep-alives.
    EXPECT_LE(session.ServerNode().GetEndpoint().Stats().datagramsSent - sent,
              2 * window / kMinDatagramSize);

    ASSERT_TRUE(session.Run(seconds(600)));
    EXPECT_TRUE(session.AllSucceeded());
    EXPECT_TRUE(session.Rendered().Complete());
    EXPECT_EQ(session.Rendered().Wrong(), 0u);
}

TEST(Session, RestartRendersNothingOfTheOldGeneration) {
    ImpairmentConfig link = Link(milliseconds(30), 0.05);
    link.rate.bitsPerSecond = 1'500'000;  // so that each command finds the rendering under way
    link.rate.queueBytes = 20'000;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Session session(
            {.seed = seed,
             .link = link,
             .size = 2 << 20,
             .script = {Step({}, Verb::kPlay, "film"), Step(seconds(8), Verb::kRestart),
                        Step(seconds(9), Verb::kPause), Step(seconds(10), Verb::kRestart)}});
        ASSERT_TRUE(session.Run(seconds(600))) << "seed " << seed;
        EXPECT_TRUE(session.AllSucceeded()) << "seed " << seed << "\n" << session.Describe();
        EXPECT_TRUE(session.Rendered().Complete()) << "seed " << seed;
        EXPECT_EQ(session.Rendered().Current(), 3u) << "seed " << seed;
        // The sink counts every byte of an old generation after a new one began as wrong.
        EXPECT_EQ(session.Rendered().Wrong(), 0u) << "seed " << seed;
    }
}

TEST(Session, TwoSecondsOfBlackoutInEveryFive) {
    ImpairmentConfig link = Link(milliseconds(20), 0);
    link.rate.bitsPerSecond = 10'000'000;
    link.rate.queueBytes = 50'000;
    link.blackout.on = seconds(3);
    link.blackout.off = seconds(2);
    Session session({.link = link, .size = 8 << 20, .script = {Step({}, Verb::kPlay, "film")}});
    ASSERT_TRUE(session.Run(seconds(120)));
    EXPECT_TRUE(session.Rendered().Complete());
    EXPECT_EQ(session.Rendered().Wrong(), 0u);
}

TEST(Session, ServerGoneInMidStreamEndsInANumberedError) {
    ImpairmentConfig link = Link(milliseconds(20), 0.01);
    link.rate.bitsPerSecond = 10'000'000;
    Session session({.link = link, .size = 16 << 20, .script = {Step({}, Verb::kPlay, "film")}});
    session.Net().RunFor(seconds(1));
    ASSERT_EQ(session.Renderer().State(), TransportState::kPlaying);
    session.ServerNode().Kill();
    ASSERT_TRUE(session.Run(seconds(60)));
    EXPECT_EQ(session.Renderer().State(), TransportState::kError);
    ASSERT_FALSE(session.Controller().Notifications().empty());
    const auto& end = session.Controller().Notifications().back();
    EXPECT_EQ(end.reason, EndReason::kFailed);
    EXPECT_EQ(end.code, MediaErrorCode::kServerUnreachable);
    EXPECT_EQ(session.Rendered().Wrong(), 0u);
}

TEST(Session, B20_WhatIsCutOffAnywhereIsReportedAsFailedAndNeverAsEnded) {
    constexpr std::uint64_t kSize = 1 << 20;
    for (const std::uint64_t kept : {1'000, 30'000, 300'000, 900'000, 1'030'000}) {
        Session session({.link = Link(milliseconds(20), 0),
                         .size = kSize,
                         .script = {Step({}, Verb::kPlay, "film")}});
        std::uint64_t passed = 0;
        session.Net().SetFilter(
            [&](const SocketAddress& from, const SocketAddress&, ConstByteSpan bytes) {
                if (from != session.ServerNode().Address()) return false;
                passed += bytes.size();
                return passed > kept;
            });
        ASSERT_TRUE(session.Run(seconds(120))) << kept;
        EXPECT_EQ(session.Renderer().State(), TransportState::kError) << kept;
        EXPECT_FALSE(session.Rendered().Complete()) << kept;
        EXPECT_LT(session.Rendered().Rendered(), kSize) << kept;
        EXPECT_EQ(session.Rendered().Wrong(), 0u) << kept;
        const auto notifications = session.Controller().Notifications();
        if (notifications.empty()) {
            EXPECT_FALSE(session.AllSucceeded()) << kept;
        } else {
            EXPECT_EQ(notifications.back().reason, EndReason::kFailed) << kept;
        }
    }
}

TEST(Session, RendererGoneEndsEveryCommand) {
    Session session({.link = Link(milliseconds(20), 0),
                     .size = 16 << 20,
                     .script = {Step({}, Verb::kPlay, "film"), Step(seconds(3), Verb::kPause)}});
    session.Net().RunFor(seconds(1));
    session.RendererNode().Kill();
    ASSERT_TRUE(session.Run(seconds(60))) << session.Describe();
    ASSERT_EQ(session.Controller().Results().size(), 2u);
    EXPECT_TRUE(session.Controller().Results()[1].error.has_value());
}

/// Each of the first datagrams between two nodes is lost once: among them the first of every packet
/// type and of every message.
TEST(Session, AnyOneOfTheFirstDatagramsMayBeLost) {
    const Script script = {Step({}, Verb::kPlay, "film"), Step(milliseconds(300), Verb::kPause),
                           Step(milliseconds(500), Verb::kResume),
                           Step(milliseconds(600), Verb::kStatus),
                           Step(milliseconds(700), Verb::kRestart)};
    const auto link = Link(milliseconds(10), 0);
    for (std::uint64_t pair = 0; pair < 6; ++pair) {
        for (std::uint64_t lost = 0; lost < 40; ++lost) {
            Session session({.size = 100'000, .script = script});
            const std::array nodes = {&session.ServerNode(), &session.RendererNode(),
                                      &session.ControllerNode()};
            const Node& from = *nodes[pair % 3];
            const Node& to = *nodes[(pair + 1 + pair / 3) % 3];
            ImpairmentConfig dropping = link;
            dropping.loss.dropList.Add({lost + 1, lost + 2});
            for (const Node* a : nodes) {
                for (const Node* b : nodes) session.Net().SetLink(*a, *b, link);
            }
            session.Net().SetLink(from, to, dropping);
            ASSERT_TRUE(session.Run(seconds(60))) << "pair " << pair << " datagram " << lost << "\n"
                                                  << session.Describe();
            EXPECT_TRUE(session.Rendered().Complete()) << "pair " << pair << " datagram " << lost;
            EXPECT_EQ(session.Rendered().Wrong(), 0u);
        }
    }
}

TEST(Session, EmptyAndOneByteEntries) {
    for (const std::uint64_t size : {0u, 1u}) {
        Session session({.link = Link(milliseconds(20), 0.1),
                         .size = size,
                         .script = {Step({}, Verb::kPlay, "film")}});
        ASSERT_TRUE(session.Run(seconds(60))) << size << session.Describe();
        EXPECT_TRUE(session.Rendered().Complete()) << size;
        EXPECT_EQ(session.Rendered().Rendered(), size);
    }
}

}  // namespace
}  // namespace crsp::sim
