// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/handshake.h"

#include <algorithm>
#include <string>
#include <utility>

#include "model/base/assert.h"
#include "model/crypto/sodium.h"

namespace crsp {
namespace {

/// The Noise message of an Initial: what the header and the MACs leave.
constexpr std::size_t kInitialNoiseLength =
    kMinDatagramSize - kInitialHeaderLength - kInitialMacsLength;

NoisePattern PatternOf(HandshakeMode mode) {
    switch (mode) {
        case HandshakeMode::kPreSharedKey:
            return NoisePattern::kNNpsk0;
        case HandshakeMode::kNoAuth:
            return NoisePattern::kNN;
        case HandshakeMode::kKeyed:
            return NoisePattern::kIKpsk2;
        case HandshakeMode::kPairing:
            return NoisePattern::kXXpsk3;
    }
    CRSP_ASSERT(false);
    return NoisePattern::kIKpsk2;
}

/// A second factor that nobody has set is all zero (as in WireGuard).
std::optional<SecretKey> PskOf(const HandshakeConfig& config, HandshakeMode mode) {
    if (mode == HandshakeMode::kNoAuth) return std::nullopt;
    return config.psk ? config.psk : SecretKey();
}

NoiseConfig MakeNoiseConfig(const HandshakeConfig& config, HandshakeMode mode, CipherSuite suite,
                            Side side, ConstByteSpan prologue) {
    const bool proves = mode == HandshakeMode::kKeyed || mode == HandshakeMode::kPairing;
    return {.pattern = PatternOf(mode),
            .suite = suite,
            .side = side,
            .prologue = prologue,
            .psk = PskOf(config, mode),
            .localStatic = proves ? config.identity : std::nullopt,
            .remoteStatic = std::nullopt};
}

TransportError Violation(std::string_view reason) {
    return {TransportErrorCode::kTransportParameterError, std::string(reason)};
}

template <class Array>
std::optional<Array> ReadArray(ByteReader& reader) {
    Array array;
    const auto bytes = reader.Bytes(array.size());
    if (!bytes) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), array.begin());
    return array;
}

}  // namespace

HandshakeMode HandshakeConfig::Mode() const {
    if (identity) return HandshakeMode::kKeyed;
    return psk ? HandshakeMode::kPreSharedKey : HandshakeMode::kNoAuth;
}

bool HandshakeConfig::Takes(HandshakeMode mode) const {
    return mode == Mode() || (mode == HandshakeMode::kPairing && identity && pairing);
}

InitiatorHandshake::InitiatorHandshake(const HandshakeConfig& config, const HandshakeGoal& goal,
                                       ConnectionId own, SecureRandom& random)
    : m_config(config), m_mode(goal.mode) {
    const ByteSpan datagram(m_initial);
    EncodePacketHeader(datagram, InitialHeader{.suite = static_cast<std::uint8_t>(config.suite),
                                               .mode = static_cast<std::uint8_t>(m_mode),
                                               .source = own});
    auto noise = MakeNoiseConfig(config, m_mode, config.suite, Side::kInitiator,
                                 datagram.first(kInitialHeaderLength));
    if (m_mode == HandshakeMode::kKeyed) noise.remoteStatic = goal.responder;
    m_noise = std::make_unique<NoiseHandshake>(noise, random);

    std::array<std::byte, kInitialNoiseLength> payload{};
    ByteWriter writer(payload);
    writer.U64(goal.timestamp);
    if (m_mode == HandshakeMode::kPairing) {
        random.Fill(m_nonce);
        writer.Bytes(PairingCommitment(m_nonce, config.identity->publicKey));
    }
    EncodeTransportParameters(writer, config.parameters);
    CRSP_ASSERT(writer.Ok());
    const auto padded = ConstByteSpan(payload).first(payload.size() - m_noise->NextOverhead());
    const auto length =
        m_noise->WriteMessage(padded, datagram.subspan(kInitialHeaderLength, kInitialNoiseLength));
    CRSP_ASSERT(length && *length == kInitialNoiseLength);
    WriteMac1(datagram, Mac1KeyOf(m_mode, goal.responder, config.psk));
}

Expected<std::optional<HandshakeResult>, TransportError> InitiatorHandshake::OnResponse(
    ConstByteSpan datagram) {
    if (datagram.size() > kMaxResponseLength) return std::nullopt;
    std::array<std::byte, kMaxResponseLength> payload{};
    const auto length = m_noise->ReadMessage(datagram.subspan(kResponseHeaderLength), payload);
    if (!length) return std::nullopt;
    return ReadResponse(ByteReader(ConstByteSpan(payload).first(*length)));
}

Expected<HandshakeResult, TransportError> InitiatorHandshake::ReadResponse(ByteReader reader) {
    HandshakeResult result;
    result.suite = m_config.suite;
    result.mode = m_mode;
    const auto peerId = reader.U64();
    const auto token = ReadArray<ResetToken>(reader);
    if (!peerId || !token) return Fail(Violation("response without a connection id"));
    result.peerId = *peerId;
    result.resetToken = *token;
    result.peerKey = m_noise->RemoteStatic();
    if (m_mode == HandshakeMode::kPairing) {
        const auto nonce = ReadArray<PairingNonce>(reader);
        if (!nonce) return Fail(Violation("response without a nonce"));
        WriteFinish(result, *nonce);
    }
    const auto peer = DecodeTransportParameters(reader.Rest());
    if (!peer) return Fail(peer.error());
    result.peer = *peer;
    result.keys = m_noise->Split();
    return result;
}

