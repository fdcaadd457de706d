// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace crsp {

/// What a person is told of a command line that CLI11 refused: one line, without the program's
/// name before it, that names the word or the option at fault and what was expected or where to
/// read on. `app` must be the one that has parsed.
std::string UsageSentence(const CLI::App& app, const CLI::ParseError& error);

/// An option that takes a whole number from `min` to `max`, in digits; `value` is the default.
CLI::Option* AddCount(CLI::App& app, const std::string& name, std::uint64_t& value,
                      std::uint64_t min, std::uint64_t max, const std::string& help);

/// Why the value `got` of the option `name` is refused; `expected` begins with that word.
[[noreturn]] void RefuseValue(const std::string& name, std::string_view expected,
                              std::string_view got);

}  // namespace crsp
