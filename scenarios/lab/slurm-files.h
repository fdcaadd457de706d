// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

namespace crsp::lab {

/// From the root, whatever folder we are in.
std::string WholePath(const std::string& path);

/// Throws std::filesystem::filesystem_error if it cannot be written.
void SaveText(const std::string& path, const std::string& text);

/// The first line, or nothing if there is no such file or no whole line in it.
std::optional<std::string> FirstLine(const std::string& path);

/// The path of the program `name`, looked up as a shell does.
std::optional<std::string> FindProgram(const std::string& name);

}  // namespace crsp::lab
