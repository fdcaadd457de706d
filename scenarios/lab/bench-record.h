// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/base/time.h"

namespace crsp::lab {

/// What a sender has put on the path so far.
struct FlowCounters {
    std::uint64_t bytesSent = 0;           ///< stream payload, repeated or not
    std::uint64_t bytesRetransmitted = 0;  ///< of these
    std::uint64_t packetsSent = 0;
    std::uint64_t packetsLost = 0;      ///< declared lost; none from TCP
    std::uint64_t packetsSpurious = 0;  ///< of these, acknowledged later
    std::uint64_t repairBytes = 0;      ///< symbols of forward error correction
    std::uint64_t wireBytes = 0;        ///< UDP and IP headers with them
    std::uint64_t returnBytes = 0;      ///< the same of the receiver
};

/// One flow after a run. Times are since the simulation began.
struct FlowRecord {
    Duration start{0};
    std::optional<Duration> firstByte;
    std::optional<Duration> lastByte;  ///< the receiver has all, and knows it
    FlowCounters atWarmup;
    FlowCounters atStop;
    std::uint64_t messages = 0;        ///< written
    std::vector<double> deliveries{};  ///< ms from writing to having all of a message
    std::string failure;               ///< why its connection ended; empty if it did not
};

/// The state at one instant.
struct BenchSample {
    Duration at{0};
    std::uint64_t queueBytes = 0;
    std::uint64_t queueOffered = 0;  ///< packets so far
    std::uint64_t queueDrops = 0;    ///< of these
};

/// What one run left behind. Row i of `arrived` and `read` belongs to sample i: bytes by flow.
struct BenchRecord {
    std::vector<BenchSample> samples;
    /// New stream payload at the receiver; for TCP the same as `read`.
    std::vector<std::vector<std::uint64_t>> arrived;
    std::vector<std::vector<std::uint64_t>> read;  ///< handed to the application, in order
    std::vector<FlowRecord> flows;
    std::string digest;         ///< of all that happened
    std::uint64_t packets = 0;  ///< that nodes sent, not counting those only forwarded
};

}  // namespace crsp::lab
