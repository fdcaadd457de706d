// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace crsp::lab {

/// The longest file that is read whole, unless told otherwise: a trace of as many opportunities as
/// there may be fits.
inline constexpr std::size_t kMostFileBytes = 256 * 1024 * 1024;

/// What the file holds, or as much as one byte more than `most`. Nothing of what is no file: a
/// folder has no bytes, and a pipe may never end.
std::optional<std::string> ReadRegularFile(const std::string& path,
                                           std::size_t most = kMostFileBytes);

}  // namespace crsp::lab
