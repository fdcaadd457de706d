// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/base/time.h"

namespace crsp {

/// Counters of one connection since it began. Bytes are UDP payload unless said otherwise.
struct ConnectionStats {
    std::uint64_t packetsSent = 0;
    std::uint64_t packetsReceived = 0;
    std::uint64_t bytesSent = 0;
    std::uint64_t bytesReceived = 0;
    std::uint64_t packetsLost = 0;            ///< declared lost (RFC 9002 §6.1)
    std::uint64_t packetsSpuriouslyLost = 0;  ///< declared lost, acknowledged later
    std::uint64_t packetsDuplicate = 0;       ///< received again, or too old to tell
    std::uint64_t acksSent = 0;               ///< packets sent that held only an ACK
    std::uint64_t ptoCount = 0;               ///< probe timeouts that fired (RFC 9002 §6.2)
    std::uint64_t persistentCongestions = 0;
    std::uint64_t streamBytesSent = 0;           ///< first transmissions, stream payload
    std::uint64_t streamBytesRetransmitted = 0;  ///< repeated stream payload
    std::uint64_t streamBytesReceived = 0;       ///< new stream payload, duplicates not counted
    std::uint64_t streamBytesGivenUp = 0;  ///< of our messages past their deadline (CRSP §5.8)
    std::uint64_t streamBytesSkipped = 0;  ///< given up by the peer, and passed over by the reader
    std::uint64_t repairBytesSent = 0;     ///< symbols of forward error correction (CRSP §5.9)
    std::uint64_t streamBytesRecovered = 0;  ///< made from them; among streamBytesReceived
    std::uint64_t framesRefused = 0;         ///< stream frames dropped at the fragmentation limit
    std::uint64_t largestStreamWindow = 0;   ///< credit that we gave a stream ahead of its reader
    std::uint64_t connectionWindow = 0;      ///< the same over all data streams, now
    std::uint64_t pathChanges = 0;           ///< times the peer's new address was validated
    std::uint64_t pathPacketsSent = 0;       ///< challenges and answers at an address not in use
    std::uint64_t datagramSize = 0;          ///< largest that the path is known to carry
    std::uint64_t mtuProbesSent = 0;
    std::uint64_t datagramsSent = 0;     ///< unreliable ones (CRSP §5.6), here and below
    std::uint64_t datagramsAcked = 0;    ///< known to have arrived
    std::uint64_t datagramsTooLong = 0;  ///< not sent, as the path had come to carry less
    std::uint64_t datagramsReceived = 0;
    std::uint64_t datagramsDropped = 0;  ///< received, and dropped as nobody read them
    std::uint64_t congestionWindow = 0;
    std::uint64_t bytesInFlight = 0;
    std::uint64_t slowStartThreshold = 0;
    Duration smoothedRtt{};
    Duration rttVariance{};
    Duration minRtt{};
    Duration latestRtt{};
};

/// What an endpoint dropped without a connection to charge it to, and why.
struct EndpointStats {
    std::uint64_t datagramsReceived = 0;
    std::uint64_t datagramsSent = 0;
    std::uint64_t droppedMalformed = 0;  ///< shorter than a header, or an unknown type
    std::uint64_t droppedUnknownConnection = 0;
    std::uint64_t droppedAuthentication = 0;  ///< the tag or the handshake did not verify
    std::uint64_t droppedInitialTooSmall = 0;
    std::uint64_t droppedInitialRefused = 0;  ///< limit reached, or not accepting
    std::uint64_t droppedVersion = 0;
    std::uint64_t handshakesStarted = 0;
    std::uint64_t handshakesCompleted = 0;

    std::uint64_t Dropped() const {
        return droppedMalformed + droppedUnknownConnection + droppedAuthentication +
               droppedInitialTooSmall + droppedInitialRefused + droppedVersion;
    }
};

}  // namespace crsp
