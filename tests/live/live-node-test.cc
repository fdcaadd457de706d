// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/live-node.h"

#include <gtest/gtest.h>

#include "apps/live/udp-socket.h"
#include "model/base/random.h"
#include "tests/live/loopback.h"
#include "tests/support/temp-dir.h"

namespace crsp {
namespace {

std::vector<std::byte> Bytes(std::string_view text) {
    const auto bytes = AsBytes(text);
    return {bytes.begin(), bytes.end()};
}

class FilesThroughLoopback : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FilesThroughLoopback, ArriveWhole) {
    Trio trio;
    const auto content = PatternText(GetParam());
    trio.Store().AddBytes("file", Bytes(content));
    trio.Start();
    ASSERT_TRUE(trio.Do(Verb::kPlay, "file").Ok());
    const auto end = trio.AwaitEnd();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->reason, EndReason::kComplete);
    EXPECT_EQ(end->rendered, content.size());
    EXPECT_TRUE(trio.sink.Complete());
    EXPECT_TRUE(trio.sink.Content() == content);
}

INSTANTIATE_TEST_SUITE_P(Sizes, FilesThroughLoopback, ::testing::Values(0, 1, 1200, 3'000'000));

TEST(LiveNode, TransportControlsWorkOverRealSockets) {
    Trio trio;
    trio.Store().AddGenerated("long", 64 << 20, 1);
    trio.Start();
    ASSERT_TRUE(trio.Do(Verb::kPlay, "long").Ok());
    EXPECT_TRUE(trio.Do(Verb::kPause).Ok());
    const auto paused = trio.Do(Verb::kStatus);
    EXPECT_EQ(paused.state, TransportState::kPaused);
    EXPECT_EQ(trio.Do(Verb::kStatus).position, paused.position);
    EXPECT_TRUE(trio.Do(Verb::kResume).Ok());
    const auto restarted = trio.Do(Verb::kRestart);
    EXPECT_TRUE(restarted.Ok());
    EXPECT_EQ(restarted.generation, 2u);
    EXPECT_TRUE(trio.Do(Verb::kStop).Ok());
    EXPECT_EQ(trio.Do(Verb::kStatus).state, TransportState::kStopped);
}

TEST(LiveNode, NoiseChangesNothingButCounters) {
    constexpr int kDatagrams = 10'000;
    constexpr int kBatch = 50;
    Trio trio;
    const auto content = PatternText(2'000'000);
    trio.Store().AddBytes("file", Bytes(content));
    trio.Start();
    ASSERT_TRUE(trio.Do(Verb::kPlay, "file").Ok());
    const auto connections = trio.ServerNode().GetEndpoint().ConnectionCount();
    const auto handshakes = trio.ServerNode().GetEndpoint().Stats().handshakesCompleted;
    UdpSocket noise(trio.loop.Io());
    ASSERT_FALSE(noise.Open(kAnyLoopbackPort));
    Random random(7);
    std::vector<std::byte> datagram;
    for (int sent = 0; sent < kDatagrams; sent += kBatch) {
        const auto dropped = trio.ServerNode().GetEndpoint().Stats().Dropped();
        for (int i = 0; i < kBatch; ++i) {
            datagram.resize(i == 0 ? 0 : random.Below(1500));
            for (auto& byte : datagram) byte = static_cast<std::byte>(random.Next());
            ASSERT_EQ(noise.Send(trio.ServerNode().LocalAddress(), Ecn::kNotEct, datagram),
                      UdpSocket::SendResult::kSent);
        }
        ASSERT_TRUE(trio.loop.RunUntil(
            [&] { return trio.ServerNode().GetEndpoint().Stats().Dropped() >= dropped + kBatch; }));
    }
    ASSERT_TRUE(trio.loop.RunUntil([&] { return trio.sink.Complete(); }));
    EXPECT_TRUE(trio.sink.Content() == content);
    EXPECT_EQ(trio.ServerNode().GetEndpoint().ConnectionCount(), connections);
    EXPECT_EQ(trio.ServerNode().GetEndpoint().Stats().handshakesCompleted, handshakes);
    EXPECT_TRUE(trio.Do(Verb::kStatus).Ok());
}

