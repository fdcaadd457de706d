// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/handshake.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "model/crypto/packet-protection.h"
#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

constexpr ConnectionId kInitiatorId = 0x0102030405060708;
constexpr ConnectionId kResponderId = 0x1112131415161718;

constexpr HandshakeMode kModes[] = {HandshakeMode::kPreSharedKey, HandshakeMode::kNoAuth,
                                    HandshakeMode::kKeyed, HandshakeMode::kPairing};

TransportParameters Parameters() {
    return {.initialMaxData = 1000,
            .initialMaxStreamData = 500,
            .initialMaxStreams = 3,
            .maxIdleTimeout = seconds(7),
            .maxAckDelay = milliseconds(20),
            .maxDatagramSize = 1300};
}

HandshakeConfig ConfigWith(std::optional<std::uint8_t> key) {
    HandshakeConfig config;
    if (key) config.psk.emplace(KeyOf(*key));
    config.parameters = Parameters();
    return config;
}

/// An endpoint of `mode`; `which` makes its identity.
HandshakeConfig ConfigIn(HandshakeMode mode, std::uint8_t which) {
    if (mode == HandshakeMode::kPreSharedKey) return ConfigWith(9);
    auto config = ConfigWith(std::nullopt);
    if (mode == HandshakeMode::kNoAuth) return config;
    config.identity = IdentityOf(which);
    config.pairing = mode == HandshakeMode::kPairing;
    return config;
}

/// Both halves with what they were configured with; the initiator knows the responder's key.
struct Halves {
    Halves(HandshakeConfig initiating, HandshakeConfig responding)
        : own(std::move(initiating)),
          config(std::move(responding)),
          initiator(own, Goal(), kInitiatorId, initiatorRandom) {}
    explicit Halves(HandshakeMode mode) : Halves(ConfigIn(mode, 21), ConfigIn(mode, 22)) {}

    HandshakeGoal Goal() const {
        HandshakeGoal goal{own.Mode(), std::nullopt, 77};
        if (own.pairing) goal.mode = HandshakeMode::kPairing;
        if (goal.mode == HandshakeMode::kKeyed) {
            goal.responder = config.identity.value_or(IdentityOf(99)).publicKey;
        }
        return goal;
    }
    /// As an endpoint: mode and mac1 first.
    std::optional<ReceivedInitial> Read(const Bytes& initial) {
        const auto header = HeaderOf<InitialHeader>(initial);
        if (!header) return std::nullopt;
        const auto mode = static_cast<HandshakeMode>(header->mode);
        if (!config.Takes(mode)) return std::nullopt;
        std::optional<PeerKey> key;
        if (config.identity) key = config.identity->publicKey;
        if (!VerifyMac1(initial, Mac1KeyOf(mode, key, config.psk))) return std::nullopt;
        return ReceivedInitial::Read(config, *header, initial, admits, responderRandom);
    }
    std::optional<AnsweredInitial> Answer(const Bytes& initial) {
        auto received = Read(initial);
        if (!received) return std::nullopt;
        return received->Answer(kResponderId, kToken);
    }
    Bytes Initial() const { return {initiator.Initial().begin(), initiator.Initial().end()}; }

    static constexpr ResetToken kToken{std::byte{5}};
    SecureRandom initiatorRandom{Seed{std::byte{1}}};
    SecureRandom responderRandom{Seed{std::byte{2}}};
    HandshakeConfig own;
    HandshakeConfig config;
    InitiatorHandshake initiator;
    ReceivedInitial::Admits admits = [](const PeerKey&) { return true; };
};

