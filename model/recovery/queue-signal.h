// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/base/time.h"
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

    struct Sample {
        Duration rtt{};
        Duration ackDelay{};      ///< part of it, by what the peer says
        Duration shortest{};      ///< of the path
        Duration packetTime{};    ///< of one datagram at the bottleneck, zero if unknown
        Duration ackedTime{};     ///< the same, of what was acknowledged with the sample
        bool appLimited = false;  ///< the bottleneck's rate is not known by it
    };

    void OnSample(TimePoint now, const Sample& sample);

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
    Duration HeldBack() const { return std::min(m_heldBack, m_meanDelay); }
    /// The spacing of packets says more of that than of the bottleneck.
    bool Clumps() const { return m_clumps; }
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
    /// A clump comes so much faster than the bottleneck lets it through: more than so many equal
    /// flows would see when all but one of them pause.
    static constexpr int kClumpSpeed = 16;
    /// Fewer samples than this are no clump: two ACKs meet for many reasons.
    static constexpr std::uint32_t kClumpSamples = 3;
    /// Both directions may hold back at once.
    static constexpr int kClumpMultiple = 2;
    /// ACKs that another's data delays clump, too, but by less than so many times the tolerance of
    /// a path without jitter.
    static constexpr int kTellingMultiple = 2;

    /// As nearly every sample does where no packets are held back.
    bool BeginsClump() const { return m_clumpSamples == 1; }
    void UpdateTolerance(TimePoint now, const Sample& sample);
    /// How much of the delay vanished since the clump began that this sample belongs to.
    Duration FallWithinClump(TimePoint now, const Sample& sample);
    void UpdateRange(TimePoint now, Duration rtt);

    Duration m_rtt{};
    Duration m_jitter{};
    Duration m_delay{};
    Duration m_meanDelay{};
    Duration m_heldBack{};  ///< at most, by the clumps of late
    bool m_clumps = false;
    Duration m_tolerance{};
    Duration m_lingering{};  ///< the tolerance of Lingers()
    TimePoint m_sampledAt{};
    std::uint32_t m_clumpSamples = 0;
    Duration m_clumpRtt{};    ///< the longest since the clump began
    WindowedMax m_clumpFall;  ///< nanoseconds, by seconds
    std::uint32_t m_highStreak = 0;
    std::uint32_t m_halfStreak = 0;
    std::uint32_t m_lowStreak = 0;
    std::uint32_t m_blockSamples = 0;
    Duration m_blockLeast{};
    WindowedMax m_longest;   ///< blocks, nanoseconds, by seconds
    WindowedMax m_shortest;  ///< the same, negated
};

}  // namespace crsp
