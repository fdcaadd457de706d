// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace crsp::lab {

/// Samples as values and how often each came. Up to kExactSamples they are kept as they are; from
/// then on as a histogram whose bins are 1/64 of a power of two wide, so that a value is told to
/// 0.8 %. Least, most, mean and number stay exact.
class Distribution {
  public:
    static constexpr std::uint64_t kExactSamples = 1000;

    Distribution() = default;
    explicit Distribution(const std::vector<double>& samples);

    void Add(double value, std::uint64_t count = 1);
    /// Adds those of another.
    void Join(const Distribution& other);

    std::uint64_t Count() const { return m_count; }
    bool Exact() const { return m_exact; }
    /// The following need a sample at least.
    double Least() const { return m_least; }
    double Most() const { return m_most; }
    double Mean() const { return m_sum / static_cast<double>(m_count); }
    /// As Quantile of metrics.h.
    double Quantile(double share) const;

    /// Values in rising order with how often they came; of a histogram, the middles of its bins.
    const std::map<double, std::uint64_t>& Values() const { return m_values; }

    /// What was stored; `values` as from Values().
    static Distribution Restore(bool exact, double least, double most, double mean,
                                std::map<double, std::uint64_t> values);

  private:
    void Coarsen();
    double At(std::uint64_t position) const;

    bool m_exact = true;
    std::uint64_t m_count = 0;
    double m_least = 0;
    double m_most = 0;
    double m_sum = 0;
    std::map<double, std::uint64_t> m_values;
};

}  // namespace crsp::lab
