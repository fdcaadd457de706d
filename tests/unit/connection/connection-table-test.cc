// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/connection-table.h"

#include <gtest/gtest.h>

#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

TEST(ConnectionTable, ARepeatedInitialGetsTheSameResponseAndNoSecondConnection) {
    SealingPeer peer;
    peer.Give(peer.Initial());
    const Bytes response = OneFrom(peer.endpoint, peer.now);
    for (int i = 0; i < 10; ++i) {
        peer.now += seconds(1);
        peer.Give(peer.Initial());
        EXPECT_EQ(OneFrom(peer.endpoint, peer.now), response);
    }
    EXPECT_EQ(peer.endpoint.ConnectionCount(), 1u);
    EXPECT_EQ(peer.endpoint.Stats().handshakesStarted, 1u);
}

TEST(ConnectionTable, AnInitialThatArrivesLateBeginsNoSecondConnection) {
    SealingPeer peer;
    peer.Establish();
    peer.Give(peer.Initial());
    EXPECT_TRUE(peer.Receive().empty());
    EXPECT_TRUE(PollAll(peer.endpoint, peer.now).empty());
    EXPECT_EQ(peer.endpoint.ConnectionCount(), 1u);
    peer.Send(Payload(PingFrame{}));
    EXPECT_FALSE(peer.Advance(milliseconds(30)).empty()) << "the first one lives on";
}

TEST(ConnectionTable, HandlesAreNeverReused) {
    Pair pair;
    std::vector<ConnectionHandle> handles;
    for (int i = 0; i < 5; ++i) {
        handles.push_back(pair.Connect());
        static_cast<void>(pair.initiator.endpoint.Close(pair.now, handles.back(), 0, ""));
        pair.RunFor(seconds(1));
        EXPECT_EQ(pair.initiator.endpoint.ConnectionCount(), 0u);
    }
    std::sort(handles.begin(), handles.end());
    EXPECT_EQ(std::unique(handles.begin(), handles.end()), handles.end());
}

TEST(ConnectionTable, TheLimitOfConnectionsHoldsForBothKinds) {
    auto config = ConfigOf(2);
    config.maxConnections = 1;
    Pair pair(ConfigOf(1), config);
    pair.Establish();
    EXPECT_EQ(pair.responder.endpoint.Connect(pair.now, kInitiatorAddress).error(),
              UsageError::kTooManyConnections);
    pair.Connect();
    pair.RunFor(seconds(1));
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 1u);
    EXPECT_GT(pair.responder.endpoint.Stats().droppedInitialRefused, 0u);
}

TEST(ConnectionTable, B7_WhatHasEndedKeepsNobodyOut) {
    auto config = ConfigOf(2);
    config.maxConnections = 2;
    Pair pair(ConfigOf(1), config);
    pair.Establish();
    pair.Connect();
    pair.RunFor(seconds(1));
    ASSERT_EQ(pair.responder.endpoint.ConnectionCount(), 2u);
    const auto first = pair.responder.Handle();
    static_cast<void>(pair.responder.endpoint.Close(pair.now, first, 0, ""));
    pair.Settle();
    ASSERT_EQ(pair.responder.endpoint.ConnectionCount(), 2u) << "it lingers";
    pair.Connect();
    pair.RunFor(milliseconds(25));
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 2u);
    EXPECT_FALSE(pair.responder.endpoint.StatsOf(first)) << "it has made room";
    pair.RunFor(seconds(1));
    EXPECT_EQ(pair.responder.Count<ConnectedEvent>(), 3u);
}

/// Begins handshakes, each from a host of its own, and follows Retries, but never confirms.
struct Beginner {
    explicit Beginner(EndpointConfig config) : endpoint(std::move(config)) {
        m_config.parameters = SealingPeer::GenerousParameters();
    }
    HandshakeConfig& Config() { return m_config; }

