// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-percentiles.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace crsp::lab {
namespace {

constexpr std::size_t kResamples = 1000;
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

void AddIntervals(const std::vector<Distribution>& runs, const std::vector<double>& shares,
                  double samples, std::vector<PercentileInterval>& percentiles) {
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
    const auto tail = static_cast<std::size_t>(kTail * kResamples);
    for (std::size_t k = 0; k < shares.size(); ++k) {
        std::sort(seen[k].begin(), seen[k].end());
        percentiles[k].low = seen[k][tail];
        percentiles[k].high = seen[k][kResamples - 1 - tail];
        // Short by a rounding of the share, the twentieth sample is one all the same.
        const double beyond = std::min(shares[k], 1 - shares[k]) * samples;
        percentiles[k].told = std::round(beyond) >= kSamplesBeyond;
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
    if (there.size() >= kRunsForPercentile) {
        AddIntervals(there, shares, static_cast<double>(joined.Count()), percentiles);
    }
    return percentiles;
}

}  // namespace crsp::lab