TEST(Handshake, InEveryModeBothSidesGetTheSameKeysAndEachOthersParameters) {
    for (const auto mode : kModes) {
        auto responding = ConfigIn(mode, 22);
        responding.parameters.maxDatagramSize = 1400;
        Halves halves(ConfigIn(mode, 21), responding);
        auto answer = halves.Answer(halves.Initial());
        ASSERT_TRUE(answer);
        const auto ours = halves.initiator.OnResponse(answer->response.View());
        ASSERT_TRUE(ours && *ours);
        const auto theirs = answer->pairing
                                ? answer->pairing->OnFinish(halves.initiator.Finish().View())
                                : answer->result;
        ASSERT_TRUE(theirs);
        EXPECT_EQ((*ours)->mode, mode);
        EXPECT_EQ(theirs->mode, mode);
        EXPECT_EQ((*ours)->peerId, kResponderId);
        EXPECT_EQ((*ours)->resetToken, Halves::kToken);
        EXPECT_EQ(theirs->peerId, kInitiatorId);
        EXPECT_EQ((*ours)->peer.maxDatagramSize, 1400u);
        EXPECT_EQ(theirs->peer.maxDatagramSize, 1300u);
        EXPECT_EQ(theirs->peer.maxIdleTimeout, seconds(7));

        PacketProtection sealer((*ours)->keys, Side::kInitiator, (*ours)->suite);
        PacketProtection opener(theirs->keys, Side::kResponder, theirs->suite);
        Bytes packet = Pattern(100);
        sealer.Seal(0, {}, packet);
        EXPECT_EQ(opener.Open(0, false, {}, packet), PacketProtection::Opened::kYes);
    }
}

TEST(Handshake, KeysOfPeersAreProvedWhereTheModeHasThem) {
    for (const auto mode : {HandshakeMode::kKeyed, HandshakeMode::kPairing}) {
        Halves halves(mode);
        auto answer = halves.Answer(halves.Initial());
        const auto ours = halves.initiator.OnResponse(answer->response.View());
        const auto theirs = answer->pairing
                                ? answer->pairing->OnFinish(halves.initiator.Finish().View())
                                : answer->result;
        EXPECT_EQ((*ours)->peerKey, IdentityOf(22).publicKey);
        EXPECT_EQ(theirs->peerKey, IdentityOf(21).publicKey);
    }
}

TEST(Handshake, AKeyedInitialNamesItsPeerAndWhenItWasMade) {
    Halves halves(HandshakeMode::kKeyed);
    const auto received = halves.Read(halves.Initial());
    ASSERT_TRUE(received);
    EXPECT_EQ(received->Peer(), IdentityOf(21).publicKey);
    EXPECT_EQ(received->Timestamp(), 77u);
    std::vector<PeerKey> asked;
    halves.admits = [&](const PeerKey& key) {
        asked.push_back(key);
        return false;
    };
    EXPECT_FALSE(halves.Read(halves.Initial()));
    EXPECT_EQ(asked, std::vector<PeerKey>{IdentityOf(21).publicKey});
}

TEST(Handshake, ASecondFactorThatDiffersFailsAtTheInitiator) {
    auto initiating = ConfigIn(HandshakeMode::kKeyed, 21);
    initiating.psk.emplace(KeyOf(1));
    auto responding = ConfigIn(HandshakeMode::kKeyed, 22);
    responding.psk.emplace(KeyOf(2));
    Halves halves(initiating, responding);
    const auto answer = halves.Answer(halves.Initial());
    ASSERT_TRUE(answer);
    EXPECT_FALSE(*halves.initiator.OnResponse(answer->response.View()));
}

TEST(Handshake, PairingEndsShowTheSameCode) {
    Halves halves(HandshakeMode::kPairing);
    const auto answer = halves.Answer(halves.Initial());
    const auto ours = halves.initiator.OnResponse(answer->response.View());
    const auto theirs = answer->pairing->OnFinish(halves.initiator.Finish().View());
    EXPECT_EQ((*ours)->pairingCode, theirs->pairingCode);
    EXPECT_GT(theirs->pairingCode, 0u);
    EXPECT_LT(theirs->pairingCode, kPairingCodes);
}

TEST(Handshake, AForgedFinishIsNoiseAndTheTrueOneStillWorks) {
    Halves halves(HandshakeMode::kPairing);
    const auto answer = halves.Answer(halves.Initial());
    ASSERT_TRUE(*halves.initiator.OnResponse(answer->response.View()));
    const auto view = halves.initiator.Finish().View();
    ASSERT_EQ(view.size(), kFinishLength);
    for (std::size_t at = kFinishHeaderLength; at < view.size(); ++at) {
        Bytes forged(view.begin(), view.end());
        forged[at] ^= std::byte{1};
        EXPECT_FALSE(answer->pairing->OnFinish(forged)) << at;
    }
    EXPECT_FALSE(answer->pairing->OnFinish(view.first(view.size() - 1)));
    EXPECT_TRUE(answer->pairing->OnFinish(view));
    EXPECT_FALSE(answer->pairing->OnFinish(view));
}

