// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace crsp::lab {

/// `crsp-lab original`, as given on the command line.
struct OriginalCommand {
    std::string file = CRSP_SOURCE_DIR "/scenarios/original.toml";
    std::vector<std::string> losses{"0 %", "1 %", "5 %"};
    std::uint64_t seed = 1;
    std::uint64_t seeds = 20;
    bool write = false;  ///< keep the table in results/original.md
};

void DeclareOriginal(CLI::App& app, OriginalCommand& command);

/// Runs the original protocol and ours in ns-3 over the same scenario, at each loss and seed, and
/// sets what became of the content side by side. Returns the exit code.
int RunOriginalCommand(const OriginalCommand& command);

}  // namespace crsp::lab
