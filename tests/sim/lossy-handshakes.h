// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include "model/base/time.h"
#include "model/impair/impairment-config.h"

namespace crsp::sim {

/// What became of many attempts to connect, each on a network of its own.
struct HandshakeTally {
    std::uint64_t attempts = 0;
    std::uint64_t connected = 0;  ///< at both ends
    std::uint64_t echoed = 0;     ///< and a message has come back
    std::vector<Duration> times;  ///< from Connect() to the echo, ascending

    /// The time within which `share` of those echoed were.
    Duration Quantile(double share) const;
};

/// Loses `share` of the packets each way, `burst` in a row on average (Gilbert).
ImpairmentConfig BurstyLink(double share, double burst);
/// Alters `share` of the datagrams each way.
ImpairmentConfig CorruptingLink(double share);

/// `count` keyed peers call a server and have it echo a message. They have keys and an idle timeout
/// of 60 s; all else is as it is by default.
HandshakeTally ShakeHands(const ImpairmentConfig& link, std::uint64_t firstSeed,
                          std::uint64_t count);

}  // namespace crsp::sim
