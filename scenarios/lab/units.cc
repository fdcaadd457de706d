// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/units.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace crsp::lab {
namespace {

struct Unit {
    std::string_view name;
    double factor;
};

struct Quantity {
    std::string_view what;
    std::string_view example;
    std::span<const Unit> units;
};

constexpr Unit kRateUnits[] = {{"bit/s", 1}, {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}};
constexpr Unit kTimeUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}};
constexpr Unit kSizeUnits[] = {{"B", 1},
                               {"kB", 1e3},
                               {"MB", 1e6},
                               {"GB", 1e9},
                               {"KiB", 1024},
                               {"MiB", 1024.0 * 1024},
                               {"GiB", 1024.0 * 1024 * 1024}};
constexpr Unit kShareUnits[] = {{"%", 0.01}};
constexpr Unit kQueueUnits[] = {
    {"B", 1},   {"kB", 1e3}, {"KiB", 1024}, {"MiB", 1024.0 * 1024}, {"packets", 1500.0},
    {"BDP", 0}, {"ms", 1e6}};

constexpr Quantity kRate{"a rate above 0", "10 Mbit/s", kRateUnits};
constexpr Quantity kRateOrZero{"a rate", "10 Mbit/s", kRateUnits};
constexpr Quantity kTime{"a duration", "50 ms", kTimeUnits};
constexpr Quantity kSize{"a size", "64 KiB", kSizeUnits};
constexpr Quantity kShare{"a share from 0 to 100 %", "5 %", kShareUnits};
constexpr Quantity kQueue{"a queue limit above 0", "1 BDP", kQueueUnits};

/// ns-3 counts bits in 64 bits, and times in nanoseconds: this leaves room for every product.
constexpr double kMaxBitsPerSecond = 1e12;
constexpr std::string_view kMaxRateText = "1000 Gbit/s";
/// Beyond this a double no longer holds every nanosecond, and no scenario needs it: 52 days.
constexpr double kMaxNanoseconds = 4.5e15;
constexpr std::string_view kMaxTimeText = "52 days";
constexpr double kMaxBytes = 1e12;

struct Parsed {
    double number;
    const Unit* unit;
    double Scaled() const { return number * unit->factor; }
};

std::string Expectation(const Quantity& quantity) {
    std::string units;
    for (const Unit& unit : quantity.units) {
        units += fmt::format("{}{}", units.empty() ? "" : ", ", unit.name);
    }
    return fmt::format("expected {} such as \"{}\" (units: {})", quantity.what, quantity.example,
                       units);
}

std::optional<Parsed> Split(std::string_view text, std::span<const Unit> units) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    while (text.starts_with(' ')) text.remove_prefix(1);
    for (const Unit& unit : units) {
        if (unit.name == text) return Parsed{number, &unit};
    }
    return std::nullopt;
}

Unexpected<std::string> Refuse(const Quantity& quantity, std::string_view text) {
    return Fail(fmt::format("{}, got \"{}\"", Expectation(quantity), text));
}

Unexpected<std::string> RefuseMore(std::string_view most, std::string_view text) {
    return Fail(fmt::format("expected at most {}, got \"{}\"", most, text));
}

}  // namespace

Expected<double, std::string> ParseRate(std::string_view text) {
    const auto parsed = Split(text, kRate.units);
    if (!parsed || parsed->Scaled() < 1) return Refuse(kRate, text);
    if (parsed->Scaled() > kMaxBitsPerSecond) return RefuseMore(kMaxRateText, text);
    return parsed->Scaled();
}

Expected<double, std::string> ParseRateOrZero(std::string_view text) {
    const auto parsed = Split(text, kRate.units);
    const bool fits = parsed && (parsed->number == 0 || parsed->Scaled() >= 1);
    if (!fits) return Refuse(kRateOrZero, text);
    if (parsed->Scaled() > kMaxBitsPerSecond) return RefuseMore(kMaxRateText, text);
    return parsed->Scaled();
}

Expected<Duration, std::string> ParseDuration(std::string_view text) {
    const auto parsed = Split(text, kTime.units);
    if (!parsed) return Refuse(kTime, text);
    if (parsed->Scaled() > kMaxNanoseconds) return RefuseMore(kMaxTimeText, text);
    return Duration(std::llround(parsed->Scaled()));
}

Expected<std::uint64_t, std::string> ParseSize(std::string_view text) {
    const auto parsed = Split(text, kSize.units);
    if (!parsed || parsed->Scaled() > kMaxBytes) return Refuse(kSize, text);
    return static_cast<std::uint64_t>(std::llround(parsed->Scaled()));
}

Expected<double, std::string> ParseShare(std::string_view text) {
    const auto parsed = Split(text, kShare.units);
    if (!parsed || parsed->number > 100) return Refuse(kShare, text);
    return parsed->Scaled();
}

Expected<QueueLimit, std::string> ParseQueue(std::string_view text) {
    const auto parsed = Split(text, kQueue.units);
    if (!parsed || parsed->number <= 0 || parsed->Scaled() > kMaxBytes) return Refuse(kQueue, text);
    if (parsed->unit->name == "BDP") return QueueLimit{0, parsed->number, {}};
    if (parsed->unit->name == "ms") {
        return QueueLimit{0, 0, Duration(std::llround(parsed->Scaled()))};
    }
    const auto bytes = static_cast<std::uint64_t>(std::llround(parsed->Scaled()));
    if (bytes == 0) return Refuse(kQueue, text);
    return QueueLimit{bytes, 0, {}};
}

}  // namespace crsp::lab
