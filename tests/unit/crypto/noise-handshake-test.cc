// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/noise-handshake.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "model/crypto/packet-protection.h"
#include "tests/unit/crypto/hex.h"
#include "tests/unit/crypto/noise-vectors.h"

namespace crsp {
namespace {

using testing::FlipBit;
using testing::FilledKey;
using testing::LoadNoiseVectors;
using testing::NoiseVector;
using testing::ToHex;
using testing::ToVector;

using Bytes = std::vector<std::byte>;

static_assert(!std::is_copy_constructible_v<NoiseHandshake>);

constexpr auto kSuite = CipherSuite::kChaCha20Poly1305Sha256;
constexpr NoisePattern kPatterns[] = {NoisePattern::kNN, NoisePattern::kNNpsk0,
                                      NoisePattern::kIK, NoisePattern::kIKpsk2,
                                      NoisePattern::kXX, NoisePattern::kXXpsk3};

Bytes Written(NoiseHandshake& writer, ConstByteSpan payload) {
    Bytes out(payload.size() + writer.NextOverhead());
    const auto length = writer.WriteMessage(payload, out);
    EXPECT_TRUE(length) << ToString(length.error());
    EXPECT_EQ(*length, out.size());
    return out;
}

Expected<Bytes, NoiseError> Read(NoiseHandshake& reader, ConstByteSpan message) {
    Bytes out(message.size());
    const auto length = reader.ReadMessage(message, out);
    if (!length) return Fail(length.error());
    out.resize(*length);
    return out;
}

NoiseError ReadError(NoiseHandshake& reader, ConstByteSpan message) {
    const auto result = Read(reader, message);
    EXPECT_FALSE(result);
    return result ? NoiseError::kOutOfTurn : result.error();
}

/// Both ends of one handshake, each with randomness of its own.
struct Pair {
    SecureRandom initiatorRandom{FilledKey(1).Bytes()};
    SecureRandom responderRandom{FilledKey(2).Bytes()};
    NoiseConfig initiatorConfig;
    NoiseConfig responderConfig;
    std::unique_ptr<NoiseHandshake> initiator;
    std::unique_ptr<NoiseHandshake> responder;

    explicit Pair(NoisePattern pattern) {
        initiatorConfig = {pattern, kSuite, Side::kInitiator, AsBytes("prologue"), {}, {}, {}};
        initiatorConfig.localStatic = X25519PairOf(FilledKey(3));
        if (RowOf(pattern).UsesPsk()) initiatorConfig.psk = FilledKey(5);
        responderConfig = initiatorConfig;
        responderConfig.side = Side::kResponder;
        responderConfig.localStatic = X25519PairOf(FilledKey(4));
        if (RowOf(pattern).responderStaticKnown) {
            initiatorConfig.remoteStatic = responderConfig.localStatic->publicKey;
        }
        Start();
    }

    void Start() {
        initiator = std::make_unique<NoiseHandshake>(initiatorConfig, initiatorRandom);
        responder = std::make_unique<NoiseHandshake>(responderConfig, responderRandom);
    }

    NoiseHandshake& Writer() { return initiator->MyTurn() ? *initiator : *responder; }
    NoiseHandshake& Reader() { return initiator->MyTurn() ? *responder : *initiator; }

