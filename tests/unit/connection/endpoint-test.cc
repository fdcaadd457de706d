// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/endpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "model/base/sanitized.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

TEST(Endpoint, PeersThatAgreeOnTheKeyOrOnNoneConnect) {
    for (const bool keyed : {true, false}) {
        Pair pair(keyed ? Keyed(1, 9) : ConfigOf(1), keyed ? Keyed(2, 9) : ConfigOf(2));
        pair.Establish();
        EXPECT_TRUE(pair.initiator.Connected());
        EXPECT_TRUE(pair.responder.Connected());
        EXPECT_EQ(pair.responder.endpoint.Stats().handshakesStarted, 1u);
        EXPECT_EQ(pair.responder.endpoint.Stats().handshakesCompleted, 1u);
    }
}

/// The responder drops each Initial without an answer, and the initiator gives up.
void ExpectRefused(const EndpointConfig& initiating, const EndpointConfig& responding) {
    Pair pair(initiating, responding);
    pair.Connect();
    pair.RunFor(seconds(70));
    EXPECT_EQ(pair.initiator.Closed().value().code, TransportErrorCode::kHandshakeTimeout);
    EXPECT_TRUE(pair.responder.sent.empty());
    EXPECT_TRUE(pair.responder.events.empty());
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
    EXPECT_EQ(pair.responder.endpoint.Stats().droppedAuthentication, pair.initiator.sent.size());
}

TEST(Endpoint, AWrongKeyIsNotAnswered) {
    ExpectRefused(Keyed(1, 9), Keyed(2, 8));
}

TEST(Endpoint, AKeyAgainstNoneIsNotAnswered) {
    ExpectRefused(Keyed(1, 9), OpenConfigOf(2));
    ExpectRefused(OpenConfigOf(1), Keyed(2, 9));
}

TEST(Endpoint, OneThatDoesNotAcceptSaysNothing) {
    auto config = ConfigOf(2);
    config.acceptConnections = false;
    Pair pair(ConfigOf(1), config);
    pair.Connect();
    pair.RunFor(seconds(70));
    EXPECT_TRUE(pair.responder.sent.empty());
    EXPECT_EQ(pair.responder.endpoint.Stats().droppedInitialRefused, pair.initiator.sent.size());
}

TEST(Endpoint, ConnectionsOfOneEndpointDoNotDisturbEachOther) {
    Pair pair;
    pair.Establish();
    pair.Connect();
    pair.RunFor(seconds(1));
    EXPECT_EQ(pair.initiator.Count<ConnectedEvent>(), 2u);
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 2u);
    ASSERT_TRUE(pair.initiator.endpoint.Close(pair.now, pair.initiator.Handle(), 0, ""));
    pair.RunFor(seconds(3));
    EXPECT_EQ(pair.initiator.endpoint.ConnectionCount(), 1u);
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 1u);
    EXPECT_EQ(pair.responder.Count<ClosedEvent>(), 1u);
}

TEST(Endpoint, AnEndpointConnectsAndAcceptsThroughOneSocket) {
    Pair pair;
    pair.Establish();
    ASSERT_TRUE(pair.responder.endpoint.Connect(pair.now, kInitiatorAddress));
    pair.RunFor(seconds(1));
    EXPECT_EQ(pair.initiator.Count<ConnectedEvent>(), 2u);
    EXPECT_EQ(pair.responder.Count<ConnectedEvent>(), 2u);
}

TEST(Endpoint, ThePeerMayComeFromAnotherAddress) {
    SealingPeer peer;
    peer.Establish();
    Bytes datagram = peer.Seal(peer.nextNumber, Payload(PingFrame{}));
    Give(peer.endpoint, peer.now, datagram, SocketAddress::FromIpv4(0x0a0000ff, 5));
    EXPECT_EQ(peer.Advance(milliseconds(30)).size(), 1u);
}

TEST(Endpoint, UnknownConnectionsAndStreamsAreUsageErrors) {
    Pair pair;
    pair.Establish();
    auto& endpoint = pair.initiator.endpoint;
    Bytes buffer(10);
    EXPECT_EQ(endpoint.StatsOf(999).error(), UsageError::kUnknownConnection);
    EXPECT_EQ(endpoint.Close(pair.now, 999, 0, "").error(), UsageError::kUnknownConnection);
    EXPECT_EQ(endpoint.Write(999, 0, buffer).error(), UsageError::kUnknownConnection);
    EXPECT_EQ(endpoint.Read(999, 0, buffer).error(), UsageError::kUnknownConnection);
    EXPECT_EQ(endpoint.ResetStream(999, 0, 0).error(), UsageError::kUnknownConnection);
    EXPECT_EQ(endpoint.StopSending(999, 0, 0).error(), UsageError::kUnknownConnection);
    EXPECT_EQ(endpoint.Write(pair.initiator.Handle(), 400, buffer).error(),
              UsageError::kUnknownStream);
}

