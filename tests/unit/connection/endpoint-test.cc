// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/endpoint.h"

#include <gtest/gtest.h>

#include "model/base/random.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

EndpointConfig Keyed(std::uint8_t which, std::uint8_t key) {
    auto config = ConfigOf(which);
    config.psk = KeyOf(key);
    return config;
}

/// The one datagram that `endpoint` wants to send.
Bytes OneFrom(Endpoint& endpoint, TimePoint now) {
    const auto all = PollAll(endpoint, now);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? Bytes{} : all[0];
}

void Give(Endpoint& endpoint, TimePoint now, Bytes datagram,
          SocketAddress source = kInitiatorAddress) {
    endpoint.HandleDatagram(now, {.source = source, .ecn = Ecn::kNotEct, .payload = datagram});
}

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
    pair.RunFor(seconds(30));
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
    ExpectRefused(Keyed(1, 9), ConfigOf(2));
    ExpectRefused(ConfigOf(1), Keyed(2, 9));
}

TEST(Endpoint, OneThatDoesNotAcceptSaysNothing) {
    auto config = ConfigOf(2);
    config.acceptConnections = false;
    Pair pair(ConfigOf(1), config);
    pair.Connect();
    pair.RunFor(seconds(30));
    EXPECT_TRUE(pair.responder.sent.empty());
    EXPECT_EQ(pair.responder.endpoint.Stats().droppedInitialRefused, pair.initiator.sent.size());
}

