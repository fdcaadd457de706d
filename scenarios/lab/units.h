// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/base/result.h"
#include "model/base/time.h"

namespace crsp::lab {

/// The packet size that a queue counted in packets is converted with: an Ethernet MTU.
inline constexpr std::uint64_t kQueuePacketBytes = 1500;

/// A queue limit: bytes, or what the link sends in a time, or a multiple of its bandwidth-delay
/// product.
struct QueueLimit {
    std::uint64_t bytes = 0;
    double bdp = 1;   ///< used while bytes and time are 0
    Duration time{};  ///< used while bytes is 0; follows the rate

    bool operator==(const QueueLimit&) const = default;
};

/// Parsers of values with a unit, as in `10 Mbit/s`. The space is optional. On failure: what was
/// expected, with an example and the units known, for use inside an error message.
Expected<double, std::string> ParseRate(std::string_view text);  ///< bit/s, above 0
Expected<double, std::string> ParseRateOrZero(std::string_view text);
Expected<Duration, std::string> ParseDuration(std::string_view text);   ///< 0 or more
Expected<std::uint64_t, std::string> ParseSize(std::string_view text);  ///< bytes
Expected<double, std::string> ParseShare(std::string_view text);        ///< % in, 0 to 1 out
Expected<QueueLimit, std::string> ParseQueue(std::string_view text);

}  // namespace crsp::lab
