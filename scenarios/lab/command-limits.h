// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace crsp::lab {

/// Seeds are stored as SQLite's signed integers, and ns-3 multiplies with them.
inline constexpr std::uint64_t kMaxSeed = 1'000'000'000'000'000;
inline constexpr std::uint64_t kMaxSeeds = 100'000;
inline constexpr std::uint64_t kMaxJobs = 256;

}  // namespace crsp::lab
