// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "model/connection/endpoint.h"
#include "tests/sim/swarm/flow.h"
#include "tests/sim/swarm/verdict.h"

namespace crsp::sim {

/// The receiving end of one flow: the byte oracle. Content is a function of flow and offset, so any
/// byte that is wrong, missing, doubled or out of its place shows where it is read.
class FlowReceiver {
  public:
    FlowReceiver(const FlowPlan& plan, std::uint64_t key, bool isAnswer,
                 ConnectionHandle connection, StreamId stream, Verdict& verdict);

    void OnReadable(TimePoint now, Endpoint& endpoint);
    void OnReset();
    /// Datagrams have come.
    void OnDatagrams(Endpoint& endpoint);
    void OnTimeout(TimePoint now, Endpoint& endpoint);
    std::optional<TimePoint> NextTimeout() const { return m_done ? std::nullopt : m_nextAt; }
    /// The end was read, or nothing more is wanted or comes. Datagrams are never waited for.
    bool Done() const { return m_done; }
    std::uint64_t Received() const { return m_offset; }

  private:
    void Read(Endpoint& endpoint, std::size_t most);
    void TakeSkipped(const Range& skipped);
    void TakeBytes(ConstByteSpan bytes);
    void TakeEnd();
    void TakeDatagram(ConstByteSpan datagram);
    bool StopIfDue(Endpoint& endpoint);
    void Fail(const std::string& what);

    FlowPlan m_plan;
    std::uint64_t m_key;
    ConnectionHandle m_connection;
    StreamId m_stream;
    Verdict& m_verdict;
    std::uint64_t m_offset = 0;  ///< read or skipped
    bool m_skipping = false;
    bool m_done;
    std::optional<TimePoint> m_nextAt;  ///< of a slow reader
    std::set<std::uint64_t> m_datagrams;
    std::vector<std::byte> m_buffer;
    std::vector<std::byte> m_expected;
};

}  // namespace crsp::sim
