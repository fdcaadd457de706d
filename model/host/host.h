// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "model/base/bytes.h"
#include "model/base/time.h"
#include "model/connection/endpoint.h"

namespace crsp {

/// The socket abstraction: what an engine needs from the world it runs in. Implemented once by the
/// ns-3 adapter, once by the Asio adapter, once by the in-process simulator (CRSP §1.2).
class Host {
  public:
    virtual ~Host() = default;

    virtual TimePoint Now() const = 0;
    /// Sends the train described by `transmit` from `bytes` (its first `transmit.size` bytes).
    /// False if the socket cannot take it now: the driver keeps it and offers it again at the next
    /// Pump(), so nothing is lost or reordered.
    virtual bool Send(const Transmit& transmit, ConstByteSpan bytes) = 0;
    /// Arranges one Driver::OnAlarm() at `deadline`, replacing any earlier one; none if absent.
    virtual void SetAlarm(std::optional<TimePoint> deadline) = 0;
};

}  // namespace crsp
