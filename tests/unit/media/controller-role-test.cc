// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/controller-role.h"

#include <gtest/gtest.h>

#include "tests/unit/media/renderer-fixture.h"

namespace crsp {
namespace {

using test::RawPeer;
using test::World;

/// A server, a renderer, and the controller under test (node 4).
class ControllerRoleTest : public test::RendererFixture {
  protected:
    ControllerRoleTest() {
        m_setup.server = PeerTarget{World::AddressOf(1)};
        m_setup.renderer = PeerTarget{World::AddressOf(2)};
        m_setup.instance = 4;
    }
    void StartController() {
        Start();
        m_role = std::make_unique<ControllerRole>(m_setup);
        m_node = &m_world.Add(*m_role);
    }
    CommandId Issue(Verb verb, std::string_view argument = {}, Generation expected = 0) {
        CommandId id = 0;
        m_node->Do(
            [&](TimePoint now, Endpoint&) { id = m_role->Issue(now, verb, argument, expected); });
        return id;
    }
    CommandResult Result() {
        std::optional<CommandResult> result;
        m_world.Run(seconds(60), [&] { return (result = m_role->PollResult()).has_value(); });
        EXPECT_TRUE(result) << "no command has ended";
        return result.value_or(CommandResult{});
    }
    CommandResult Do(Verb verb, std::string_view argument = {}, Generation expected = 0) {
        const CommandId id = Issue(verb, argument, expected);
        CommandResult result = Result();
        EXPECT_EQ(result.id, id);
        EXPECT_EQ(result.verb, verb);
        return result;
    }
    std::optional<Notification> WaitFor(Notification::Kind kind) {
        std::optional<Notification> found;
        m_world.Run(seconds(60), [&] {
            while (auto n = m_role->PollNotification()) {
                if (n->kind == kind) found = n;
            }
            return found.has_value();
        });
        return found;
    }

