// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/endpoint-impl.h"

#include <gtest/gtest.h>

#include "model/base/random.h"
#include "tests/unit/connection/sealing-peer.h"

namespace crsp::test {
namespace {

// RFC 9000 §8.1. One Initial, one shorter Response, and nothing by itself.
TEST(EndpointImpl, NothingIsAmplifiedBeforeTheAddressIsValidated) {
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

// CRSP §4.4. Without a pre-shared key nothing tells an altered Initial from a true one.
TEST(EndpointImpl, AnAlteredCopyOfAnInitialDoesNotKeepTheTrueOneFromBeingAnswered) {
    Endpoint initiator(ConfigOf(1));
    Endpoint responder(ConfigOf(2));
    const TimePoint now{};
    ASSERT_TRUE(initiator.Connect(now, kResponderAddress));
    const Bytes initial = OneFrom(initiator, now);
    Bytes altered = initial;
    altered.back() ^= std::byte{1};
    Bytes extended = initial;
    extended.push_back(std::byte{0});
    for (const Bytes& copy : {altered, extended, initial, altered}) Give(responder, now, copy);
    for (const Bytes& response : PollAll(responder, now)) {
        Give(initiator, now, response, kResponderAddress);
    }
    const auto event = initiator.PollEvent();
    ASSERT_TRUE(event.has_value());
    EXPECT_TRUE(std::holds_alternative<ConnectedEvent>(*event));
    EXPECT_EQ(responder.ConnectionCount(), 1u) << "mac1 tells what was altered";
    responder.HandleTimeout(now + TransportConfig{}.handshakeTimeout);
    EXPECT_EQ(responder.ConnectionCount(), 0u);
}

TEST(EndpointImpl, AShortInitialIsDropped) {
    SealingPeer peer;
    Bytes initial = peer.Initial();
    initial.pop_back();
    peer.Give(initial);
    EXPECT_TRUE(PollAll(peer.endpoint, peer.now).empty());
    EXPECT_EQ(peer.endpoint.Stats().droppedInitialTooSmall, 1u);
    EXPECT_EQ(peer.endpoint.ConnectionCount(), 0u);
}

TEST(EndpointImpl, AnotherVersionIsToldOurs) {
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

TEST(EndpointImpl, NoMoreThan256AnswersWaitToBeSent) {
    Endpoint endpoint(OpenConfigOf(2));
    Endpoint caller(OpenConfigOf(1));
    const TimePoint now = TimePoint{} + seconds(1);
    for (int i = 0; i < 300; ++i) {
        ASSERT_TRUE(caller.Connect(now, kResponderAddress));
        for (const Bytes& initial : PollAll(caller, now)) Give(endpoint, now, initial);
    }
    EXPECT_EQ(PollAll(endpoint, now).size(), 256u) << "a Retry each, and no more";
}

TEST(EndpointImpl, A6_AStormOfOtherVersionsIsAnsweredAHundredTimesASecond) {
    SealingPeer peer;
    Bytes initial = peer.Initial();
    EncodePacketHeader(initial, InitialHeader{1, 1, 1, 42});
    // At once, and spread over a second: a thousand ask each time.
    for (const Duration between : {Duration::zero(), Duration(milliseconds(1))}) {
        std::size_t answers = 0;
        for (int i = 0; i < 1000; ++i) {
            peer.now += between;
            peer.Give(initial);
            answers += PollAll(peer.endpoint, peer.now).size();
        }
        EXPECT_EQ(answers, 100u);
    }
    EXPECT_EQ(peer.endpoint.Stats().droppedVersion, 2000u);
}

TEST(EndpointImpl, AnInitiatorThatIsToldAnotherVersionTwiceGivesUp) {
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
    for (const std::uint32_t version : {8, 7}) {
        EncodePacketHeader(negotiation, VersionNegotiationHeader{source, version});
        pair.Inject(pair.initiator, negotiation);
        pair.Settle();
        EXPECT_FALSE(pair.initiator.Closed()) << "may have been altered on its way";
    }
    pair.Inject(pair.initiator, negotiation);
    pair.Settle();
    EXPECT_EQ(pair.initiator.Closed().value().code, TransportErrorCode::kVersionMismatch);
    pair.RunFor(seconds(60));
    EXPECT_EQ(pair.initiator.events.size(), 1u);
    EXPECT_EQ(pair.initiator.endpoint.ConnectionCount(), 0u);
}

TEST(EndpointImpl, VersionNegotiationAfterTheResponseIsIgnored) {
    Pair pair;
    pair.Establish();
    const auto source = HeaderOf<InitialHeader>(pair.initiator.sent.at(0).second)->source;
    Bytes negotiation(kVersionNegotiationLength);
    EncodePacketHeader(negotiation, VersionNegotiationHeader{source, 7});
    pair.Inject(pair.initiator, negotiation);
    pair.RunFor(seconds(1));
    EXPECT_FALSE(pair.initiator.Closed());
}

TEST(EndpointImpl, AForgedResponseIsCountedAndTheTrueOneStillTaken) {
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

TEST(EndpointImpl, EachSideIsAddressedByTheIdItChose) {
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

/// What answers noise: only such as is shorter than the noise, and never many.
void ExpectFewShortAnswers(Endpoint& endpoint, TimePoint now) {
    const auto answers = PollAll(endpoint, now);
    EXPECT_LE(answers.size(), 256u);
    for (const auto& answer : answers) {
        EXPECT_TRUE(HeaderOf<VersionNegotiationHeader>(answer) || HeaderOf<ResetHeader>(answer));
    }
}

// B10. The datagrams belong to a connection under way, which is the harder case.
TEST(EndpointImpl, B10_AMillionForgedTruncatedAndRandomDatagramsChangeNothingButCounters) {
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

    ExpectFewShortAnswers(peer.endpoint, peer.now);
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

TEST(EndpointImpl, NoiseBeforeAnyConnectionChangesNothing) {
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
    ExpectFewShortAnswers(endpoint, now);
}

}  // namespace
}  // namespace crsp::test
