// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/base/time.h"

namespace crsp {

/// Datagrams that may leave back to back after a pause (RFC 9002 §7.7).
inline constexpr std::uint64_t kMaxBurstPackets = 10;
/// A host wakes up no more often than this, so the bucket holds at least as much at any rate.
inline constexpr Duration kPacingBurstTime = milliseconds(2);
/// A sender that has to wait waits for what the rate carries in this time, but for no more than a
/// train of segmentation offload: beyond 40 Mbit/s it then wakes up for several datagrams at once.
inline constexpr Duration kPacingQuantum = microseconds(250);
inline constexpr std::uint64_t kMaxPacingQuantum = 65'536;

/// Spreads packets over the round trip: a token bucket of max(kMaxBurstPackets datagrams,
/// kPacingBurstTime of the rate), full at the start (CRSP §6.6).
///
/// Whole numbers only, so that equal calls give equal instants everywhere. ACKs and probes are not
/// held back by it.
class Pacer {
  public:
    explicit Pacer(std::size_t maxDatagramSize);

    /// The burst follows; what it holds stays.
    void SetDatagramSize(std::size_t bytes) { m_datagramSize = bytes; }
    /// `bytesPerSecond` applies from `now` on; zero counts as one.
    void SetRate(TimePoint now, std::uint64_t bytesPerSecond);
    /// The earliest instant at which `bytes`, at most one datagram, may leave; may be in the past.
    TimePoint NextSendTime(std::uint64_t bytes) const;
    bool CanSend(TimePoint now, std::uint64_t bytes) const { return NextSendTime(bytes) <= now; }
    /// When to try again after CanSend said no.
    TimePoint WakeUpTime() const;
    /// Takes `bytes` out of the bucket; it may be called without CanSend, for a probe.
    void OnSent(TimePoint now, std::uint64_t bytes);

    std::uint64_t Rate() const { return m_rate; }
    /// Bytes that a full bucket lets out at once.
    std::uint64_t Burst() const;

  private:
    std::uint64_t Capacity() const;
    void Refill(TimePoint now);

    std::uint64_t m_datagramSize;
    std::uint64_t m_rate = 0;    ///< bytes per second; 0 until SetRate: everything passes
    std::uint64_t m_tokens = 0;  ///< billionths of a byte, so that rate * nanoseconds adds up
    TimePoint m_updatedAt{};
};

}  // namespace crsp
