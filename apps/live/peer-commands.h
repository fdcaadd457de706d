// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/App.hpp>

#include "apps/live/program-action.h"

namespace crsp {

/// Declares `peers` and `revoke`. `action` must live as long as `app`.
void DeclarePeerCommands(CLI::App& app, Action& action);

}  // namespace crsp
