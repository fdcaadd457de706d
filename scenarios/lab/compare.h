// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "scenarios/lab/results-reader.h"
#include "scenarios/lab/selector.h"
#include "scenarios/lab/statistics.h"

namespace crsp::lab {

struct CompareOptions {
    Selector a;  ///< what is compared with
    Selector b;
    Selector where;                    ///< of both
    std::vector<std::string> metrics;  ///< empty: DefaultMetrics; `NAME:p99` is one of samples
    double alpha = 0.05;               ///< of all false alarms, at most this share
    PairedOptions paired;
};

enum class CompareVerdict {
    kBetter,
    kWorse,
    kHigher,
    kLower,
    kNotShown,
    kIdentical,
    kLacks,
    kNotEnough
};

/// What B does to one metric, in one scenario with its remaining parameters or in all of them.
struct Comparison {
    /// Empty: all of `cells`. Then the differences are those of logarithms, by seed their mean over
    /// the cells, and shown as the geometric mean of B / A, less 1, in %.
    std::string scenario;
    std::size_t cells = 1;
    std::string remaining;  ///< what else tells its runs, as text
    std::string metric;
    std::string unit;
    double meanA = 0;  ///< over the pairs
    double meanB = 0;
    PairedResult result;       ///< of B - A
    double corrected = 1;      ///< p, for all rows together
    double relative = 0;       ///< mean difference, % of A; NaN if A is 0
    std::size_t withoutA = 0;  ///< pairs of which only the run of A has no value
    std::size_t withoutB = 0;  ///< pairs of which only the run of B has none
    std::size_t needed = 0;    ///< pairs, of kNotEnough
    CompareVerdict verdict = CompareVerdict::kNotEnough;
};

struct CompareResult {
    std::vector<Comparison> rows;
    std::size_t pairs = 0;
    std::string unpaired;            ///< why there is no pair; empty if there is one
    std::vector<std::string> notes;  ///< what was left out, one sentence each
};

/// Pairs the runs of A and B that are equal in all that the selectors do not decide: scenario and
/// its file (unless A and B each name another one), parameters, world, seed, and engine and
/// laboratory, of which only those of the latest run count. Runs that are not valid are left out;
/// runs that did not come to their end have no values.
CompareResult Compare(ResultsReader& reader, const CompareOptions& options);

/// Whether `run` began after `other`; numbers of runs say nothing, as databases are merged.
inline bool IsLater(const RunRow& run, const RunRow& other) {
    return std::tie(run.started, run.id) > std::tie(other.started, other.id);
}

/// Judges rows that have their results, of tests with so many random assignments: corrects p for
/// all rows together, and gives each its verdict.
void Judge(std::vector<Comparison>& rows, double alpha, std::size_t flips);

/// Whether B failed where A did not more often than the other way: then what both have is no fair
/// sample, and B is not better whatever it says.
inline bool LacksMore(const Comparison& row) {
    return row.withoutB > row.withoutA;
}

/// The pairs with the numbers of those that lack a value.
std::string PairsText(const Comparison& row);

/// The verdict in words.
std::string VerdictText(const Comparison& row);

/// Of Cohen's d_z: negligible, small, medium or large.
std::string_view EffectText(double effect);

}  // namespace crsp::lab
