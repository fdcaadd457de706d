// SPDX-License-Identifier: BSD-3-Clause
// Life cycle: how a connection begins, stays and ends. What it sends and how it takes packets in
// stands in connection-send-test.cc and connection-receive-test.cc.
#include "model/connection/connection.h"

#include <gtest/gtest.h>

#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

/// Loses everything either end sends.
int Blackout(const End&, Bytes&) {
    return 0;
}

EndpointConfig Quick(std::uint8_t which, Duration idle, Duration keepAlive) {
    auto config = ConfigOf(which);
    config.transport.idleTimeout = idle;
    config.transport.keepAlive = keepAlive;
    return config;
}

TEST(ConnectionLife, BothEndsAreToldOnceThatTheyAreConnected) {
    Pair pair;
    const auto handle = pair.Connect();
    pair.RunFor(seconds(2));
    ASSERT_EQ(pair.initiator.events.size(), 1u);
    ASSERT_EQ(pair.responder.events.size(), 1u);
    const auto ours = *pair.initiator.First<ConnectedEvent>();
    EXPECT_EQ(ours.connection, handle);
    EXPECT_EQ(ours.side, Side::kInitiator);
    EXPECT_EQ(ours.remote, kResponderAddress);
    const auto theirs = *pair.responder.First<ConnectedEvent>();
    EXPECT_EQ(theirs.side, Side::kResponder);
    EXPECT_EQ(theirs.remote, kInitiatorAddress);
}

TEST(ConnectionLife, TheHandshakeTellsTheRoundTrip) {
    Pair pair;
    pair.Establish();
    EXPECT_EQ(pair.initiator.Stats().minRtt, milliseconds(20));
    EXPECT_EQ(pair.responder.Stats().minRtt, milliseconds(20));
}

TEST(ConnectionLife, ARepeatedHandshakeDoesNotTellTheRoundTrip) {
    Pair pair;
    int datagrams = 0;
    pair.link = [&](const End&, Bytes&) { return datagrams++ == 0 ? 0 : 1; };
    pair.Establish();
    pair.RunFor(seconds(1));
    ASSERT_TRUE(pair.initiator.Connected());
    EXPECT_LT(pair.initiator.Stats().smoothedRtt, milliseconds(100));
}

TEST(ConnectionLife, ALateFirstDataPacketDoesNotTellTheRoundTrip) {
    Pair pair;
    bool lost = false;
    pair.link = [&](const End&, Bytes& datagram) {
        const bool drop = !lost && HeaderOf<DataHeader>(datagram);
        lost |= drop;
        return drop ? 0 : 1;
    };
    pair.Connect();
    ASSERT_TRUE(pair.RunUntil([&] { return pair.responder.Connected(); }));
    EXPECT_EQ(pair.responder.Stats().latestRtt, Duration{});
}

TEST(ConnectionLife, HandshakeTimesOutWithoutAnAnswer) {
    Pair pair;
    pair.link = Blackout;
    pair.Connect();
    const TimePoint start = pair.now;
    ASSERT_TRUE(pair.RunUntil([&] { return pair.initiator.Closed().has_value(); }));
    EXPECT_EQ(pair.now - start, TransportConfig{}.handshakeTimeout);
    EXPECT_EQ(pair.initiator.Closed()->code, TransportErrorCode::kHandshakeTimeout);
    EXPECT_FALSE(pair.initiator.Closed()->byPeer);
    EXPECT_FALSE(pair.initiator.Connected());
    pair.RunFor(seconds(10));
    EXPECT_EQ(pair.initiator.events.size(), 1u);
    EXPECT_EQ(pair.initiator.endpoint.ConnectionCount(), 0u);
    EXPECT_FALSE(pair.initiator.endpoint.NextTimeout());
}

// CRSP §4.4: a second payload under the same ephemeral key would break the handshake.
TEST(ConnectionLife, InitialIsRepeatedByteForByte) {
    Pair pair;
    pair.link = Blackout;
    pair.Connect();
    pair.RunFor(seconds(70));
    const auto& sent = pair.initiator.sent;
    ASSERT_EQ(sent.size(), 61u);
    for (const auto& [at, datagram] : sent) EXPECT_EQ(datagram, sent[0].second);
    EXPECT_EQ(sent[1].first - sent[0].first, milliseconds(300));
    for (std::size_t i = 2; i < sent.size(); ++i) {
        EXPECT_EQ(sent[i].first - sent[i - 1].first, seconds(1));
    }
}

