// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/campaign.h"
#include "scenarios/lab/scenario-command.h"

namespace crsp::lab {

/// The project's scenario files, sorted; those whose name matches `only` if it is not empty.
std::vector<std::string> LibraryFiles(const std::string& only);

/// `crsp-lab scenario --all`, or of several files: runs every one in ns-3, prints one line for
/// each, and with `write` keeps them in results/scenarios.md. Returns the exit code: kExitFailed if
/// one run was not as its file expects.
int RunLibrary(const ScenarioCommand& command);

/// One line of the library's table.
struct LibraryLine {
    std::string name;
    std::string verdict;  ///< `ok`, or how many runs failed
    std::string figure;   ///< the key figure: what failed, or else what the file expects first
    std::string gate;
};
LibraryLine LineOf(const Scenario& scenario, const std::vector<Outcome>& outcomes);

}  // namespace crsp::lab