    /// Runs to the end; false as soon as a message is refused.
    bool Complete() {
        while (!initiator->Finished() || !responder->Finished()) {
            auto& reader = Reader();
            if (!Read(reader, Written(Writer(), AsBytes("payload")))) return false;
        }
        return true;
    }
};

class NoiseVectors : public ::testing::TestWithParam<NoiseVector> {
  protected:
    void SetUp() override {
        if (!UsableSuite(static_cast<std::uint8_t>(GetParam().initiator.suite))) {
            GTEST_SKIP() << "this CPU has no AES instructions";
        }
    }
};

INSTANTIATE_TEST_SUITE_P(Cacophony, NoiseVectors, ::testing::ValuesIn(LoadNoiseVectors()),
                         [](const auto& test) { return test.param.name; });

void CheckTransport(const NoiseVector& vector, std::size_t first, const TransportKeys& keys) {
    PacketProtection initiator(keys, Side::kInitiator, vector.initiator.suite);
    PacketProtection responder(keys, Side::kResponder, vector.initiator.suite);
    for (std::size_t i = first; i < vector.messages.size(); ++i) {
        const auto& [payload, ciphertext] = vector.messages[i];
        const bool initiating = i % 2 == 0;
        // Each direction counts its own messages from 0.
        const PacketNumber number = (i - first) / 2;
        Bytes message = payload;
        message.resize(payload.size() + kAeadTagLength);
        (initiating ? initiator : responder).Seal(number, {}, message);
        EXPECT_EQ(ToHex(message), ciphertext) << "message " << i;
        ASSERT_EQ((initiating ? responder : initiator).Open(number, false, {}, message),
                  PacketProtection::Opened::kYes);
        message.resize(payload.size());
        EXPECT_EQ(message, payload) << "message " << i;
    }
}

TEST_P(NoiseVectors, GiveThePublishedBytes) {
    const NoiseVector& vector = GetParam();
    SecureRandom random(FilledKey(0).Bytes());
    NoiseConfig initiatorConfig = vector.initiator;
    NoiseConfig responderConfig = vector.responder;
    initiatorConfig.prologue = vector.initiatorPrologue;
    responderConfig.prologue = vector.responderPrologue;
    NoiseHandshake initiator(initiatorConfig, random);
    NoiseHandshake responder(responderConfig, random);
    initiator.UseEphemeralForTesting(vector.initiatorEphemeral);
    responder.UseEphemeralForTesting(vector.responderEphemeral);

    std::size_t i = 0;
    for (; !initiator.Finished(); ++i) {
        auto& writer = i % 2 == 0 ? initiator : responder;
        auto& reader = i % 2 == 0 ? responder : initiator;
        const auto& [payload, ciphertext] = vector.messages.at(i);
        const Bytes message = Written(writer, payload);
        EXPECT_EQ(ToHex(message), ciphertext) << "message " << i;
        EXPECT_EQ(Read(reader, message), payload) << "message " << i;
    }
    ASSERT_TRUE(responder.Finished());
    EXPECT_EQ(ToHex(initiator.Split().initiatorToResponder.Bytes()),
              ToHex(responder.Split().initiatorToResponder.Bytes()));
    ASSERT_LT(i, vector.messages.size());
    CheckTransport(vector, i, responder.Split());
}

TEST(NoiseHandshake, AllPublishedVectorsAreThere) {
    EXPECT_EQ(LoadNoiseVectors().size(), 2 * std::size(kPatterns));
}

class NoiseHandshakeTest : public ::testing::TestWithParam<NoisePattern> {};

INSTANTIATE_TEST_SUITE_P(Patterns, NoiseHandshakeTest, ::testing::ValuesIn(kPatterns),
                         [](const auto& test) { return std::string(RowOf(test.param).name); });

TEST_P(NoiseHandshakeTest, BothEndsAgree) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.Complete());
    EXPECT_EQ(ToHex(pair.initiator->Split().initiatorToResponder.Bytes()),
              ToHex(pair.responder->Split().initiatorToResponder.Bytes()));
    EXPECT_EQ(ToHex(pair.initiator->Split().responderToInitiator.Bytes()),
              ToHex(pair.responder->Split().responderToInitiator.Bytes()));
}

TEST_P(NoiseHandshakeTest, StaticKeysBecomeKnown) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.Complete());
    if (!RowOf(GetParam()).UsesStaticOf(Side::kInitiator)) {
        EXPECT_FALSE(pair.responder->RemoteStatic());
        EXPECT_FALSE(pair.initiator->RemoteStatic());
        return;
    }
    EXPECT_EQ(pair.responder->RemoteStatic(), pair.initiatorConfig.localStatic->publicKey);
    EXPECT_EQ(pair.initiator->RemoteStatic(), pair.responderConfig.localStatic->publicKey);
}

