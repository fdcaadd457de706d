// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/bench-roles.h"

#include <algorithm>

namespace crsp::lab {
namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

std::string FailureOf(const ClosedEvent& closed) {
    return closed.reason.empty() ? "closed" : closed.reason;
}

}  // namespace

BulkSender::BulkSender(SocketAddress to, std::uint64_t bytes)
    : m_to(to), m_left(bytes), m_endless(bytes == 0), m_chunk(kChunkBytes) {}

void BulkSender::OnStart(TimePoint now, Endpoint& endpoint) {
    if (!endpoint.Connect(now, m_to)) m_failure = "cannot connect";
}

void BulkSender::OnEvent(TimePoint, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        m_connection = connected->connection;
        m_stream = *endpoint.OpenStream(*m_connection, StreamDirection::kUnidirectional);
        WriteMore(endpoint);
    } else if (std::holds_alternative<StreamWritableEvent>(event)) {
        WriteMore(endpoint);
    } else if (const auto* closed = std::get_if<ClosedEvent>(&event)) {
        m_failure = FailureOf(*closed);
        m_connection.reset();
    }
}

void BulkSender::WriteMore(Endpoint& endpoint) {
    while (m_endless || m_left > 0) {
        const std::size_t size =
            m_endless ? kChunkBytes : std::min<std::uint64_t>(kChunkBytes, m_left);
        const bool finish = !m_endless && size == m_left;
        const auto written =
            endpoint.Write(*m_connection, m_stream, ConstByteSpan(m_chunk).first(size), finish);
        if (!written) return;
        if (!m_endless) m_left -= *written;
        if (*written < size) return;
    }
}

BulkReceiver::BulkReceiver() : m_buffer(kChunkBytes) {}

void BulkReceiver::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        m_connection = connected->connection;
    } else if (const auto* readable = std::get_if<StreamReadableEvent>(&event)) {
        ReadAll(now, *readable, endpoint);
    } else if (const auto* closed = std::get_if<ClosedEvent>(&event)) {
        m_failure = FailureOf(*closed);
        m_connection.reset();
    }
}

void BulkReceiver::ReadAll(TimePoint now, const StreamReadableEvent& event, Endpoint& endpoint) {
    while (const auto result = endpoint.Read(event.connection, event.stream, m_buffer)) {
        if (result->bytes > 0 && !m_first) m_first = now;
        m_bytes += result->bytes;
        if (result->finished && !m_last) m_last = now;
        if (result->finished || result->bytes < m_buffer.size()) return;
    }
}

}  // namespace crsp::lab
