// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>

namespace crsp::lab {

/// `crsp-lab demo`, as given on the command line.
struct DemoCommand {
    bool quick = false;
    std::string out = "out";
    std::string programs;  ///< folder of the node programs; empty: that of this program
    std::string scenario = "scenarios/first-light.toml";
    std::uint64_t jobs = 2;
};

/// First light: the text and the binary, in ns-3 and live, and one table for each that sets the two
/// side by side. Returns the exit code: kExitFailed if any run failed or any hash differs.
int RunDemo(const DemoCommand& command);

}  // namespace crsp::lab
