// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/base/time.h"
#include "model/recovery/clumps.h"
#include "model/recovery/windowed-max.h"

namespace crsp {

/// Tells from round trips whether a queue stands at the bottleneck (CRSP §6.5).
///
/// A sample is high if it exceeds the shortest round trip by more than an eighth, by more than a
/// few packets take at the bottleneck, and by more than the path jitters anyway. Delay that
/// vanishes within a clump, packets acknowledged many times faster than the bottleneck lets them
/// through, was none of the bottleneck's: a path held them back and let them go together. Samples
/// count in blocks of kStandingSamples, by the least of them, as HyStart++ does (RFC 9406 §4.3):
/// one late ACK is no queue.
class QueueSignal {
  public:
    static constexpr std::uint32_t kStandingSamples = 8;

    void OnSample(TimePoint now, const RoundTripSample& sample);

    bool High() const { return m_delay > m_tolerance; }
    bool Stands() const { return m_highStreak >= kStandingSamples; }
    /// As Stands(), of half as much: somebody else's packets, if ours have just drained.
    bool Lingers() const { return m_halfStreak >= kStandingSamples; }
    /// A row of low samples: it is empty now.
    bool Empties() const { return m_lowStreak >= kStandingSamples / 2; }
    /// The queue is shorter than half way between the shortest and the longest of late. What is
    /// lost now is not lost to a full queue, even if it never empties. False while nothing longer
    /// has been seen: a queue that is always full looks like a long path.
    bool FarFromFull() const;
    /// There is nothing above the shortest round trip that would show a queue.
    bool Flat() const { return m_delay <= m_tolerance / kFlatShare; }
    /// What the path adds to its shortest round trip by holding packets back, as a mean: time that
    /// they are under way without being in a queue.
    Duration HeldBack() const { return std::min(m_clumps.Usual(), m_meanDelay); }
    /// The spacing of packets says more of that than of the bottleneck.
    bool HoldsBack() const { return m_holdsBack; }
    Duration Tolerance() const { return m_tolerance; }
    /// Above the shortest round trip.
    Duration Delay() const { return m_delay; }
    /// Forgets the samples in a row, so that only new ones count.
    void Restart() { m_highStreak = m_halfStreak = 0; }

  private:
    static constexpr int kShareOfRtt = 8;
    static constexpr int kSlackPackets = 3;
    static constexpr int kJitterMultiple = 4;
    static constexpr int kJitterSmoothing = 16;
    static constexpr int kFlatShare = 4;
    static constexpr std::uint64_t kMemorySeconds = 10;
    /// ACKs that another's data delays clump, too, but by less than so many times the tolerance of
    /// a path without jitter.
    static constexpr int kTellingMultiple = 2;

    void UpdateTolerance(const RoundTripSample& sample);
    void UpdateRange(TimePoint now, Duration rtt);

    Duration m_rtt{};
    Duration m_jitter{};
    Duration m_delay{};
    Duration m_meanDelay{};
    Clumps m_clumps;
    bool m_holdsBack = false;
    Duration m_tolerance{};
    Duration m_lingering{};  ///< the tolerance of Lingers()
    std::uint32_t m_highStreak = 0;
    std::uint32_t m_halfStreak = 0;
    std::uint32_t m_lowStreak = 0;
    std::uint32_t m_blockSamples = 0;
    Duration m_blockLeast{};
    WindowedMax m_longest;   ///< blocks, nanoseconds, by seconds
    WindowedMax m_shortest;  ///< the same, negated
};

}  // namespace crsp