    ControllerConfig m_setup;
    std::unique_ptr<ControllerRole> m_role;
    test::TestNode* m_node = nullptr;
};

TEST_F(ControllerRoleTest, PlaysPausesResumesRestartsAndStops) {
    m_config.renderRate = 100'000;
    const EntryId entry = m_store.AddGenerated("a song", 1'000'000, 5);
    StartController();
    const CommandResult played = Do(Verb::kPlay, "a song");
    EXPECT_TRUE(played.Ok()) << played.text;
    EXPECT_EQ(played.entry, entry);
    EXPECT_EQ(played.size, 1'000'000u);
    EXPECT_EQ(played.generation, 1u);
    m_world.RunFor(seconds(2));
    const CommandResult paused = Do(Verb::kPause);
    EXPECT_EQ(paused.position, m_sink.Total());
    EXPECT_GT(paused.Latency(), milliseconds(9));
    EXPECT_EQ(Do(Verb::kStatus).state, TransportState::kPaused);
    EXPECT_EQ(Do(Verb::kResume).position, paused.position);
    EXPECT_EQ(Do(Verb::kRestart).generation, 2u);
    EXPECT_TRUE(Do(Verb::kStop).Ok());
    const CommandResult status = Do(Verb::kStatus);
    EXPECT_EQ(status.state, TransportState::kStopped);
    EXPECT_EQ(status.actions, AvailableActions(TransportState::kStopped));
}

TEST_F(ControllerRoleTest, ListsTenThousandEntries) {
    for (int i = 0; i < 10'000; ++i) m_store.AddGenerated("entry " + std::to_string(i), i, 1);
    StartController();
    const CommandResult result = Do(Verb::kList);
    ASSERT_TRUE(result.Ok()) << result.text;
    EXPECT_EQ(result.total, 10'000u);
    EXPECT_EQ(result.changeCounter, m_store.ChangeCounter());
    EXPECT_EQ(result.listing, m_store.List(0, 10'000));
}

TEST_F(ControllerRoleTest, PlaysTheLastOfManyByNameAndAnyById) {
    for (int i = 0; i < 1000; ++i) m_store.AddGenerated("entry " + std::to_string(i), 10, 1);
    StartController();
    EXPECT_EQ(Do(Verb::kPlay, "entry 999").entry, 1000u);
    EXPECT_EQ(Do(Verb::kPlay, "17").entry, 17u);
    EXPECT_EQ(Do(Verb::kPlay, "#18").entry, 18u);
}

TEST_F(ControllerRoleTest, SaysWhenAnEntryDoesNotExist) {
    StartController();
    EXPECT_EQ(Do(Verb::kPlay, "missing").error, MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(Do(Verb::kPlay, "#12345").error, MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(Do(Verb::kPlay, "").error, MediaErrorCode::kNoSuchEntry);
}

TEST_F(ControllerRoleTest, PassesErrorsOfTheRendererOn) {
    m_setup.serverName = "cellar";
    AddText("hello");
    StartController();
    EXPECT_EQ(Do(Verb::kPlay, "text").error, MediaErrorCode::kUnknownServer);
    const CommandResult paused = Do(Verb::kPause);
    EXPECT_EQ(paused.error, MediaErrorCode::kNotAvailableInState);
    EXPECT_EQ(paused.text, "not available in this state");
    EXPECT_EQ(Do(Verb::kStop, {}, 8).error, MediaErrorCode::kStaleGeneration);
}

TEST_F(ControllerRoleTest, CommandsGivenBeforeTheConnectionStandsWaitInOrder) {
    m_config.renderRate = 100'000;
    m_store.AddGenerated("song", 1'000'000, 5);
    Start();
    m_role = std::make_unique<ControllerRole>(m_setup);
    const CommandId play = m_role->Play(m_world.Now(), "song");
    const CommandId pause = m_role->Pause(m_world.Now());
    m_node = &m_world.Add(*m_role);
    const CommandResult first = Result();
    const CommandResult second = Result();
    EXPECT_EQ(m_role->PendingCommands(), 0u);
    for (const CommandResult& result : {first, second}) {
        EXPECT_TRUE(result.Ok()) << ToString(result.verb) << result.text;
        EXPECT_TRUE(result.id == play || result.id == pause);
    }
    EXPECT_EQ(Do(Verb::kStatus).state, TransportState::kPaused);
}

TEST_F(ControllerRoleTest, HearsThatARenderingHasEnded) {
    AddText("hello");
    StartController();
    ASSERT_TRUE(Do(Verb::kPlay, "text").Ok());
    const auto ended = WaitFor(Notification::Kind::kEnded);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->generation, 1u);
    EXPECT_EQ(ended->rendered, 5u);
    EXPECT_EQ(ended->reason, EndReason::kComplete);
}

TEST_F(ControllerRoleTest, HearsWhatAnotherControllerBegins) {
    const EntryId entry = AddText("hello");
    StartController();
    ASSERT_TRUE(Do(Verb::kStatus).Ok());
    ASSERT_TRUE(Play(1, entry));
    const auto begun = WaitFor(Notification::Kind::kBegun);
    ASSERT_TRUE(begun);
    EXPECT_EQ(begun->entry, entry);
}

TEST_F(ControllerRoleTest, APeerThatIsNotThereEndsEveryCommand) {
    m_setup.renderer = PeerTarget{World::AddressOf(77)};
    m_setup.commandTimeout = seconds(90);
    StartController();
    const CommandResult result = Do(Verb::kPause);
    EXPECT_EQ(result.error, MediaErrorCode::kConnectionLost);
    EXPECT_EQ(result.transportError, TransportErrorCode::kHandshakeTimeout);
    EXPECT_EQ(Do(Verb::kPause).error, MediaErrorCode::kConnectionLost);
    EXPECT_TRUE(Do(Verb::kList).Ok());
    EXPECT_FALSE(m_role->Connected());
}

TEST_F(ControllerRoleTest, SilenceEndsInATimeoutOnTime) {
    m_setup.commandTimeout = seconds(2);
    StartController();
    ASSERT_TRUE(Do(Verb::kStatus).Ok());
    m_rendererNode->Kill();
    const CommandResult result = Do(Verb::kPause);
    EXPECT_EQ(result.error, MediaErrorCode::kTimeout);
    EXPECT_EQ(result.Latency(), seconds(2));
}

TEST_F(ControllerRoleTest, ALostConnectionEndsWhatIsUnderWay) {
    m_setup.commandTimeout = seconds(100);
    StartController();
    ASSERT_TRUE(Do(Verb::kStatus).Ok());
    m_rendererNode->Kill();
    const CommandResult result = Do(Verb::kPause);
    EXPECT_EQ(result.error, MediaErrorCode::kConnectionLost);
    EXPECT_EQ(result.transportError, TransportErrorCode::kIdleTimeout);
}

TEST_F(ControllerRoleTest, SaysWhenAPeerIsNotConfigured) {
    m_setup.server.reset();
    StartController();
    EXPECT_EQ(Do(Verb::kList).error, MediaErrorCode::kNotSupported);
    EXPECT_EQ(Do(Verb::kPlay, "name").error, MediaErrorCode::kNotSupported);
    EXPECT_EQ(Do(Verb::kPlay, "#9").error, MediaErrorCode::kNoSuchEntry);
    EXPECT_TRUE(m_role->Connected());
}

TEST_F(ControllerRoleTest, RefusesMoreCommandsThanItsLimit) {
    StartController();
    for (std::size_t i = 0; i < kMaxPendingCommands + 1; ++i) Issue(Verb::kStatus);
    EXPECT_EQ(Result().error, MediaErrorCode::kBusy);
    for (std::size_t i = 0; i < kMaxPendingCommands; ++i) EXPECT_TRUE(Result().Ok());
}

TEST_F(ControllerRoleTest, ExitClosesBothConnectionsInOrder) {
    StartController();
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return m_role->Connected(); }));
    const TimePoint left = m_world.Now();
    m_node->Do([&](TimePoint now, Endpoint&) { m_role->Exit(now); });
    ASSERT_TRUE(m_world.Run(seconds(5), [&] { return m_role->Closed(); }));
    EXPECT_LT(m_world.Now() - left, milliseconds(500));
    EXPECT_EQ(Do(Verb::kStatus).transportError, TransportErrorCode::kNoError);
}

TEST_F(ControllerRoleTest, ExitDoesNotWaitForAPeerThatIsGone) {
    StartController();
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return m_role->Connected(); }));
    m_serverNode->Kill();
    m_rendererNode->Kill();
    const TimePoint left = m_world.Now();
    m_node->Do([&](TimePoint now, Endpoint&) { m_role->Exit(now); });
    ASSERT_TRUE(m_world.Run(seconds(5), [&] { return m_role->Closed(); }));
    EXPECT_LE(m_world.Now() - left, kExitTimeout + milliseconds(100));
}

TEST_F(ControllerRoleTest, ShutdownClosesAtOnce) {
    StartController();
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return m_role->Connected(); }));
    m_node->Shutdown();
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return m_renderer->ControllerCount() == 1; }));
    EXPECT_EQ(m_server.SessionCount(), 0u);
}

