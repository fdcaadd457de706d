// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/base/time.h"

namespace crsp {

/// A period of measurement lasts so long, and longer where fewer than kBreakerMinPackets met their
/// fate: chance must not end a connection.
inline constexpr Duration kBreakerPeriod = seconds(5);
inline constexpr std::uint64_t kBreakerMinPackets = 100;
/// Of those packets at least this share must be lost,
inline constexpr std::uint64_t kBreakerLossPercent = 20;
/// in so many periods in a row.
inline constexpr std::uint32_t kBreakerPeriods = 3;
/// A window of so many packets is as small as controllers make it: two, or four with BBR.
inline constexpr std::uint64_t kBreakerWindowPackets = 4;

/// Ends a connection that keeps losing much though it sends next to nothing: it does harm, and no
/// good (CRSP §6.8; RFC 8084, RFC 8085 §3.1.10).
class CircuitBreaker {
  public:
    /// One period that is over.
    struct Period {
        std::uint64_t packets = 0;  ///< that met their fate
        std::uint64_t lost = 0;
        bool bad = false;
    };

    /// `acked` and `lost` packets met their fate, `spurious` of those lost earlier have arrived
    /// after all, while the window was `small`. Returns the period that this ends, if it does.
    std::optional<Period> OnFates(TimePoint now, std::uint64_t acked, std::uint64_t lost,
                                  std::uint64_t spurious, bool small);
    /// Bad periods in a row, up to now.
    std::uint32_t BadPeriods() const { return m_bad; }
    bool Tripped() const { return m_bad >= kBreakerPeriods; }

  private:
    bool IsBad() const;

    std::optional<TimePoint> m_since;
    std::uint64_t m_packets = 0;
    std::uint64_t m_lost = 0;
    std::uint64_t m_small = 0;  ///< of the packets, while the window was small
    std::uint32_t m_bad = 0;
};

}  // namespace crsp
