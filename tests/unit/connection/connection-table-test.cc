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

TEST(ConnectionTable, HalfOpenConnectionsAreBounded) {
    Endpoint endpoint(ConfigOf(2));
    const TimePoint now = TimePoint{} + seconds(1);
    SecureRandom random{Seed{std::byte{5}}};
    HandshakeConfig config;
    config.parameters = SealingPeer::GenerousParameters();
    for (ConnectionId id = 1; id <= 1000; ++id) {
        const InitiatorHandshake handshake(config, id, random);
        Give(endpoint, now, Bytes(handshake.Initial().begin(), handshake.Initial().end()));
    }
    EXPECT_EQ(endpoint.ConnectionCount(), 256u);
    EXPECT_EQ(endpoint.Stats().droppedInitialRefused, 744u);
    EXPECT_EQ(PollAll(endpoint, now).size(), 256u);
    endpoint.HandleTimeout(now + TransportConfig{}.handshakeTimeout);
    EXPECT_EQ(endpoint.ConnectionCount(), 0u);
    const InitiatorHandshake handshake(config, 2000, random);
    Give(endpoint, now + seconds(30),
         Bytes(handshake.Initial().begin(), handshake.Initial().end()));
    EXPECT_EQ(endpoint.ConnectionCount(), 1u) << "there is room again";
}

}  // namespace
}  // namespace crsp::test
