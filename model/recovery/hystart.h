// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/base/time.h"

namespace crsp {

/// HyStart++ (RFC 9406): finds the end of the first slow start by the round trip growing longer,
/// before the queue overflows.
///
/// A rise by an eighth of the last round's round trip begins conservative slow start (CSS), which
/// grows a quarter as fast. Five rounds of it end slow start; should the round trip fall below what
/// began it, the rise was jitter and slow start goes on. Every sender here is paced, so the limit L
/// on one ACK's growth is infinite (RFC 9406 §4.3).
class HyStart {
  public:
    /// One ACK during slow start, whose newest packet went out at `sentAt`. A round ends with the
    /// first packet acknowledged that was sent after the round began.
    void OnAck(TimePoint now, TimePoint sentAt);

    /// Bytes that the window grows by when `ackedBytes` are acknowledged (RFC 9406 §4.2).
    std::uint64_t Growth(std::uint64_t ackedBytes) const;

    bool Conservative() const { return m_baseline.has_value(); }
    /// Slow start is over: the threshold is to be set to the window.
    bool Finished() const { return m_cssRounds >= kRounds; }

  private:
    /// CSS_ROUNDS of RFC 9406 §4.3.
    static constexpr std::uint32_t kRounds = 5;

    void BeginRound(TimePoint now);
    void LookForRise();
    void LookForFall();

    std::optional<TimePoint> m_roundStart;
    std::optional<Duration> m_lastMin;     ///< least round trip of the round before
    std::optional<Duration> m_currentMin;  ///< least round trip of this round so far
    std::uint32_t m_samples = 0;           ///< of this round
    std::optional<Duration> m_baseline;    ///< of CSS: the round trip that began it
    std::uint32_t m_cssRounds = 0;         ///< completed; the one in which CSS began counts
};

}  // namespace crsp
