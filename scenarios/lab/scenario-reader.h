// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/base/result.h"
#include "scenarios/lab/scenario.h"

namespace crsp::lab {

/// Why a scenario was refused.
struct ScenarioError {
    enum class Kind { kNoFile, kBadData };
    Kind kind = Kind::kBadData;
    /// One line: `file:line: key: what is wrong, and what was expected`. A value given with --set
    /// is named so in place of the file and line.
    std::string message;
};

/// Reads and checks one scenario file (scenarios/README.md is the schema). Each of `overrides` is
/// `key=value` with a dotted key, list positions counted from 0 as in `script.0.at=2 s`, and
/// replaces or adds what the file says. Content files are looked up beside the scenario.
Expected<Scenario, ScenarioError> ReadScenario(const std::string& path,
                                               const std::vector<std::string>& overrides = {});

/// The same with `text` as what the file at `path` holds.
Expected<Scenario, ScenarioError> ParseScenario(std::string_view text, const std::string& path,
                                                const std::vector<std::string>& overrides = {});

}  // namespace crsp::lab
