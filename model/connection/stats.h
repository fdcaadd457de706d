// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "model/base/time.h"

namespace crsp {

/// Counters and gauges of one connection. ConnectionStatFields() says what each means, and is the
/// one list behind every output: a field that it lacks does not compile.
struct ConnectionStats {
    // Traffic.
    std::uint64_t packetsSent = 0;
    std::uint64_t bytesSent = 0;
    std::uint64_t ackElicitingSent = 0;
    std::uint64_t packetsReceived = 0;
    std::uint64_t bytesReceived = 0;
    std::uint64_t packetsReordered = 0;
    std::uint64_t packetsDuplicate = 0;
    std::uint64_t packetsUnopened = 0;
    // Acknowledgements.
    std::uint64_t acksSent = 0;
    std::uint64_t ackFramesSent = 0;
    std::uint64_t ackRangesSent = 0;
    std::uint64_t ackFramesReceived = 0;
    std::uint64_t ackRangesReceived = 0;
    std::uint64_t packetsAcked = 0;
    std::uint64_t bytesAcked = 0;
    // Loss.
    std::uint64_t packetsLost = 0;
    std::uint64_t bytesLost = 0;
    std::uint64_t packetsLostByReordering = 0;
    std::uint64_t packetsLostByTime = 0;
    std::uint64_t packetsLostByPathChange = 0;
    std::uint64_t packetsSpuriouslyLost = 0;
    std::uint64_t ptoCount = 0;
    std::uint64_t probesSent = 0;
    // Congestion.
    std::uint64_t congestionEvents = 0;
    std::uint64_t congestionEventsByEcn = 0;
    std::uint64_t spuriousCongestionEvents = 0;
    std::uint64_t persistentCongestions = 0;
    std::uint64_t breakerPeriods = 0;
    std::uint64_t congestionWindow = 0;
    std::uint64_t slowStartThreshold = 0;
    std::uint64_t bytesInFlight = 0;
    std::uint64_t pacingRate = 0;
    std::uint64_t deliveryRate = 0;
    std::uint64_t windowLimited = 0;
    std::uint64_t pacingLimited = 0;
    std::uint64_t appLimitedSent = 0;
    // ECN.
    std::uint64_t ecnState = 0;
    std::uint64_t ect0Sent = 0;
    std::uint64_t ceReported = 0;
    std::uint64_t ect0Received = 0;
    std::uint64_t ect1Received = 0;
    std::uint64_t ceReceived = 0;
    // Round trip and timers.
    Duration smoothedRtt{};
    Duration rttVariance{};
    Duration minRtt{};
    Duration latestRtt{};
    Duration ptoInterval{};
    Duration handshakeDuration{};
    std::uint64_t handshakePacketsSent = 0;
    std::uint64_t keyUpdates = 0;
    // Streams.
    std::uint64_t streamBytesSent = 0;
    std::uint64_t streamBytesRetransmitted = 0;
    std::uint64_t streamBytesReceived = 0;
    std::uint64_t streamBytesGivenUp = 0;
    std::uint64_t streamBytesSkipped = 0;
    std::uint64_t repairBytesSent = 0;
    std::uint64_t streamBytesRecovered = 0;
    std::uint64_t framesRefused = 0;
    std::uint64_t blockedSent = 0;
    std::uint64_t blockedReceived = 0;
    std::uint64_t largestStreamWindow = 0;
    std::uint64_t connectionWindow = 0;
    // Path.
    std::uint64_t pathChanges = 0;
    std::uint64_t pathPacketsSent = 0;
    std::uint64_t datagramSize = 0;
    std::uint64_t mtuProbesSent = 0;
    // Unreliable datagrams.
    std::uint64_t datagramsSent = 0;
    std::uint64_t datagramsAcked = 0;
    std::uint64_t datagramsTooLong = 0;
    std::uint64_t datagramsReceived = 0;
    std::uint64_t datagramsDropped = 0;

    bool operator==(const ConnectionStats&) const = default;
};

/// One field of ConnectionStats, as users see it.
struct StatField {
    using Member = std::variant<std::uint64_t ConnectionStats::*, Duration ConnectionStats::*>;

    std::string_view group;  ///< heading that it stands under
    std::string_view name;   ///< in JSON; a time ends in `_ms`
    Member member;
    std::string_view unit;
    bool sums;  ///< grows from 0, so that sums over connections make sense; else it holds now
    std::string_view meaning;
};

/// Every field, in the order of the struct.
std::span<const StatField> ConnectionStatFields();

/// Calls `visit(const StatField&, value)` for each field, with a std::uint64_t or a Duration.
template <class Visitor>
void ForEachStat(const ConnectionStats& stats, Visitor visit) {
    for (const StatField& field : ConnectionStatFields()) {
        std::visit([&](auto member) { visit(field, stats.*member); }, field.member);
    }
}

/// Adds what sums, and leaves the rest of `sum` alone.
void AddTo(ConnectionStats& sum, const ConnectionStats& part);

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
    std::uint64_t pairingsStarted = 0;  ///< of those, in the mode pairing
    std::uint64_t handshakesCompleted = 0;
    std::uint64_t retriesSent = 0;
    std::uint64_t resetsSent = 0;

    std::uint64_t Dropped() const {
        return droppedMalformed + droppedUnknownConnection + droppedAuthentication +
               droppedInitialTooSmall + droppedInitialRefused + droppedVersion;
    }
};

}  // namespace crsp
