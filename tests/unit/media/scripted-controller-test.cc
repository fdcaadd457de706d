// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/scripted-controller.h"

#include <gtest/gtest.h>

#include "tests/unit/media/renderer-fixture.h"

namespace crsp {
namespace {

using test::World;

class ScriptedControllerTest : public test::RendererFixture {
  protected:
    ScriptedControllerTest() {
        m_setup.controller.server = PeerTarget{World::AddressOf(1)};
        m_setup.controller.renderer = PeerTarget{World::AddressOf(2)};
    }
    /// Runs `script` to its end, or for `limit`.
    bool Run(std::string_view script, Duration limit = seconds(100)) {
        return Run(ParseScript(script).value(), limit);
    }
    bool Run(const Script& script, Duration limit = seconds(100)) {
        m_setup.script = script;
        Start();
        m_started = m_world.Now();
        m_role = std::make_unique<ScriptedController>(m_setup);
        m_world.Add(*m_role);
        return m_world.Run(limit, [this] { return m_role->Finished(); });
    }
    std::vector<Verb> Answered() const {
        std::vector<Verb> verbs;
        for (const CommandResult& result : m_role->Results()) verbs.push_back(result.verb);
        return verbs;
    }

    ScriptedControllerConfig m_setup;
    std::unique_ptr<ScriptedController> m_role;
    TimePoint m_started;
};

TEST_F(ScriptedControllerTest, DoesWhatTheScriptSaysWhenItSaysSo) {
    m_config.renderRate = 100'000;
    m_store.AddGenerated("a song", 300'000, 5);
    ASSERT_TRUE(Run("0 list\n0.1 play a song\n1 pause\n3 resume\n3.5 status\n4 restart\n"));
    EXPECT_EQ(Answered(), (std::vector{Verb::kList, Verb::kPlay, Verb::kPause, Verb::kResume,
                                       Verb::kStatus, Verb::kRestart}));
    const Duration times[] = {seconds(0), milliseconds(100),  seconds(1),
                              seconds(3), milliseconds(3500), seconds(4)};
    for (std::size_t i = 0; i < 6; ++i) {
        const CommandResult& result = m_role->Results()[i];
        EXPECT_TRUE(result.Ok()) << result.text;
        EXPECT_EQ(result.issuedAt, m_started + times[i]);
    }
    EXPECT_GE(m_world.Now() - m_started, seconds(7));
    EXPECT_TRUE(m_sink.renderings.back().complete);
    EXPECT_FALSE(m_role->TimedOut());
}

TEST_F(ScriptedControllerTest, PlaysFromTheOffsetOfTheStep) {
    m_store.AddGenerated("song", 300'000, 5);
    Script script = ParseScript("0 play song\n").value();
    script[0].offset = 200'000;
    ASSERT_TRUE(Run(script));
    ASSERT_FALSE(m_role->Notifications().empty());
    EXPECT_EQ(m_role->Notifications().back().kind, Notification::Kind::kEnded);
    EXPECT_EQ(m_role->Notifications().back().rendered, 100'000u);
}

TEST_F(ScriptedControllerTest, IsFinishedWhenNothingWasBegun) {
    ASSERT_TRUE(Run("0 status\n1 play missing\n"));
    EXPECT_EQ(m_role->Results()[1].error, MediaErrorCode::kNoSuchEntry);
    EXPECT_LT(m_world.Now() - m_started, seconds(2));
}

TEST_F(ScriptedControllerTest, NeedNotWaitForTheEnd) {
    m_setup.waitForEnd = false;
    m_config.renderRate = 1000;
    m_store.AddGenerated("song", 1'000'000, 5);
    ASSERT_TRUE(Run("0 play song\n"));
    EXPECT_LT(m_world.Now() - m_started, seconds(1));
}

TEST_F(ScriptedControllerTest, AStoppedRenderingHasEnded) {
    m_config.renderRate = 1000;
    m_store.AddGenerated("song", 1'000'000, 5);
    ASSERT_TRUE(Run("0 play song\n2 stop\n"));
    EXPECT_LT(m_world.Now() - m_started, seconds(3));
    ASSERT_FALSE(m_role->Notifications().empty());
    EXPECT_EQ(m_role->Notifications().back().reason, EndReason::kStopped);
}

TEST_F(ScriptedControllerTest, GivesUpAtItsLimit) {
    m_setup.limit = seconds(5);
    m_config.renderRate = 1000;
    m_store.AddGenerated("song", 1'000'000, 5);
    ASSERT_TRUE(Run("0 play song\n1 pause\n"));
    EXPECT_TRUE(m_role->TimedOut());
    EXPECT_EQ(m_world.Now() - m_started, seconds(5));
}

TEST_F(ScriptedControllerTest, KeepsABoundedNumberOfNotifications) {
    test::RawPeer evil;
    m_setup.controller.server.reset();
    m_setup.controller.renderer = PeerTarget{World::AddressOf(4)};
    Start();
    auto& evilNode = m_world.Add(evil);
    m_role = std::make_unique<ScriptedController>(m_setup);
    m_world.Add(*m_role);
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return !evil.heard.empty(); }));
    Generation generation = 0;
    for (int round = 0; round < 12; ++round) {
        evilNode.Do([&](TimePoint now, Endpoint& endpoint) {
            for (int i = 0; i < 1000; ++i) {
                evil.Channel().Send(now, endpoint, RenderingEndedMessage{0, ++generation, 1});
            }
        });
        m_world.RunFor(seconds(1));
    }
    EXPECT_TRUE(evil.closed.empty());
    EXPECT_LE(m_role->Notifications().size(), kMaxScriptNotifications);
    EXPECT_GT(m_role->Notifications().size(), 1000u);
}

TEST_F(ScriptedControllerTest, DoesNotWaitForWhatItCannotHearAnyMore) {
    m_config.renderRate = 100'000;
    m_store.AddGenerated("song", 10'000'000, 5);
    m_setup.script = ParseScript("0 play song\n").value();
    Start();
    m_role = std::make_unique<ScriptedController>(m_setup);
    m_world.Add(*m_role);
    m_world.RunFor(seconds(1));
    m_serverNode->Kill();
    m_rendererNode->Kill();
    ASSERT_TRUE(m_world.Run(seconds(60), [this] { return m_role->Finished(); }));
    EXPECT_FALSE(m_role->TimedOut());
}

TEST_F(ScriptedControllerTest, StepAfterTheEndWaitsForIt) {
    m_config.renderRate = 100'000;
    m_store.AddGenerated("song", 200'000, 5);
    m_setup.script = ParseScript("0 play song\n+0.5 play song\n").value();
    Start();
    m_role = std::make_unique<ScriptedController>(m_setup);
    m_world.Add(*m_role);
    ASSERT_TRUE(m_world.Run(seconds(60), [this] { return m_role->Finished(); }));
    ASSERT_EQ(m_role->Results().size(), 2u);
    // Two seconds of song, then half a second.
    const Duration between = m_role->Results()[1].issuedAt - m_role->Results()[0].issuedAt;
    EXPECT_GT(between, milliseconds(2300));
    EXPECT_LT(between, milliseconds(3000));
}

}  // namespace
}  // namespace crsp
