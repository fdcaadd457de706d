// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/App.hpp>

#include "apps/live/program-action.h"

namespace crsp {

/// Declares `key generate`, `key show` and `key fingerprint`. `action` must live as long as `app`.
void DeclareKeyCommands(CLI::App& app, Action& action);

}  // namespace crsp
