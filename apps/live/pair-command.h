// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/App.hpp>

#include "apps/live/program-action.h"

namespace crsp {

/// Declares `pair`. `action` must live as long as `app`.
void DeclarePairCommand(CLI::App& app, Action& action);

}  // namespace crsp
