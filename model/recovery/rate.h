// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/base/time.h"

namespace crsp {

/// Whole-number arithmetic of congestion control: equal on every machine, unlike floating point.
/// Rates are bytes per second, shares are parts per million.
inline constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
inline constexpr std::uint64_t kMillion = 1'000'000;

__extension__ using Uint128 = unsigned __int128;

/// `a` * `b` / `c` without overflow in between; the result saturates. `c` > 0.
constexpr std::uint64_t MulDiv(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    const Uint128 result = static_cast<Uint128>(a) * b / c;
    return static_cast<std::uint64_t>(std::min<Uint128>(result, ~std::uint64_t{0}));
}

/// `bytes` over `interval`, which is positive.
constexpr std::uint64_t RateOf(std::uint64_t bytes, Duration interval) {
    return MulDiv(bytes, kNanosecondsPerSecond, static_cast<std::uint64_t>(interval.count()));
}

/// Bytes that `rate` makes in `time`, which is not negative.
constexpr std::uint64_t BytesIn(std::uint64_t rate, Duration time) {
    return MulDiv(rate, static_cast<std::uint64_t>(time.count()), kNanosecondsPerSecond);
}

/// Time that `bytes` take at `rate` > 0.
constexpr Duration TimeFor(std::uint64_t bytes, std::uint64_t rate) {
    return nanoseconds(MulDiv(bytes, kNanosecondsPerSecond, rate));
}

/// The whole part of the square root.
constexpr std::uint64_t SquareRoot(std::uint64_t value) {
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= value) root += bit;
    }
    return root;
}

constexpr std::uint64_t Percent(std::uint64_t value, std::uint64_t percent) {
    return MulDiv(value, percent, 100);
}

}  // namespace crsp
