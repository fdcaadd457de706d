// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

namespace crsp::lab {

/// Writes `text` in place of what the file at `path` holds. Throws std::system_error.
void KeepTables(const std::string& path, const std::string& text);

}  // namespace crsp::lab
