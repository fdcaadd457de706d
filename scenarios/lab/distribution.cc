// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/distribution.h"

#include <algorithm>
#include <cmath>

namespace crsp::lab {
namespace {

constexpr double kBinsPerOctave = 64;

/// The middle of the bin that `value` is in. Exact arithmetic only: the same on every machine.
double BinOf(double value) {
    if (value == 0) return 0;
    int exponent = 0;
    const double mantissa = std::frexp(value, &exponent);  // 0.5 to 1, with the sign
    const double bin = std::floor(std::abs(mantissa) * 2 * kBinsPerOctave);
    return std::copysign(std::ldexp((bin + 0.5) / (2 * kBinsPerOctave), exponent), value);
}

}  // namespace

Distribution::Distribution(const std::vector<double>& samples) {
    for (const double sample : samples) Add(sample);
}

void Distribution::Add(double value, std::uint64_t count) {
    if (count == 0) return;
    m_least = m_count == 0 ? value : std::min(m_least, value);
    m_most = m_count == 0 ? value : std::max(m_most, value);
    m_count += count;
    m_sum += value * static_cast<double>(count);
    m_values[m_exact ? value : BinOf(value)] += count;
    if (m_exact && m_count > kExactSamples) Coarsen();
}

void Distribution::Coarsen() {
    m_exact = false;
    std::map<double, std::uint64_t> bins;
    for (const auto& [value, count] : m_values) bins[BinOf(value)] += count;
    m_values = std::move(bins);
}

void Distribution::Join(const Distribution& other) {
    if (other.m_count == 0) return;
    if (m_exact && !other.m_exact) Coarsen();
    const double least = m_count == 0 ? other.m_least : std::min(m_least, other.m_least);
    const double most = m_count == 0 ? other.m_most : std::max(m_most, other.m_most);
    const double sum = m_sum + other.m_sum;
    for (const auto& [value, count] : other.m_values) Add(value, count);
    m_least = least;
    m_most = most;
    m_sum = sum;
}

double Distribution::At(std::uint64_t position) const {
    // The ends of a histogram are known exactly.
    if (position == 0) return m_least;
    std::uint64_t before = 0;
    for (const auto& [value, count] : m_values) {
        before += count;
        if (position < before && position + 1 < m_count) return std::clamp(value, m_least, m_most);
    }
    return m_most;
}

double Distribution::Quantile(double share) const {
    const double at = share * static_cast<double>(m_count - 1);
    const auto below = static_cast<std::uint64_t>(std::floor(at));
    const double low = At(below);
    const double high = At(std::min(below + 1, m_count - 1));
    return low + (at - std::floor(at)) * (high - low);
}

Distribution Distribution::Restore(bool exact, double least, double most, double mean,
                                   std::map<double, std::uint64_t> values) {
    Distribution restored;
    restored.m_exact = exact;
    for (const auto& [value, count] : values) restored.m_count += count;
    restored.m_least = least;
    restored.m_most = most;
    restored.m_sum = mean * static_cast<double>(restored.m_count);
    restored.m_values = std::move(values);
    return restored;
}

}  // namespace crsp::lab