    void Begin(ConnectionId id, const SocketAddress& from, HandshakeGoal goal) {
        InitiatorHandshake handshake(m_config, goal, id, m_random);
        Give(endpoint, now, BytesOf(handshake), from);
        for (const auto& datagram : PollAll(endpoint, now)) {
            const auto retry = HeaderOf<RetryHeader>(datagram);
            if (!retry) continue;
            handshake.OnRetry(retry->cookie);
            Give(endpoint, now, BytesOf(handshake), from);
        }
        PollAll(endpoint, now);
    }
    static Bytes BytesOf(const InitiatorHandshake& handshake) {
        return Bytes(handshake.Initial().begin(), handshake.Initial().end());
    }
    static SocketAddress Host(ConnectionId id) {
        return SocketAddress::FromIpv4(static_cast<std::uint32_t>(0x0a010000 + id), 40'000);
    }

    Endpoint endpoint;
    TimePoint now = TimePoint{} + seconds(1);

  private:
    HandshakeConfig m_config;
    SecureRandom m_random{Seed{std::byte{5}}};
};

TEST(ConnectionTable, HalfOpenConnectionsAreBounded) {
    Beginner beginner(Keyed(2, 9));
    beginner.Config().psk.emplace(KeyOf(9));
    const auto begin = [&](ConnectionId id) {
        beginner.Begin(id, Beginner::Host(id), {HandshakeMode::kPreSharedKey, std::nullopt, id});
    };
    for (ConnectionId id = 1; id <= 1000; ++id) begin(id);
    EXPECT_EQ(beginner.endpoint.ConnectionCount(), kMaxHalfOpen) << "the oldest gave way";
    beginner.endpoint.HandleTimeout(beginner.now + TransportConfig{}.handshakeTimeout);
    EXPECT_EQ(beginner.endpoint.ConnectionCount(), 0u);
    beginner.now += 2 * TransportConfig{}.handshakeTimeout;
    begin(2000);
    EXPECT_EQ(beginner.endpoint.ConnectionCount(), 1u) << "there is room again";
}

TEST(ConnectionTable, A3_OneNetworkHoldsFewHalfOpenConnectionsWhereNobodyProvesAnything) {
    Beginner beginner(OpenConfigOf(2));
    const HandshakeGoal goal{HandshakeMode::kNoAuth, std::nullopt, 0};
    for (ConnectionId id = 1; id <= 100; ++id) beginner.Begin(id, kInitiatorAddress, goal);
    EXPECT_EQ(beginner.endpoint.ConnectionCount(), kMaxHalfOpenPerNetwork);
    beginner.Begin(101, Beginner::Host(1), goal);
    EXPECT_EQ(beginner.endpoint.ConnectionCount(), kMaxHalfOpenPerNetwork + 1);
}

TEST(ConnectionTable, A3_OneNetworkHoldsOneUnfinishedPairingAndAllOfThemThree) {
    auto config = IdentityConfigOf(2, {});
    config.pairing = true;
    Beginner beginner(config);
    beginner.Config().identity = IdentityOf(1);
    const HandshakeGoal goal{HandshakeMode::kPairing, std::nullopt, 0};
    for (ConnectionId id = 1; id <= 20; ++id) beginner.Begin(id, kInitiatorAddress, goal);
    EXPECT_EQ(beginner.endpoint.ConnectionCount(), 1u);
    for (ConnectionId id = 21; id <= 40; ++id) beginner.Begin(id, Beginner::Host(id), goal);
    EXPECT_EQ(beginner.endpoint.ConnectionCount(), kMaxHalfOpenPairings);
}

TEST(ConnectionTable, A3_OneKeyHoldsFewHalfOpenConnectionsAndTheNewestOfThem) {
    Beginner beginner(IdentityConfigOf(2, {1}));
    beginner.Config().identity = IdentityOf(1);
    for (ConnectionId id = 1; id <= 40; ++id) {
        beginner.Begin(id, Beginner::Host(id),
                       {HandshakeMode::kKeyed, IdentityOf(2).publicKey, id});
    }
    EXPECT_EQ(beginner.endpoint.ConnectionCount(), kMaxHalfOpenPerKey);
    EXPECT_EQ(beginner.endpoint.Stats().handshakesStarted, 40u);
}

}  // namespace
}  // namespace crsp::test
