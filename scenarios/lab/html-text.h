// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

namespace crsp::lab {

/// `text` as it stands in HTML and SVG, between tags or in a quoted attribute. Control characters,
/// which neither may hold, become U+FFFD.
std::string Escaped(std::string_view text);

/// A path relative to the page as the value of href: never an address of another host or scheme.
std::string HrefOf(std::string_view path);

/// A number for people: 4 significant digits, no exponent where it can be avoided; `-` for NaN.
std::string NumberText(double value);

/// `word`, in the plural but for one: `1 run`, `2 runs`.
std::string CountText(std::size_t count, std::string_view word);

/// `'sha256-...'` as a Content-Security-Policy has it, of the whole text of a style or script.
std::string CspHash(std::string_view text);

}  // namespace crsp::lab
