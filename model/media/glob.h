// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

namespace crsp {

/// Whether all of `name` is what `pattern` says: `*` stands for any bytes, also none, `?` for one,
/// and every other byte for itself. Takes at most as many steps as the product of both lengths, and
/// no memory.
bool MatchesGlob(std::string_view pattern, std::string_view name);

}  // namespace crsp
