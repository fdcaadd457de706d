// SPDX-License-Identifier: BSD-3-Clause
// Handshakes of all modes between whole endpoints; what each half does is in handshake-test.cc.
#include <gtest/gtest.h>

#include <functional>

#include "model/connection/connection-table.h"
#include "model/connection/initial-macs.h"
#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

struct KeyedPair : Pair {
    explicit KeyedPair(EndpointConfig initiating = IdentityConfigOf(1, {2}),
                       EndpointConfig responding = IdentityConfigOf(2, {1}))
        : Pair(std::move(initiating), std::move(responding)) {}

    ConnectionHandle ConnectTo(std::uint8_t which) {
        return initiator.endpoint.Connect(now, responder.address, IdentityOf(which).publicKey)
            .value();
    }
};

EndpointConfig PairingConfigOf(std::uint8_t which) {
    auto config = IdentityConfigOf(which, {});
    config.pairing = true;
    return config;
}

TEST(EndpointHandshake, KeyedPeersLearnWhoTheOtherIs) {
    KeyedPair pair;
    pair.ConnectTo(2);
    pair.RunFor(seconds(1));
    const auto ours = pair.initiator.First<ConnectedEvent>().value();
    const auto theirs = pair.responder.First<ConnectedEvent>().value();
    EXPECT_EQ(ours.mode, HandshakeMode::kKeyed);
    EXPECT_EQ(ours.peer, IdentityOf(2).publicKey);
    EXPECT_EQ(theirs.peer, IdentityOf(1).publicKey);
    EXPECT_EQ(pair.initiator.endpoint.Stats().retriesSent, 0u);
    EXPECT_EQ(pair.responder.endpoint.Stats().retriesSent, 0u) << "one round trip";
    EXPECT_EQ(pair.responder.endpoint.Stats().pairingsStarted, 0u);
}

TEST(EndpointHandshake, AKeyedPeerConnectsToNobodyWithoutAKey) {
    KeyedPair pair;
    EXPECT_EQ(pair.initiator.endpoint.Connect(pair.now, kResponderAddress).error(),
              UsageError::kNoPeerKey);
}

TEST(EndpointHandshake, A3_AnUnlistedKeyCostsTheResponderNothingButACounter) {
    KeyedPair pair(IdentityConfigOf(1, {2}), IdentityConfigOf(2, {3}));
    pair.ConnectTo(2);
    pair.RunFor(seconds(70));
    EXPECT_TRUE(pair.responder.sent.empty());
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
    EXPECT_GT(pair.responder.endpoint.Stats().droppedAuthentication, 0u);
    EXPECT_EQ(pair.responder.endpoint.Stats().handshakesStarted, 0u);
    EXPECT_EQ(pair.initiator.Closed().value().code, TransportErrorCode::kHandshakeTimeout);
}

TEST(EndpointHandshake, AServerWithAnotherKeyThanThePinnedOneDoesNotAnswer) {
    KeyedPair pair;
    pair.ConnectTo(5);
    pair.RunFor(seconds(70));
    EXPECT_TRUE(pair.responder.sent.empty());
    EXPECT_EQ(pair.initiator.Closed().value().code, TransportErrorCode::kHandshakeTimeout);
}

TEST(EndpointHandshake, A7_OnlyEqualModesConnect) {
    const auto config = [](int mode, std::uint8_t which, std::uint8_t other) {
        if (mode == 0) return OpenConfigOf(which);
        if (mode == 1) return Keyed(which, 9);
        return IdentityConfigOf(which, {other});
    };
    for (int a = 0; a < 3; ++a) {
        for (int b = 0; b < 3; ++b) {
            KeyedPair pair(config(a, 1, 2), config(b, 2, 1));
            pair.ConnectTo(2);
            pair.RunFor(seconds(70));
            EXPECT_EQ(pair.initiator.Connected(), a == b) << a << b;
            EXPECT_EQ(pair.responder.Connected(), a == b) << a << b;
        }
    }
}

