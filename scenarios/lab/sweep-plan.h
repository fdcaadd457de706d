// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/base/result.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// A dotted key and the values that it takes.
using Variation = std::pair<std::string, std::vector<std::string>>;

/// `KEY=V1,V2,...`; a comma between brackets, braces or quotes is part of a value. The error says
/// what was expected.
Expected<Variation, std::string> ParseVariation(const std::string& text);

/// What the file says, but for keys that the command line gives: those of it.
std::vector<Variation> JoinVariations(const std::vector<Variation>& file,
                                      const std::vector<Variation>& given);

/// Each is a scenario in memory.
inline constexpr std::uint64_t kMostCombinations = 10'000;

/// How many there are, or at some point above kMostCombinations no more of them.
std::uint64_t CombinationCount(const std::vector<Variation>& vary);

/// Every combination of one value of each key, as assignments; the last key varies fastest. One
/// without assignments if nothing varies.
std::vector<std::vector<std::string>> Combinations(const std::vector<Variation>& vary);

/// A name for a folder, from assignments: at most 80 of letters, digits and `-_.=,%`.
std::string BranchName(const std::vector<std::string>& assignments);

/// One part of several that a sweep is cut into.
struct Shard {
    std::uint64_t index = 1;  ///< from 1
    std::uint64_t count = 1;

    /// Whether it is the part that has run number `run` of all.
    bool Has(std::size_t run) const { return run % count == index - 1; }
};

/// `I/N` with 1 <= I <= N. The error says what was expected.
Expected<Shard, std::string> ParseShard(const std::string& text);

}  // namespace crsp::lab
