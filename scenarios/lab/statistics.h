// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace crsp::lab {

/// What paired differences say. All values are in the unit of the differences.
struct PairedResult {
    std::size_t pairs = 0;
    double mean = 0;
    double low = 0;     ///< of the confidence interval of the mean
    double high = 0;    ///< of the same
    double p = 1;       ///< two-sided, that the differences are as likely to have either sign
    double effect = 0;  ///< mean over standard deviation (Cohen's d_z); 0 if nothing differs
};

/// Which interval and test, and how exact.
struct PairedOptions {
    double confidence = 0.95;
    std::size_t resamples = 4000;  ///< of the bootstrap
    std::uint64_t seed = 1;
    std::size_t flips = 4000;  ///< of all signs, by the test beyond kExactPairs; see FlipsFor
};

/// Up to so many pairs the test counts every assignment of signs.
inline constexpr std::size_t kExactPairs = 30;

/// Beyond kExactPairs the test draws so many assignments at least, and at most.
inline constexpr std::size_t kLeastFlips = 4'000;
inline constexpr std::size_t kMostFlips = 1'000'000;

/// Paired comparison of `differences`, at least two: the bootstrap-t interval of the mean (Efron
/// and Tibshirani, 1993, §12.5), and the sign-flip permutation test (Fisher, 1935), which is exact
/// where A and B are exchangeable. The same seed gives the same result. The interval is not exact:
/// of ten pairs that do not differ, one of 95 % leaves 0 out in 5 to 9 % of cases (crsp-lab
/// false-alarms); those of BCa did in 9 to 25 %.
PairedResult ComparePaired(const std::vector<double>& differences, const PairedOptions& options);

/// So many random assignments that the least p is well below `alpha` where it is corrected for
/// `rows`; kMostFlips at most, which then may be too few.
std::size_t FlipsFor(std::size_t rows, double alpha);

/// The least p that ComparePaired can give for so many pairs with so many random assignments.
double LeastP(std::size_t pairs, std::size_t flips);

/// p-values corrected for being several (Holm, 1979), in the same order.
std::vector<double> HolmCorrected(const std::vector<double>& p);

/// Student's interval of the mean of `values`, at least two (Student, 1908). Over few runs a
/// bootstrap-t divides by resamples that happen to be alike, and is many times too long.
struct MeanInterval {
    double low = 0;
    double high = 0;
};
MeanInterval StudentInterval(const std::vector<double>& values, double confidence);

/// The interval of a share of which `hits` of `trials` were seen (Clopper and Pearson, 1934).
struct ShareInterval {
    double low = 0;
    double high = 1;
};
ShareInterval ClopperPearson(std::uint64_t hits, std::uint64_t trials, double confidence);

}  // namespace crsp::lab
