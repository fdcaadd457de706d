// SPDX-License-Identifier: BSD-3-Clause
#include "tests/sim/pattern-roles.h"

#include <algorithm>
#include <array>

#include "model/base/assert.h"

namespace crsp::sim {

void PatternSender::OnStart(TimePoint now, Endpoint& endpoint) {
    CRSP_ASSERT(endpoint.Connect(now, m_remote).has_value());
}

void PatternSender::OnEvent(TimePoint, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        m_connection = connected->connection;
        m_stream = *endpoint.OpenStream(*m_connection, StreamDirection::kUnidirectional);
        WriteMore(endpoint);
    }
    if (std::holds_alternative<StreamWritableEvent>(event)) WriteMore(endpoint);
    if (const auto* closed = std::get_if<ClosedEvent>(&event)) m_closed = *closed;
}

void PatternSender::WriteMore(Endpoint& endpoint) {
    std::array<std::byte, 4096> block;
    while (m_written <= m_size) {
        const auto length = std::min<std::uint64_t>(block.size(), m_size - m_written);
        for (std::size_t i = 0; i < length; ++i) block[i] = PatternByte(m_written + i);
        const bool last = m_written + length == m_size;
        const auto taken =
            endpoint.Write(*m_connection, m_stream, ConstByteSpan(block).first(length), last);
        if (!taken) return;
        m_written += *taken;
        if (*taken < length) return;
        if (last) m_written = m_size + 1;
    }
}

void PatternReceiver::OnEvent(TimePoint, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        m_connection = connected->connection;
    }
    if (const auto* readable = std::get_if<StreamReadableEvent>(&event)) {
        m_stream = readable->stream;
        if (!m_hold) ReadAll(endpoint);
    }
    if (const auto* closed = std::get_if<ClosedEvent>(&event)) m_closed = *closed;
}

void PatternReceiver::ReadAll(Endpoint& endpoint) {
    if (!m_stream) return;
    while (!m_finished) {
        const auto read = endpoint.Read(*m_connection, *m_stream, m_buffer);
        if (!read) return;
        for (std::size_t i = 0; i < read->bytes; ++i) {
            if (m_buffer[i] != PatternByte(m_received + i)) ++m_wrong;
        }
        m_received += read->bytes;
        m_finished = read->finished;
        if (read->bytes < m_buffer.size()) return;
    }
}

}  // namespace crsp::sim
