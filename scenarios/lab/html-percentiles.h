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
/// Fewer runs, resampled, are too much alike: the interval would be too short.
inline constexpr std::size_t kRunsForPercentile = 15;
/// With fewer samples on either side of a percentile it goes by single ones, which resampling
/// cannot vary.
inline constexpr double kSamplesBeyond = 20;

/// Percentiles (`shares` of 1) of the samples of all runs together, where runs and samples are
/// enough with the 95 % interval of the percentile bootstrap over whole runs: samples of one run
/// are not independent (Davison and Hinkley, 1997, §3.8). The same runs give the same result. Needs
/// a sample at least.
std::vector<PercentileInterval> PercentilesOf(const std::vector<Distribution>& runs,
                                              const std::vector<double>& shares);

}  // namespace crsp::lab
