// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crsp::lab {

/// `crsp-lab bench`, as given on the command line.
struct BenchCommand {
    std::string suite = "all";  ///< as the command line names it; all: the first four
    bool quick = false;
    std::uint64_t seed = 1;
    std::uint64_t seeds = 0;  ///< 0: five, or one with `quick`
    std::uint64_t jobs = 2;
    std::vector<std::string> variants;  ///< empty: those of the suite
    std::string only;                   ///< pattern of the names of cells; empty: all
    bool write = false;                 ///< keep the tables in results/
    bool series = false;                ///< keep each run's samples as CSV
    bool gate = false;                  ///< a missed target is a failure
    std::string out = "out";
};

/// The transport benchmark: every cell and seed in ns-3, each in a process of its own, stored; the
/// tables with the targets on stdout. Returns the exit code: kExitGate if a target was missed and
/// `gate` asked for it, kExitFailed if a run failed.
int RunBench(const BenchCommand& command);

}  // namespace crsp::lab
