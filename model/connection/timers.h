// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "model/base/time.h"

namespace crsp {

/// The timers of one connection.
enum class Timer : std::size_t {
    kHandshake,      ///< repeat the Initial
    kHandshakeEnd,   ///< give the handshake up
    kLossDetection,  ///< RFC 9002 §6: time threshold or PTO
    kAckDelay,
    kPacing,
    kKeepAlive,
    kIdle,
    kQuiet,       ///< expected data does not come
    kPath,        ///< validation of an address
    kDeadline,    ///< a message is late (CRSP §5.8)
    kRest,        ///< long enough idle to give memory back
    kOldKeys,     ///< nothing sealed under the keys before is to be expected any more
    kClosingEnd,  ///< forget a closed connection
};

inline constexpr std::size_t kTimerCount = 13;

/// Deadlines by name. The connection reports only the earliest to the endpoint.
class Timers {
  public:
    void Set(Timer timer, std::optional<TimePoint> deadline) { At(timer) = deadline; }
    void Stop(Timer timer) { At(timer).reset(); }
    void StopAll() { m_deadlines.fill(std::nullopt); }
    bool IsSet(Timer timer) const {
        return m_deadlines[static_cast<std::size_t>(timer)].has_value();
    }

    /// True, and stops the timer, if it is due.
    bool Expire(Timer timer, TimePoint now) {
        auto& deadline = At(timer);
        if (!deadline || *deadline > now) return false;
        deadline.reset();
        return true;
    }

    std::optional<TimePoint> Next() const {
        std::optional<TimePoint> next;
        for (const auto& deadline : m_deadlines) {
            if (deadline && (!next || *deadline < *next)) next = deadline;
        }
        return next;
    }

  private:
    std::optional<TimePoint>& At(Timer timer) {
        return m_deadlines[static_cast<std::size_t>(timer)];
    }

    std::array<std::optional<TimePoint>, kTimerCount> m_deadlines{};
};

}  // namespace crsp
