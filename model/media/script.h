// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "model/base/time.h"
#include "model/media/command.h"

namespace crsp {

/// One command at one time.
struct ScriptStep {
    Duration at{};  ///< after the start of the role, or after the end of what plays
    Verb verb = Verb::kStatus;
    std::string argument;  ///< of play: the name of the entry, or its id
    /// `at` counts from when all before it is answered, and what they began has ended.
    bool afterEnd = false;
    std::uint64_t offset = 0;  ///< of play: where it begins, bytes
    bool operator==(const ScriptStep&) const = default;
};

/// In order of time.
using Script = std::vector<ScriptStep>;

/// Where a script is wrong, and what was expected there.
struct ScriptError {
    std::size_t line = 0;  ///< from 1
    std::string message;
};

/// Steps of a script, at most.
inline constexpr std::size_t kMaxScriptSteps = 10'000;

/// Reads lines of the form `<seconds> <verb> [argument]`; `+<seconds>` counts from the end of what
/// the steps before began, not from the start. Verbs: list, play (with argument), pause,
/// resume, restart, stop, status. The argument is the rest of the line. Empty lines and lines that
/// begin with # are skipped. Times are decimal, >= 0, and never go backwards; those with + begin
/// anew.
Expected<Script, ScriptError> ParseScript(std::string_view text);

}  // namespace crsp
