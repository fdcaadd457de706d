// SPDX-License-Identifier: BSD-3-Clause
// Who may command a renderer, and who owns it (CRSP §9.10), with real keys.
#include <gtest/gtest.h>

#include "model/media/controller-role.h"
#include "tests/unit/media/access-fixture.h"

namespace crsp {
namespace {

using test::Controls;
using test::kRenderer;
using test::kServer;
using test::Observes;
using test::PublicKeyOf;
using test::Reads;
using test::Talker;
using test::World;

class RendererRoleAccess : public test::AccessFixture {
  protected:
    /// 10 and 11 may control, 12 may observe, 13 is listed and may nothing.
    void StartAll() {
        m_rendererConfig.renderRate = 100'000;
        m_film = m_store.AddGenerated("film", 50'000'000, 1);
        Start();
        SetRendererAccess(m_rights);
        m_owner = &Join(10, kRenderer);
        m_second = &Join(11, kRenderer);
        m_observer = &Join(12, kRenderer);
        ASSERT_TRUE(m_owner->Connected() && m_second->Connected() && m_observer->Connected());
        for (Talker* talker : {m_owner, m_second, m_observer}) talker->Ask(StatusMessage{1});
    }
    bool Play(Talker& talker, CommandId id) {
        return talker.ErrorTo(RenderMessage{id, 0, "", m_film, 0, 0}) == MediaErrorCode::kNone;
    }
    /// Every command there is, the unknown included.
    std::vector<Message> EveryCommand(CommandId id) const {
        return {RenderMessage{id, 0, "", m_film, 0, 0}, PauseMessage{id + 1, 0},
                ResumeMessage{id + 2, 0}, RestartMessage{id + 3, 0}, StopMessage{id + 4, 0}};
    }
    std::optional<PeerKey> Owner() const { return m_renderer->Owner(m_world.Now()); }

