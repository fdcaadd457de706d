// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "model/base/time.h"
#include "model/recovery/delivery-rate.h"
#include "model/recovery/rate.h"
#include "model/recovery/windowed-max.h"

namespace crsp {

inline constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();

/// How long a minimum of the round trip is believed (MinRTTFilterLen of draft-ietf-ccwg-bbr §2.13).
inline constexpr Duration kMinRttFilterLength = seconds(10);
/// How often the queue has to be seen empty (ProbeRTTInterval).
inline constexpr Duration kProbeRttInterval = seconds(5);
/// What is left of a bound after a round with too much loss (Beta).
inline constexpr std::uint64_t kBbrBetaPercent = 70;

/// Packet-timed round trips (draft-ietf-ccwg-bbr §5.5.1): one ends when a packet is acknowledged
/// that was sent after it began.
class RoundCounter {
  public:
    /// Looks at the newest packet acknowledged; afterwards Started() tells whether a round began.
    void OnSample(const RateSample& sample) {
        m_started = sample.priorDelivered >= m_nextDelivered;
        if (!m_started) return;
        m_nextDelivered = sample.totalDelivered;
        ++m_count;
    }
    /// Begins a round here and now.
    void Restart(std::uint64_t totalDelivered) { m_nextDelivered = totalDelivered; }
    bool Started() const { return m_started; }
    std::uint64_t Count() const { return m_count; }

  private:
    std::uint64_t m_nextDelivered = 0;
    std::uint64_t m_count = 0;
    bool m_started = false;
};

/// The shortest round trip of late, and when to look for a shorter one
/// (draft-ietf-ccwg-bbr §5.3.4.3 and §5.5.7).
class MinRttFilter {
  public:
    /// A sample less than `tolerance` above the minimum confirms it, so that no probe is needed;
    /// with none, only a smaller one does (the draft).
    void OnSample(TimePoint now, Duration rtt, Duration tolerance);
    /// The probe is over: the next is due an interval from now.
    void OnProbed(TimePoint now) { m_probeStamp = now; }

    /// Nothing before the first sample.
    std::optional<Duration> Get() const { return m_min; }
    bool ProbeDue() const { return m_probeDue; }

  private:
    std::optional<Duration> m_min;
    TimePoint m_minStamp{};
    Duration m_probeMin = Duration::max();
    TimePoint m_probeStamp{};
    bool m_probeDue = false;
};

/// How much more is acknowledged at once than the rate explains (draft-ietf-ccwg-bbr §5.5.9).
class AckAggregation {
  public:
    void OnAck(TimePoint now, std::uint64_t acked, std::uint64_t bandwidth, std::uint64_t limit,
               std::uint64_t round, std::uint64_t windowRounds);
    void Restart(TimePoint now);
    std::uint64_t Extra() const { return m_extra.Get(); }

  private:
    TimePoint m_start{};
    std::uint64_t m_delivered = 0;
    WindowedMax m_extra;
};

/// The largest delivery rate of this probing cycle and the one before
/// (draft-ietf-ccwg-bbr §5.5.3).
class MaxBandwidth {
  public:
    void Update(std::uint64_t rate) { m_cycles[1] = std::max(m_cycles[1], rate); }
    /// A cycle is over.
    void Advance() {
        if (m_cycles[1] == 0) return;  // nothing was measured in it
        m_cycles = {m_cycles[1], 0};
    }
    std::uint64_t Get() const { return std::max(m_cycles[0], m_cycles[1]); }
    /// Gives up all but `percent` of it.
    void Yield(std::uint64_t percent) {
        for (auto& cycle : m_cycles) cycle = MulDiv(cycle, percent, 100);
    }

  private:
    std::array<std::uint64_t, 2> m_cycles{};
};

/// What the last round delivered, and whether it lost anything (draft-ietf-ccwg-bbr §5.5.10.3).
class LatestDelivery {
  public:
    /// Near the start of an ACK. Returns whether a round of loss ended.
    bool OnSample(const RateSample& sample, std::uint64_t rate) {
        m_rate = std::max(m_rate, rate);
        m_volume = std::max(m_volume, sample.delivered);
        m_roundEnded = sample.priorDelivered >= m_roundDelivered;
        if (m_roundEnded) m_roundDelivered = sample.totalDelivered;
        return m_roundEnded;
    }
    /// Near its end.
    void Advance(const RateSample& sample, std::uint64_t rate) {
        if (!m_roundEnded) return;
        m_rate = rate;
        m_volume = sample.delivered;
    }
    void Reset() { m_rate = m_volume = 0; }
    /// The first loss begins a round of its own.
    void StartRound(std::uint64_t totalDelivered) { m_roundDelivered = totalDelivered; }

    std::uint64_t Rate() const { return m_rate; }
    std::uint64_t Volume() const { return m_volume; }

  private:
    std::uint64_t m_rate = 0;
    std::uint64_t m_volume = 0;
    std::uint64_t m_roundDelivered = 0;
    bool m_roundEnded = false;
};

}  // namespace crsp