TEST(ConnectionLife, AHalfOpenConnectionIsForgottenWithoutAWord) {
    Pair pair;
    pair.link = [](const End& from, Bytes&) { return from.address == kInitiatorAddress ? 1 : 0; };
    pair.Connect();
    pair.RunFor(seconds(5));
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 1u);
    pair.RunFor(TransportConfig{}.handshakeTimeout);
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
    EXPECT_TRUE(pair.responder.events.empty());
}

TEST(ConnectionLife, CleanCloseReachesBothWithCodeAndReason) {
    Pair pair;
    pair.Establish();
    ASSERT_TRUE(pair.initiator.endpoint.Close(pair.now, pair.initiator.Handle(), 0, "done"));
    pair.RunFor(seconds(5));
    const auto ours = pair.initiator.Closed().value();
    EXPECT_EQ(ours.code, TransportErrorCode::kNoError);
    EXPECT_EQ(ours.reason, "done");
    EXPECT_FALSE(ours.byPeer);
    const auto theirs = pair.responder.Closed().value();
    EXPECT_EQ(theirs.code, TransportErrorCode::kNoError);
    EXPECT_EQ(theirs.reason, "done");
    EXPECT_TRUE(theirs.byPeer);
    EXPECT_EQ(pair.initiator.Count<ClosedEvent>(), 1u);
    EXPECT_EQ(pair.responder.Count<ClosedEvent>(), 1u);
    EXPECT_EQ(pair.initiator.endpoint.ConnectionCount(), 0u);
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
}

TEST(ConnectionLife, AnApplicationCodeIsAnApplicationError) {
    Pair pair;
    pair.Establish();
    const std::string reason(1000, 'x');
    ASSERT_TRUE(pair.responder.endpoint.Close(pair.now, pair.responder.Handle(), 99, reason));
    pair.RunFor(seconds(1));
    const auto closed = pair.initiator.Closed().value();
    EXPECT_EQ(closed.code, TransportErrorCode::kApplicationError);
    EXPECT_EQ(closed.applicationCode, 99u);
    EXPECT_EQ(closed.reason, reason.substr(0, kMaxReasonLength));
}

TEST(ConnectionLife, ALostCloseIsSaidAgainWhenThePeerStillSends) {
    Pair pair;
    pair.Establish();
    bool lost = false;
    pair.link = [&](const End& from, Bytes&) {
        const bool drop = !lost && from.address == kInitiatorAddress;
        lost |= drop;
        return drop ? 0 : 1;
    };
    ASSERT_TRUE(pair.initiator.endpoint.Close(pair.now, pair.initiator.Handle(), 0, ""));
    pair.Settle();
    const auto handle = pair.responder.Handle();
    const auto stream = pair.responder.endpoint.OpenStream(handle, StreamDirection::kBidirectional);
    ASSERT_TRUE(pair.responder.endpoint.Write(handle, *stream, Pattern(10)));
    pair.RunFor(milliseconds(50));
    EXPECT_TRUE(pair.responder.Closed());
}

TEST(ConnectionLife, NothingCanBeDoneAfterClose) {
    Pair pair;
    pair.Establish();
    const auto handle = pair.initiator.Handle();
    auto& endpoint = pair.initiator.endpoint;
    ASSERT_TRUE(endpoint.Close(pair.now, handle, 0, ""));
    EXPECT_EQ(endpoint.Close(pair.now, handle, 0, "").error(), UsageError::kConnectionClosed);
    EXPECT_EQ(endpoint.OpenStream(handle, StreamDirection::kBidirectional).error(),
              UsageError::kConnectionClosed);
    pair.RunFor(seconds(10));
    EXPECT_EQ(endpoint.Close(pair.now, handle, 0, "").error(), UsageError::kUnknownConnection);
}

TEST(ConnectionLife, CloseWhileConnectingEndsTheAttemptAtOnceAndOnce) {
    for (const bool sentBefore : {true, false}) {
        Pair pair;
        const auto handle = pair.Connect();
        if (sentBefore) pair.Settle();
        ASSERT_TRUE(pair.initiator.endpoint.Close(pair.now, handle, 0, "changed my mind"));
        EXPECT_EQ(pair.initiator.endpoint.Close(pair.now, handle, 0, "").error(),
                  UsageError::kConnectionClosed);
        pair.RunFor(milliseconds(100));
        EXPECT_EQ(pair.initiator.endpoint.ConnectionCount(), 0u);
        pair.RunFor(seconds(60));
        ASSERT_EQ(pair.initiator.events.size(), 1u);
        EXPECT_EQ(pair.initiator.Closed()->reason, "changed my mind");
        EXPECT_EQ(pair.initiator.sent.size(), sentBefore ? 1u : 0u);
    }
}

