// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/handshake.h"

#include <gtest/gtest.h>

#include "model/crypto/packet-protection.h"
#include "tests/unit/connection/pair.h"

namespace crsp::test {
namespace {

constexpr ConnectionId kInitiatorId = 0x0102030405060708;
constexpr ConnectionId kResponderId = 0x1112131415161718;

HandshakeConfig ConfigWith(std::optional<std::uint8_t> key) {
    HandshakeConfig config;
    if (key) config.psk.emplace(KeyOf(*key));
    config.parameters = {.initialMaxData = 1000,
                         .initialMaxStreamData = 500,
                         .initialMaxStreams = 3,
                         .maxIdleTimeout = seconds(7),
                         .maxAckDelay = milliseconds(20),
                         .maxDatagramSize = 1300};
    return config;
}

/// Both halves with what they were configured with.
struct Halves {
    Halves(const HandshakeConfig& initiating, HandshakeConfig responding)
        : initiator(initiating, kInitiatorId, initiatorRandom), config(std::move(responding)) {}

    std::optional<AnsweredInitial> Answer(const Bytes& initial) {
        const auto header = HeaderOf<InitialHeader>(initial);
        if (!header) return std::nullopt;
        return AnswerInitial(config, *header, initial, kResponderId, responderRandom);
    }
    Bytes Initial() const { return {initiator.Initial().begin(), initiator.Initial().end()}; }

    SecureRandom initiatorRandom{Seed{std::byte{1}}};
    SecureRandom responderRandom{Seed{std::byte{2}}};
    InitiatorHandshake initiator;
    HandshakeConfig config;
};

TEST(Handshake, BothSidesGetTheSameKeysAndEachOthersParameters) {
    for (const auto key : {std::optional<std::uint8_t>(9), std::optional<std::uint8_t>()}) {
        auto responding = ConfigWith(key);
        responding.parameters.maxDatagramSize = 1400;
        Halves halves(ConfigWith(key), responding);
        const auto answer = halves.Answer(halves.Initial());
        ASSERT_TRUE(answer);
        const auto result = halves.initiator.OnResponse(answer->response.View());
        ASSERT_TRUE(result && *result);
        EXPECT_EQ((*result)->peerId, kResponderId);
        EXPECT_EQ(answer->result.peerId, kInitiatorId);
        EXPECT_EQ((*result)->peer.maxDatagramSize, 1400u);
        EXPECT_EQ(answer->result.peer.maxDatagramSize, 1300u);
        EXPECT_EQ(answer->result.peer.maxIdleTimeout, seconds(7));

        PacketProtection sealer((*result)->keys, Side::kInitiator, (*result)->suite);
        PacketProtection opener(answer->result.keys, Side::kResponder, answer->result.suite);
        Bytes packet = Pattern(100);
        sealer.Seal(0, {}, packet);
        EXPECT_TRUE(opener.Open(0, {}, packet));
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
    Halves halves(ConfigWith(9), ConfigWith(9));
    EXPECT_LT(halves.Answer(halves.Initial())->response.length, kMinDatagramSize / 4);
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
    for (std::size_t at = 1; at < kMinDatagramSize; at += 13) {
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

TEST(Handshake, AnInitialShorterOrLongerThanADatagramMayBeIsNotAnswered) {
    Halves halves(ConfigWith(std::nullopt), ConfigWith(std::nullopt));
    Bytes initial = halves.Initial();
    initial.resize(kMinDatagramSize - 1);
    EXPECT_FALSE(halves.Answer(initial));
    initial.resize(kMaxDatagramSize + 1);
    EXPECT_FALSE(halves.Answer(initial));
}

TEST(Handshake, TwoHandshakesShareNoBytes) {
    SecureRandom random{Seed{std::byte{1}}};
    const auto config = ConfigWith(9);
    const InitiatorHandshake first(config, kInitiatorId, random);
    const InitiatorHandshake second(config, kInitiatorId, random);
    const auto tail = [](const InitiatorHandshake& h) {
        const auto bytes = h.Initial().subspan(kInitialHeaderLength);
        return Bytes(bytes.begin(), bytes.end());
    };
    EXPECT_NE(tail(first), tail(second));
}

}  // namespace
}  // namespace crsp::test
