// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/handshake.h"

#include "model/base/assert.h"

namespace crsp {
namespace {

/// Payload space of an Initial: what the header, the ephemeral key and, with a psk, the tag leave.
constexpr std::size_t kInitialNoiseLength = kMinDatagramSize - kInitialHeaderLength;

NoiseConfig MakeNoiseConfig(const HandshakeConfig& config, CipherSuite suite, Side side,
                            ConstByteSpan prologue) {
    return {.pattern = config.psk ? NoisePattern::kNNpsk0 : NoisePattern::kNN,
            .suite = suite,
            .side = side,
            .prologue = prologue,
            .psk = config.psk,
            .localStatic = std::nullopt,
            .remoteStatic = std::nullopt};
}

}  // namespace

InitiatorHandshake::InitiatorHandshake(const HandshakeConfig& config, ConnectionId own,
                                       SecureRandom& random)
    : m_suite(config.suite) {
    const ByteSpan datagram(m_initial);
    EncodePacketHeader(datagram, InitialHeader{.suite = static_cast<std::uint8_t>(config.suite),
                                               .mode = static_cast<std::uint8_t>(config.Mode()),
                                               .source = own});
    const auto prologue = datagram.first(kInitialHeaderLength);
    m_noise = std::make_unique<NoiseHandshake>(
        MakeNoiseConfig(config, m_suite, Side::kInitiator, prologue), random);

    std::array<std::byte, kInitialNoiseLength> payload{};
    ByteWriter writer(payload);
    EncodeTransportParameters(writer, config.parameters);
    CRSP_ASSERT(writer.Ok());
    const auto padded = ConstByteSpan(payload).first(payload.size() - m_noise->NextOverhead());
    const auto length = m_noise->WriteMessage(padded, datagram.subspan(kInitialHeaderLength));
    CRSP_ASSERT(length && *length == kInitialNoiseLength);
}

Expected<std::optional<HandshakeResult>, TransportError> InitiatorHandshake::OnResponse(
    ConstByteSpan datagram) {
    if (datagram.size() > kMaxResponseLength) return std::nullopt;
    std::array<std::byte, kMaxResponseLength> payload{};
    const auto length = m_noise->ReadMessage(datagram.subspan(kResponseHeaderLength), payload);
    if (!length) return std::nullopt;
    ByteReader reader(ConstByteSpan(payload).first(*length));
    const auto peerId = reader.U64();
    if (!peerId) {
        return Fail(TransportError{TransportErrorCode::kTransportParameterError,
                                   "response without a connection id"});
    }
    const auto peer = DecodeTransportParameters(reader.Rest());
    if (!peer) return Fail(peer.error());
    return HandshakeResult{m_noise->Split(), m_suite, *peerId, *peer};
}

std::optional<AnsweredInitial> AnswerInitial(const HandshakeConfig& config,
                                             const InitialHeader& header, ConstByteSpan datagram,
                                             ConnectionId own, SecureRandom& random) {
    const auto suite = UsableSuite(header.suite);
    if (!suite || header.mode != static_cast<std::uint8_t>(config.Mode())) return std::nullopt;
    if (datagram.size() < kMinDatagramSize || datagram.size() > kMaxDatagramSize) {
        return std::nullopt;
    }
    NoiseHandshake noise(
        MakeNoiseConfig(config, *suite, Side::kResponder, datagram.first(kInitialHeaderLength)),
        random);
    std::array<std::byte, kMaxDatagramSize> opened{};
    const auto length = noise.ReadMessage(datagram.subspan(kInitialHeaderLength), opened);
    if (!length) return std::nullopt;
    const auto peer = DecodeTransportParameters(ConstByteSpan(opened).first(*length));
    if (!peer) return std::nullopt;

    AnsweredInitial answer;
    std::array<std::byte, sizeof(ConnectionId) + kMaxTransportParametersLength> payload{};
    ByteWriter writer(payload);
    writer.U64(own);
    EncodeTransportParameters(writer, config.parameters);
    CRSP_ASSERT(writer.Ok());
    EncodePacketHeader(answer.response.bytes, ResponseHeader{header.source});
    const auto written = noise.WriteMessage(
        writer.Written(), ByteSpan(answer.response.bytes).subspan(kResponseHeaderLength));
    // Fails for a peer key of low order: noise like any other.
    if (!written) return std::nullopt;
    answer.response.length = kResponseHeaderLength + *written;
    answer.result = {noise.Split(), *suite, header.source, *peer};
    return answer;
}

}  // namespace crsp