// CRSP §4.7. Who wants to choose the nonce after having seen the responder's is found out.
TEST(Handshake, AFinishWithAnotherNonceThanTheInitialWasBoundToIsRefused) {
    SecureRandom random{Seed{std::byte{1}}};
    const auto responder = IdentityOf(22);
    const NoiseConfig config{.pattern = NoisePattern::kXXpsk3,
                             .suite = CipherSuite::kChaCha20Poly1305Sha256,
                             .side = Side::kInitiator,
                             .prologue = {},
                             .psk = SecretKey(),
                             .localStatic = IdentityOf(21),
                             .remoteStatic = std::nullopt};
    auto responding = config;
    responding.side = Side::kResponder;
    responding.localStatic = responder;
    for (const bool honest : {true, false}) {
        NoiseHandshake initiator(config, random);
        auto noise = std::make_unique<NoiseHandshake>(responding, random);
        std::array<std::byte, 256> message;
        std::array<std::byte, 256> payload;
        auto length = initiator.WriteMessage({}, message);
        ASSERT_TRUE(noise->ReadMessage(ConstByteSpan(message).first(*length), payload));
        length = noise->WriteMessage({}, message);
        ASSERT_TRUE(initiator.ReadMessage(ConstByteSpan(message).first(*length), payload));
        const PairingNonce bound{std::byte{1}};
        const PairingNonce sent{honest ? std::byte{1} : std::byte{2}};
        PairingResponder waiting(std::move(noise), {}, responder.publicKey, {},
                                 PairingCommitment(bound, IdentityOf(21).publicKey));
        Bytes finish(kFinishLength);
        EncodePacketHeader(finish, FinishHeader{kResponderId});
        ASSERT_TRUE(initiator.WriteMessage(sent, ByteSpan(finish).subspan(kFinishHeaderLength)));
        EXPECT_EQ(waiting.OnFinish(finish).has_value(), honest);
    }
}

TEST(Handshake, InitialIsOneFullDatagramAndNeverChanges) {
    Halves halves(ConfigWith(9), ConfigWith(9));
    const Bytes first = halves.Initial();
    EXPECT_EQ(first.size(), kMinDatagramSize);
    const auto answer = halves.Answer(first);
    Bytes forged(answer->response.View().begin(), answer->response.View().end());
    forged.back() ^= std::byte{1};
    halves.initiator.OnResponse(forged);
    EXPECT_EQ(halves.Initial(), first);
}

TEST(Handshake, ResponseIsShorterThanTheInitial) {
    for (const auto mode : kModes) {
        Halves halves(mode);
        EXPECT_LT(halves.Answer(halves.Initial())->response.length, kMinDatagramSize / 4);
    }
}

TEST(Handshake, ACookieChangesNothingButMac2) {
    Halves halves(HandshakeMode::kKeyed);
    const Bytes before = halves.Initial();
    halves.initiator.OnRetry(Mac{std::byte{3}});
    const Bytes after = halves.Initial();
    EXPECT_NE(before, after);
    EXPECT_TRUE(std::equal(before.begin(), before.end() - kMacLength, after.begin()));
    EXPECT_TRUE(VerifyMac2(after, Mac{std::byte{3}}));
    EXPECT_FALSE(VerifyMac2(after, Mac{std::byte{4}}));
    EXPECT_TRUE(halves.Answer(after));
}

// A6: what an attacker on the path may want to weaken is in the prologue, and under mac1.
TEST(Handshake, A6_NoBitOfTheHeaderCanBeAlteredInAnyMode) {
    for (const auto mode : kModes) {
        Halves halves(mode);
        for (std::size_t bit = 0; bit < 8 * kInitialHeaderLength; ++bit) {
            Bytes initial = halves.Initial();
            initial[bit / 8] ^= std::byte{1} << (bit % 8);
            EXPECT_FALSE(halves.Answer(initial)) << bit;
        }
    }
}

TEST(Handshake, AnotherKeyOrModeOrAnUnknownSuiteIsNotAnswered) {
    EXPECT_FALSE(Halves(ConfigWith(9), ConfigWith(8))
                     .Answer(Halves(ConfigWith(9), ConfigWith(8)).Initial()));
    Halves keyed(ConfigWith(9), ConfigWith(std::nullopt));
    EXPECT_FALSE(keyed.Answer(keyed.Initial()));
    Halves open(ConfigWith(std::nullopt), ConfigWith(9));
    EXPECT_FALSE(open.Answer(open.Initial()));
    Halves halves(ConfigWith(9), ConfigWith(9));
    Bytes initial = halves.Initial();
    initial[5] = std::byte{99};
    EXPECT_FALSE(halves.Answer(initial));
}