// In pairing the Finish is what authenticates the initiator; its Data may overtake that.
TEST(EndpointHandshake, A8_NothingIsHeardOfWhoHasNotProvedItself) {
    KeyedPair pair(PairingConfigOf(1), PairingConfigOf(2));
    std::size_t data = 0;
    pair.link = [&](const End& from, Bytes& datagram) {
        if (&from == &pair.responder) return 1;
        data += HeaderOf<DataHeader>(datagram).has_value();
        return HeaderOf<FinishHeader>(datagram) ? 0 : 1;
    };
    pair.Connect();
    pair.RunFor(seconds(1));
    const auto stream = pair.initiator.endpoint.OpenStream(pair.initiator.Handle(),
                                                           StreamDirection::kBidirectional);
    ASSERT_TRUE(pair.initiator.endpoint.Write(pair.initiator.Handle(), *stream, Pattern(1000)));
    pair.RunFor(seconds(5));
    EXPECT_GT(data, 3u);
    EXPECT_TRUE(pair.responder.events.empty()) << "no event of any kind";
    pair.link = nullptr;
    pair.RunFor(seconds(5));
    EXPECT_TRUE(pair.responder.Connected());
    EXPECT_GT(pair.responder.Count<StreamReadableEvent>(), 0u);
}

// A Response that was altered, or Data under other keys: nothing comes of either.
TEST(EndpointHandshake, A8_DataBeforeTheHandshakeIsDoneIsNoise) {
    for (const auto& config : {ConfigOf(2), OpenConfigOf(2), IdentityConfigOf(2, {1})}) {
        KeyedPair pair(config.identity ? IdentityConfigOf(1, {2}) : config, config);
        std::optional<ConnectionId> ours;
        pair.link = [&](const End& from, Bytes& datagram) {
            const auto initial = HeaderOf<InitialHeader>(datagram);
            if (&from == &pair.initiator && initial) ours = initial->source;
            if (&from == &pair.responder && HeaderOf<ResponseHeader>(datagram)) {
                datagram.back() ^= std::byte{1};
            }
            return 1;
        };
        if (config.identity) {
            pair.ConnectTo(2);
        } else {
            pair.Connect();
        }
        pair.RunFor(seconds(3));
        ASSERT_TRUE(ours);
        for (PacketNumber number = 0; number < 20; ++number) {
            Bytes data = Pattern(100);
            EncodePacketHeader(data, DataHeader{*ours, number});
            pair.Inject(pair.initiator, data);
        }
        pair.RunFor(seconds(3));
        EXPECT_TRUE(pair.initiator.events.empty());
        EXPECT_TRUE(pair.responder.events.empty());
    }
}

TEST(EndpointHandshake, A1_WithoutKeysAnAddressIsProvedBeforeAnythingIsKept) {
    Pair pair(OpenConfigOf(1), OpenConfigOf(2));
    pair.link = [&](const End& from, Bytes& datagram) {
        if (&from == &pair.responder && HeaderOf<RetryHeader>(datagram)) {
            EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
        }
        return 1;
    };
    pair.Connect();
    pair.RunFor(seconds(1));
    EXPECT_TRUE(pair.initiator.Connected());
    EXPECT_TRUE(pair.responder.Connected());
    EXPECT_EQ(pair.responder.endpoint.Stats().retriesSent, 1u);
    EXPECT_LT(pair.responder.sent.at(0).second.size(), pair.initiator.sent.at(0).second.size());
    EXPECT_FALSE(pair.initiator.First<ConnectedEvent>()->peer);
}

TEST(EndpointHandshake, WithoutPairingAllowedAnUnknownKeyIsNotPairedWith) {
    KeyedPair pair(PairingConfigOf(1), IdentityConfigOf(2, {1}));
    pair.Connect();
    pair.RunFor(seconds(70));
    EXPECT_TRUE(pair.responder.sent.empty());
}

TEST(EndpointHandshake, PairingShowsBothTheSameCodeAndTheKeyOfTheOther) {
    KeyedPair pair(PairingConfigOf(1), PairingConfigOf(2));
    pair.Connect();
    pair.RunFor(seconds(1));
    const auto ours = pair.initiator.First<ConnectedEvent>().value();
    const auto theirs = pair.responder.First<ConnectedEvent>().value();
    EXPECT_EQ(ours.mode, HandshakeMode::kPairing);
    EXPECT_EQ(theirs.mode, HandshakeMode::kPairing);
    EXPECT_EQ(ours.pairingCode, theirs.pairingCode);
    EXPECT_EQ(pair.responder.endpoint.Stats().pairingsStarted, 1u);
    EXPECT_EQ(ours.peer, IdentityOf(2).publicKey);
    EXPECT_EQ(theirs.peer, IdentityOf(1).publicKey);
}

