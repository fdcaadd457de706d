// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

namespace crsp::lab {

/// The style sheet of the page, both colour schemes included.
std::string PageStyle();

/// What the page does beyond showing itself: the switch of colours, and values under the pointer or
/// the arrow keys in plots. Without it everything can be read.
std::string_view PageScript();

}  // namespace crsp::lab
