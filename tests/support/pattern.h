// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace crsp {

/// The byte at `offset` of every stream of the tests; the period is a prime, so that no block, and
/// no packet, equals the one before it.
constexpr std::byte PatternByte(std::uint64_t offset) {
    return static_cast<std::byte>(offset % 251);
}

inline std::vector<std::byte> Pattern(std::size_t length, std::uint64_t offset = 0) {
    std::vector<std::byte> bytes(length);
    for (std::size_t i = 0; i < length; ++i) bytes[i] = PatternByte(offset + i);
    return bytes;
}

}  // namespace crsp