TEST_P(NoiseHandshakeTest, SessionsOfTheSameKeysDiffer) {
    Pair pair(GetParam());
    ASSERT_TRUE(pair.Complete());
    const auto firstKeys = pair.initiator->Split();
    pair.Start();
    ASSERT_TRUE(pair.Complete());
    EXPECT_NE(ToHex(pair.initiator->Split().initiatorToResponder.Bytes()),
              ToHex(firstKeys.initiatorToResponder.Bytes()));
}

TEST_P(NoiseHandshakeTest, IsAFunctionOfItsSeeds) {
    Pair a(GetParam());
    Pair b(GetParam());
    EXPECT_EQ(Written(*a.initiator, AsBytes("x")), Written(*b.initiator, AsBytes("x")));
}

TEST_P(NoiseHandshakeTest, EveryPrologueBitCounts) {
    const Bytes prologue = ToVector(AsBytes("prologue"));
    for (std::size_t bit = 0; bit < 8 * prologue.size(); ++bit) {
        Bytes other = prologue;
        FlipBit(other, bit);
        Pair pair(GetParam());
        pair.responderConfig.prologue = other;
        pair.Start();
        EXPECT_FALSE(pair.Complete()) << "bit " << bit;
    }
}

TEST_P(NoiseHandshakeTest, AForgeryDoesNotKeepTheTrueMessageOut) {
    Pair pair(GetParam());
    while (!pair.initiator->Finished() || !pair.responder->Finished()) {
        auto& reader = pair.Reader();
        const std::size_t before = reader.NextOverhead();
        const Bytes message = Written(pair.Writer(), AsBytes("payload"));
        const bool sealed = before > kKeyLength;  // more than an ephemeral key: a tag at the end
        for (std::size_t bit = 0; bit < 8 * message.size(); bit += 7) {
            if (!sealed) break;
            Bytes forged = message;
            FlipBit(forged, bit);
            // X25519 ignores the highest bit of a public key, but the hash does not.
            EXPECT_FALSE(Read(reader, forged)) << "bit " << bit;
        }
        EXPECT_EQ(Read(reader, message), ToVector(AsBytes("payload")));
    }
    EXPECT_EQ(ToHex(pair.initiator->Split().initiatorToResponder.Bytes()),
              ToHex(pair.responder->Split().initiatorToResponder.Bytes()));
}

TEST_P(NoiseHandshakeTest, TruncatedMessagesAreRefused) {
    Pair pair(GetParam());
    while (!pair.initiator->Finished() || !pair.responder->Finished()) {
        auto& reader = pair.Reader();
        const std::size_t overhead = reader.NextOverhead();
        const Bytes message = Written(pair.Writer(), AsBytes("payload"));
        for (std::size_t length = 0; length < overhead; ++length) {
            EXPECT_EQ(ReadError(reader, ConstByteSpan(message).first(length)),
                      NoiseError::kMessageTooShort);
        }
        ASSERT_TRUE(Read(reader, message));
    }
}

TEST_P(NoiseHandshakeTest, EmptyPayloadsAreFine) {
    Pair pair(GetParam());
    while (!pair.initiator->Finished() || !pair.responder->Finished()) {
        auto& reader = pair.Reader();
        EXPECT_EQ(Read(reader, Written(pair.Writer(), {})), Bytes{});
    }
}

TEST_P(NoiseHandshakeTest, AnEphemeralOfLowOrderIsRefused) {
    Pair pair(GetParam());
    auto& reader = pair.Reader();
    Bytes message = Written(pair.Writer(), AsBytes("payload"));
    const bool dhInFirst = RowOf(GetParam()).messages[0].Contains(NoiseToken::kEs);
    std::fill_n(message.begin(), kKeyLength, std::byte{0});
    if (dhInFirst) {
        EXPECT_EQ(ReadError(reader, message), NoiseError::kInvalidPublicKey);
        return;
    }
    if (RowOf(GetParam()).UsesPsk()) {
        EXPECT_EQ(ReadError(reader, message), NoiseError::kDecryptFailed);
        return;
    }
    // In the clear so far: the responder finds out when it computes the secret.
    ASSERT_TRUE(Read(reader, message));
    Bytes out(200);
    EXPECT_EQ(reader.WriteMessage({}, out).error(), NoiseError::kInvalidPublicKey);
}

