// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/bench-cell.h"

namespace crsp::lab {

struct BenchChoice {
    bool quick = false;  ///< a few short cells that stand for all
    /// Empty: those that belong to the suite. TCPs that a target compares with are always in.
    std::vector<BenchVariant> variants;
};

/// Share of the physical limit by rate, round trip and loss.
std::vector<BenchCell> MatrixCells(const BenchChoice& choice);

/// Start-up on clean paths, and the completion of transfers of three sizes.
std::vector<BenchCell> StartupCells(const BenchChoice& choice);

/// What flows leave each other, and what a changing link leaves them.
std::vector<BenchCell> FairnessCells(const BenchChoice& choice);

/// How late messages are on a lossy path, and how many are missing.
std::vector<BenchCell> DeadlineCells(const BenchChoice& choice);

}  // namespace crsp::lab
