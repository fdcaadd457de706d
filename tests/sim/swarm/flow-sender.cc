// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/swarm/flow-sender.h"

#include <algorithm>

#include "model/base/bytes.h"
#include "model/media/memory-content-store.h"

namespace crsp::sim {
namespace {

constexpr std::size_t kBlock = 8192;
constexpr std::uint64_t kResetCode = 17;
/// A message that found no room is tried again this much later.
constexpr Duration kRetryInterval = milliseconds(5);

}  // namespace

FlowSender::FlowSender(const FlowPlan& plan, std::uint64_t key, bool isAnswer,
                       ConnectionHandle connection, StreamId stream, TimePoint now)
    : m_plan(plan), m_key(key), m_connection(connection), m_stream(stream) {
    if (isAnswer) m_plan.resetAfter.reset();
    if (plan.kind != FlowPlan::Kind::kReliable) m_nextAt = now;
}

void FlowSender::Pump(TimePoint now, Endpoint& endpoint) {
    if (m_done) return;
    if (m_plan.kind == FlowPlan::Kind::kReliable) return WriteBytes(endpoint);
    while (!m_done && m_nextAt && now >= *m_nextAt) {
        if (ResetIfDue(endpoint)) return;
        if (m_sent == m_plan.size) {
            m_nextAt = now + kRetryInterval;
            return Finish(endpoint);
        }
        const bool taken = SendNext(now, endpoint);
        if (!taken) m_nextAt = now + kRetryInterval;
        if (!taken) return;
        ++m_sent;
        *m_nextAt += m_plan.interval;
    }
}

void FlowSender::WriteBytes(Endpoint& endpoint) {
    while (!m_done && !ResetIfDue(endpoint)) {
        const std::uint64_t end = std::min(m_plan.size, m_plan.resetAfter.value_or(m_plan.size));
        m_buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, end - m_sent)));
        FillGenerated(m_key, m_sent, m_buffer);
        const bool last = m_sent + m_buffer.size() == m_plan.size;
        const auto taken = endpoint.Write(m_connection, m_stream, m_buffer, last);
        if (!taken) return;  // closed or stopped: the event is on its way
        m_sent += *taken;
        m_done = last && *taken == m_buffer.size();
        if (*taken < m_buffer.size()) return;
    }
}

bool FlowSender::SendNext(TimePoint now, Endpoint& endpoint) {
    m_buffer.resize(static_cast<std::size_t>(m_plan.messageSize));
    if (m_plan.kind == FlowPlan::Kind::kDeadline) {
        FillGenerated(m_key, m_sent * m_plan.messageSize, m_buffer);
        const auto deadline = now + m_plan.patience;
        const auto written = endpoint.WriteMessage(m_connection, m_stream, m_buffer, deadline);
        return written || written.error() == UsageError::kTooLong;
    }
    FillGenerated(m_key + m_sent, 0, m_buffer);
    for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i) {
        m_buffer[i] = static_cast<std::byte>(m_sent >> (8 * i));
    }
    (void)endpoint.SendDatagram(m_connection, m_buffer);  // refused and blocked ones are lost
    return true;
}

void FlowSender::Finish(Endpoint& endpoint) {
    m_done = m_plan.kind == FlowPlan::Kind::kDatagrams ||
             endpoint.Write(m_connection, m_stream, {}, true).has_value();
}

bool FlowSender::ResetIfDue(Endpoint& endpoint) {
    if (!m_plan.resetAfter || m_sent < *m_plan.resetAfter) return false;
    (void)endpoint.ResetStream(m_connection, m_stream, kResetCode);
    return m_done = true;
}

std::optional<TimePoint> FlowSender::NextTimeout() const {
    return m_done ? std::nullopt : m_nextAt;
}

}  // namespace crsp::sim
