// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <toml++/toml.h>
#include <string>
#include <string_view>

namespace crsp::lab {

/// The dotted key that `key` is short for, as transport.congestion for congestion, or `key` itself.
std::string WholeKey(std::string_view key);

/// Applies `key=value`, as given with --set, to `document` and returns the dotted key, whole
/// (WholeKey). The value is
/// read as TOML where it is TOML, and as text otherwise, so that units need no quotes. Tables on
/// the way are made as needed; list positions must exist. Throws TomlRefusal.
std::string ApplyOverride(toml::table& document, const std::string& assignment);

}  // namespace crsp::lab
