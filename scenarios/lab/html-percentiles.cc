// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-percentiles.h"

#include <gsl/gsl_cdf.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace crsp::lab {
namespace {

constexpr std::size_t kResamples = 2000;
constexpr double kTail = 0.025;

/// How many samples each run has up to each value that any has.
struct Cumulative {
    std::vector<double> values;
    std::vector<std::vector<std::uint64_t>> runs;
};

Cumulative CumulativeOf(const std::vector<Distribution>& runs) {
    Cumulative all;
    for (const Distribution& run : runs) {
        for (const auto& [value, count] : run.Values()) all.values.push_back(value);
    }
    std::sort(all.values.begin(), all.values.end());
    all.values.erase(std::unique(all.values.begin(), all.values.end()), all.values.end());
    for (const Distribution& run : runs) {
        auto& sums = all.runs.emplace_back(all.values.size(), 0);
        for (const auto& [value, count] : run.Values()) {
            const auto place = std::lower_bound(all.values.begin(), all.values.end(), value);
            sums[static_cast<std::size_t>(place - all.values.begin())] = count;
        }
        for (std::size_t i = 1; i < sums.size(); ++i) sums[i] += sums[i - 1];
    }
    return all;
}

/// Of the runs `drawn`: the least value up to which at least `share` of the samples are.
double QuantileOf(const Cumulative& all, const std::vector<std::size_t>& drawn, double share) {
    const auto upTo = [&](std::size_t i) {
        std::uint64_t sum = 0;
        for (const std::size_t run : drawn) sum += all.runs[run][i];
        return static_cast<double>(sum);
    };
    const double wanted = share * upTo(all.values.size() - 1);
    std::size_t low = 0;
    std::size_t high = all.values.size() - 1;
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (upTo(middle) >= wanted) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return all.values[low];
}

/// Kish's effective number of `counts` (Survey Sampling, 1965): as many of the same size would tell
/// as much.
double EffectiveCount(const std::vector<double>& counts) {
    double sum = 0;
    double squares = 0;
    for (const double count : counts) {
        sum += count;
        squares += count * count;
    }
    return squares > 0 ? sum * sum / squares : 0;
}

/// Of the runs with samples up to `value` or beyond it, whichever are fewer.
double EffectiveRuns(const Cumulative& all, double value) {
    const auto next = std::upper_bound(all.values.begin(), all.values.end(), value);
    std::vector<double> upTo;
    std::vector<double> beyond;
    for (const auto& run : all.runs) {
        const auto last = next - all.values.begin();
        const std::uint64_t count = last > 0 ? run[static_cast<std::size_t>(last - 1)] : 0;
        upTo.push_back(static_cast<double>(count));
        beyond.push_back(static_cast<double>(run.back() - count));
    }
    return std::min(EffectiveCount(upTo), EffectiveCount(beyond));
}

/// The share of resamples to leave out at either end: less than kTail, as few runs vary less when
/// they are resampled than they would if made anew (Hesterberg, 2015, "What Teachers Should Know
/// About the Bootstrap", expanded percentile intervals).
double ExpandedTail(double runs) {
    return gsl_cdf_ugaussian_P(gsl_cdf_tdist_Pinv(kTail, runs - 1) * std::sqrt(runs / (runs - 1)));
}

void AddIntervals(const std::vector<Distribution>& runs, const std::vector<double>& shares,
                  std::vector<PercentileInterval>& percentiles) {
    const Cumulative all = CumulativeOf(runs);
    std::mt19937_64 random(1);
    std::vector<std::vector<double>> seen(shares.size());
    std::vector<std::size_t> drawn(runs.size());
    for (std::size_t i = 0; i < kResamples; ++i) {
        for (std::size_t& run : drawn) run = random() % runs.size();
        for (std::size_t k = 0; k < shares.size(); ++k) {
            seen[k].push_back(QuantileOf(all, drawn, shares[k]));
        }
    }
    for (std::size_t k = 0; k < shares.size(); ++k) {
        const double effective = EffectiveRuns(all, percentiles[k].value);
        if (effective < kRunsForPercentile) continue;
        const auto tail = static_cast<std::size_t>(ExpandedTail(effective) * kResamples);
        std::sort(seen[k].begin(), seen[k].end());
        // The value lies between two samples where there is none of it.
        percentiles[k].low = std::min(seen[k][tail], percentiles[k].value);
        percentiles[k].high = std::max(seen[k][kResamples - 1 - tail], percentiles[k].value);
        percentiles[k].told = true;
    }
}

}  // namespace

std::vector<PercentileInterval> PercentilesOf(const std::vector<Distribution>& runs,
                                              const std::vector<double>& shares) {
    std::vector<Distribution> there;
    Distribution joined;
    for (const Distribution& run : runs) {
        if (run.Count() > 0) there.push_back(run);
        joined.Join(run);
    }
    std::vector<PercentileInterval> percentiles;
    for (const double share : shares) {
        const double value = joined.Quantile(share);
        percentiles.push_back({value, value, value, false});
    }
    if (static_cast<double>(there.size()) >= kRunsForPercentile) {
        AddIntervals(there, shares, percentiles);
    }
    return percentiles;
}

}  // namespace crsp::lab