TEST(EndpointHandshake, PairingSurvivesTheLossOfAnyOneDatagram) {
    std::size_t datagrams = 7;
    for (std::size_t lost = 0; lost < datagrams; ++lost) {
        KeyedPair pair(PairingConfigOf(1), PairingConfigOf(2));
        std::size_t count = 0;
        pair.link = [&](const End&, Bytes&) { return count++ == lost ? 0 : 1; };
        pair.Connect();
        pair.RunFor(seconds(8));
        EXPECT_TRUE(pair.initiator.Connected()) << lost;
        EXPECT_TRUE(pair.responder.Connected()) << lost;
        EXPECT_FALSE(pair.initiator.Closed()) << lost;
        EXPECT_FALSE(pair.responder.Closed()) << lost;
    }
}

/// Sits between two ends that pair, and runs a handshake of his own with each.
TEST(EndpointHandshake, PairingThroughSomebodyInBetweenShowsTwoCodes) {
    KeyedPair victim(PairingConfigOf(1), PairingConfigOf(66));
    victim.Connect();
    victim.RunFor(seconds(1));
    KeyedPair other(PairingConfigOf(67), PairingConfigOf(2));
    other.Connect();
    other.RunFor(seconds(1));
    EXPECT_NE(victim.initiator.First<ConnectedEvent>()->pairingCode,
              other.responder.First<ConnectedEvent>()->pairingCode);
}

TEST(EndpointHandshake, A5_AnInitialThatIsReplayedHasNoEffect) {
    KeyedPair pair;
    pair.ConnectTo(2);
    pair.RunFor(seconds(1));
    const Bytes initial = pair.initiator.sent.at(0).second;
    ASSERT_TRUE(pair.initiator.endpoint.Close(pair.now, pair.initiator.Handle(), 0, ""));
    for (const auto wait : {seconds(60), seconds(3600)}) {
        pair.RunFor(wait);
        ASSERT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
        Give(pair.responder.endpoint, pair.now, initial);
        EXPECT_TRUE(PollAll(pair.responder.endpoint, pair.now).empty());
        EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
    }
    // To a server that has lost its memory, or to another: one answer, and nobody is told.
    auto config = IdentityConfigOf(2, {1});
    config.seed.fill(std::byte{99});
    Endpoint restarted(config);
    for (int i = 0; i < 3; ++i) Give(restarted, pair.now, initial);
    EXPECT_EQ(PollAll(restarted, pair.now).size(), 1u);
    EXPECT_FALSE(restarted.PollEvent());
    Endpoint another(IdentityConfigOf(3, {1}));
    Give(another, pair.now, initial);
    EXPECT_TRUE(PollAll(another, pair.now).empty());
}

/// A keyed or psk endpoint, and an honest peer whose first Initial somebody has captured.
struct Captured {
    explicit Captured(bool keyed)
        : initiator(keyed ? IdentityConfigOf(1, {2}) : Keyed(1, 9)),
          responder(keyed ? IdentityConfigOf(2, {1}) : Keyed(2, 9)) {
        std::optional<PeerKey> key;
        if (keyed) key = IdentityOf(2).publicKey;
        EXPECT_TRUE(initiator.Connect(now, kResponderAddress, key));
        initial = OneFrom(initiator, now);
    }
    /// What `datagram` from `source` is answered with.
    std::vector<Bytes> Answers(const Bytes& datagram, SocketAddress source = kInitiatorAddress) {
        Give(responder, now, datagram, source);
        return PollAll(responder, now);
    }
    /// Sends the captured Initial from `source`, and what a Retry asks for, as whoever is there
    /// may.
    void Replay(SocketAddress source) {
        for (const Bytes& answer : Answers(initial, source)) {
            const auto retry = HeaderOf<RetryHeader>(answer);
            if (!retry) continue;
            Bytes again = initial;
            WriteMac2(again, retry->cookie);
            (void)Answers(again, source);
        }
    }

    Endpoint initiator;
    Endpoint responder;
    TimePoint now = TimePoint{} + seconds(1);
    Bytes initial;
};