TEST(ConnectionLife, IdleTimeoutEndsBothSilently) {
    Pair pair(Quick(1, seconds(3), Duration{}), Quick(2, seconds(30), Duration{}));
    pair.Establish();
    const auto sent = pair.initiator.sent.size();
    pair.RunFor(seconds(10));
    for (const End* end : {&pair.initiator, &pair.responder}) {
        ASSERT_EQ(end->Count<ClosedEvent>(), 1u);
        EXPECT_EQ(end->Closed()->code, TransportErrorCode::kIdleTimeout);
        EXPECT_FALSE(end->Closed()->byPeer);
        EXPECT_EQ(end->endpoint.ConnectionCount(), 0u);
    }
    EXPECT_EQ(pair.initiator.sent.size(), sent);
}

TEST(ConnectionLife, KeepAliveKeepsItAliveWithOnePingEach) {
    Pair pair(Quick(1, seconds(3), seconds(1)), Quick(2, seconds(3), Duration{}));
    pair.Establish();
    const auto sent = pair.initiator.sent.size();
    pair.RunFor(seconds(60));
    EXPECT_FALSE(pair.initiator.Closed());
    EXPECT_FALSE(pair.responder.Closed());
    const auto pings = pair.initiator.sent.size() - sent;
    EXPECT_GE(pings, 50u);
    EXPECT_LE(pings, 60u);
}

TEST(ConnectionLife, ADeadPeerIsNoticedThroughTheKeepAlive) {
    Pair pair(Quick(1, seconds(3), seconds(1)), Quick(2, seconds(3), seconds(1)));
    pair.Establish();
    pair.link = Blackout;
    pair.RunFor(seconds(10));
    EXPECT_EQ(pair.initiator.Closed().value().code, TransportErrorCode::kIdleTimeout);
    EXPECT_EQ(pair.responder.Closed().value().code, TransportErrorCode::kIdleTimeout);
}

TEST(ConnectionLife, CountersCanBeAskedForWhenTheConnectionHasJustEnded) {
    Pair pair(Quick(1, seconds(3), Duration{}), Quick(2, seconds(3), Duration{}));
    pair.Establish();
    bool asked = false;
    while (!asked) {
        pair.now = pair.initiator.endpoint.NextTimeout().value();
        pair.initiator.endpoint.HandleTimeout(pair.now);
        PollAll(pair.initiator.endpoint, pair.now);
        const auto closed = FirstOf<ClosedEvent>(PollEvents(pair.initiator.endpoint));
        if (!closed) continue;
        asked = true;
        ASSERT_TRUE(pair.initiator.endpoint.StatsOf(closed->connection));
        EXPECT_GT(pair.initiator.endpoint.StatsOf(closed->connection)->packetsSent, 0u);
    }
    pair.RunFor(seconds(1));
    EXPECT_EQ(pair.initiator.endpoint.ConnectionCount(), 0u);
}

TEST(ConnectionLife, SpuriousTimeoutsChangeNothing) {
    Pair pair;
    pair.Establish();
    Transfer transfer(pair, 100'000);
    const auto both = [&] {
        pair.initiator.endpoint.HandleTimeout(pair.now);
        pair.responder.endpoint.HandleTimeout(pair.now);
        return transfer.Step();
    };
    ASSERT_TRUE(pair.RunUntil(both));
    Pair calm;
    calm.Establish();
    Transfer undisturbed(calm, 100'000);
    ASSERT_TRUE(undisturbed.Run());
    EXPECT_EQ(pair.initiator.sent, calm.initiator.sent);
    EXPECT_EQ(pair.responder.sent, calm.responder.sent);
}

TEST(ConnectionLife, EventsComeOnce) {
    Pair pair;
    pair.Establish();
    Transfer transfer(pair, 50'000);
    ASSERT_TRUE(transfer.Run());
    EXPECT_EQ(pair.responder.Count<StreamOpenedEvent>(), 1u);
    EXPECT_EQ(pair.responder.Count<ConnectedEvent>(), 1u);
    EXPECT_GE(pair.responder.Count<StreamReadableEvent>(), 1u);
    EXPECT_EQ(transfer.wrong, 0u);
}

TEST(ConnectionLife, TheSameInputsGiveTheSameBytes) {
    std::vector<std::pair<TimePoint, Bytes>> runs[2];
    for (auto& sent : runs) {
        Pair pair;
        int count = 0;
        pair.link = [&](const End&, Bytes&) { return ++count % 7 == 0 ? 0 : 1; };
        pair.Establish();
        pair.RunUntil([&] { return pair.initiator.Connected(); });
        Transfer transfer(pair, 100'000);
        ASSERT_TRUE(transfer.Run());
        sent = pair.initiator.sent;
    }
    EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace crsp::test
