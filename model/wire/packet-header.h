// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "model/base/bytes.h"
#include "model/wire/types.h"

namespace crsp {

/// The one version on the wire (CRSP §3.4): "CRS1", which also marks the packet as ours.
inline constexpr std::uint32_t kProtocolVersion = 0x43525331;

/// First byte of every packet (CRSP §3.1).
enum class PacketType : std::uint8_t {
    kData = 0x40,
    kDataOddPhase = 0x41,
    kInitial = 0x80,
    kResponse = 0x81,
    kVersionNegotiation = 0x82,
    kRetry = 0x83,
    kReset = 0x84,
    kFinish = 0x85,
};

inline constexpr std::size_t kInitialHeaderLength = 15;
inline constexpr std::size_t kResponseHeaderLength = 9;
inline constexpr std::size_t kDataHeaderLength = 17;
inline constexpr std::size_t kVersionNegotiationLength = 13;
inline constexpr std::size_t kRetryLength = 25;
inline constexpr std::size_t kResetLength = 25;
inline constexpr std::size_t kFinishHeaderLength = 9;

/// Opens a connection: the first Noise message follows it (CRSP §3.4).
struct InitialHeader {
    std::uint32_t version = kProtocolVersion;
    std::uint8_t suite = 0;  ///< CipherSuite; unknown values are refused by the handshake
    std::uint8_t mode = 0;   ///< HandshakeMode
    ConnectionId source = 0;
};

/// Answers an Initial: the second Noise message follows it, with the responder's connection id in
/// its sealed payload (CRSP §3.5).
struct ResponseHeader {
    ConnectionId destination = 0;
};

/// Carries sealed frames (CRSP §3.6). All of it is authenticated as associated data.
struct DataHeader {
    ConnectionId destination = 0;
    PacketNumber number = 0;
    bool oddPhase = false;  ///< which keys it is sealed under (CRSP §4.9)
};

/// Tells an initiator which version we speak (CRSP §3.7).
struct VersionNegotiationHeader {
    ConnectionId destination = 0;
    std::uint32_t version = kProtocolVersion;
};

/// Asks an initiator to send its Initial again, with a proof that it has got this (CRSP §3.10). The
/// whole packet.
struct RetryHeader {
    ConnectionId destination = 0;
    std::array<std::byte, 16> cookie{};
};

/// Tells a peer that the connection it sends to is gone (CRSP §3.11). The whole packet.
struct ResetHeader {
    ConnectionId unknown = 0;  ///< what its packet was sent to
    std::array<std::byte, 16> token{};
};

/// Ends a handshake of three messages: the third Noise message follows it (CRSP §3.12).
struct FinishHeader {
    ConnectionId destination = 0;
};

using PacketHeader = std::variant<InitialHeader, ResponseHeader, DataHeader,
                                  VersionNegotiationHeader, RetryHeader, ResetHeader, FinishHeader>;

/// Reads the header at the front of an untrusted datagram; nothing if it is none of ours. For an
/// Initial of another version only `version` and `source` have a meaning.
std::optional<PacketHeader> DecodePacketHeader(ConstByteSpan datagram);

/// Each writes its header at the front of `out`, which must be long enough.
void EncodePacketHeader(ByteSpan out, const InitialHeader& header);
void EncodePacketHeader(ByteSpan out, const ResponseHeader& header);
void EncodePacketHeader(ByteSpan out, const DataHeader& header);
void EncodePacketHeader(ByteSpan out, const VersionNegotiationHeader& header);
void EncodePacketHeader(ByteSpan out, const RetryHeader& header);
void EncodePacketHeader(ByteSpan out, const ResetHeader& header);
void EncodePacketHeader(ByteSpan out, const FinishHeader& header);

}  // namespace crsp
