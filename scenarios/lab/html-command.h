// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "scenarios/lab/html-page.h"

namespace crsp::lab {

void DeclareReportCommand(CLI::App& app, ReportOptions& command);

/// `crsp-lab report`: writes the page and prints where it is. Returns the exit code: kExitNoInput
/// if there is no run to show.
int RunReportCommand(const ReportOptions& command);

}  // namespace crsp::lab
