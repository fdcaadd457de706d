// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

namespace crsp {

/// Writes `text` to stdout at once. A failure is remembered for FinishOutput.
void WriteOutput(std::string_view text);

/// The exit code of a program that would end with `code`: if something could not be written to
/// stdout, says so on stderr, and turns success into 1.
int FinishOutput(std::string_view program, int code);

}  // namespace crsp
