// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/noise-handshake.h"

#include <fmt/format.h>

#include "model/base/assert.h"

namespace crsp {
namespace {

constexpr bool CarriesKey(NoiseToken token) {
    return token == NoiseToken::kE || token == NoiseToken::kS;
}

/// Which of its two keys `side` puts into a Diffie-Hellman: the first letter of a token names the
/// initiator's, the second the responder's (Noise rev 34 §7.1).
constexpr bool UsesEphemeralOf(Side side, NoiseToken token) {
    if (token == NoiseToken::kEe) return true;
    return token == (side == Side::kInitiator ? NoiseToken::kEs : NoiseToken::kSe);
}

constexpr Side OtherSide(Side side) {
    return side == Side::kInitiator ? Side::kResponder : Side::kInitiator;
}

}  // namespace

std::string_view ToString(NoiseError error) {
    switch (error) {
        case NoiseError::kOutOfTurn:
            return "handshake message out of turn";
        case NoiseError::kBufferTooSmall:
            return "buffer too small for the handshake message";
        case NoiseError::kMessageTooLong:
            return "handshake message too long";
        case NoiseError::kMessageTooShort:
            return "handshake message too short";
        case NoiseError::kInvalidPublicKey:
            return "invalid public key in the handshake";
        case NoiseError::kDecryptFailed:
            return "handshake message does not verify";
        case NoiseError::kNotAdmitted:
            return "static key not admitted";
    }
    return "unknown handshake error";
}

std::string NoiseProtocolName(NoisePattern pattern, CipherSuite suite) {
    return fmt::format("Noise_{}_25519_{}_SHA256", RowOf(pattern).name, NoiseCipherName(suite));
}

NoiseHandshake::NoiseHandshake(const NoiseConfig& config, SecureRandom& random)
    : m_row(RowOf(config.pattern)),
      m_side(config.side),
      m_psk(config.psk),
      m_localStatic(config.localStatic),
      m_random(random),
      m_progress{NoiseSymmetricState(NoiseProtocolName(config.pattern, config.suite), config.suite),
                 std::nullopt, std::nullopt, config.remoteStatic} {
    CRSP_ASSERT(m_row.UsesPsk() == m_psk.has_value());
    CRSP_ASSERT(!m_row.UsesStaticOf(m_side) || m_localStatic);
    const bool knowsResponder = m_row.responderStaticKnown && m_side == Side::kInitiator;
    CRSP_ASSERT(knowsResponder == config.remoteStatic.has_value());
    m_progress.symmetric.MixHash(config.prologue);
    MixPreMessage();
}

void NoiseHandshake::MixPreMessage() {
    if (!m_row.responderStaticKnown) return;
    const bool ours = m_side == Side::kResponder;
    m_progress.symmetric.MixHash(ours ? m_localStatic->publicKey : *m_progress.remoteStatic);
}

bool NoiseHandshake::Finished() const {
    return m_progress.nextMessage == m_row.messageCount;
}

bool NoiseHandshake::MyTurn() const {
    const Side writer = m_progress.nextMessage % 2 == 0 ? Side::kInitiator : Side::kResponder;
    return !Finished() && m_side == writer;
}

std::size_t NoiseHandshake::NextOverhead() const {
    if (Finished()) return 0;
    bool encrypted = m_progress.symmetric.HasKey();
    std::size_t length = 0;
    for (const NoiseToken token : NextTokens()) {
        if (CarriesKey(token)) length += kKeyLength;
        if (token == NoiseToken::kS && encrypted) length += kAeadTagLength;
        encrypted = encrypted || !CarriesKey(token) || (token == NoiseToken::kE && m_psk);
    }
    return length + (encrypted ? kAeadTagLength : 0);
}

X25519KeyPair NoiseHandshake::NewEphemeral() {
    return m_testEphemeral ? *m_testEphemeral : GenerateX25519Pair(m_random);
}

void NoiseHandshake::MixEphemeral(Progress& next, const X25519PublicKey& key) const {
    next.symmetric.MixHash(key);
    // So that what the psk protects is encrypted under a new key each time (Noise rev 34 §9.2).
    if (m_psk) next.symmetric.MixKey(key);
}

bool NoiseHandshake::MixSecret(Progress& next, NoiseToken token) const {
    if (token == NoiseToken::kPsk) {
        next.symmetric.MixKeyAndHash(m_psk->Bytes());
        return true;
    }
    const auto& ours = UsesEphemeralOf(m_side, token) ? next.localEphemeral : m_localStatic;
    const auto& theirs =
        UsesEphemeralOf(OtherSide(m_side), token) ? next.remoteEphemeral : next.remoteStatic;
    CRSP_ASSERT(ours && theirs);
    const auto shared = X25519SharedSecret(ours->secretKey, *theirs);
    if (!shared) return false;
    next.symmetric.MixKey(shared->Bytes());
    return true;
}

void NoiseHandshake::WriteKeys(Progress& next, NoiseToken token, ByteWriter& writer) {
    if (token == NoiseToken::kE) {
        next.localEphemeral = NewEphemeral();
        writer.Bytes(next.localEphemeral->publicKey);
        MixEphemeral(next, next.localEphemeral->publicKey);
        return;
    }
    const std::size_t length = kKeyLength + next.symmetric.CiphertextOverhead();
    next.symmetric.EncryptAndHash(m_localStatic->publicKey, writer.Reserve(length));
}

bool NoiseHandshake::ReadKeys(Progress& next, NoiseToken token, ByteReader& reader) {
    X25519PublicKey key;
    if (token == NoiseToken::kE) {
        const auto bytes = *reader.Bytes(kKeyLength);
        std::copy(bytes.begin(), bytes.end(), key.begin());
        next.remoteEphemeral = key;
        MixEphemeral(next, key);
        return true;
    }
    const std::size_t length = kKeyLength + next.symmetric.CiphertextOverhead();
    if (!next.symmetric.DecryptAndHash(*reader.Bytes(length), key)) return false;
    next.remoteStatic = key;
    return true;
}

Expected<std::size_t, NoiseError> NoiseHandshake::WriteMessage(ConstByteSpan payload,
                                                               ByteSpan out) {
    if (!MyTurn()) return Fail(NoiseError::kOutOfTurn);
    const std::size_t length = payload.size() + NextOverhead();
    if (length > kNoiseMaxMessageLength) return Fail(NoiseError::kMessageTooLong);
    if (length > out.size()) return Fail(NoiseError::kBufferTooSmall);

    Progress next = m_progress;
    ByteWriter writer(out.first(length));
    for (const NoiseToken token : NextTokens()) {
        if (CarriesKey(token)) {
            WriteKeys(next, token, writer);
        } else if (!MixSecret(next, token)) {
            return Fail(NoiseError::kInvalidPublicKey);
        }
    }
    next.symmetric.EncryptAndHash(payload, writer.Reserve(writer.Remaining()));
    CRSP_ASSERT(writer.Ok());
    ++next.nextMessage;
    m_progress = next;
    return length;
}

Expected<std::size_t, NoiseError> NoiseHandshake::ReadMessage(
    ConstByteSpan message, ByteSpan out,
    const std::function<bool(const X25519PublicKey&)>& admits) {
    if (Finished() || MyTurn()) return Fail(NoiseError::kOutOfTurn);
    if (message.size() > kNoiseMaxMessageLength) return Fail(NoiseError::kMessageTooLong);
    if (message.size() < NextOverhead()) return Fail(NoiseError::kMessageTooShort);
    const std::size_t payloadLength = message.size() - NextOverhead();
    if (payloadLength > out.size()) return Fail(NoiseError::kBufferTooSmall);

    Progress next = m_progress;
    ByteReader reader(message);
    for (const NoiseToken token : NextTokens()) {
        if (CarriesKey(token)) {
            if (!ReadKeys(next, token, reader)) return Fail(NoiseError::kDecryptFailed);
            if (token == NoiseToken::kS && admits && !admits(*next.remoteStatic)) {
                return Fail(NoiseError::kNotAdmitted);
            }
        } else if (!MixSecret(next, token)) {
            return Fail(NoiseError::kInvalidPublicKey);
        }
    }
    if (!next.symmetric.DecryptAndHash(reader.Rest(), out.first(payloadLength))) {
        return Fail(NoiseError::kDecryptFailed);
    }
    ++next.nextMessage;
    m_progress = next;
    return payloadLength;
}

TransportKeys NoiseHandshake::Split() const {
    CRSP_ASSERT(Finished());
    return m_progress.symmetric.Split();
}

}  // namespace crsp