TEST(Endpoint, StreamsCannotBeUsedBeforeTheHandshake) {
    Pair pair;
    const auto handle = pair.Connect();
    EXPECT_EQ(pair.initiator.endpoint.OpenStream(handle, StreamDirection::kBidirectional).error(),
              UsageError::kConnectionClosed);
}

TEST(Endpoint, StreamsBeyondThePeersLimitAreRefusedHere) {
    Pair pair;
    pair.Establish();
    auto& endpoint = pair.initiator.endpoint;
    for (std::uint64_t i = 0; i < TransportConfig{}.maxPeerStreams; ++i) {
        EXPECT_TRUE(endpoint.OpenStream(pair.initiator.Handle(), StreamDirection::kBidirectional));
    }
    EXPECT_EQ(endpoint.OpenStream(pair.initiator.Handle(), StreamDirection::kBidirectional).error(),
              UsageError::kStreamLimit);
}

TEST(Endpoint, NextTimeoutChangesNothing) {
    Pair asked;
    Pair unasked;
    for (Pair* pair : {&asked, &unasked}) {
        pair->Establish();
        Transfer transfer(*pair, 50'000);
        const auto step = [&] {
            for (int i = 0; pair == &asked && i < 10; ++i) {
                const auto once = asked.initiator.endpoint.NextTimeout();
                EXPECT_EQ(asked.initiator.endpoint.NextTimeout(), once);
            }
            return transfer.Step();
        };
        ASSERT_TRUE(pair->RunUntil(step));
    }
    EXPECT_EQ(asked.initiator.sent, unasked.initiator.sent);
}

TEST(Endpoint, ATimeoutLeavesNoDeadlineBehindThatIsDue) {
    Pair pair;
    int count = 0;
    pair.link = [&](const End&, Bytes&) { return ++count % 4 == 0 ? 0 : 1; };
    pair.Establish();
    ASSERT_TRUE(pair.RunUntil([&] { return pair.initiator.Connected(); }));
    Transfer transfer(pair, 100'000);
    const auto step = [&] {
        for (End* end : {&pair.initiator, &pair.responder}) {
            end->endpoint.HandleTimeout(pair.now);
            const auto next = end->endpoint.NextTimeout();
            EXPECT_TRUE(!next || *next > pair.now);
        }
        return transfer.Step();
    };
    ASSERT_TRUE(pair.RunUntil(step));
}

/// Tells a secret by what it is computed from, so that looking for it makes no copy.
struct Recipe {
    std::byte At(std::size_t i) const {
        return static_cast<std::byte>((i * 37 + 101) ^ (i * i) ^ salt);
    }
    std::size_t salt;
};

/// How often this process holds all of the secret, in what it may write to.
std::size_t CopiesInMemory(const Recipe& recipe) {
    std::ifstream maps("/proc/self/maps");
    std::size_t copies = 0;
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        char dash = 0;
        std::string rights;
        std::istringstream(line) >> std::hex >> begin >> dash >> end >> rights;
        if (rights.substr(0, 2) != "rw" || line.find("[v") != std::string::npos) continue;
        const auto* bytes = reinterpret_cast<const std::byte*>(begin);
        const std::size_t size = end - begin;
        for (std::size_t at = 0; at + sizeof(Seed) <= size; ++at) {
            std::size_t same = 0;
            while (same < sizeof(Seed) && bytes[at + same] == recipe.At(same)) ++same;
            copies += same == sizeof(Seed);
        }
    }
    return copies;
}

// Whoever reads the memory of a node later can compute no key that it had (CRSP §4.5).
TEST(Endpoint, B9_NothingRemembersTheSeed) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer keeps more memory than can be looked through";
    const Recipe recipe{.salt = 40 + static_cast<std::size_t>(getpid()) % 2};
    std::unique_ptr<Endpoint> endpoint;
    {
        EndpointConfig config = ConfigOf(2);
        for (std::size_t i = 0; i < config.seed.size(); ++i) config.seed[i] = recipe.At(i);
        EXPECT_GT(CopiesInMemory(recipe), 0u);
        endpoint = std::make_unique<Endpoint>(std::move(config));
    }
    EXPECT_TRUE(endpoint->Connect(TimePoint{} + seconds(1), kResponderAddress));
    EXPECT_EQ(CopiesInMemory(recipe), 0u);
}

}  // namespace
}  // namespace crsp::test
