// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <CLI/App.hpp>

#include "apps/live/program-action.h"

namespace crsp {

/// Declares `crsp decrypt`: a capture and a key log become a capture that can be read.
void DeclareDecryptCommand(CLI::App& app, Action& action);

}  // namespace crsp
