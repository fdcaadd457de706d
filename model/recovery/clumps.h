// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/base/time.h"

namespace crsp {

/// What one ACK says of the path.
struct RoundTripSample {
    Duration rtt{};
    Duration ackDelay{};      ///< part of it, by what the peer says
    Duration shortest{};      ///< of the path
    Duration packetTime{};    ///< of one datagram at the bottleneck, zero if unknown
    Duration ackedTime{};     ///< the same, of what was acknowledged with the sample
    bool appLimited = false;  ///< the bottleneck's rate is not known by it
    bool roundStart = false;  ///< the first of a round trip
};

/// How long a path holds packets back before it lets them go together, as a radio scheduler or
/// gathered ACKs do (CRSP §6.5).
///
/// Packets acknowledged many times faster than the bottleneck lets them through are a clump. By how
/// much the round trip falls within it, they were held back and not queued. A path that does so
/// does it in every round trip; the falls of one that merely stood still for a moment, with our own
/// packets in its queue, are as long as what we had in flight. Hence a fall counts in full only if
/// each of the last kRounds round trips had one as large, and else up to half of the shortest
/// round trip.
class Clumps {
  public:
    static constexpr std::size_t kRounds = 8;

    void OnSample(TimePoint now, const RoundTripSample& sample);

    /// As nearly every sample does where no packets are held back.
    bool Begins() const { return m_samples == 1; }
    /// By the longest of late: what may still be delay of the path.
    Duration AtMost() const { return m_atMost; }
    /// As most round trips show it: time that packets are under way without being in a queue.
    Duration Usual() const { return m_usual; }

  private:
    /// A clump comes so much faster than the bottleneck lets it through: more than so many equal
    /// flows would see when all but one of them pause.
    static constexpr int kSpeed = 16;
    /// Fewer samples than this are no clump: two ACKs meet for many reasons.
    static constexpr std::uint32_t kMinSamples = 3;
    /// Both directions may hold back at once.
    static constexpr int kDirections = 2;
    /// Of the shortest round trip: what counts without having been seen in every round trip.
    static constexpr int kTrustedShare = 2;
    /// The usual fall: all but one of so many of the last round trips had a larger one.
    static constexpr std::size_t kUsualShare = 4;

    /// How much of the delay vanished since the clump began that this sample belongs to.
    Duration FallWithinClump(TimePoint now, const RoundTripSample& sample);
    void EndRound();

    TimePoint m_sampledAt{};
    std::uint32_t m_samples = 0;  ///< in this clump
    Duration m_longest{};         ///< in this clump
    Duration m_largestFall{};     ///< in this round trip
    std::array<Duration, kRounds> m_falls{};
    std::size_t m_rounds = 0;
    Duration m_sure{};  ///< every one of the last round trips had a fall as large
    Duration m_often{};
    Duration m_most{};
    Duration m_atMost{};
    Duration m_usual{};
};

}  // namespace crsp