    Rights m_rights = {{10, Controls()}, {11, Controls()}, {12, Observes()}, {13, Reads()}};
    EntryId m_film = 0;
    Talker* m_owner = nullptr;
    Talker* m_second = nullptr;
    Talker* m_observer = nullptr;
};

TEST_F(RendererRoleAccess, C7_TheFirstThatCommandsOwnsAndOthersHaveNoEffect) {
    StartAll();
    EXPECT_FALSE(Owner());
    ASSERT_TRUE(Play(*m_owner, 1));
    EXPECT_EQ(Owner(), PublicKeyOf(10));
    for (const Message& command : EveryCommand(50)) {
        EXPECT_EQ(m_second->ErrorTo(command), MediaErrorCode::kNotOwner) << NameOf(command);
        EXPECT_EQ(m_observer->ErrorTo(command), MediaErrorCode::kNotAllowed) << NameOf(command);
    }
    EXPECT_EQ(m_observer->ErrorTo(TakeOverMessage{60}), MediaErrorCode::kNotAllowed);
    EXPECT_EQ(m_renderer->State(), TransportState::kPlaying);
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
    // They hear and see all the same.
    EXPECT_EQ(m_second->Ask(StatusMessage{70}).index(), Message(StatusReportMessage{}).index());
    EXPECT_EQ(m_observer->Ask(StatusMessage{70}).index(), Message(StatusReportMessage{}).index());
    EXPECT_EQ(m_observer->peer.Heard<RenderingBegunMessage>().size(), 1u);
}

TEST_F(RendererRoleAccess, C7_UnknownUnlistedAndRevokedControllersHaveNoEffect) {
    StartAll();
    ASSERT_TRUE(Play(*m_owner, 1));
    Talker& unlisted = Join(13, kRenderer);
    EXPECT_EQ(unlisted.ClosedWith(), static_cast<std::uint64_t>(MediaErrorCode::kNotAllowed));
    Talker& unknown = Join(50, kRenderer);  // of which the endpoint knows nothing either
    m_world.RunFor(seconds(3));
    EXPECT_FALSE(unknown.peer.Connected());
    // Revoked while connected: what it says from then on is not heard.
    m_rights.erase(10);
    SetRendererAccess(m_rights);
    for (const Message& command : EveryCommand(50)) m_owner->Say(command);
    m_owner->Say(TakeOverMessage{60});
    EXPECT_EQ(m_owner->ClosedWith(), static_cast<std::uint64_t>(MediaErrorCode::kNotAllowed));
    EXPECT_EQ(m_renderer->State(), TransportState::kPlaying);
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
    EXPECT_FALSE(Owner());
    EXPECT_EQ(m_second->ErrorTo(PauseMessage{70, 0}), MediaErrorCode::kNone);
}

TEST_F(RendererRoleAccess, C7_AControllerDemotedToObserverHasNoEffect) {
    StartAll();
    ASSERT_TRUE(Play(*m_owner, 1));
    m_rights[10] = Observes();
    SetRendererAccess(m_rights);
    for (const Message& command : EveryCommand(50)) {
        EXPECT_EQ(m_owner->ErrorTo(command), MediaErrorCode::kNotAllowed) << NameOf(command);
    }
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
    EXPECT_FALSE(Owner());
}

TEST_F(RendererRoleAccess, C7_ARefusedCommandOwnsNothing) {
    StartAll();
    EXPECT_EQ(m_owner->ErrorTo(PauseMessage{1, 0}), MediaErrorCode::kNotAvailableInState);
    EXPECT_EQ(m_owner->ErrorTo(RenderMessage{2, 9, "", m_film, 0, 0}),
              MediaErrorCode::kStaleGeneration);
    EXPECT_FALSE(Owner());
}

TEST_F(RendererRoleAccess, C7_TakeOverMovesTheOwnershipAndTheOldOwnerHearsIt) {
    StartAll();
    ASSERT_TRUE(Play(*m_owner, 1));
    EXPECT_EQ(m_second->Ask(TakeOverMessage{5}), Message(OwnershipMessage{5, Owner::kYou}));
    EXPECT_EQ(this->Owner(), PublicKeyOf(11));
    EXPECT_TRUE(m_world.Run(seconds(1), [&] {
        return m_owner->peer.Heard<OwnershipMessage>() ==
               std::vector{OwnershipMessage{0, Owner::kAnother}};
    }));
    EXPECT_EQ(m_owner->ErrorTo(PauseMessage{6, 0}), MediaErrorCode::kNotOwner);
    EXPECT_EQ(m_second->ErrorTo(PauseMessage{7, 0}), MediaErrorCode::kNone);
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
    // And back. The same command again is answered again, and takes nothing.
    EXPECT_EQ(m_owner->ErrorTo(TakeOverMessage{8}), MediaErrorCode::kNone);
    EXPECT_EQ(m_second->ErrorTo(TakeOverMessage{5}), MediaErrorCode::kNone);
    EXPECT_EQ(this->Owner(), PublicKeyOf(10));
    EXPECT_TRUE(m_observer->peer.Heard<OwnershipMessage>().empty());
}

TEST_F(RendererRoleAccess, C7_CommandZeroIsRefusedWhateverItAsksFor) {
    StartAll();
    ASSERT_TRUE(Play(*m_owner, 1));
    for (const Message& command :
         {Message(RenderMessage{0, 0, "", m_film, 0, 0}), Message(PauseMessage{0, 0}),
          Message(ResumeMessage{0, 0}), Message(RestartMessage{0, 0}), Message(StopMessage{0, 0}),
          Message(TakeOverMessage{0})}) {
        EXPECT_EQ(m_owner->ErrorTo(command), MediaErrorCode::kMalformedMessage) << NameOf(command);
    }
    EXPECT_EQ(m_second->ErrorTo(TakeOverMessage{0}), MediaErrorCode::kMalformedMessage);
    EXPECT_EQ(m_observer->ErrorTo(TakeOverMessage{0}), MediaErrorCode::kNotAllowed);
    EXPECT_EQ(this->Owner(), PublicKeyOf(10));
    EXPECT_TRUE(m_owner->peer.Heard<OwnershipMessage>().empty());
    EXPECT_EQ(m_renderer->State(), TransportState::kPlaying);
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
}

TEST_F(RendererRoleAccess, C7_TheIdsOfOneControllerNeitherReplayNorPoisonThoseOfAnother) {
    StartAll();
    // Taken in advance: the answer to 7 is NOT_OWNER for one, and nothing for the other.
    ASSERT_TRUE(Play(*m_owner, 1));
    EXPECT_EQ(m_second->ErrorTo(PauseMessage{7, 0}), MediaErrorCode::kNotOwner);
    EXPECT_EQ(m_owner->ErrorTo(PauseMessage{7, 0}), MediaErrorCode::kNone);
    EXPECT_EQ(m_renderer->State(), TransportState::kPaused);
    // Replayed: the id of an answered command is no way in, nor to its answer.
    EXPECT_EQ(m_second->ErrorTo(PauseMessage{7, 0}), MediaErrorCode::kNotOwner);
    // After a take-over the same id is another's first command.
    EXPECT_EQ(m_second->ErrorTo(TakeOverMessage{8}), MediaErrorCode::kNone);
    EXPECT_EQ(m_second->ErrorTo(ResumeMessage{7, 0}), MediaErrorCode::kNone);
    EXPECT_NE(m_renderer->State(), TransportState::kPaused);
    // Many refusals do not push out what the owner may have to hear again.
    for (CommandId id = 1000; id < 1100; ++id) m_owner->Say(StopMessage{id, 0});
    EXPECT_EQ(m_second->Ask(ResumeMessage{7, 0}).index(), Message(ResumedMessage{}).index());
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
}

TEST_F(RendererRoleAccess, AnOwnerThatLeavesFreesTheRendererWhichPlaysOn) {
    StartAll();
    ASSERT_TRUE(Play(*m_owner, 1));
    m_owner->Say(ExitMessage{});
    EXPECT_TRUE(m_owner->ClosedWith());
    EXPECT_FALSE(Owner());
    EXPECT_EQ(m_renderer->State(), TransportState::kPlaying);
    // The same key may have it again at once.
    Talker& again = Join(10, kRenderer);
    ASSERT_TRUE(again.Connected());
    EXPECT_EQ(again.ErrorTo(PauseMessage{5, 0}), MediaErrorCode::kNone);
    EXPECT_EQ(Owner(), PublicKeyOf(10));
}

TEST_F(RendererRoleAccess, AnOwnerThatIsLostIsWaitedForAndNoLonger) {
    StartAll();
    ASSERT_TRUE(Play(*m_owner, 1));
    m_owner->Node().Kill();
    m_world.RunFor(seconds(20));  // idle timeout 15 s
    EXPECT_EQ(m_renderer->ControllerCount(), 2u);
    EXPECT_EQ(m_second->ErrorTo(PauseMessage{5, 0}), MediaErrorCode::kNotOwner);
    Talker& again = Join(10, kRenderer);
    ASSERT_TRUE(again.Connected());
    m_world.RunFor(kOwnerGrace);
    EXPECT_EQ(Owner(), PublicKeyOf(10));
    again.Node().Kill();
    m_world.RunFor(seconds(20) + kOwnerGrace);
    EXPECT_FALSE(Owner());
    EXPECT_EQ(m_second->ErrorTo(PauseMessage{6, 0}), MediaErrorCode::kNone);
}

TEST_F(RendererRoleAccess, OneConnectionOfTheOwnerIsEnough) {
    StartAll();
    Talker& other = Join(10, kRenderer);
    ASSERT_TRUE(other.Connected());
    other.Ask(StatusMessage{1});
    ASSERT_TRUE(Play(*m_owner, 1));
    EXPECT_EQ(other.ErrorTo(PauseMessage{5, 0}), MediaErrorCode::kNone);
    m_owner->Say(ExitMessage{});
    EXPECT_TRUE(m_owner->ClosedWith());
    EXPECT_EQ(Owner(), PublicKeyOf(10));
}

TEST_F(RendererRoleAccess, B7_OneKeyLeavesPlacesForOthers) {
    StartAll();
    for (std::size_t i = 1; i < kMaxControllersPerPeer; ++i) {
        ASSERT_TRUE(Join(10, kRenderer).Connected());
        m_world.RunFor(milliseconds(100));
    }
    EXPECT_EQ(Join(10, kRenderer).ClosedWith(), static_cast<std::uint64_t>(MediaErrorCode::kBusy));
    EXPECT_TRUE(Join(11, kRenderer).Connected());
}

TEST_F(RendererRoleAccess, C9_ARendererConnectsOnlyToServersOfItsOwnConfiguration) {
    StartAll();
    test::RawPeer victim;
    m_world.Add(victim, test::IdentityConfig(40, m_everyKey));  // node 6
    CommandId id = 10;
    for (const char* name : {"10.0.0.6:59001", "10.0.0.6", "255.255.255.255:59001",
                             "127.0.0.1:59001", "[::1]:59001", "attic\n", "ATTIC", "attic "}) {
        EXPECT_EQ(m_owner->ErrorTo(RenderMessage{++id, 0, name, m_film, 0, 0}),
                  MediaErrorCode::kUnknownServer)
            << name;
    }
    m_world.RunFor(seconds(1));
    EXPECT_EQ(m_rendererNode->GetEndpoint().ConnectionCount(), 3u);  // the controllers'
    EXPECT_FALSE(victim.Connected());
    EXPECT_FALSE(Owner());
}

TEST_F(RendererRoleAccess, C9_AnotherKeyAtTheAddressOfTheServerIsNoServer) {
    m_rendererConfig.servers[0].target.key = PublicKeyOf(39);
    StartAll();
    EXPECT_EQ(m_owner->ErrorTo(RenderMessage{1, 0, "attic", m_film, 0, 0}),
              MediaErrorCode::kServerUnreachable);
    EXPECT_EQ(m_server->SessionCount(), 0u);
}

TEST_F(RendererRoleAccess, C7_AServerThatAllowsNothingAnyMoreIsNotCalledUnreachable) {
    StartAll();
    SetServerAccess({{kRenderer, Reads()}});
    ASSERT_TRUE(Play(*m_owner, 1));
    m_world.RunFor(seconds(1));
    SetServerAccess({});
    ASSERT_TRUE(m_world.Run(seconds(5),
                            [&] { return !m_owner->peer.Heard<RenderingEndedMessage>().empty(); }));
    const auto ends = m_owner->peer.Heard<RenderingEndedMessage>();
    EXPECT_EQ(ends[0].reason, EndReason::kFailed);
    EXPECT_EQ(ends[0].code, MediaErrorCode::kNotAllowed);
}

/// The role that people run, in the same world.
class GrantedController : public RendererRoleAccess {
  protected:
    void Run(const PeerTarget& server, const PeerTarget& renderer) {
        m_role = std::make_unique<ControllerRole>(ControllerConfig{
            .server = server, .renderer = renderer, .instance = 9, .serverName = {}});
        m_node = &m_world.Add(*m_role, test::IdentityConfig(10));
    }
    CommandResult Do(Verb verb, std::string_view argument = {}) {
        m_node->Do([&](TimePoint now, Endpoint&) { m_role->Issue(now, verb, argument); });
        std::optional<CommandResult> result;
        m_world.Run(seconds(30), [&] { return (result = m_role->PollResult()).has_value(); });
        return result.value_or(CommandResult{});
    }
    const PeerTarget m_serverTarget{World::AddressOf(1), PublicKeyOf(kServer)};
    const PeerTarget m_rendererTarget{World::AddressOf(2), PublicKeyOf(kRenderer)};
    std::unique_ptr<ControllerRole> m_role;
    test::TestNode* m_node = nullptr;
};

TEST_F(GrantedController, C8_PlaysThroughARendererThatMayReadNothing) {
    const EntryId song = AddText("song", "content");
    Start();
    SetServerAccess({{10, Reads()}, {kRenderer, {}}});
    SetRendererAccess({{10, {.name = "controller", .control = true}}});
    Run(m_serverTarget, m_rendererTarget);
    EXPECT_TRUE(Do(Verb::kPlay, "song").Ok());
    m_world.RunFor(seconds(1));
    EXPECT_EQ(m_renderer->State(), TransportState::kEnded);
    EXPECT_TRUE(Do(Verb::kRestart).Ok());
    EXPECT_TRUE(Do(Verb::kPlay, "#" + std::to_string(song)).Ok());
    EXPECT_EQ(m_server->Counters().grants, 2u);
}

TEST_F(GrantedController, C8_WhatTheControllerMayNotReadIsNotRenderedForIt) {
    const EntryId secret = AddText("secret", "content");
    const std::string byId = "#" + std::to_string(secret);
    Start();
    SetServerAccess({{10, Reads({"song"})}, {kRenderer, Reads()}});
    SetRendererAccess({{10, {.name = "guest", .control = true}}});
    Run(m_serverTarget, m_rendererTarget);
    const auto refused = Do(Verb::kPlay, byId);
    EXPECT_EQ(refused.error, MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(refused.text, "its server has not granted it to this controller");
    EXPECT_EQ(Do(Verb::kPlay, "#1").text, refused.text) << "as if there were none";
    EXPECT_EQ(m_server->Counters().transfersBegun, 0u);
    EXPECT_FALSE(Owner()) << "who may not have it does not get the renderer for asking";
    SetServerAccess({{10, Reads()}, {kRenderer, Reads()}});
    EXPECT_TRUE(Do(Verb::kPlay, byId).Ok());
}

TEST_F(GrantedController, C8_ABrokenGrantIsNotReplacedByTheRightOfTheRenderer) {
    const EntryId secret = AddText("secret", "content");
    Start();
    SetServerAccess({{kRenderer, Reads()}});
    SetRendererAccess({{10, {.name = "guest", .control = true}}});
    Talker& guest = Join(10, kRenderer);
    ASSERT_TRUE(guest.Connected());
    const RenderMessage forged{1, 0, "attic", secret, 0, 0, std::string(81, 'x')};
    guest.Say(forged);
    m_world.RunFor(seconds(2));
    EXPECT_EQ(m_server->Counters().transfersBegun, 0u);
}

TEST_F(GrantedController, C8_WhoMayBorrowNeedsNoGrant) {
    AddText("song", "content");
    m_serverConfig.serverSecret.reset();
    Start();
    SetServerAccess({{10, Reads()}, {kRenderer, Reads()}});
    SetRendererAccess({{10, Controls()}});
    Run(m_serverTarget, m_rendererTarget);
    EXPECT_TRUE(Do(Verb::kPlay, "song").Ok());
    SetServerAccess({{10, Reads()}, {kRenderer, {}}});
    EXPECT_EQ(Do(Verb::kPlay, "song").error, MediaErrorCode::kNoSuchEntry);
}

TEST_F(GrantedController, TakesOverAndHearsThatItWasTakenOver) {
    StartAll();
    ASSERT_TRUE(Play(*m_second, 1));
    Run(m_serverTarget, m_rendererTarget);
    EXPECT_EQ(Do(Verb::kPause).error, MediaErrorCode::kNotOwner);
    EXPECT_TRUE(Do(Verb::kTakeOver).Ok());
    EXPECT_TRUE(Do(Verb::kPause).Ok());
    EXPECT_EQ(m_second->ErrorTo(TakeOverMessage{5}), MediaErrorCode::kNone);
    m_world.RunFor(seconds(1));
    std::vector<Notification::Kind> heard;
    while (const auto n = m_role->PollNotification()) heard.push_back(n->kind);
    EXPECT_EQ(heard, std::vector{Notification::Kind::kTakenOver});
}

TEST_F(GrantedController, R12_WaitsAsLongAsABusyServerSays) {
    m_serverConfig.maxSessions = 1;
    AddText("song", "content");
    Start();
    SetRendererAccess({{10, Controls()}});
    Talker& first = Join(11, kServer);
    ASSERT_TRUE(first.Connected());
    first.Ask(ListMessage{1, 0, 0});
    Run(m_serverTarget, m_rendererTarget);
    m_world.RunFor(seconds(1));
    const TimePoint asked = m_world.Now();
    m_node->Do([&](TimePoint now, Endpoint&) { m_role->List(now); });
    m_world.RunFor(seconds(2));
    EXPECT_EQ(m_role->PendingCommands(), 1u);
    EXPECT_LE(m_server->Counters().turnedAway, 4u);  // and not in a loop
    first.Say(ExitMessage{});
    std::optional<CommandResult> result;
    m_world.Run(seconds(30), [&] { return (result = m_role->PollResult()).has_value(); });
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->Ok()) << result->text;
    EXPECT_LT(result->answeredAt - asked, seconds(3));
}

TEST_F(GrantedController, R12_ARendererAsksABusyServerAgainWithinItsBound) {
    m_serverConfig.maxSessions = 1;
    const EntryId song = AddText("song", "content");
    Start();
    Talker& first = Join(11, kServer);
    ASSERT_TRUE(first.Connected());
    first.Ask(ListMessage{1, 0, 0});
    Talker& controller = Join(10, kRenderer);
    ASSERT_TRUE(controller.Connected());
    controller.Say(RenderMessage{1, 0, "", song, 0, 0});
    m_world.RunFor(seconds(2));
    EXPECT_EQ(m_renderer->State(), TransportState::kConnecting);
    EXPECT_GE(m_server->Counters().turnedAway, 3u);
    first.Say(ExitMessage{});
    m_world.RunFor(seconds(1));
    EXPECT_EQ(m_renderer->State(), TransportState::kEnded);
    // And gives up in time where nobody leaves.
    Talker& second = Join(12, kServer);
    ASSERT_TRUE(second.Connected());
    EXPECT_EQ(second.ErrorTo(ListMessage{2, 0, 0}), MediaErrorCode::kBusy);
}

}  // namespace
}  // namespace crsp
