// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "scenarios/lab/compare.h"

namespace crsp::lab {

/// `worse:METRIC` or `differs:METRIC`, each with `:N%` behind it or not: fail if B is so, and by
/// more than that.
struct CompareGate {
    std::string text;
    bool worse = true;
    std::string metric;
    double percent = 0;

    /// The error says what was expected.
    static Expected<CompareGate, std::string> Parse(const std::string& text);
};

/// What the gates say of a comparison: which rows break one, and which gates could not be judged.
struct GateResult {
    std::vector<std::string> broken;
    std::vector<std::string> unjudged;
};
GateResult CheckGates(const std::vector<CompareGate>& gates, const CompareResult& result);

/// `crsp-lab compare`, as given on the command line.
struct CompareCommand {
    CompareOptions options;
    std::vector<CompareGate> gates;
    bool json = false;
    std::string results = "out/results.sqlite";
};

void DeclareCompareCommand(CLI::App& app, CompareCommand& command);

/// Prints the comparison. Returns the exit code: kExitGate if a gate is broken, kExitFailed if one
/// could not be judged or nothing could be paired.
int RunCompareCommand(const CompareCommand& command);

}  // namespace crsp::lab