// CRSP §4.2: the header is the prologue.
TEST(Handshake, NoBitOfAProtectedInitialCanBeAltered) {
    Halves halves(ConfigWith(9), ConfigWith(9));
    for (std::size_t at = 1; at < kMinDatagramSize - kMacLength; at += 13) {
        Bytes initial = halves.Initial();
        initial[at] ^= std::byte{1};
        EXPECT_FALSE(halves.Answer(initial)) << at;
    }
}

// NN has nothing to authenticate an Initial with, but the peers' keys then differ.
TEST(Handshake, WithoutAKeyAnAlteredHeaderFailsAtTheInitiator) {
    Halves halves(ConfigWith(std::nullopt), ConfigWith(std::nullopt));
    Bytes initial = halves.Initial();
    initial[kInitialHeaderLength - 1] ^= std::byte{1};
    WriteMac1(initial, Mac1KeyOf(HandshakeMode::kNoAuth, std::nullopt, std::nullopt));
    const auto answer = halves.Answer(initial);
    ASSERT_TRUE(answer);
    const auto result = halves.initiator.OnResponse(answer->response.View());
    ASSERT_TRUE(result);
    EXPECT_FALSE(*result);
}

TEST(Handshake, AForgedResponseIsNoiseAndTheTrueOneStillWorks) {
    Halves halves(ConfigWith(9), ConfigWith(9));
    const auto answer = halves.Answer(halves.Initial());
    const auto view = answer->response.View();
    for (std::size_t at = kResponseHeaderLength; at < view.size(); ++at) {
        Bytes forged(view.begin(), view.end());
        forged[at] ^= std::byte{0x80};
        const auto result = halves.initiator.OnResponse(forged);
        // The top bit of an X25519 key is not looked at, but it is part of the transcript.
        ASSERT_TRUE(result) << at;
        EXPECT_FALSE(*result) << at;
    }
    EXPECT_FALSE(*halves.initiator.OnResponse(view.first(kResponseHeaderLength)));
    EXPECT_FALSE(*halves.initiator.OnResponse(view.first(view.size() - 1)));
    EXPECT_FALSE(*halves.initiator.OnResponse(Bytes(kMaxResponseLength + 1)));
    EXPECT_TRUE(*halves.initiator.OnResponse(view));
}

TEST(Handshake, AnInitialWithUnusableParametersIsNotAnswered) {
    auto bad = ConfigWith(9);
    bad.parameters.maxDatagramSize = 100;
    Halves halves(bad, ConfigWith(9));
    EXPECT_FALSE(halves.Answer(halves.Initial()));
}

TEST(Handshake, AResponseWithUnusableParametersIsAnError) {
    auto bad = ConfigWith(9);
    bad.parameters.maxDatagramSize = 100;
    Halves halves(ConfigWith(9), bad);
    const auto answer = halves.Answer(halves.Initial());
    const auto result = halves.initiator.OnResponse(answer->response.View());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, TransportErrorCode::kTransportParameterError);
}

TEST(Handshake, AnInitialLongerThanADatagramMayBeIsNotAnswered) {
    Halves halves(ConfigWith(std::nullopt), ConfigWith(std::nullopt));
    Bytes initial = halves.Initial();
    initial.resize(kMaxDatagramSize + 1);
    WriteMac1(initial, Mac1KeyOf(HandshakeMode::kNoAuth, std::nullopt, std::nullopt));
    EXPECT_FALSE(halves.Answer(initial));
}

TEST(Handshake, TwoHandshakesShareNoBytes) {
    SecureRandom random{Seed{std::byte{1}}};
    const auto config = ConfigWith(9);
    const HandshakeGoal goal;
    const InitiatorHandshake first(config, goal, kInitiatorId, random);
    const InitiatorHandshake second(config, goal, kInitiatorId, random);
    const auto tail = [](const InitiatorHandshake& h) {
        const auto bytes = h.Initial().subspan(kInitialHeaderLength);
        return Bytes(bytes.begin(), bytes.end());
    };
    EXPECT_NE(tail(first), tail(second));
}

}  // namespace
}  // namespace crsp::test
