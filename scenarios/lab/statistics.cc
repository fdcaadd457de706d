// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <memory>
#include <numeric>

namespace crsp::lab {
namespace {

using Generator = std::unique_ptr<gsl_rng, decltype(&gsl_rng_free)>;

/// Sums that differ by rounding only count as equal.
constexpr double kRounding = 1e-12;

/// Bits of one draw of gsl_rng_mt19937.
constexpr std::size_t kSignsPerDraw = 32;
/// A p that is just small enough would be sampled by one assignment; so many tell it.
constexpr double kFlipsRoom = 10;

Generator MakeGenerator(std::uint64_t seed) {
    Generator generator(gsl_rng_alloc(gsl_rng_mt19937), gsl_rng_free);
    gsl_rng_set(generator.get(), static_cast<unsigned long>(seed));
    return generator;
}

double Mean(const std::vector<double>& values) {
    return gsl_stats_mean(values.data(), 1, values.size());
}

double StandardError(const std::vector<double>& values) {
    const auto count = static_cast<double>(values.size());
    return gsl_stats_sd(values.data(), 1, values.size()) / std::sqrt(count);
}

/// How far the means of resamples with replacement are from that of `values`, each in its own
/// standard errors; sorted. Resamples of one value only have none, and are left out.
std::vector<double> BootstrapT(const std::vector<double>& values, const PairedOptions& options) {
    const auto generator = MakeGenerator(options.seed);
    const double mean = Mean(values);
    std::vector<double> drawn(values.size());
    std::vector<double> distances;
    for (std::size_t i = 0; i < options.resamples; ++i) {
        gsl_ran_sample(generator.get(), drawn.data(), drawn.size(),
                       const_cast<double*>(values.data()), values.size(), sizeof(double));
        const double error = StandardError(drawn);
        if (error > 0) distances.push_back((Mean(drawn) - mean) / error);
    }
    gsl_sort(distances.data(), 1, distances.size());
    return distances;
}

void AddInterval(const std::vector<double>& values, const PairedOptions& options,
                 PairedResult& result) {
    result.low = result.high = result.mean;
    const auto distances = BootstrapT(values, options);
    if (distances.empty()) return;
    const double error = StandardError(values);
    const auto bound = [&](double share) {
        return result.mean - error * gsl_stats_quantile_from_sorted_data(distances.data(), 1,
                                                                         distances.size(), share);
    };
    result.low = bound((1 + options.confidence) / 2);
    result.high = bound((1 - options.confidence) / 2);
}

/// The sums of `values` from `from` to `to` with all assignments of signs, in rising order.
std::vector<double> SignedSums(const std::vector<double>& values, std::size_t from,
                               std::size_t to) {
    std::vector<double> sums{0};
    for (std::size_t i = from; i < to; ++i) {
        const std::size_t before = sums.size();
        for (std::size_t k = 0; k < before; ++k) {
            sums.push_back(sums[k] - values[i]);
            sums[k] += values[i];
        }
    }
    std::sort(sums.begin(), sums.end());
    return sums;
}

/// How many of all assignments of signs give a sum as far from 0. Each sum is one of the first
/// half of the values and one of the second, so that 2^15 of either tell all 2^30.
double ExactP(const std::vector<double>& values, double sum, double slack) {
    const double bound = sum - slack;
    if (bound <= 0) return 1;
    const auto first = SignedSums(values, 0, values.size() / 2);
    const auto second = SignedSums(values, values.size() / 2, values.size());
    std::size_t far = 0;
    std::size_t below = second.size();
    for (const double part : first) {
        while (below > 0 && part + second[below - 1] >= bound) --below;
        far += second.size() - below;
    }
    // With all signs turned round each sum has one on the other side of 0.
    return std::ldexp(static_cast<double>(far), 1 - static_cast<int>(values.size()));
}

/// The same over random assignments; what was seen is one of them.
double SampledP(const std::vector<double>& values, double sum, double slack,
                const PairedOptions& options) {
    const auto generator = MakeGenerator(options.seed + 1);
    std::size_t far = 1;
    for (std::size_t i = 0; i < options.flips; ++i) {
        double flipped = 0;
        unsigned long signs = 0;
        for (std::size_t k = 0; k < values.size(); ++k) {
            if (k % kSignsPerDraw == 0) signs = gsl_rng_get(generator.get());
            flipped += (signs & 1) == 0 ? values[k] : -values[k];
            signs >>= 1;
        }
        if (std::abs(flipped) >= sum - slack) ++far;
    }
    return static_cast<double>(far) / static_cast<double>(options.flips + 1);
}

double SignFlipP(const std::vector<double>& values, const PairedOptions& options) {
    const double sum = std::abs(std::accumulate(values.begin(), values.end(), 0.0));
    double scale = 0;
    for (const double value : values) scale += std::abs(value);
    if (scale == 0) return 1;
    const double slack = kRounding * scale;
    return values.size() <= kExactPairs ? ExactP(values, sum, slack)
                                        : SampledP(values, sum, slack, options);
}

}  // namespace

PairedResult ComparePaired(const std::vector<double>& differences, const PairedOptions& options) {
    PairedResult result;
    result.pairs = differences.size();
    result.mean = Mean(differences);
    AddInterval(differences, options, result);
    result.p = SignFlipP(differences, options);
    const double deviation = gsl_stats_sd(differences.data(), 1, differences.size());
    if (result.mean != 0) result.effect = result.mean / deviation;
    return result;
}

std::size_t FlipsFor(std::size_t rows, double alpha) {
    const double wanted = kFlipsRoom * static_cast<double>(rows) / alpha;
    return wanted >= static_cast<double>(kMostFlips)
               ? kMostFlips
               : std::max(kLeastFlips, static_cast<std::size_t>(wanted));
}

double LeastP(std::size_t pairs, std::size_t flips) {
    return pairs <= kExactPairs ? std::ldexp(2.0, -static_cast<int>(pairs))
                                : 1.0 / static_cast<double>(flips + 1);
}

std::vector<double> HolmCorrected(const std::vector<double>& p) {
    std::vector<std::size_t> order(p.size());
    if (!p.empty()) gsl_sort_index(order.data(), p.data(), 1, p.size());
    std::vector<double> corrected(p.size());
    double least = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        least = std::max(least, static_cast<double>(p.size() - i) * p[order[i]]);
        corrected[order[i]] = std::min(1.0, least);
    }
    return corrected;
}

MeanInterval StudentInterval(const std::vector<double>& values, double confidence) {
    const double mean = Mean(values);
    const auto freedom = static_cast<double>(values.size() - 1);
    const double half = gsl_cdf_tdist_Pinv((1 + confidence) / 2, freedom) * StandardError(values);
    return {mean - half, mean + half};
}

ShareInterval ClopperPearson(std::uint64_t hits, std::uint64_t trials, double confidence) {
    using Binomial = boost::math::binomial_distribution<>;
    const double tail = (1 - confidence) / 2;
    const auto n = static_cast<double>(trials);
    const auto k = static_cast<double>(hits);
    return {Binomial::find_lower_bound_on_p(n, k, tail),
            Binomial::find_upper_bound_on_p(n, k, tail)};
}

}  // namespace crsp::lab
