// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <vector>

namespace crsp::lab {

/// A linear axis in pixels, with ticks at 1, 2 or 5 times a power of ten.
class PlotAxis {
  public:
    /// From `low` to at least `high`, drawn from `from` to `to`; about `ticks` ticks. If `whole`
    /// it is prolonged to a tick.
    PlotAxis(double low, double high, double from, double to, int ticks, bool whole);

    double At(double value) const;
    double Low() const { return m_low; }
    double High() const { return m_high; }
    std::vector<double> Ticks() const;

  private:
    double m_low;
    double m_high;
    double m_from;
    double m_to;
    double m_step;
};

}  // namespace crsp::lab
