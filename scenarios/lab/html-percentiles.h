// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

#include "scenarios/lab/distribution.h"

namespace crsp::lab {

struct PercentileInterval {
    double value = 0;
    double low = 0;
    double high = 0;
    bool told = false;  ///< whether there is an interval at all
};

/// Fewer runs say nothing of how their means differ.
inline constexpr std::size_t kRunsForInterval = 5;
/// As much as so many runs with equally many samples on either side of a percentile tell, those
/// there are must. Fewer have too much chance to miss the runs that a tail comes from.
inline constexpr double kRunsForPercentile = 8;

/// Percentiles (`shares` of 1) of the samples of all runs together; where runs are enough with the
/// 95 % interval of the percentile bootstrap over whole runs: samples of one run are not
/// independent (Davison and Hinkley, 1997, §3.8). The same runs give the same result. Needs a
/// sample at least.
std::vector<PercentileInterval> PercentilesOf(const std::vector<Distribution>& runs,
                                              const std::vector<double>& shares);

}  // namespace crsp::lab
