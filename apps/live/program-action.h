// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include "apps/live/exit-code.h"

namespace crsp {

/// What a program of several commands has been told to do; a command that was given sets it.
using Action = std::function<ExitCode()>;

}  // namespace crsp