/// A NAT has forgotten the peer between two repetitions of its Initial, and shows it elsewhere.
TEST(EndpointHandshake, AnInitialThatIsRepeatedFromElsewhereIsAnsweredThereAfterACookie) {
    for (const bool keyed : {true, false}) {
        Captured captured(keyed);
        const auto elsewhere = SocketAddress::FromIpv4(0x0a000001, 40'000);
        const auto lost = captured.Answers(captured.initial);
        const auto retries = captured.Answers(captured.initial, elsewhere);
        ASSERT_TRUE(HeaderOf<RetryHeader>(retries.at(0)));
        Give(captured.initiator, captured.now, retries[0], kResponderAddress);
        const auto answers = captured.Answers(OneFrom(captured.initiator, captured.now), elsewhere);
        EXPECT_NE(answers.at(0), lost.at(0));
        Give(captured.initiator, captured.now, answers[0], kResponderAddress);
        for (const Bytes& data : PollAll(captured.initiator, captured.now)) {
            (void)captured.Answers(data, elsewhere);
        }
        const auto event = captured.responder.PollEvent();
        ASSERT_TRUE(event);
        EXPECT_EQ(std::get<ConnectedEvent>(*event).remote, elsewhere);
    }
}

TEST(EndpointHandshake, A5_CopiesFromElsewhereDoNotEndTheHandshakeOfThePeer) {
    for (const bool keyed : {true, false}) {
        Captured captured(keyed);
        const auto response = captured.Answers(captured.initial);
        for (std::uint16_t port = 1; port <= 300; ++port) {
            captured.Replay(SocketAddress::FromIpv4(0x0a000000 + 7 * port, port));
            EXPECT_LE(captured.responder.ConnectionCount(), kMaxHalfOpenPerAttempt);
        }
        Give(captured.initiator, captured.now, response.at(0), kResponderAddress);
        for (const Bytes& data : PollAll(captured.initiator, captured.now)) {
            (void)captured.Answers(data);
        }
        EXPECT_TRUE(captured.responder.PollEvent()) << "the peer has got in all the same";
    }
}

TEST(EndpointHandshake, A5_OneCapturedInitialDoesNotLockAnybodyOut) {
    for (const bool keyed : {true, false}) {
        Captured captured(keyed);
        for (std::uint16_t port = 1; port <= 300; ++port) {
            captured.Replay(SocketAddress::FromIpv4(0x0a000000 + 7 * port, port));
        }
        EXPECT_LE(captured.responder.ConnectionCount(), kMaxHalfOpenPerAttempt);
        Captured other(keyed);
        other.initiator = Endpoint([&] {
            auto config = keyed ? IdentityConfigOf(1, {2}) : Keyed(1, 9);
            config.seed.fill(std::byte{77});
            return config;
        }());
        std::optional<PeerKey> key;
        if (keyed) key = IdentityOf(2).publicKey;
        const TimePoint later = captured.now + seconds(1);
        ASSERT_TRUE(other.initiator.Connect(later, kResponderAddress, key));
        const auto answers = captured.Answers(OneFrom(other.initiator, later));
        Give(other.initiator, later, answers.at(0), kResponderAddress);
        for (const Bytes& data : PollAll(other.initiator, later)) (void)captured.Answers(data);
        EXPECT_TRUE(captured.responder.PollEvent());
    }
}

TEST(EndpointHandshake, ARevokedKeyLosesItsConnectionsAtOnceAndGetsNoNewOnes) {
    auto responding = IdentityConfigOf(2, {1, 3});
    KeyedPair pair(IdentityConfigOf(1, {2}), responding);
    pair.ConnectTo(2);
    pair.RunFor(seconds(1));
    pair.responder.endpoint.SetPeers(pair.now, {IdentityOf(3).publicKey});
    pair.RunFor(seconds(1));
    EXPECT_EQ(pair.responder.Closed().value().code, TransportErrorCode::kConnectionRefused);
    EXPECT_TRUE(pair.initiator.Closed().value().byPeer);
    pair.ConnectTo(2);
    pair.RunFor(seconds(70));
    EXPECT_EQ(pair.responder.Count<ConnectedEvent>(), 1u);
    pair.responder.endpoint.SetPeers(pair.now, {IdentityOf(1).publicKey});
    pair.ConnectTo(2);
    pair.RunFor(seconds(1));
    EXPECT_EQ(pair.responder.Count<ConnectedEvent>(), 2u);
}

TEST(EndpointHandshake, ARetryThatSomebodyForgesDoesNotKeepThePeersApart) {
    KeyedPair pair;
    pair.ConnectTo(2);
    const Bytes initial = OneFrom(pair.initiator.endpoint, pair.now);
    const auto id = HeaderOf<InitialHeader>(initial)->source;
    for (int i = 0; i < 20; ++i) {
        Bytes retry(kRetryLength);
        EncodePacketHeader(retry, RetryHeader{id, {static_cast<std::byte>(i)}});
        Give(pair.initiator.endpoint, pair.now, retry, kResponderAddress);
    }
    pair.RunFor(seconds(5));
    EXPECT_TRUE(pair.initiator.Connected());
    EXPECT_LE(pair.initiator.Stats().handshakePacketsSent, 10u);
}

/// Each address needs a cookie of its own, and a path that duplicates brings each many times.
TEST(EndpointHandshake, AnInitiatorWhoseAddressChangesAgainAndAgainConnectsInTheEnd) {
    Endpoint initiator(OpenConfigOf(1));
    Endpoint responder(OpenConfigOf(2));
    TimePoint now = TimePoint{} + seconds(1);
    ASSERT_TRUE(initiator.Connect(now, kResponderAddress));
    for (std::uint16_t port = 1; port <= 30; ++port) {
        const auto source = SocketAddress::FromIpv4(0x0a000001, port);
        for (const Bytes& initial : PollAll(initiator, now)) Give(responder, now, initial, source);
        for (const Bytes& retry : PollAll(responder, now)) {
            for (int i = 0; i < 5; ++i) Give(initiator, now, retry, kResponderAddress);
        }
        now += seconds(1);
        initiator.HandleTimeout(now);
    }
    EXPECT_EQ(responder.ConnectionCount(), 0u);
    for (int i = 0; i < 3; ++i) {
        for (const Bytes& initial : PollAll(initiator, now)) Give(responder, now, initial);
        for (const Bytes& answer : PollAll(responder, now)) {
            Give(initiator, now, answer, kResponderAddress);
        }
        now += seconds(1);
        initiator.HandleTimeout(now);
    }
    EXPECT_TRUE(initiator.PollEvent());
}

TEST(EndpointHandshake, B15_AServerThatRestartedEndsTheConnectionsThatItForgot) {
    auto config = IdentityConfigOf(2, {1});
    config.secret = KeyOf(50);
    KeyedPair pair(IdentityConfigOf(1, {2}), config);
    pair.ConnectTo(2);
    pair.RunFor(seconds(1));
    config.seed.fill(std::byte{99});
    pair.responder.endpoint = Endpoint(config);
    const auto stream = pair.initiator.endpoint.OpenStream(pair.initiator.Handle(),
                                                           StreamDirection::kBidirectional);
    ASSERT_TRUE(pair.initiator.endpoint.Write(pair.initiator.Handle(), *stream, Pattern(10)));
    pair.RunFor(2 * pair.delay);
    EXPECT_EQ(pair.initiator.Closed().value().code, TransportErrorCode::kStatelessReset);
}

TEST(EndpointHandshake, B15_AResetWithAnotherTokenIsNoise) {
    KeyedPair pair;
    pair.ConnectTo(2);
    pair.RunFor(seconds(1));
    // The id that the initiator sends to, as an attacker on the path reads it.
    ConnectionId id = 0;
    for (const auto& [at, datagram] : pair.initiator.sent) {
        if (const auto header = HeaderOf<DataHeader>(datagram)) id = header->destination;
    }
    const auto dropped = pair.initiator.endpoint.Stats().droppedAuthentication;
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        ResetHeader header{id, {}};
        ByteWriter(header.token).U32(i);
        Bytes reset(kResetLength);
        EncodePacketHeader(reset, header);
        Give(pair.initiator.endpoint, pair.now, reset, kResponderAddress);
    }
    EXPECT_EQ(pair.initiator.endpoint.Stats().droppedAuthentication - dropped, 10'000u);
    EXPECT_FALSE(pair.initiator.Closed());
}

// A responder in pairing learns the id of its peer last, so that a Response to it, which nobody
// expects, must not have it found under an id that it has not.
TEST(EndpointHandshake, B15_AResponseToAResponderLeavesNothingForAReset) {
    KeyedPair pair(PairingConfigOf(1), PairingConfigOf(2));
    bool injected = false;
    pair.link = [&](const End& from, Bytes& datagram) {
        const auto finish = HeaderOf<FinishHeader>(datagram);
        if (&from == &pair.initiator && finish) {
            Bytes response(kResponseHeaderLength);
            EncodePacketHeader(response, ResponseHeader{finish->destination});
            pair.Inject(pair.responder, response);
            injected = true;
        }
        return 1;
    };
    pair.Connect();
    pair.RunFor(seconds(1));
    ASSERT_TRUE(injected);
    ASSERT_TRUE(pair.responder.Connected());
    static_cast<void>(pair.responder.endpoint.Close(pair.now, pair.responder.Handle(), 0, ""));
    pair.RunFor(seconds(10));
    ASSERT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
    const auto unknown = pair.responder.endpoint.Stats().droppedUnknownConnection;
    Bytes reset(kResetLength);
    EncodePacketHeader(reset, ResetHeader{});
    pair.Inject(pair.responder, reset);
    EXPECT_EQ(pair.responder.endpoint.Stats().droppedUnknownConnection, unknown + 1);
}

// Two servers of one identity, each with a secret of its own, as programs on two ports have (RFC
// 9000 §21.11): what one knows, the other must not end.
TEST(EndpointHandshake, B15_AnotherServerOfTheSameIdentityCannotEndAConnection) {
    const auto config = [](std::uint8_t secret) {
        auto both = IdentityConfigOf(2, {1});
        both.seed.fill(std::byte{secret});
        both.secret = KeyOf(secret);
        return both;
    };
    KeyedPair pair(IdentityConfigOf(1, {2}), config(50));
    pair.ConnectTo(2);
    pair.RunFor(seconds(1));
    const auto stream = pair.initiator.endpoint.OpenStream(pair.initiator.Handle(),
                                                           StreamDirection::kBidirectional);
    const auto data = [&] {
        EXPECT_TRUE(pair.initiator.endpoint.Write(pair.initiator.Handle(), *stream, Pattern(10)));
        return OneFrom(pair.initiator.endpoint, pair.now);
    };
    // Somebody on the path brings a packet to the other one, and its answer back.
    const auto resetOf = [&](Endpoint& server, const Bytes& packet) {
        Give(server, pair.now, packet);
        const Bytes reset = OneFrom(server, pair.now);
        EXPECT_TRUE(HeaderOf<ResetHeader>(reset));
        pair.Inject(pair.initiator, reset);
        pair.Settle();
    };
    Endpoint other(config(51));
    const Bytes packet = data();
    resetOf(other, packet);
    EXPECT_FALSE(pair.initiator.Closed());
    Give(pair.responder.endpoint, pair.now, packet);
    pair.RunFor(seconds(1));
    EXPECT_FALSE(pair.initiator.Closed()) << "and it goes on";
    EXPECT_GT(pair.responder.Count<StreamReadableEvent>(), 0u);
    // The same secret at both would have ended it: such servers are one.
    Endpoint same(config(50));
    resetOf(same, data());
    EXPECT_EQ(pair.initiator.Closed().value().code, TransportErrorCode::kStatelessReset);
}

TEST(EndpointHandshake, B15_AServerNeverResetsWhatItKnows) {
    auto config = IdentityConfigOf(2, {1});
    config.secret = KeyOf(50);
    KeyedPair pair(IdentityConfigOf(1, {2}), config);
    bool reset = false;
    pair.link = [&](const End&, Bytes& datagram) {
        reset = reset || HeaderOf<ResetHeader>(datagram);
        return 1;
    };
    pair.ConnectTo(2);
    pair.RunFor(seconds(1));
    // Forged, repeated, from elsewhere, and after the end while it lingers.
    const auto provoke = [&](std::size_t from) {
        const auto sent = pair.initiator.sent;
        for (std::size_t i = from; i < sent.size(); ++i) {
            Bytes datagram = sent[i].second;
            if (!HeaderOf<DataHeader>(datagram)) continue;
            pair.Inject(pair.responder, datagram);
            Give(pair.responder.endpoint, pair.now, datagram, kResponderAddress);
            datagram.back() ^= std::byte{1};
            pair.Inject(pair.responder, datagram);
            pair.Settle();
        }
    };
    provoke(0);
    ASSERT_TRUE(pair.responder.endpoint.Close(pair.now, pair.responder.Handle(), 0, ""));
    provoke(0);
    EXPECT_FALSE(reset);
    pair.RunFor(seconds(60));
    provoke(0);
    EXPECT_TRUE(reset) << "once it has forgotten it";
}

// The Selfie attack (Drucker and Gueron, 2019): with one secret for all an endpoint that connects
// and accepts would take its own words for those of a peer.
TEST(EndpointHandshake, OurOwnInitialSentBackToUsConnectsUsToNobody) {
    for (const bool secret : {true, false}) {
        Endpoint endpoint(secret ? ConfigOf(1) : OpenConfigOf(1));
        TimePoint now = TimePoint{} + seconds(1);
        ASSERT_TRUE(endpoint.Connect(now, kResponderAddress));
        for (int i = 0; i < 4; ++i) {
            for (auto& datagram : PollAll(endpoint, now)) {
                Give(endpoint, now, std::move(datagram), kResponderAddress);
            }
        }
        EXPECT_FALSE(FirstOf<ConnectedEvent>(PollEvents(endpoint)));
        EXPECT_EQ(endpoint.ConnectionCount(), 1u);
        EXPECT_GT(endpoint.Stats().droppedAuthentication, 0u);
    }
}

TEST(EndpointHandshake, A9_NoAnswerAnswersAnAnswer) {
    Endpoint a(IdentityConfigOf(1, {2}));
    Endpoint b(IdentityConfigOf(2, {1}));
    const TimePoint now = TimePoint{} + seconds(1);
    std::vector<Bytes> first;
    Bytes data(60);
    EncodePacketHeader(data, DataHeader{7, 1});
    first.push_back(data);
    Bytes initial(kMinDatagramSize);
    EncodePacketHeader(initial, InitialHeader{.version = 9, .source = 7});
    first.push_back(initial);
    for (const auto& forged : first) {
        Give(a, now, forged, kResponderAddress);
        const auto answers = PollAll(a, now);
        ASSERT_EQ(answers.size(), 1u);
        EXPECT_LT(answers[0].size(), forged.size());
        Give(b, now, answers[0], kInitiatorAddress);
        EXPECT_TRUE(PollAll(b, now).empty());
    }
}

/// Whatever each believes to come from the other: packets until both are silent.
std::size_t PacketsBetween(Endpoint& a, Endpoint& b, Bytes first, TimePoint now) {
    constexpr std::size_t kEnough = 50;
    std::vector<std::pair<Endpoint*, Bytes>> waiting{{&a, std::move(first)}};
    std::size_t packets = 0;
    while (!waiting.empty() && packets < kEnough) {
        auto [to, datagram] = std::move(waiting.back());
        waiting.pop_back();
        ++packets;
        Give(*to, now, std::move(datagram), to == &a ? kResponderAddress : kInitiatorAddress);
        Endpoint* next = to == &a ? &b : &a;
        for (auto& answer : PollAll(*to, now)) waiting.emplace_back(next, std::move(answer));
    }
    return packets;
}

TEST(EndpointHandshake, A9_WhateverIsForgedBetweenTwoNodesDiesOutWithinThreePackets) {
    const TimePoint now = TimePoint{} + seconds(1);
    const std::vector<std::function<EndpointConfig(std::uint8_t)>> modes{
        [](std::uint8_t which) {
            return IdentityConfigOf(which, {static_cast<std::uint8_t>(3 - which)});
        },
        [](std::uint8_t which) { return OpenConfigOf(which); },
        [](std::uint8_t which) { return ConfigOf(which); },
        [](std::uint8_t which) { return PairingConfigOf(which); }};
    for (const auto& mode : modes) {
        for (int type = 0; type < 256; ++type) {
            for (const std::size_t length : {std::size_t{1}, std::size_t{60}, kMinDatagramSize}) {
                Endpoint a(mode(1));
                Endpoint b(mode(2));
                Bytes forged = Pattern(length);
                forged[0] = static_cast<std::byte>(type);
                EXPECT_LE(PacketsBetween(a, b, forged, now), 3u) << type << ' ' << length;
            }
        }
        // And true Initials, those of another version too, that somebody sends on in b's name.
        Endpoint a(mode(1));
        Endpoint b(mode(2));
        std::optional<PeerKey> key;
        if (mode(2).identity && !mode(2).pairing) key = IdentityOf(1).publicKey;
        Endpoint caller(mode(2));
        ASSERT_TRUE(caller.Connect(now, kInitiatorAddress, key));
        Bytes initial = OneFrom(caller, now);
        EXPECT_LE(PacketsBetween(a, b, initial, now), 3u);
        initial[4] ^= std::byte{1};
        EXPECT_LE(PacketsBetween(a, b, initial, now), 3u);
    }
}

SocketAddress HostNumber(std::uint16_t host) {
    return SocketAddress::FromIpv4(0x0a010000u + host, 999);
}

SocketAddress PortOfOneHost(std::uint16_t port) {
    return SocketAddress::FromIpv4(0x0a000009, port);
}

/// Resets that `endpoint` answers with at `now` where each source sends so many packets of
/// connections that it does not know.
std::size_t ResetsFor(Endpoint& endpoint, TimePoint now, std::uint16_t sources, int packets,
                      SocketAddress (*sourceOf)(std::uint16_t) = HostNumber) {
    Bytes data(60);
    std::size_t answers = 0;
    std::uint64_t id = 1;
    for (int i = 0; i < packets; ++i) {
        for (std::uint16_t source = 1; source <= sources; ++source) {
            EncodePacketHeader(data, DataHeader{id++, 1});
            Give(endpoint, now, data, sourceOf(source));
            answers += PollAll(endpoint, now).size();
        }
    }
    return answers;
}

TEST(EndpointHandshake, A9_ResetsToOneSourceAreFew) {
    Endpoint endpoint(IdentityConfigOf(1, {2}));
    const TimePoint now = TimePoint{} + seconds(1);
    EXPECT_EQ(ResetsFor(endpoint, now, 1, 5'000), 100u);
    EXPECT_EQ(ResetsFor(endpoint, now + milliseconds(100), 1, 5'000), 10u);
}

TEST(EndpointHandshake, A9_ResetsToOneHostAreBoundedWhateverItsPorts) {
    Endpoint endpoint(IdentityConfigOf(1, {2}));
    const TimePoint now = TimePoint{} + seconds(1);
    EXPECT_EQ(ResetsFor(endpoint, now, 3'000, 5, PortOfOneHost), 500u);
    EXPECT_EQ(ResetsFor(endpoint, now, 300, 1), 300u) << "others have theirs";
}

TEST(EndpointHandshake, A9_ResetsToAllAreBounded) {
    Endpoint endpoint(IdentityConfigOf(1, {2}));
    EXPECT_EQ(ResetsFor(endpoint, TimePoint{} + seconds(1), 3'000, 2), 1'000u);
}

TEST(EndpointHandshake, B15_AFloodOfOthersTakesNobodyHisReset) {
    Endpoint endpoint(IdentityConfigOf(1, {2}));
    TimePoint now = TimePoint{} + seconds(1);
    // From one source without pause, and a few times each from many.
    ResetsFor(endpoint, now, 1, 5'000);
    ResetsFor(endpoint, now, 900, 1);
    Bytes data(60);
    EncodePacketHeader(data, DataHeader{1, 1});
    Give(endpoint, now, data, HostNumber(60'000));
    EXPECT_EQ(PollAll(endpoint, now).size(), 1u);
}

TEST(EndpointHandshake, C7_WhoIsRevokedInMidHandshakeLeavesNothingBehind) {
    KeyedPair pair;
    pair.link = [&](const End& from, Bytes&) { return &from == &pair.initiator ? 1 : 0; };
    pair.ConnectTo(2);
    pair.RunFor(milliseconds(50));
    ASSERT_EQ(pair.responder.endpoint.ConnectionCount(), 1u);
    pair.responder.endpoint.SetPeers(pair.now, {});
    EXPECT_EQ(pair.responder.endpoint.ConnectionCount(), 0u);
    pair.RunFor(seconds(90));
    EXPECT_EQ(pair.responder.Count<ClosedEvent>(), 0u) << "of a connection never heard of";
}

/// The Initial of the first handshake of an endpoint with this seed.
Bytes FirstInitial(const Seed& entropy) {
    auto config = OpenConfigOf(1);
    config.entropy = [entropy] { return entropy; };
    Endpoint endpoint(std::move(config));
    EXPECT_TRUE(endpoint.Connect(TimePoint{} + seconds(1), kResponderAddress));
    return OneFrom(endpoint, TimePoint{} + seconds(1));
}

TEST(EndpointHandshake, B9_CopiesOfARunningMachineMakeKeysOfTheirOwn) {
    Seed other{};
    other[0] = std::byte{1};
    EXPECT_EQ(FirstInitial({}), FirstInitial({}));
    EXPECT_NE(FirstInitial({}), FirstInitial(other));
}

}  // namespace
}  // namespace crsp::test