TEST_F(ControllerRoleTest, AnswersThatFitNoCommandAreIgnored) {
    RawPeer evil;
    m_setup.renderer = PeerTarget{World::AddressOf(4)};
    m_setup.server.reset();
    m_setup.commandTimeout = seconds(1);
    Start();
    auto& evilNode = m_world.Add(evil);
    m_role = std::make_unique<ControllerRole>(m_setup);
    m_node = &m_world.Add(*m_role);
    const CommandId id = Issue(Verb::kPause);
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return !evil.heard.empty(); }));
    evilNode.Do([&](TimePoint now, Endpoint& endpoint) {
        evil.Channel().Send(now, endpoint, StoppedMessage{id, 1, 1});
        evil.Channel().Send(now, endpoint, PausedMessage{id + 1, 1, 1});
        evil.Channel().Send(now, endpoint, ListingMessage{id, 0, 0, 0, {}});
        evil.Channel().Send(now, endpoint, RenderMessage{id, 0, "", 0, 0, 0});
    });
    EXPECT_EQ(Result().error, MediaErrorCode::kTimeout);
}

// What waits to be sent has no number yet, and what all are told is about none.
TEST_F(ControllerRoleTest, WhatOthersBeginDoesNotAnswerACommandThatWaits) {
    const EntryId entry = AddText("hello");
    m_setup.server = PeerTarget{World::AddressOf(9)};
    m_setup.commandTimeout = seconds(5);
    StartController();
    Issue(Verb::kPlay, "another song");
    m_world.RunFor(seconds(1));
    ASSERT_TRUE(Play(1, entry));
    EXPECT_FALSE(Result().Ok());
}

TEST_F(ControllerRoleTest, NotificationsDoNotPileUp) {
    RawPeer evil;
    m_setup.renderer = PeerTarget{World::AddressOf(4)};
    Start();
    auto& evilNode = m_world.Add(evil);
    m_role = std::make_unique<ControllerRole>(m_setup);
    m_node = &m_world.Add(*m_role);
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return evil.Connected() && m_role->Connected(); }));
    evilNode.Do([&](TimePoint now, Endpoint& endpoint) {
        for (Generation g = 1; g <= 1000; ++g) {
            evil.Channel().Send(now, endpoint, RenderingEndedMessage{0, g, 1});
        }
    });
    m_world.RunFor(seconds(1));
    std::size_t count = 0;
    Generation last = 0;
    while (const auto n = m_role->PollNotification()) {
        ++count;
        last = n->generation;
    }
    EXPECT_EQ(count, kMaxNotifications);
    EXPECT_EQ(last, 1000u);
}

}  // namespace
}  // namespace crsp
