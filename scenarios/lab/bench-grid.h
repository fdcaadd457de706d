// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "scenarios/lab/bench-cell.h"

namespace crsp::lab {

inline constexpr double kMegabit = 1e6;

/// One kind of random loss, the same both ways.
struct BenchLoss {
    double share = 0;
    double burst = 1;
};

/// As in `loss5` or `ge2b3`; `loss0.1` is a tenth of a percent.
std::string LossName(const BenchLoss& loss);

/// As in `100M-20ms`.
std::string PathName(double rate, Duration rtt);

/// Every rate with every round trip, in the order of the tables.
std::vector<BenchLink> BenchPaths(bool quick);

/// The variants that stand beside each other where no others are asked for.
std::vector<BenchVariant> StandardVariants(bool quick);

}  // namespace crsp::lab
