// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "model/host/driver.h"

namespace crsp {

/// Knows when something came last from those that a node connects to, whatever it was: so a peer
/// that does not prove its key can be told from nobody being there.
class ArrivalWatch final : public DriverObserver {
  public:
    /// `next` sees all that this sees; may be null.
    explicit ArrivalWatch(DriverObserver* next = nullptr) : m_next(next) {}

    void Watch(const SocketAddress& address) { m_watched.push_back({address, std::nullopt}); }
    /// Nothing if nothing came from there, or it is not watched.
    std::optional<TimePoint> LastFrom(const SocketAddress& address) const;

    void OnInputDatagram(TimePoint now, const Datagram& datagram) override;
    void OnInputAlarm(TimePoint now) override;
    void OnInputPump(TimePoint now) override;
    void OnOutput(TimePoint now, const Transmit& transmit, ConstByteSpan bytes) override;

  private:
    struct Watched {
        SocketAddress address;
        std::optional<TimePoint> last;
    };

    DriverObserver* m_next;
    std::vector<Watched> m_watched;
};

}  // namespace crsp
