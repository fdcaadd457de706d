// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>

namespace crsp {

/// The largest of the values seen during the last `window` units of a time that the caller counts,
/// in constant memory: Kathleen Nichols' filter, which keeps the best, second and third best of
/// ever later parts of the window.
class WindowedMax {
  public:
    std::uint64_t Get() const { return m_best[0].value; }

    void Update(std::uint64_t value, std::uint64_t time, std::uint64_t window) {
        const Sample sample{value, time};
        if (value >= m_best[0].value || time - m_best[2].time > window) {
            m_best.fill(sample);
            return;
        }
        if (value >= m_best[1].value) {
            m_best[1] = m_best[2] = sample;
        } else if (value >= m_best[2].value) {
            m_best[2] = sample;
        }
        Age(sample, window);
    }

  private:
    struct Sample {
        std::uint64_t value = 0;
        std::uint64_t time = 0;
    };

    void Age(const Sample& sample, std::uint64_t window) {
        const std::uint64_t age = sample.time - m_best[0].time;
        if (age > window) {
            m_best = {m_best[1], m_best[2], sample};
            if (sample.time - m_best[0].time > window) m_best = {m_best[1], m_best[2], sample};
        } else if (m_best[1].time == m_best[0].time && age > window / 4) {
            m_best[1] = m_best[2] = sample;
        } else if (m_best[2].time == m_best[1].time && age > window / 2) {
            m_best[2] = sample;
        }
    }

    std::array<Sample, 3> m_best{};
};

}  // namespace crsp
