// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>

#include "model/base/time.h"

namespace crsp {

/// What the requests of one key may cost a server in a second, and at once (CRSP §9.10): bytes that
/// it reads and hashes. A core reads some hundred times as many.
inline constexpr std::uint64_t kRequestBytesPerSecond = 8 * 1024 * 1024;
inline constexpr std::uint64_t kRequestBytesAtOnce = 32 * 1024 * 1024;
/// What opening an entry counts as beside the bytes that must be read before its first, and what
/// any other request does.
inline constexpr std::uint64_t kRenderCost = 64 * 1024;
inline constexpr std::uint64_t kRequestCost = 16 * 1024;

/// The requests of one key, or of one connection without any. A request is a few bytes long and may
/// cost a thousand times as much, so that congestion control does not bound what they come to.
class RequestBudget {
  public:
    /// Takes `bytes`; or takes nothing, and tells how long to wait for them. What is more than
    /// kRequestBytesAtOnce counts as that.
    std::optional<Duration> Take(TimePoint now, std::uint64_t bytes);
    /// Takes `bytes` that have been read already, in debt if need be: what is asked for next waits.
    /// Debts end at kRequestBytesAtOnce.
    void Charge(TimePoint now, std::uint64_t bytes);

  private:
    TimePoint m_whole{};  ///< when it will be whole again
};

}  // namespace crsp