TEST(LiveNode, AServerGoneInMidStreamEndsTheRenderingWithAnError) {
    Trio trio(seconds(1));
    trio.Store().AddGenerated("endless", std::uint64_t{1} << 40, 1);
    trio.Start();
    ASSERT_TRUE(trio.Do(Verb::kPlay, "endless").Ok());
    ASSERT_TRUE(trio.loop.RunUntil([&] { return trio.sink.Content().size() > 100'000; }));
    trio.ServerNode().Stop();
    const auto end = trio.AwaitEnd();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->reason, EndReason::kFailed);
    EXPECT_EQ(end->code, MediaErrorCode::kServerUnreachable);
    EXPECT_EQ(trio.Do(Verb::kStatus).state, TransportState::kError);
}

/// A controller that wants the status of a renderer, with keys that may differ.
CommandResult StatusBetween(std::optional<PreSharedKey> ours, std::optional<PreSharedKey> theirs) {
    Loopback loop;
    CollectingSink sink;
    RendererRole renderer(RendererConfig{}, sink);
    const auto rendererNode = loop.Start(renderer, loop.Config(theirs));
    ControllerConfig config;
    config.renderer = PeerTarget{rendererNode->LocalAddress()};
    config.commandTimeout = milliseconds(500);
    ControllerRole controller(config);
    const auto node = loop.Start(controller, loop.Config(ours));
    controller.Status(node->Now());
    node->Pump();
    std::optional<CommandResult> result;
    EXPECT_TRUE(loop.RunUntil([&] { return (result = controller.PollResult()).has_value(); }));
    EXPECT_EQ(rendererNode->GetEndpoint().Stats().handshakesCompleted, result->Ok() ? 1u : 0u);
    return *result;
}

TEST(LiveNode, OnlyEqualKeysConnect) {
    const PreSharedKey a{std::byte{1}};
    const PreSharedKey b{std::byte{2}};
    EXPECT_TRUE(StatusBetween(a, a).Ok());
    EXPECT_TRUE(StatusBetween({}, {}).Ok());
    EXPECT_FALSE(StatusBetween(a, b).Ok());
    EXPECT_FALSE(StatusBetween(a, {}).Ok());
    EXPECT_FALSE(StatusBetween({}, a).Ok());
}

TEST(LiveNode, ShutdownTellsThePeers) {
    Trio trio;
    trio.Store().AddGenerated("endless", std::uint64_t{1} << 40, 1);
    trio.Start();
    ASSERT_TRUE(trio.Do(Verb::kPlay, "endless").Ok());
    trio.ServerNode().Shutdown();
    const auto end = trio.AwaitEnd();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, MediaErrorCode::kServerUnreachable);
    ASSERT_TRUE(trio.loop.RunUntil([&] { return trio.ServerNode().Stopped(); }));
    const auto* entry = trio.RendererNode().Ledger().LastEnded(trio.ServerNode().LocalAddress());
    ASSERT_TRUE(entry);
    EXPECT_TRUE(entry->closedByPeer);
}

TEST(LiveNode, TheLedgerKnowsWhatEndedConnectionsDid) {
    Trio trio;
    trio.Store().AddBytes("file", Bytes(PatternText(500'000)));
    trio.Start();
    ASSERT_TRUE(trio.Do(Verb::kPlay, "file").Ok());
    ASSERT_TRUE(trio.AwaitEnd());
    trio.ServerNode().Shutdown();
    ASSERT_TRUE(trio.loop.RunUntil([&] { return trio.ServerNode().Stopped(); }));
    const auto& ledger = trio.ServerNode().Ledger();
    EXPECT_EQ(ledger.Count(), 2u);
    EXPECT_TRUE(ledger.Open().empty());
    EXPECT_GE(ledger.Totals().streamBytesSent, 500'000u);
    EXPECT_GT(ledger.Totals().packetsReceived, 0u);
}

TEST(LiveNode, ATakenPortIsAnErrorNotAnAbort) {
    Loopback loop;
    CollectingSink sink;
    RendererRole first(RendererConfig{}, sink);
    RendererRole second(RendererConfig{}, sink);
    const auto node = loop.Start(first, loop.Config());
    LiveNode other(loop.Io(), loop.Config(), second);
    EXPECT_EQ(other.Open(node->LocalAddress()), std::errc::address_in_use);
}

}  // namespace
}  // namespace crsp
