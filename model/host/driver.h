// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "model/connection/endpoint.h"
#include "model/host/host.h"
#include "model/host/role.h"

namespace crsp {

/// Sees every input that reaches a driver, and every datagram that leaves it, so that a run can be
/// recorded in one world and replayed in another.
class DriverObserver {
  public:
    virtual ~DriverObserver() = default;
    virtual void OnInputDatagram(TimePoint now, const Datagram& datagram) = 0;
    virtual void OnInputAlarm(TimePoint now) = 0;
    virtual void OnInputPump(TimePoint now) = 0;
    virtual void OnOutput(TimePoint now, const Transmit& transmit, ConstByteSpan bytes) = 0;
};

/// The only loop body in the project: moves datagrams, deadlines and events between a host, an
/// endpoint and a role. None of the three is owned; all must outlive the driver.
class Driver {
  public:
    Driver(Host& host, Endpoint& endpoint, Role& role, DriverObserver* observer = nullptr);

    /// Starts the role and sends what it wants sent. Call once.
    void Start();
    /// Hands one received datagram to the endpoint. Call Pump() after the last of a batch.
    void OnDatagram(const Datagram& datagram);
    /// Call at the deadline given to Host::SetAlarm. Pumps.
    void OnAlarm();
    /// Brings everything to rest: delivers events to the role, sends all that may be sent now, sets
    /// the alarm. Call after the role was given a command from outside, or when a socket that
    /// refused a Send has become writable.
    void Pump();
    /// Tells the role to end, and pumps.
    void Shutdown();

  private:
    /// Returns whether there were any.
    bool DeliverEvents(TimePoint now);
    bool SendAll(TimePoint now);
    bool SendPending(TimePoint now);

    Host& m_host;
    Endpoint& m_endpoint;
    Role& m_role;
    DriverObserver* m_observer;
    std::vector<std::byte> m_buffer;
    std::optional<Transmit> m_pending;
};

}  // namespace crsp
