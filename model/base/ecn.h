// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace crsp {

/// Explicit congestion notification codepoint of a datagram (RFC 3168).
enum class Ecn : std::uint8_t { kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3 };

/// Whether its sender said that it minds marks: ECT(0), ECT(1), or already marked.
constexpr bool IsEcnCapable(Ecn ecn) {
    return ecn != Ecn::kNotEct;
}

/// How many packets arrived with each codepoint (RFC 9000 §19.3.2).
struct EcnCounts {
    std::uint64_t ect0 = 0;
    std::uint64_t ect1 = 0;
    std::uint64_t ce = 0;

    constexpr void Count(Ecn ecn) {
        ect0 += ecn == Ecn::kEct0;
        ect1 += ecn == Ecn::kEct1;
        ce += ecn == Ecn::kCe;
    }
    constexpr bool Any() const { return ect0 + ect1 + ce > 0; }
    bool operator==(const EcnCounts&) const = default;
};

}  // namespace crsp