TEST(NoiseHandshake, AnAnswerOfLowOrderIsRefused) {
    Pair pair(NoisePattern::kNN);
    ASSERT_TRUE(Read(*pair.responder, Written(*pair.initiator, {})));
    Bytes message = Written(*pair.responder, {});
    const Bytes genuine = message;
    std::fill_n(message.begin(), kKeyLength, std::byte{0});
    EXPECT_EQ(ReadError(*pair.initiator, message), NoiseError::kInvalidPublicKey);
    EXPECT_TRUE(Read(*pair.initiator, genuine));
}

TEST(NoiseHandshake, EveryPskBitCounts) {
    for (std::size_t bit = 0; bit < 8 * kKeyLength; bit += 5) {
        Pair pair(NoisePattern::kNNpsk0);
        FlipBit(pair.responderConfig.psk->Bytes(), bit);
        pair.Start();
        const Bytes message = Written(*pair.initiator, AsBytes("payload"));
        EXPECT_EQ(ReadError(*pair.responder, message), NoiseError::kDecryptFailed);
    }
}

TEST(NoiseHandshake, AWrongPskAtTheEndIsRefusedToo) {
    for (const auto pattern : {NoisePattern::kIKpsk2, NoisePattern::kXXpsk3}) {
        Pair pair(pattern);
        pair.responderConfig.psk = FilledKey(99);
        pair.Start();
        EXPECT_FALSE(pair.Complete()) << RowOf(pattern).name;
    }
}

TEST(NoiseHandshake, WithAndWithoutPskDoNotMeet) {
    Pair open(NoisePattern::kNN);
    Pair closed(NoisePattern::kNNpsk0);
    EXPECT_FALSE(Read(*closed.responder, Written(*open.initiator, Bytes(100))));
    // NN cannot tell a sealed payload from a clear one, but its answer does not verify.
    ASSERT_TRUE(Read(*open.responder, Written(*closed.initiator, Bytes(100))));
    EXPECT_EQ(ReadError(*closed.initiator, Written(*open.responder, Bytes(100))),
              NoiseError::kDecryptFailed);
}

TEST(NoiseHandshake, AnotherServerKeyIsRefused) {
    Pair pair(NoisePattern::kIK);
    pair.responderConfig.localStatic = X25519PairOf(FilledKey(77));
    pair.Start();
    EXPECT_EQ(ReadError(*pair.responder, Written(*pair.initiator, {})), NoiseError::kDecryptFailed);
}

TEST(NoiseHandshake, SuitesDoNotMix) {
    if (DefaultSuite() != CipherSuite::kAes256GcmSha256) GTEST_SKIP() << "no AES instructions";
    Pair pair(NoisePattern::kNNpsk0);
    pair.responderConfig.suite = CipherSuite::kAes256GcmSha256;
    pair.Start();
    EXPECT_FALSE(pair.Complete());
}

TEST(NoiseHandshake, NoEphemeralKeyComesTwice) {
    SecureRandom random(FilledKey(9).Bytes());
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        NoiseConfig config;
        config.psk = FilledKey(5);
        NoiseHandshake handshake(config, random);
        const Bytes message = Written(handshake, {});
        EXPECT_TRUE(seen.insert(ToHex(ConstByteSpan(message).first(kKeyLength))).second);
    }
}

TEST(NoiseHandshake, AMessageIsWrittenOnceOnly) {
    Pair pair(NoisePattern::kNNpsk0);
    Written(*pair.initiator, AsBytes("one"));
    Bytes out(200);
    EXPECT_EQ(pair.initiator->WriteMessage(AsBytes("two"), out).error(), NoiseError::kOutOfTurn);
}

