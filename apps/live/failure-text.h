// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "model/media/renderer-role.h"

namespace crsp {

/// One sentence about `failure`, for the log. `output` says what is wrong with the output, as in
/// `cannot write 'x.part': No space left on device`; it matters to failures of the output only, and
/// may be empty.
std::string FailureText(const RenderingFailure& failure, const std::string& output);

}  // namespace crsp
