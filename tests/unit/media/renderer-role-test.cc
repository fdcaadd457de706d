// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/renderer-role.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include "tests/unit/media/renderer-fixture.h"

namespace crsp {
namespace {

using test::RawPeer;
using test::World;

class RendererRoleTest : public test::RendererFixture {
  protected:
    /// A failure as the role told it, with texts that last.
    struct Told {
        RenderingFailure failure;
        std::string server;
        std::string text;
    };
    void ListenForFailures() {
        m_config.onFailure = [this](const RenderingFailure& failure) {
            m_told.push_back({failure, std::string(failure.server), std::string(failure.text)});
        };
    }

    std::vector<Told> m_told;
};

TEST_F(RendererRoleTest, RendersAnEntryFromBeginningToEnd) {
    const EntryId entry = m_store.AddGenerated("song", 300'000, 5);
    Start();
    EXPECT_EQ(Ask(RenderMessage{1, 0, "attic", entry, 0, 0}),
              Message(RenderingBegunMessage{1, 1, entry, 1, 300'000}));
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0], (RenderingEndedMessage{0, 1, 300'000, EndReason::kComplete}));
    ASSERT_EQ(m_sink.renderings.size(), 1u);
    EXPECT_TRUE(m_sink.renderings[0].complete);
    EXPECT_EQ(m_sink.renderings[0].bytes.size(), 300'000u);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[0], 5));
    EXPECT_EQ(m_renderer->State(), TransportState::kEnded);
}

TEST_F(RendererRoleTest, RendersFromAnOffset) {
    const EntryId entry = m_store.AddGenerated("song", 100'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry, 99'000));
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].rendered, 1'000u);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[0], 5));
    EXPECT_EQ(m_renderer->Position(), 100'000u);
}

TEST_F(RendererRoleTest, RendersAnEmptyEntryAndOneOfAByte) {
    m_config.renderRate = 1000;
    const EntryId empty = AddText("");
    const EntryId one = AddText("x");
    Start();
    ASSERT_TRUE(Play(1, empty));
    ASSERT_TRUE(WaitForEnds(1));
    ASSERT_TRUE(Play(2, one));
    ASSERT_TRUE(WaitForEnds(2));
    EXPECT_EQ(Ends()[0].reason, EndReason::kComplete);
    EXPECT_EQ(Ends()[0].rendered, 0u);
    EXPECT_EQ(Ends()[1].rendered, 1u);
    EXPECT_TRUE(m_sink.renderings[0].complete);
    EXPECT_TRUE(m_sink.renderings[1].complete);
}

TEST_F(RendererRoleTest, NothingIsRenderedWhilePaused) {
    m_config.renderRate = 100'000;
    const EntryId entry = m_store.AddGenerated("song", 3'000'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(seconds(2));
    const auto paused = std::get<PausedMessage>(Ask(PauseMessage{2, 1}));
    EXPECT_EQ(paused.generation, 1u);
    EXPECT_EQ(paused.position, m_sink.Total());
    const std::uint64_t sent = m_server.Counters().contentBytes;
    m_world.RunFor(seconds(30));
    EXPECT_EQ(m_sink.Total(), paused.position);
    EXPECT_EQ(Status().state, TransportState::kPaused);
    EXPECT_LE(m_server.Counters().contentBytes - sent, 2 * TransportConfig().streamReceiveWindow);
    const auto resumed = std::get<ResumedMessage>(Ask(ResumeMessage{3, 1}));
    EXPECT_EQ(resumed.position, paused.position);
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_TRUE(m_sink.renderings[0].complete);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[0], 5));
}

TEST_F(RendererRoleTest, AfterARestartNothingOfTheOldGenerationIsRendered) {
    m_config.renderRate = 1'000'000;
    const EntryId entry = m_store.AddGenerated("song", 2'000'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(milliseconds(700));
    EXPECT_EQ(Ask(RestartMessage{2, 1}), Message(RestartedMessage{2, 2, 0}));
    ASSERT_TRUE(WaitForEnds(2));
    EXPECT_EQ(Ends()[0].generation, 1u);
    EXPECT_EQ(Ends()[0].reason, EndReason::kReplaced);
    EXPECT_GT(Ends()[0].rendered, 0u);
    EXPECT_EQ(Ends()[1], (RenderingEndedMessage{0, 2, 2'000'000, EndReason::kComplete}));
    EXPECT_TRUE(m_sink.inOrder);
    ASSERT_EQ(m_sink.renderings.size(), 2u);
    EXPECT_FALSE(m_sink.renderings[0].complete);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[1], 5));
}

TEST_F(RendererRoleTest, RestartsFasterThanContentsArriveLeaveOneGeneration) {
    const EntryId entry = m_store.AddGenerated("song", 400'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    for (CommandId id = 2; id <= 40; ++id) {
        Say(RestartMessage{id, 0});
        m_world.RunFor(milliseconds(3));
    }
    ASSERT_TRUE(m_world.Run(seconds(30), [&] {
        return !Ends().empty() && Ends().back().reason == EndReason::kComplete &&
               Ends().back().generation == 40;
    }));
    EXPECT_TRUE(m_sink.inOrder);
    EXPECT_EQ(m_sink.renderings.back().bytes.size(), 400'000u);
    EXPECT_TRUE(IsGenerated(m_sink.renderings.back(), 5));
}

TEST_F(RendererRoleTest, RestartPlaysAfterEndAfterStopAndFromPause) {
    const EntryId entry = m_store.AddGenerated("song", 1000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ask(RestartMessage{2, 1}), Message(RestartedMessage{2, 2, 0}));
    ASSERT_TRUE(WaitForEnds(2));
    EXPECT_EQ(Ask(StopMessage{3, 2}), Message(StoppedMessage{3, 2, 1000}));
    EXPECT_EQ(Ask(RestartMessage{4, 2}), Message(RestartedMessage{4, 3, 0}));
    Say(PauseMessage{5, 0});
    Say(RestartMessage{6, 0});
    ASSERT_TRUE(
        m_world.Run(seconds(5), [&] { return !Ends().empty() && Ends().back().generation == 4; }));
    EXPECT_EQ(Ends().back().reason, EndReason::kComplete);
}

TEST_F(RendererRoleTest, StopEndsTheRenderingAndTheTransfer) {
    m_config.renderRate = 100'000;
    const EntryId entry = m_store.AddGenerated("song", 30'000'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(seconds(1));
    const auto stopped = std::get<StoppedMessage>(Ask(StopMessage{2, 0}));
    EXPECT_EQ(stopped.position, m_sink.Total());
    m_world.RunFor(seconds(5));
    EXPECT_EQ(m_sink.Total(), stopped.position);
    ASSERT_EQ(Ends().size(), 1u);
    EXPECT_EQ(Ends()[0].reason, EndReason::kStopped);
    EXPECT_EQ(m_server.Counters().transfersStopped, 1u);
    EXPECT_EQ(m_renderer->State(), TransportState::kStopped);
}

TEST_F(RendererRoleTest, KeepsToItsTimetable) {
    m_config.renderRate = 100'000;
    m_config.portion = 10'000;
    const EntryId entry = m_store.AddGenerated("song", 300'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    ASSERT_TRUE(WaitForEnds(1));
    const auto& rendering = m_sink.renderings[0];
    EXPECT_LE(m_sink.largestOffer, 10'000u);
    ASSERT_EQ(rendering.bytes.size(), 300'000u);
    const Duration took = rendering.endedAt - rendering.times.front();
    EXPECT_GE(took, milliseconds(2999));
    EXPECT_LE(took, milliseconds(3300));
}

TEST_F(RendererRoleTest, ASlowSinkSlowsTheRendererAndLosesNothing) {
    m_config.portion = 4096;
    m_sink.appetite = 1000;
    const EntryId entry = m_store.AddGenerated("song", 50'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].rendered, 50'000u);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[0], 5));
    const auto& rendering = m_sink.renderings[0];
    EXPECT_GE(rendering.endedAt - rendering.begunAt, 35 * kSinkRetryInterval);
}

TEST_F(RendererRoleTest, ASinkThatFailsEndsTheRendering) {
    const EntryId entry = m_store.AddGenerated("song", 50'000, 5);
    Start();
    m_sink.failBegin = true;
    EXPECT_EQ(ErrorTo(RenderMessage{1, 0, "", entry, 0, 0}), MediaErrorCode::kSinkFailed);
    m_sink.failBegin = false;
    m_sink.failRender = true;
    ASSERT_TRUE(Play(2, entry));
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].reason, EndReason::kFailed);
    EXPECT_EQ(Ends()[0].code, MediaErrorCode::kSinkFailed);
    EXPECT_EQ(Status().state, TransportState::kError);
    EXPECT_EQ(Status().code, MediaErrorCode::kSinkFailed);
}

TEST_F(RendererRoleTest, ASinkThatFailsAtTheVeryEndFailsTheRendering) {
    const EntryId entry = m_store.AddGenerated("song", 50'000, 5);
    ListenForFailures();
    Start();
    m_sink.failEnd = true;
    ASSERT_TRUE(Play(1, entry));
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0], (RenderingEndedMessage{0, 1, 50'000, EndReason::kFailed,
                                                MediaErrorCode::kSinkFailed}));
    const auto errors = m_controller.Heard<ErrorMessage>();
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].command, 0u);
    EXPECT_EQ(errors[0].code, MediaErrorCode::kSinkFailed);
    EXPECT_EQ(Status().state, TransportState::kError);
    EXPECT_EQ(Status().code, MediaErrorCode::kSinkFailed);
    EXPECT_EQ(m_told.size(), 1u);
    m_sink.failEnd = false;
    EXPECT_EQ(Ask(RestartMessage{2, 1}), Message(RestartedMessage{2, 2, 0}));
    ASSERT_TRUE(WaitForEnds(2));
    EXPECT_EQ(Ends()[1].reason, EndReason::kComplete);
    EXPECT_TRUE(m_sink.inOrder);
}

TEST_F(RendererRoleTest, ASinkThatFailsAsItIsStoppedIsOnlyToldOf) {
    m_config.renderRate = 10'000;
    const EntryId entry = m_store.AddGenerated("song", 100'000, 5);
    ListenForFailures();
    Start();
    m_sink.failEnd = true;
    ASSERT_TRUE(Play(1, entry));
    EXPECT_TRUE(std::holds_alternative<StoppedMessage>(Ask(StopMessage{2, 1})));
    EXPECT_EQ(Status().state, TransportState::kStopped);
    EXPECT_EQ(Ends().at(0).reason, EndReason::kStopped);
    ASSERT_EQ(m_told.size(), 1u);
    EXPECT_EQ(m_told[0].failure.reason, EndReason::kStopped);
    EXPECT_EQ(m_told[0].failure.code, MediaErrorCode::kSinkFailed);
}

TEST_F(RendererRoleTest, WhoeverRunsItIsToldOfFailures) {
    m_config.renderRate = 100'000;
    const EntryId entry = m_store.AddGenerated("song", 10'000'000, 5);
    ListenForFailures();
    Start();
    EXPECT_EQ(ErrorTo(RenderMessage{1, 0, "", entry + 1, 0, 0}), MediaErrorCode::kNoSuchEntry);
    ASSERT_TRUE(Play(2, entry, 1000));
    m_world.RunFor(seconds(1));
    m_serverNode->Kill();
    ASSERT_TRUE(WaitForEnds(1));
    ASSERT_EQ(m_told.size(), 2u);
    EXPECT_EQ(m_told[0].failure.code, MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(m_told[0].failure.entry, entry + 1);
    EXPECT_EQ(m_told[0].server, "attic");
    EXPECT_EQ(m_told[1].failure.code, MediaErrorCode::kServerUnreachable);
    EXPECT_EQ(m_told[1].failure.reason, EndReason::kFailed);
    EXPECT_EQ(m_told[1].failure.generation, 2u);
    EXPECT_EQ(m_told[1].failure.position, 1000 + m_sink.Total());
    EXPECT_EQ(m_told[1].text, "the connection to the server is lost, and no other comes");
}

TEST_F(RendererRoleTest, StatusSaysWhatThereIs) {
    m_config.renderRate = 10'000;
    const EntryId entry = m_store.AddGenerated("song", 100'000, 5);
    Start();
    const StatusReportMessage before = Status();
    EXPECT_EQ(before.state, TransportState::kNoMedia);
    EXPECT_EQ(before.generation, 0u);
    EXPECT_EQ(before.actions, AvailableActions(TransportState::kNoMedia));
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(seconds(1));
    const StatusReportMessage playing = Status();
    EXPECT_EQ(playing.state, TransportState::kPlaying);
    EXPECT_EQ(playing.generation, 1u);
    EXPECT_EQ(playing.entry, entry);
    EXPECT_EQ(playing.size, 100'000u);
    EXPECT_EQ(playing.position, m_sink.Total());
}

TEST_F(RendererRoleTest, ARepeatedCommandIsAnsweredAgainAndNotDoneAgain) {
    const EntryId entry = m_store.AddGenerated("song", 1000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    const Message first = Ask(RestartMessage{2, 0});
    EXPECT_EQ(Ask(RestartMessage{2, 0}), first);
    EXPECT_EQ(m_renderer->CurrentGeneration(), 2u);
    const Message begun = Message(RenderingBegunMessage{1, 1, entry, 1, 1000});
    EXPECT_EQ(Ask(RenderMessage{1, 0, "", entry, 0, 0}), begun);
    EXPECT_EQ(m_renderer->CurrentGeneration(), 2u);
    EXPECT_EQ(ErrorTo(PauseMessage{3, 77}), MediaErrorCode::kStaleGeneration);
    EXPECT_EQ(ErrorTo(PauseMessage{3, 0}), MediaErrorCode::kStaleGeneration);
}

TEST_F(RendererRoleTest, ARenderRepeatedBeforeItsAnswerBeginsOnce) {
    const EntryId entry = m_store.AddGenerated("song", 1000, 5);
    Start();
    for (int i = 0; i < 3; ++i) Say(RenderMessage{1, 0, "", entry, 0, 0});
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
    EXPECT_EQ(m_controller.Heard<RenderingBegunMessage>().size(), 1u);
}

TEST_F(RendererRoleTest, ACommandForAnotherGenerationHasNoEffect) {
    m_config.renderRate = 10'000;
    const EntryId entry = m_store.AddGenerated("song", 100'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    EXPECT_EQ(ErrorTo(PauseMessage{2, 2}), MediaErrorCode::kStaleGeneration);
    EXPECT_EQ(ErrorTo(StopMessage{3, 7}), MediaErrorCode::kStaleGeneration);
    EXPECT_EQ(ErrorTo(RestartMessage{4, 3}), MediaErrorCode::kStaleGeneration);
    EXPECT_EQ(ErrorTo(RenderMessage{5, 9, "", entry, 0, 0}), MediaErrorCode::kStaleGeneration);
    EXPECT_EQ(m_renderer->State(), TransportState::kPlaying);
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
}

TEST_F(RendererRoleTest, RefusesVerbsThatHaveNoMeaningNow) {
    Start();
    EXPECT_EQ(ErrorTo(PauseMessage{1, 0}), MediaErrorCode::kNotAvailableInState);
    EXPECT_EQ(ErrorTo(RestartMessage{2, 0}), MediaErrorCode::kNotAvailableInState);
    EXPECT_EQ(ErrorTo(StopMessage{3, 0}), MediaErrorCode::kNotAvailableInState);
    EXPECT_EQ(ErrorTo(ListMessage{4, 0, 0}), MediaErrorCode::kNotSupported);
    EXPECT_EQ(ErrorTo(StoppedMessage{5}), MediaErrorCode::kNotSupported);
}

TEST_F(RendererRoleTest, SaysWhyAnEntryCannotBeRendered) {
    const EntryId entry = AddText("hello");
    Start();
    EXPECT_EQ(ErrorTo(RenderMessage{1, 0, "", entry + 1, 0, 0}), MediaErrorCode::kNoSuchEntry);
    EXPECT_EQ(Status().state, TransportState::kError);
    EXPECT_EQ(ErrorTo(RenderMessage{2, 0, "", entry, 9, 0}), MediaErrorCode::kVersionChanged);
    EXPECT_EQ(ErrorTo(RenderMessage{3, 0, "", entry, 0, 6}), MediaErrorCode::kOffsetOutOfRange);
    EXPECT_TRUE(Ends().empty());
    EXPECT_TRUE(m_sink.renderings.empty());
}

TEST_F(RendererRoleTest, AnUnknownServerChangesNothing) {
    m_config.renderRate = 10'000;
    const EntryId entry = m_store.AddGenerated("song", 100'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    EXPECT_EQ(ErrorTo(RenderMessage{2, 0, "cellar", entry, 0, 0}), MediaErrorCode::kUnknownServer);
    EXPECT_EQ(m_renderer->CurrentGeneration(), 1u);
    EXPECT_EQ(m_renderer->State(), TransportState::kPlaying);
}

TEST_F(RendererRoleTest, C7_ARevokedServerIsNotConnectedToUntilItIsTrustedAgain) {
    const EntryId entry = AddText("hello");
    Start();
    auto servers = m_config.servers;
    servers.front().revoked = true;
    m_renderer->SetServers(servers);
    const auto& handshakes = m_serverNode->GetEndpoint().Stats().handshakesCompleted;
    EXPECT_EQ(ErrorTo(RenderMessage{1, 0, "attic", entry, 0, 0}),
              MediaErrorCode::kServerUnreachable);
    EXPECT_EQ(handshakes, 0u);
    m_renderer->SetServers(m_config.servers);
    EXPECT_TRUE(Play(2, entry));
    EXPECT_EQ(handshakes, 1u);
}

TEST_F(RendererRoleTest, AServerThatIsNotThereEndsInAnErrorWithinTheBound) {
    m_config.serverTimeout = seconds(3);
    const EntryId entry = AddText("hello");
    Start();
    const TimePoint asked = m_world.Now();
    EXPECT_EQ(ErrorTo(RenderMessage{1, 0, "nowhere", entry, 0, 0}),
              MediaErrorCode::kServerUnreachable);
    EXPECT_LE(m_world.Now() - asked, milliseconds(3100));
    EXPECT_TRUE(Play(2, entry));
}

TEST_F(RendererRoleTest, AServerThatDiesInMidStreamEndsTheRenderingWithAnError) {
    m_config.renderRate = 100'000;
    const EntryId entry = m_store.AddGenerated("song", 10'000'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(seconds(1));
    m_serverNode->Kill();
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].reason, EndReason::kFailed);
    EXPECT_EQ(Ends()[0].code, MediaErrorCode::kServerUnreachable);
    const auto errors = m_controller.Heard<ErrorMessage>();
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].command, 0u);
    EXPECT_TRUE(errors[0].retryable);
    EXPECT_EQ(Status().state, TransportState::kError);
    EXPECT_FALSE(m_sink.renderings[0].complete);
    EXPECT_TRUE(IsGenerated(m_sink.renderings[0], 5));
}

TEST_F(RendererRoleTest, AfterAServerHasGoneARestartConnectsAnew) {
    m_config.renderRate = 1'000'000;
    const EntryId entry = m_store.AddGenerated("song", 1'000'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_world.RunFor(milliseconds(300));
    m_serverNode->Shutdown();
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].reason, EndReason::kFailed);
    EXPECT_EQ(Ask(RestartMessage{2, 1}), Message(RestartedMessage{2, 2, 0}));
    ASSERT_TRUE(WaitForEnds(2));
    EXPECT_EQ(Ends()[1].reason, EndReason::kComplete);
    EXPECT_TRUE(IsGenerated(m_sink.renderings.back(), 5));
}

TEST_F(RendererRoleTest, ARenderThatIsOvertakenIsAnsweredToo) {
    const EntryId entry = AddText("hello");
    Start();
    Say(RenderMessage{1, 0, "nowhere", entry, 0, 0});
    ASSERT_TRUE(Play(2, entry));
    const auto errors = m_controller.Heard<ErrorMessage>();
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].command, 1u);
    EXPECT_EQ(errors[0].code, MediaErrorCode::kSuperseded);
}

TEST_F(RendererRoleTest, APauseBeforeTheContentsArriveHoldsToo) {
    const EntryId entry = m_store.AddGenerated("song", 10'000, 5);
    Start();
    Say(RenderMessage{1, 0, "", entry, 0, 0});
    Say(PauseMessage{2, 0});
    m_world.RunFor(seconds(3));
    EXPECT_EQ(m_controller.Heard<RenderingBegunMessage>().size(), 1u);
    EXPECT_EQ(m_sink.Total(), 0u);
    EXPECT_EQ(Status().state, TransportState::kPaused);
    Say(ResumeMessage{3, 0});
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_TRUE(m_sink.renderings[0].complete);
}

TEST_F(RendererRoleTest, EveryControllerHearsWhatBeginsAndEnds) {
    const EntryId entry = AddText("hello");
    Start();
    RawPeer other(World::AddressOf(2));
    auto& otherNode = m_world.Add(other);
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return other.Connected(); }));
    otherNode.Do([&](TimePoint now, Endpoint& endpoint) {
        other.Channel().Send(now, endpoint, StatusMessage{1});
    });
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return !other.heard.empty(); }));
    ASSERT_TRUE(Play(1, entry));
    ASSERT_TRUE(WaitForEnds(1));
    m_world.RunFor(milliseconds(100));
    EXPECT_EQ(other.Heard<RenderingBegunMessage>(),
              (std::vector{RenderingBegunMessage{0, 1, entry, 1, 5}}));
    EXPECT_EQ(other.Heard<RenderingEndedMessage>(), Ends());
}

