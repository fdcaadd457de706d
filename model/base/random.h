// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace crsp {

/// Seeded generator for impairments, workloads and tests: xoshiro256** (Blackman & Vigna, 2021),
/// seeded by SplitMix64. Fast and reproducible on every platform; never for keys or identifiers,
/// which come from crypto/secure-random.h.
class Random {
  public:
    explicit Random(std::uint64_t seed);

    /// A generator for one purpose (`label`) of one run (`seed`). Streams of different labels do
    /// not share state, so one more packet on a link does not change another link's fades.
    static Random Stream(std::uint64_t seed, std::string_view label);

    std::uint64_t Next();
    /// Uniform in [0, 1), 53 bits.
    double Uniform();
    /// Uniform in [0, bound); bound must be > 0. Unbiased (Lemire, 2019).
    std::uint64_t Below(std::uint64_t bound);
    /// True with `probability`. Always draws once, so that streams of equal seed stay aligned.
    bool Chance(double probability);
    /// Standard normal (Box-Muller, the cosine branch only: two draws for each result).
    double Normal();
    /// Exponential with mean 1.
    double Exponential();

  private:
    std::array<std::uint64_t, 4> m_state;
};

/// FNV-1a of `text`: a stable 64-bit name for a label, the same on every platform.
std::uint64_t StableHash(std::string_view text);

}  // namespace crsp
