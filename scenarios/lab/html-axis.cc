// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-axis.h"

#include <algorithm>
#include <cmath>

namespace crsp::lab {
namespace {

double StepOf(double span, int ticks) {
    const double raw = span / ticks;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (raw <= factor * power) return factor * power;
    }
    return 10 * power;
}

}  // namespace

PlotAxis::PlotAxis(double low, double high, double from, double to, int ticks, bool whole)
    : m_low(low), m_high(high > low ? high : low + 1), m_from(from), m_to(to) {
    m_step = StepOf(m_high - m_low, ticks);
    if (!whole) return;
    m_low = std::floor(m_low / m_step) * m_step;
    m_high = std::ceil(m_high / m_step - 1e-9) * m_step;
}

double PlotAxis::At(double value) const {
    const double share = (value - m_low) / (m_high - m_low);
    return m_from + std::clamp(share, 0.0, 1.0) * (m_to - m_from);
}

std::vector<double> PlotAxis::Ticks() const {
    std::vector<double> ticks;
    for (double i = std::ceil(m_low / m_step - 1e-9); i * m_step <= m_high + m_step * 1e-9; ++i) {
        ticks.push_back(i * m_step);
    }
    return ticks;
}

}  // namespace crsp::lab