TEST_F(RendererRoleTest, TurnsAwayMoreControllersThanItsLimit) {
    m_config.maxControllers = 1;
    Start();
    RawPeer other(World::AddressOf(2));
    m_world.Add(other);
    ASSERT_TRUE(m_world.Run(seconds(2), [&] { return !other.closed.empty(); }));
    EXPECT_EQ(other.closed[0].applicationCode, static_cast<std::uint64_t>(MediaErrorCode::kBusy));
    EXPECT_EQ(Status().state, TransportState::kNoMedia);
}

TEST_F(RendererRoleTest, AControllerMayLeaveWhileItPlays) {
    m_config.renderRate = 100'000;
    const EntryId entry = m_store.AddGenerated("song", 200'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    Say(ExitMessage{});
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return !m_controller.closed.empty(); }));
    EXPECT_EQ(m_controller.closed[0].applicationCode, 0u);
    m_world.RunFor(seconds(5));
    EXPECT_EQ(m_renderer->State(), TransportState::kEnded);
    EXPECT_TRUE(m_sink.renderings[0].complete);
}

TEST_F(RendererRoleTest, ShutdownFinishesTheSinkAndClosesEveryConnection) {
    m_config.renderRate = 10'000;
    const EntryId entry = m_store.AddGenerated("song", 200'000, 5);
    Start();
    ASSERT_TRUE(Play(1, entry));
    m_rendererNode->Shutdown();
    ASSERT_TRUE(m_world.Run(seconds(1), [&] { return !m_controller.closed.empty(); }));
    EXPECT_EQ(m_controller.closed[0].applicationCode, 0u);
    EXPECT_TRUE(m_sink.renderings[0].ended);
    EXPECT_FALSE(m_sink.renderings[0].complete);
    EXPECT_EQ(m_server.SessionCount(), 0u);
}

/// A renderer whose server says whatever a test wants it to say.
class HostileServerTest : public test::RendererFixture {
  protected:
    void StartHostile() {
        m_config.servers = {{"evil", {World::AddressOf(4)}}};
        m_config.serverTimeout = seconds(2);
        Start();
        m_evilNode = &m_world.Add(m_evil);
        Say(RenderMessage{1, 0, "", 7, 0, 0});
        ASSERT_TRUE(m_world.Run(seconds(2), [this] { return !m_evil.heard.empty(); }));
    }
    /// Opens a contents stream with `header` and `content`; it ends there if `finish`.
    StreamId Send(const Message& header, std::string_view content, bool finish) {
        std::vector<std::byte> bytes;
        EncodeMessage(header, bytes);
        for (const std::byte b : AsBytes(content)) bytes.push_back(b);
        StreamId stream = 0;
        m_evilNode->Do([&](TimePoint, Endpoint& endpoint) {
            stream = *endpoint.OpenStream(m_evil.Connection(), StreamDirection::kUnidirectional);
            EXPECT_TRUE(endpoint.Write(m_evil.Connection(), stream, bytes, finish));
        });
        return stream;
    }
    MediaErrorCode Answer() {
        m_world.Run(seconds(5), [this] { return !m_controller.Heard<ErrorMessage>().empty(); });
        const auto errors = m_controller.Heard<ErrorMessage>();
        return errors.empty() ? MediaErrorCode::kNone : errors[0].code;
    }

    RawPeer m_evil;
    test::TestNode* m_evilNode = nullptr;
};

TEST_F(HostileServerTest, IsAskedForTheNewGeneration) {
    StartHostile();
    EXPECT_EQ(m_evil.heard[0], Message(RenderMessage{1, 1, "", 7, 0, 0}));
}

TEST_F(HostileServerTest, ContentsOfAnotherGenerationAreStoppedAndNotRendered) {
    StartHostile();
    const StreamId wrong = Send(ContentsMessage{1, 9, 7, 1, 0, 4}, "evil", true);
    const StreamId right = Send(ContentsMessage{1, 1, 7, 1, 0, 4}, "good", true);
    ASSERT_TRUE(WaitForEnds(1));
    ASSERT_EQ(m_sink.renderings.size(), 1u);
    EXPECT_EQ(AsText(m_sink.renderings[0].bytes), "good");
    EXPECT_NE(wrong, right);
}

TEST_F(HostileServerTest, OtherContentsThanAskedForAreRefused) {
    StartHostile();
    Send(ContentsMessage{1, 1, 8, 1, 0, 4}, "evil", true);
    EXPECT_EQ(Answer(), MediaErrorCode::kMalformedMessage);
    EXPECT_TRUE(m_sink.renderings.empty());
}

// What is announced is believed in nothing: no memory is taken for it, and what is short of it is
// no rendering.
TEST_F(HostileServerTest, B19_AnEnormousSizeCostsNoMemoryAndIsNeverComplete) {
    StartHostile();
    const StreamId stream = Send(ContentsMessage{1, 1, 7, 1, 0, kVarintMax}, "good", false);
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    m_world.RunFor(seconds(1));
    EXPECT_LE(mallinfo2().uordblks + mallinfo2().hblkhd, before + 256 * 1024);
    EXPECT_EQ(m_sink.Total(), 4u);
    EXPECT_EQ(Status().size, kVarintMax);
    m_evilNode->Do([&](TimePoint, Endpoint& endpoint) {
        ASSERT_TRUE(endpoint.Write(m_evil.Connection(), stream, {}, true));
    });
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].reason, EndReason::kFailed);
    EXPECT_EQ(Ends()[0].rendered, 4u);
    EXPECT_FALSE(m_sink.renderings[0].complete);
}

