// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace crsp {

enum class Verbosity { kQuiet, kNormal, kVerbose };

/// Sends the talk of this process to stderr, as `program: message`. Call once, before the others.
void StartLog(std::string_view program, Verbosity verbosity);

/// One line each, whatever `message` holds (see SafeLine). Whatever came from a peer must have gone
/// through PrintableName, so that it cannot pass for something else either.
void LogWarning(const std::string& message);
void LogInfo(const std::string& message);
void LogDetail(const std::string& message);  ///< with --verbose only

}  // namespace crsp
