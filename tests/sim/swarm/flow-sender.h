// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <vector>

#include "model/connection/endpoint.h"
#include "tests/sim/swarm/flow.h"

namespace crsp::sim {

/// The sending end of one flow: writes what its plan says, as fast as it is let or at its times.
class FlowSender {
  public:
    /// `key` is that of the plan, or of its answer. `stream` has no meaning for datagrams.
    FlowSender(const FlowPlan& plan, std::uint64_t key, bool isAnswer, ConnectionHandle connection,
               StreamId stream, TimePoint now);

    /// Sends what is due and finds room.
    void Pump(TimePoint now, Endpoint& endpoint);
    void OnStopped() { m_done = true; }
    std::optional<TimePoint> NextTimeout() const;
    /// Everything was handed over, or it was cut short.
    bool Done() const { return m_done; }
    std::uint64_t Sent() const { return m_sent; }

  private:
    void WriteBytes(Endpoint& endpoint);
    /// Hands over the next message or datagram; false if it has to wait for room.
    bool SendNext(TimePoint now, Endpoint& endpoint);
    void Finish(Endpoint& endpoint);
    bool ResetIfDue(Endpoint& endpoint);

    FlowPlan m_plan;
    std::uint64_t m_key;
    ConnectionHandle m_connection;
    StreamId m_stream;
    std::uint64_t m_sent = 0;  ///< bytes, messages or datagrams
    bool m_done = false;
    std::optional<TimePoint> m_nextAt;
    std::vector<std::byte> m_buffer;
};

}  // namespace crsp::sim