void InitiatorHandshake::WriteFinish(HandshakeResult& result, const PairingNonce& theirs) {
    result.pairingCode =
        PairingCode(m_nonce, m_config.identity->publicKey, theirs, *result.peerKey);
    EncodePacketHeader(m_finish.bytes, FinishHeader{result.peerId});
    const auto written =
        m_noise->WriteMessage(m_nonce, ByteSpan(m_finish.bytes).subspan(kFinishHeaderLength));
    CRSP_ASSERT(written);  // a static key of low order would not have passed `es`
    m_finish.length = kFinishHeaderLength + *written;
}

std::optional<ReceivedInitial> ReceivedInitial::Read(const HandshakeConfig& config,
                                                     const InitialHeader& header,
                                                     ConstByteSpan datagram, const Admits& admits,
                                                     SecureRandom& random) {
    const auto suite = UsableSuite(header.suite);
    const auto mode = static_cast<HandshakeMode>(header.mode);
    CRSP_ASSERT(config.Takes(mode) && datagram.size() >= kMinDatagramSize);
    if (!suite || datagram.size() > kMaxDatagramSize) return std::nullopt;
    ReceivedInitial initial(config, mode, *suite, header.source);
    initial.m_random = &random;
    initial.m_noise =
        std::make_unique<NoiseHandshake>(MakeNoiseConfig(config, mode, *suite, Side::kResponder,
                                                         datagram.first(kInitialHeaderLength)),
                                         random);
    const auto message = datagram.subspan(
        kInitialHeaderLength, datagram.size() - kInitialHeaderLength - kInitialMacsLength);
    std::array<std::byte, kMaxDatagramSize> opened;
    const auto length = initial.m_noise->ReadMessage(
        message, opened, mode == HandshakeMode::kKeyed ? admits : Admits());
    if (!length || !initial.ReadPayload(ConstByteSpan(opened).first(*length))) return std::nullopt;
    return initial;
}

bool ReceivedInitial::ReadPayload(ConstByteSpan payload) {
    ByteReader reader(payload);
    const auto timestamp = reader.U64();
    if (!timestamp) return false;
    m_timestamp = *timestamp;
    if (m_mode == HandshakeMode::kPairing) {
        const auto commitment = ReadArray<Sha256Digest>(reader);
        if (!commitment) return false;
        m_commitment = *commitment;
    }
    const auto peer = DecodeTransportParameters(reader.Rest());
    if (peer) m_peer = *peer;
    return peer.has_value();
}

std::optional<AnsweredInitial> ReceivedInitial::Answer(ConnectionId own, const ResetToken& token) {
    const bool pairing = m_mode == HandshakeMode::kPairing;
    AnsweredInitial answer;
    answer.peerId = m_peerId;
    PairingNonce nonce{};
    std::array<std::byte, kMaxResponseLength> payload{};
    ByteWriter writer(payload);
    writer.U64(own);
    writer.Bytes(token);
    if (pairing) {
        m_random->Fill(nonce);
        writer.Bytes(nonce);
    }
    EncodeTransportParameters(writer, m_config->parameters);
    CRSP_ASSERT(writer.Ok());
    EncodePacketHeader(answer.response.bytes, ResponseHeader{m_peerId});
    const auto written = m_noise->WriteMessage(
        writer.Written(), ByteSpan(answer.response.bytes).subspan(kResponseHeaderLength));
    if (!written) return std::nullopt;
    answer.response.length = kResponseHeaderLength + *written;
    HandshakeResult result;
    result.suite = m_suite;
    result.mode = m_mode;
    result.peerId = m_peerId;
    result.peer = m_peer;
    if (pairing) {
        answer.pairing =
            std::make_unique<PairingResponder>(std::move(m_noise), std::move(result),
                                               m_config->identity->publicKey, nonce, m_commitment);
        return answer;
    }
    result.keys = m_noise->Split();
    result.peerKey = m_noise->RemoteStatic();
    answer.result = std::move(result);
    return answer;
}

std::optional<HandshakeResult> PairingResponder::OnFinish(ConstByteSpan datagram) {
    if (datagram.size() != kFinishLength || m_noise->Finished()) return std::nullopt;
    std::array<std::byte, kFinishLength> payload{};
    if (!m_noise->ReadMessage(datagram.subspan(kFinishHeaderLength), payload)) return std::nullopt;
    ByteReader reader(payload);
    const auto nonce = *ReadArray<PairingNonce>(reader);
    const auto& peer = *m_noise->RemoteStatic();
    if (!ConstantTimeEqual(PairingCommitment(nonce, peer), m_commitment)) return std::nullopt;
    m_begun.keys = m_noise->Split();
    m_begun.peerKey = peer;
    m_begun.pairingCode = PairingCode(nonce, peer, m_nonce, m_own);
    return m_begun;
}

}  // namespace crsp
