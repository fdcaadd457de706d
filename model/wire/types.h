// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace crsp {

/// Identifies a connection to the endpoint that chose it (CRSP §3.2): 64 random bits.
using ConnectionId = std::uint64_t;

/// Never reused within a connection; carried in full on the wire (CRSP §3.3).
using PacketNumber = std::uint64_t;

/// Packet numbers end here; a connection that reaches it closes (CRSP §3.3).
inline constexpr PacketNumber kMaxPacketNumber = (std::uint64_t{1} << 62) - 1;

/// Stream identifier: bit 0 says who opened it (0 the connection's initiator), bit 1 whether it is
/// unidirectional, as in RFC 9000 §2.1.
using StreamId = std::uint64_t;

/// The first bidirectional stream of the initiator carries control messages. It has credit of its
/// own and goes first in every packet, so data never blocks it (CRSP §5.4).
inline constexpr StreamId kControlStream = 0;

enum class StreamDirection : std::uint8_t { kBidirectional, kUnidirectional };

/// What a stream promises: every byte, or each message in time or not at all (CRSP §5.8).
enum class StreamMode : std::uint8_t { kReliable, kDeadline };

/// How a deadline stream is protected beyond being repeated (CRSP §5.9).
struct RepairOptions {
    /// Bytes of repair symbols for each 100 of messages, at most 100; 0 for none.
    std::uint8_t percent = 0;
};

/// Which side of the connection an endpoint is: the initiator sent the first packet.
enum class Side : std::uint8_t { kInitiator, kResponder };

constexpr Side OpenerOf(StreamId id) {
    return (id & 1) == 0 ? Side::kInitiator : Side::kResponder;
}
constexpr StreamDirection DirectionOf(StreamId id) {
    return (id & 2) == 0 ? StreamDirection::kBidirectional : StreamDirection::kUnidirectional;
}
/// Position of a stream among those of the same opener and direction, from 0.
constexpr std::uint64_t IndexOf(StreamId id) {
    return id >> 2;
}
constexpr StreamId MakeStreamId(Side opener, StreamDirection direction, std::uint64_t index) {
    return index << 2 | (direction == StreamDirection::kUnidirectional ? 2u : 0u) |
           (opener == Side::kResponder ? 1u : 0u);
}

/// Explicit congestion notification codepoint of a datagram (RFC 3168).
enum class Ecn : std::uint8_t { kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3 };

}  // namespace crsp
