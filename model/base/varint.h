// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

namespace crsp {

/// The largest value a variable-length integer can carry: 2^62 - 1 (RFC 9000 §16).
inline constexpr std::uint64_t kVarintMax = (std::uint64_t{1} << 62) - 1;

/// Bytes that `value` takes on the wire: 1, 2, 4 or 8. `value` must be <= kVarintMax.
constexpr std::size_t VarintLength(std::uint64_t value) {
    if (value < (std::uint64_t{1} << 6)) return 1;
    if (value < (std::uint64_t{1} << 14)) return 2;
    if (value < (std::uint64_t{1} << 30)) return 4;
    return 8;
}

}  // namespace crsp
