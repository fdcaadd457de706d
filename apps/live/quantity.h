// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/base/result.h"
#include "model/base/time.h"

namespace crsp {

/// Values of command lines, with their units. Each error is one phrase that says what was expected.

/// `50ms`, `1.5s`, `2min`, `200us`, `10ns`; a unit is needed except for 0. Not negative, at most a
/// year.
Expected<Duration, std::string> ParseDuration(std::string_view text);

/// The same, where a bare number counts seconds: for time-outs, where nobody means anything else.
Expected<Duration, std::string> ParseSeconds(std::string_view text);

/// Bits per second: `10Mbit`, `500kbit`, `1Gbit`, `64000bit` (powers of 1000).
Expected<std::uint64_t, std::string> ParseBitRate(std::string_view text);

/// Bytes: `1500`, `256KiB`, `2MiB`, `1GiB` (powers of 1024), `10kB`, `10MB` (powers of 1000).
Expected<std::uint64_t, std::string> ParseByteCount(std::string_view text);

/// `0.05` or `5%`; from 0 to 1.
Expected<double, std::string> ParseProbability(std::string_view text);

/// A number without a unit, not negative.
std::optional<double> ParsePlainNumber(std::string_view text);

}  // namespace crsp
