// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "model/base/time.h"
#include "model/recovery/windowed-max.h"

namespace crsp {

/// Tells from round trips whether a queue stands at the bottleneck (CRSP §6.5).
///
/// A sample is high if it exceeds the shortest round trip by more than an eighth, by more than a
/// few packets take at the bottleneck, and by more than the path jitters anyway. Samples count in
/// blocks of kStandingSamples, by the least of them, as HyStart++ does (RFC 9406 §4.3): one late
/// ACK is no queue.
class QueueSignal {
  public:
    static constexpr std::uint32_t kStandingSamples = 8;

    /// `shortest`: of the path. `packetTime`: of one datagram at the bottleneck, zero if unknown.
    void OnSample(TimePoint now, Duration rtt, Duration shortest, Duration packetTime);

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
    Duration Tolerance() const { return m_tolerance; }
    /// Forgets the samples in a row, so that only new ones count.
    void Restart() { m_highStreak = m_halfStreak = 0; }

  private:
    static constexpr int kShareOfRtt = 8;
    static constexpr int kSlackPackets = 3;
    static constexpr int kJitterMultiple = 4;
    static constexpr int kJitterSmoothing = 16;
    static constexpr int kFlatShare = 4;
    static constexpr std::uint64_t kMemorySeconds = 10;

    void UpdateTolerance(Duration rtt, Duration shortest, Duration packetTime);
    void UpdateRange(TimePoint now, Duration rtt);

    Duration m_rtt{};
    Duration m_jitter{};
    Duration m_delay{};
    Duration m_tolerance{};
    std::uint32_t m_highStreak = 0;
    std::uint32_t m_halfStreak = 0;
    std::uint32_t m_lowStreak = 0;
    std::uint32_t m_blockSamples = 0;
    Duration m_blockLeast{};
    WindowedMax m_longest;   ///< blocks, nanoseconds, by seconds
    WindowedMax m_shortest;  ///< the same, negated
};

}  // namespace crsp
