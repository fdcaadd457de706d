// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/message-roles.h"

#include <algorithm>

#include "model/base/bytes.h"

namespace crsp::lab {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

std::string FailureOf(const ClosedEvent& closed) {
    return closed.reason.empty() ? "closed" : closed.reason;
}

}  // namespace

MessageSource::MessageSource(const SocketAddress& to, const MessageLoad& load, std::uint8_t repair,
                             bool datagrams)
    : m_to(to), m_load(load), m_repair(repair), m_datagrams(datagrams), m_message(load.bytes) {}

void MessageSource::OnStart(TimePoint now, Endpoint& endpoint) {
    if (!endpoint.Connect(now, m_to)) m_failure = "cannot connect";
}

void MessageSource::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        m_connection = connected->connection;
        m_next = now + kMessagesSettle;
        if (m_datagrams) return;
        const auto stream = endpoint.OpenStream(*m_connection, StreamDirection::kUnidirectional,
                                                StreamMode::kDeadline, {m_repair});
        if (!stream) m_failure = ToString(stream.error());
        m_stream = stream.value_or(0);
    } else if (const auto* closed = std::get_if<ClosedEvent>(&event)) {
        m_failure = FailureOf(*closed);
        m_connection.reset();
        m_next.reset();
    }
}

void MessageSource::OnTimeout(TimePoint now, Endpoint& endpoint) {
    if (!m_next || now < *m_next) return;
    ByteWriter(m_message).U64(m_taken);
    const auto written = m_datagrams ? endpoint.SendDatagram(*m_connection, m_message)
                                     : endpoint.WriteMessage(*m_connection, m_stream, m_message,
                                                             now + m_load.patience);
    if (!written) m_failure = ToString(written.error());
    m_written.push_back({now, written ? std::optional(m_taken++) : std::nullopt});
    m_next = *m_next + m_load.interval;
    if (m_written.size() == m_load.count) m_next.reset();
}

MessageTarget::MessageTarget(const MessageLoad& load)
    : m_load(load), m_bytes(load.count), m_complete(load.count), m_buffer(kReadBytes) {}

void MessageTarget::OnEvent(TimePoint now, const Event& event, Endpoint& endpoint) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event)) {
        m_connection = connected->connection;
    } else if (const auto* opened = std::get_if<StreamOpenedEvent>(&event)) {
        ReadStream(now, opened->stream, endpoint);
    } else if (const auto* readable = std::get_if<StreamReadableEvent>(&event)) {
        ReadStream(now, readable->stream, endpoint);
    } else if (std::holds_alternative<DatagramReceivedEvent>(event)) {
        ReadDatagrams(now, endpoint);
    } else if (const auto* closed = std::get_if<ClosedEvent>(&event)) {
        m_failure = FailureOf(*closed);
        m_connection.reset();
    }
}

void MessageTarget::ReadStream(TimePoint now, StreamId stream, Endpoint& endpoint) {
    while (const auto read = endpoint.ReadUnordered(*m_connection, stream, m_buffer)) {
        if (read->bytes == 0 && read->skipped.Empty()) return;
        Note(now, {read->offset, read->offset + read->bytes});
        if (read->finished) return;
    }
}

void MessageTarget::ReadDatagrams(TimePoint now, Endpoint& endpoint) {
    while (const auto length = endpoint.ReadDatagram(*m_connection, m_buffer)) {
        if (!*length) return;
        const auto index = ByteReader(ConstByteSpan(m_buffer).first(**length)).U64();
        if (index) Note(now, {*index * m_load.bytes, (*index + 1) * m_load.bytes});
    }
}

void MessageTarget::Note(TimePoint now, Range range) {
    m_read += range.Length();
    while (!range.Empty()) {
        const std::size_t message = range.begin / m_load.bytes;
        const std::uint64_t end = std::min(range.end, (message + 1) * m_load.bytes);
        m_bytes[message] += end - range.begin;
        if (m_bytes[message] == m_load.bytes) m_complete[message] = now;
        range.begin = end;
    }
}

}  // namespace crsp::lab