TEST(Endpoint, ARepeatedInitialGetsTheSameResponseAndNoSecondConnection) {
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

TEST(Endpoint, AnInitialThatArrivesLateBeginsNoSecondConnection) {
    SealingPeer peer;
    peer.Establish();
    peer.Give(peer.Initial());
    EXPECT_TRUE(peer.Receive().empty());
    EXPECT_TRUE(PollAll(peer.endpoint, peer.now).empty());
    EXPECT_EQ(peer.endpoint.ConnectionCount(), 1u);
    peer.Send(Payload(PingFrame{}));
    EXPECT_FALSE(peer.Advance(milliseconds(30)).empty()) << "the first one lives on";
}

// RFC 9000 §8.1. One Initial, one shorter Response, and nothing by itself.
TEST(Endpoint, NothingIsAmplifiedBeforeTheAddressIsValidated) {
    SealingPeer peer;
    std::size_t bytesIn = 0;
    std::size_t bytesOut = 0;
    std::size_t packetsIn = 0;
    std::size_t packetsOut = 0;
    for (int i = 0; i < 20; ++i) {
        if (i % 3 == 0) {
            peer.Give(peer.Initial());
            bytesIn += peer.Initial().size();
            ++packetsIn;
        }
        peer.now += milliseconds(900);
        peer.endpoint.HandleTimeout(peer.now);
        for (const auto& datagram : PollAll(peer.endpoint, peer.now)) {
            bytesOut += datagram.size();
            ++packetsOut;
        }
        EXPECT_LE(bytesOut, bytesIn);
        EXPECT_LE(packetsOut, packetsIn);
    }
    EXPECT_GT(packetsOut, 1u);
}

TEST(Endpoint, AShortInitialIsDropped) {
    SealingPeer peer;
    Bytes initial = peer.Initial();
    initial.pop_back();
    peer.Give(initial);
    EXPECT_TRUE(PollAll(peer.endpoint, peer.now).empty());
    EXPECT_EQ(peer.endpoint.Stats().droppedInitialTooSmall, 1u);
    EXPECT_EQ(peer.endpoint.ConnectionCount(), 0u);
}

TEST(Endpoint, AnotherVersionIsToldOurs) {
    SealingPeer peer;
    Bytes initial = peer.Initial();
    EncodePacketHeader(initial, InitialHeader{0x43525339, 1, 1, 42});
    peer.Give(initial);
    const Bytes answer = OneFrom(peer.endpoint, peer.now);
    const auto header = HeaderOf<VersionNegotiationHeader>(answer).value();
    EXPECT_EQ(header.destination, 42u);
    EXPECT_EQ(header.version, kProtocolVersion);
    EXPECT_EQ(peer.endpoint.Stats().droppedVersion, 1u);
    EXPECT_EQ(peer.endpoint.ConnectionCount(), 0u);
}

TEST(Endpoint, AStormOfOtherVersionsIsNotAnsweredWithoutBound) {
    SealingPeer peer;
    Bytes initial = peer.Initial();
    EncodePacketHeader(initial, InitialHeader{1, 1, 1, 42});
    for (int i = 0; i < 1000; ++i) peer.Give(initial);
    EXPECT_LE(PollAll(peer.endpoint, peer.now).size(), 16u);
    EXPECT_EQ(peer.endpoint.Stats().droppedVersion, 1000u);
}

TEST(Endpoint, AnInitiatorThatIsToldAnotherVersionGivesUpAtOnce) {
    Pair pair;
    pair.link = [](const End&, Bytes&) { return 0; };
    pair.Connect();
    pair.Settle();
    const auto source = HeaderOf<InitialHeader>(pair.initiator.sent.at(0).second)->source;
    Bytes negotiation(kVersionNegotiationLength);
    EncodePacketHeader(negotiation, VersionNegotiationHeader{source, kProtocolVersion});
    pair.Inject(pair.initiator, negotiation);
    pair.Settle();
    EXPECT_FALSE(pair.initiator.Closed()) << "our own version is no reason";
    EncodePacketHeader(negotiation, VersionNegotiationHeader{source, 7});
    pair.Inject(pair.initiator, negotiation);
    pair.Settle();
    EXPECT_EQ(pair.initiator.Closed().value().code, TransportErrorCode::kVersionMismatch);
    pair.RunFor(seconds(60));
    EXPECT_EQ(pair.initiator.events.size(), 1u);
    EXPECT_EQ(pair.initiator.endpoint.ConnectionCount(), 0u);
}

TEST(Endpoint, VersionNegotiationAfterTheResponseIsIgnored) {
    Pair pair;
    pair.Establish();
    const auto source = HeaderOf<InitialHeader>(pair.initiator.sent.at(0).second)->source;
    Bytes negotiation(kVersionNegotiationLength);
    EncodePacketHeader(negotiation, VersionNegotiationHeader{source, 7});
    pair.Inject(pair.initiator, negotiation);
    pair.RunFor(seconds(1));
    EXPECT_FALSE(pair.initiator.Closed());
}

TEST(Endpoint, AForgedResponseIsCountedAndTheTrueOneStillTaken) {
    Pair pair;
    pair.link = [](const End&, Bytes&) { return 0; };
    pair.Connect();
    pair.Settle();
    pair.Inject(pair.responder, pair.initiator.sent.at(0).second);
    pair.Settle();
    const Bytes response = pair.responder.sent.at(0).second;
    Bytes forged = response;
    forged[40] ^= std::byte{1};
    pair.Inject(pair.initiator, forged);
    EXPECT_EQ(pair.initiator.endpoint.Stats().droppedAuthentication, 1u);
    pair.Inject(pair.initiator, response);
    pair.Settle();
    EXPECT_TRUE(pair.initiator.Connected());
    pair.Inject(pair.initiator, response);
    pair.Settle();
    EXPECT_EQ(pair.initiator.Count<ConnectedEvent>(), 1u);
}

TEST(Endpoint, EachSideIsAddressedByTheIdItChose) {
    Pair pair;
    pair.Establish();
    Transfer transfer(pair, 10'000);
    ASSERT_TRUE(transfer.Run());
    const auto source = HeaderOf<InitialHeader>(pair.initiator.sent.at(0).second)->source;
    EXPECT_EQ(HeaderOf<ResponseHeader>(pair.responder.sent.at(0).second)->destination, source);
    std::optional<ConnectionId> responders;
    for (const auto& [at, datagram] : pair.initiator.sent) {
        const auto header = HeaderOf<DataHeader>(datagram);
        if (!header) continue;
        if (!responders) responders = header->destination;
        EXPECT_EQ(header->destination, *responders);
        EXPECT_NE(header->destination, source);
    }
    for (const auto& [at, datagram] : pair.responder.sent) {
        if (const auto header = HeaderOf<DataHeader>(datagram)) {
            EXPECT_EQ(header->destination, source);
        }
    }
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

TEST(Endpoint, HandlesAreNeverReused) {
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

TEST(Endpoint, TheLimitOfConnectionsHoldsForBothKinds) {
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

TEST(Endpoint, HalfOpenConnectionsAreBounded) {
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

/// One of three kinds of noise: random bytes, a real datagram cut short, one with flipped bits.
Bytes Noise(Random& random, const std::vector<Bytes>& real) {
    const auto kind = random.Below(3);
    if (kind == 0) {
        Bytes bytes(random.Below(64));
        for (auto& byte : bytes) byte = static_cast<std::byte>(random.Next());
        // Half of them look like ours.
        static constexpr std::byte kTypes[] = {std::byte{0x40}, std::byte{0x80}, std::byte{0x81},
                                               std::byte{0x82}};
        if (!bytes.empty() && random.Chance(0.5)) bytes[0] = kTypes[random.Below(4)];
        return bytes;
    }
    Bytes bytes = real[random.Below(real.size())];
    if (kind == 1) {
        bytes.resize(random.Below(bytes.size()));
        return bytes;
    }
    for (auto flips = 1 + random.Below(4); flips > 0; --flips) {
        const auto bit = random.Below(8 * bytes.size());
        bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    }
    return bytes;
}

/// Everything one can ask an endpoint and its connection about, but what counts noise.
struct Snapshot {
    explicit Snapshot(const SealingPeer& peer)
        : connections(peer.endpoint.ConnectionCount()),
          deadline(peer.endpoint.NextTimeout()),
          stats(peer.endpoint.StatsOf(peer.handle).value()) {}

    std::size_t connections;
    std::optional<TimePoint> deadline;
    ConnectionStats stats;
};

/// A peer of a keyed endpoint would need the key for its first bit; here it is the harder case:
/// the endpoint accepts anybody, but these datagrams belong to a connection under way.
TEST(Endpoint, AMillionForgedTruncatedAndRandomDatagramsChangeNothingButCounters) {
    SealingPeer peer;
    peer.Establish();
    std::vector<Bytes> real;
    for (std::size_t i = 0; i < 8; ++i) {
        const auto data = Pattern(8 * i);
        real.push_back(peer.Seal(peer.nextNumber, Payload(StreamFrame{2, 0, data, false})));
    }
    // One of these has gone through, so that its forgeries are forgeries of a known number.
    peer.Give(real[0]);
    peer.Advance(milliseconds(100));
    PollEvents(peer.endpoint);
    const Snapshot before(peer);
    const auto countersBefore = peer.endpoint.Stats();

    constexpr std::uint64_t kDatagrams = 1'000'000;
    Random random(1);
    std::uint64_t given = 0;
    while (given < kDatagrams) {
        Bytes noise = Noise(random, real);
        // Bits flipped twice make a true datagram again.
        if (std::find(real.begin(), real.end(), noise) != real.end()) continue;
        Give(peer.endpoint, peer.now, std::move(noise));
        ++given;
    }

    EXPECT_TRUE(PollAll(peer.endpoint, peer.now).empty());
    EXPECT_FALSE(peer.endpoint.PollEvent());
    const Snapshot after(peer);
    EXPECT_EQ(after.connections, before.connections);
    EXPECT_EQ(after.deadline, before.deadline);
    EXPECT_EQ(after.stats.packetsReceived, before.stats.packetsReceived);
    EXPECT_EQ(after.stats.streamBytesReceived, before.stats.streamBytesReceived);
    EXPECT_EQ(after.stats.packetsDuplicate, before.stats.packetsDuplicate);
    const auto counters = peer.endpoint.Stats();
    EXPECT_EQ(counters.datagramsReceived - countersBefore.datagramsReceived, given);
    EXPECT_EQ(counters.Dropped() - countersBefore.Dropped(), given) << "each is accounted for";
    EXPECT_GT(counters.droppedAuthentication, kDatagrams / 5);
    EXPECT_GT(counters.droppedMalformed, kDatagrams / 5);

    peer.Give(real[1]);
    EXPECT_EQ(peer.Advance(milliseconds(30)).size(), 1u) << "and the connection lives on";
    EXPECT_FALSE(FirstOf<ClosedEvent>(PollEvents(peer.endpoint)));
}

TEST(Endpoint, NoiseBeforeAnyConnectionChangesNothing) {
    Endpoint endpoint(Keyed(2, 9));
    const TimePoint now = TimePoint{} + seconds(1);
    SealingPeer stranger;
    const std::vector<Bytes> real{stranger.Initial()};
    Random random(2);
    constexpr std::uint64_t kDatagrams = 20'000;
    for (std::uint64_t i = 0; i < kDatagrams; ++i) Give(endpoint, now, Noise(random, real));
    EXPECT_EQ(endpoint.ConnectionCount(), 0u);
    EXPECT_FALSE(endpoint.NextTimeout());
    EXPECT_FALSE(endpoint.PollEvent());
    EXPECT_EQ(endpoint.Stats().Dropped(), kDatagrams);
    for (const auto& datagram : PollAll(endpoint, now)) {
        EXPECT_TRUE(HeaderOf<VersionNegotiationHeader>(datagram)) << "a flipped version";
    }
}

}  // namespace
}  // namespace crsp::test
