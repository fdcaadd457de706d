// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "model/base/result.h"

namespace crsp {

/// Whether a file at `path` can be replaced by another: it is a regular file or nothing yet, in a
/// folder that can be written. A device, a pipe, a link or a folder is never replaced. The error is
/// a sentence that begins with `cannot`, `verb` and the path.
Expected<void, std::string> CheckTarget(const std::string& path, const char* verb);

}  // namespace crsp
