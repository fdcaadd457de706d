// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/sweep-plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include "model/base/random.h"
#include "scenarios/lab/toml-overrides.h"

namespace crsp::lab {
namespace {

constexpr std::size_t kLongestBranch = 80;
constexpr std::uint64_t kMostShards = 10'000;

std::vector<std::string> SplitValues(std::string_view text) {
    std::vector<std::string> values(1);
    int depth = 0;
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') quoted = !quoted;
        if (!quoted && (c == '[' || c == '{')) ++depth;
        if (!quoted && (c == ']' || c == '}')) --depth;
        if (c == ',' && depth == 0 && !quoted) {
            values.emplace_back();
        } else {
            values.back() += c;
        }
    }
    return values;
}

bool ParseCount(std::string_view text, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Expected<Variation, std::string> ParseVariation(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        return Fail(
            fmt::format("expected KEY=VALUE,VALUE,... such as link.loss=\"0 %,2 %\", got "
                        "'{}'",
                        text));
    }
    Variation variation{WholeKey(text.substr(0, equals)), SplitValues(text.substr(equals + 1))};
    auto sorted = variation.second;
    std::sort(sorted.begin(), sorted.end());
    if (sorted.front().empty() ||
        std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
        return Fail(
            fmt::format("expected values that are not empty and none twice, got '{}'", text));
    }
    return variation;
}

std::vector<Variation> JoinVariations(const std::vector<Variation>& file,
                                      const std::vector<Variation>& given) {
    std::vector<Variation> joined;
    const auto isGiven = [&](const Variation& variation) {
        return std::any_of(given.begin(), given.end(),
                           [&](const Variation& other) { return other.first == variation.first; });
    };
    std::remove_copy_if(file.begin(), file.end(), std::back_inserter(joined), isGiven);
    joined.insert(joined.end(), given.begin(), given.end());
    return joined;
}

std::uint64_t CombinationCount(const std::vector<Variation>& vary) {
    std::uint64_t count = 1;
    for (const auto& [key, values] : vary) {
        count *= values.size();
        if (count > kMostCombinations) break;
    }
    return count;
}

std::vector<std::vector<std::string>> Combinations(const std::vector<Variation>& vary) {
    std::vector<std::vector<std::string>> combinations(1);
    for (const auto& [key, values] : vary) {
        std::vector<std::vector<std::string>> longer;
        for (const auto& combination : combinations) {
            for (const std::string& value : values) {
                longer.push_back(combination);
                longer.back().push_back(fmt::format("{}={}", key, value));
            }
        }
        combinations = std::move(longer);
    }
    return combinations;
}

std::string BranchName(const std::vector<std::string>& assignments) {
    const std::string whole = fmt::format("{}", fmt::join(assignments, ","));
    std::string name;
    for (const char c : whole) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           std::string_view("-_.=,%").find(c) != std::string_view::npos;
        if (plain) name += c;
    }
    if (name == whole && name.size() <= kLongestBranch) return name;
    // What was left out is told apart by a hash of it.
    const std::string tail = fmt::format("-{:08x}", StableHash(whole) & 0xffffffff);
    return name.substr(0, kLongestBranch - tail.size()) + tail;
}

Expected<Shard, std::string> ParseShard(const std::string& text) {
    Shard shard;
    const auto slash = text.find('/');
    const bool parsed = slash != std::string::npos &&
                        ParseCount(text.substr(0, slash), shard.index) &&
                        ParseCount(text.substr(slash + 1), shard.count);
    if (parsed && shard.index >= 1 && shard.index <= shard.count && shard.count <= kMostShards) {
        return shard;
    }
    return Fail(fmt::format("expected I/N with I from 1 to N, and N up to {}, got '{}'",
                            kMostShards, text));
}

}  // namespace crsp::lab