TEST(NoiseHandshake, TurnsAreKept) {
    Pair pair(NoisePattern::kNN);
    Bytes out(200);
    EXPECT_EQ(pair.responder->WriteMessage({}, out).error(), NoiseError::kOutOfTurn);
    EXPECT_EQ(ReadError(*pair.initiator, Bytes(100)), NoiseError::kOutOfTurn);
    ASSERT_TRUE(pair.Complete());
    EXPECT_EQ(pair.initiator->NextOverhead(), 0u);
    EXPECT_FALSE(pair.initiator->MyTurn());
    EXPECT_FALSE(pair.responder->MyTurn());
    EXPECT_EQ(pair.initiator->WriteMessage({}, out).error(), NoiseError::kOutOfTurn);
    EXPECT_EQ(ReadError(*pair.responder, Bytes(100)), NoiseError::kOutOfTurn);
}

TEST(NoiseHandshake, BuffersTooSmallChangeNothing) {
    Pair pair(NoisePattern::kNNpsk0);
    Bytes small(7 + pair.initiator->NextOverhead() - 1);
    EXPECT_EQ(pair.initiator->WriteMessage(AsBytes("payload"), small).error(),
              NoiseError::kBufferTooSmall);
    const Bytes message = Written(*pair.initiator, AsBytes("payload"));
    Bytes out(6);
    EXPECT_EQ(pair.responder->ReadMessage(message, out).error(), NoiseError::kBufferTooSmall);
    EXPECT_EQ(Read(*pair.responder, message), ToVector(AsBytes("payload")));
}

TEST(NoiseHandshake, OverlongMessagesAreRefused) {
    Pair pair(NoisePattern::kNN);
    Bytes out(2 * kNoiseMaxMessageLength);
    EXPECT_EQ(pair.initiator->WriteMessage(Bytes(kNoiseMaxMessageLength - 31), out).error(),
              NoiseError::kMessageTooLong);
    EXPECT_EQ(ReadError(*pair.responder, Bytes(kNoiseMaxMessageLength + 1)),
              NoiseError::kMessageTooLong);
    EXPECT_TRUE(
        Read(*pair.responder, Written(*pair.initiator, Bytes(kNoiseMaxMessageLength - 32))));
}

TEST(NoiseHandshake, ErrorsHaveTexts) {
    std::set<std::string_view> texts;
    for (int e = 0; e <= static_cast<int>(NoiseError::kDecryptFailed); ++e) {
        EXPECT_TRUE(texts.insert(ToString(static_cast<NoiseError>(e))).second);
    }
}

TEST(NoiseHandshakeDeathTest, KeysThatDoNotFitThePatternAreABug) {
    SecureRandom random(FilledKey(1).Bytes());
    NoiseConfig missingPsk;
    EXPECT_DEATH(NoiseHandshake(missingPsk, random), "assertion failed");
    NoiseConfig needlessPsk{NoisePattern::kNN, kSuite, Side::kInitiator, {}, FilledKey(1), {}, {}};
    EXPECT_DEATH(NoiseHandshake(needlessPsk, random), "assertion failed");
    NoiseConfig missingStatic{NoisePattern::kXX, kSuite, Side::kInitiator, {}, {}, {}, {}};
    EXPECT_DEATH(NoiseHandshake(missingStatic, random), "assertion failed");
    NoiseConfig missingRemote{NoisePattern::kIK, kSuite, Side::kInitiator, {}, {}, {}, {}};
    missingRemote.localStatic = X25519PairOf(FilledKey(1));
    EXPECT_DEATH(NoiseHandshake(missingRemote, random), "assertion failed");
    NoiseConfig needlessRemote{NoisePattern::kNN, kSuite, Side::kInitiator, {}, {}, {}, {}};
    needlessRemote.remoteStatic.emplace();
    EXPECT_DEATH(NoiseHandshake(needlessRemote, random), "assertion failed");
}

TEST(NoiseHandshakeDeathTest, SplitTooEarlyIsABug) {
    Pair pair(NoisePattern::kNN);
    EXPECT_DEATH(pair.initiator->Split(), "assertion failed");
}

}  // namespace
}  // namespace crsp
