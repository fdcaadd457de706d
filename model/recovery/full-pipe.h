// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace crsp {

/// Rounds without much growth after which the pipe counts as full.
inline constexpr int kFullPipeRounds = 3;
/// Less growth of the delivery rate than this in a round is a plateau.
inline constexpr std::uint64_t kFullPipeGrowthPercent = 125;

/// Tells by a plateau of the delivery rate that sending faster brings no more
/// (draft-ietf-ccwg-bbr §5.3.1.2).
class FullPipe {
  public:
    /// Starts looking anew, from `rate` bytes per second.
    void Reset(std::uint64_t rate = 0) {
        m_baseline = rate;
        m_count = 0;
        m_now = false;
    }
    /// At the end of a round that was not limited by the application.
    void OnRound(std::uint64_t rate) {
        if (m_now) return;
        if (rate * 100 >= m_baseline * kFullPipeGrowthPercent) return Reset(rate);
        if (++m_count >= kFullPipeRounds) Declare();
    }
    /// Other evidence says so.
    void Declare() { m_now = m_ever = true; }
    /// It was an error: the losses that said so were spurious.
    void Retract() { m_ever = false; }

    bool Now() const { return m_now; }    ///< since the last Reset
    bool Ever() const { return m_ever; }  ///< since the connection began
    int Count() const { return m_count; }

  private:
    std::uint64_t m_baseline = 0;
    int m_count = 0;
    bool m_now = false;
    bool m_ever = false;
};

}  // namespace crsp