TEST_F(HostileServerTest, B20_ContentsThatEndEarlyAreAFailure) {
    StartHostile();
    Send(ContentsMessage{1, 1, 7, 1, 0, 10}, "short", true);
    EXPECT_EQ(Answer(), MediaErrorCode::kReadFailed);
    EXPECT_EQ(Ends().at(0).rendered, 5u);
    EXPECT_FALSE(m_sink.renderings[0].complete);
}

TEST_F(HostileServerTest, B19_ContentsThatGoOnTooLongAreAFailure) {
    StartHostile();
    Send(ContentsMessage{1, 1, 7, 1, 0, 3}, "too long", true);
    EXPECT_EQ(Answer(), MediaErrorCode::kReadFailed);
    EXPECT_LE(m_sink.Total(), 3u);
}

TEST_F(HostileServerTest, AResetEndsTheRenderingWithItsCode) {
    StartHostile();
    const StreamId stream = Send(ContentsMessage{1, 1, 7, 1, 0, 100}, "half", false);
    m_world.RunFor(milliseconds(100));
    m_evilNode->Do([&](TimePoint, Endpoint& endpoint) {
        ASSERT_TRUE(endpoint.ResetStream(m_evil.Connection(), stream, 2));
    });
    EXPECT_EQ(Answer(), MediaErrorCode::kVersionChanged);
    EXPECT_EQ(Ends().at(0).rendered, 4u);
}

TEST_F(HostileServerTest, SilenceEndsInATimeout) {
    StartHostile();
    EXPECT_EQ(Answer(), MediaErrorCode::kTimeout);
    EXPECT_EQ(Status().state, TransportState::kError);
}

TEST_F(HostileServerTest, JunkOnAStreamIsRefusedAndChangesNothing) {
    StartHostile();
    Send(ExitMessage{}, "junk", true);
    Send(ListingMessage{1, 1, 1, 0, {{1, 1, 1, std::string(200, 'x')}}}, "", false);
    m_world.RunFor(milliseconds(100));
    EXPECT_EQ(m_renderer->State(), TransportState::kConnecting);
    Send(ContentsMessage{1, 1, 7, 1, 0, 4}, "good", true);
    ASSERT_TRUE(WaitForEnds(1));
    EXPECT_EQ(Ends()[0].reason, EndReason::kComplete);
}

}  // namespace
}  // namespace crsp
