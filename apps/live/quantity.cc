// SPDX-License-Identifier: BSD-3-Clause
#include "apps/live/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

namespace crsp {
namespace {

/// The largest count that a double holds exactly; more is a slip of the finger.
constexpr double kMaxCount = 9007199254740992.0;
constexpr double kNanosecondsPerYear = 365.0 * 86400.0 * 1e9;

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array kTimeUnits{Unit{"ns", 1},  Unit{"us", 1e3},   Unit{"ms", 1e6},
                                Unit{"s", 1e9}, Unit{"min", 60e9}, Unit{"h", 3600e9}};
constexpr std::array kBitUnits{Unit{"bit", 1}, Unit{"kbit", 1e3}, Unit{"Mbit", 1e6},
                               Unit{"Gbit", 1e9}};
constexpr std::array kByteUnits{Unit{"", 1},          Unit{"B", 1},        Unit{"kB", 1e3},
                                Unit{"MB", 1e6},      Unit{"GB", 1e9},     Unit{"KiB", 1024},
                                Unit{"MiB", 1 << 20}, Unit{"GiB", 1 << 30}};

struct Number {
    double value;
    std::string_view unit;
};

std::optional<Number> SplitNumber(std::string_view text) {
    double value = 0;
    const auto* begin = text.data();
    const auto [end, error] = std::from_chars(begin, begin + text.size(), value);
    if (error != std::errc() || !std::isfinite(value) || std::signbit(value)) return std::nullopt;
    return Number{value, text.substr(static_cast<std::size_t>(end - begin))};
}

std::optional<double> ParseWithUnit(std::string_view text, std::span<const Unit> units) {
    const auto number = SplitNumber(text);
    if (!number) return std::nullopt;
    if (number->value == 0 && number->unit.empty()) return 0.0;
    const auto unit = std::find_if(units.begin(), units.end(),
                                   [&](const Unit& u) { return u.name == number->unit; });
    if (unit == units.end()) return std::nullopt;
    return number->value * unit->factor;
}

}  // namespace

Expected<Duration, std::string> ParseDuration(std::string_view text) {
    const auto value = ParseWithUnit(text, kTimeUnits);
    if (value && *value <= kNanosecondsPerYear) {
        return Duration(static_cast<std::int64_t>(std::llround(*value)));
    }
    return Fail(std::string("expected a duration with its unit, as in 50ms, 1.5s or 2min"));
}

Expected<Duration, std::string> ParseSeconds(std::string_view text) {
    const auto bare = ParsePlainNumber(text);
    return ParseDuration(bare ? fmt::format("{}s", text) : std::string(text));
}

Expected<std::uint64_t, std::string> ParseBitRate(std::string_view text) {
    const auto value = ParseWithUnit(text, kBitUnits);
    if (value && *value <= kMaxCount) return static_cast<std::uint64_t>(std::llround(*value));
    return Fail(std::string("expected bits per second with their unit, as in 500kbit or 10Mbit"));
}

Expected<std::uint64_t, std::string> ParseByteCount(std::string_view text) {
    const auto value = ParseWithUnit(text, kByteUnits);
    if (value && *value <= kMaxCount) return static_cast<std::uint64_t>(std::llround(*value));
    return Fail(std::string("expected a number of bytes, as in 1500, 256KiB or 10MB"));
}

Expected<double, std::string> ParseProbability(std::string_view text) {
    const auto number = SplitNumber(text);
    const bool percent = number && number->unit == "%";
    if (number && (percent || number->unit.empty())) {
        const double value = percent ? number->value / 100 : number->value;
        if (value <= 1) return value;
    }
    return Fail(std::string("expected a probability, as in 0.05 or 5%"));
}

std::optional<double> ParsePlainNumber(std::string_view text) {
    const auto number = SplitNumber(text);
    if (!number || !number->unit.empty()) return std::nullopt;
    return number->value;
}

}  // namespace crsp
