// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/control-channel.h"

#include <algorithm>
#include <array>

#include "model/media/media-trace.h"

namespace crsp {
namespace {

/// Bytes asked of the stream at once.
constexpr std::size_t kReadSize = 4096;

}  // namespace

void RefuseStream(Endpoint& endpoint, ConnectionHandle connection, StreamId stream) {
    const auto code = static_cast<std::uint64_t>(MediaErrorCode::kNotSupported);
    (void)endpoint.StopSending(connection, stream, code);
    if (DirectionOf(stream) == StreamDirection::kBidirectional) {
        (void)endpoint.ResetStream(connection, stream, code);
    }
}

void ControlChannel::Open(Endpoint& endpoint) {
    const auto stream = endpoint.OpenStream(m_connection, StreamDirection::kBidirectional);
    m_closed = !stream || *stream != kControlStream;
}

void ControlChannel::Send(TimePoint now, Endpoint& endpoint, const Message& message) {
    if (m_closed) return;
    TraceMessage(m_tracer, now, "sent", message);
    EncodeMessage(message, m_pending);
    Flush(endpoint);
    if (m_pending.size() > kMaxPendingControlBytes) {
        Close(now, endpoint, MediaErrorCode::kBusy, "too many unread answers");
    }
}

void ControlChannel::Flush(Endpoint& endpoint) {
    if (m_closed || m_pending.empty()) return;
    const auto taken = endpoint.Write(m_connection, kControlStream, m_pending);
    if (!taken) return;  // the initiator has not opened it yet, or the connection is ending
    m_pending.erase(m_pending.begin(), m_pending.begin() + static_cast<std::ptrdiff_t>(*taken));
}

bool ControlChannel::Fill(Endpoint& endpoint) {
    std::array<std::byte, kReadSize> buffer;
    const auto space = ByteSpan(buffer).first(std::min(m_reader.Wanted(), buffer.size()));
    const auto result = endpoint.Read(m_connection, kControlStream, space);
    if (!result || result->bytes == 0) return false;
    m_reader.Append(space.first(result->bytes));
    return true;
}

std::optional<Message> ControlChannel::Receive(TimePoint now, Endpoint& endpoint) {
    while (!m_closed) {
        auto message = m_reader.Next();
        if (!message) {
            Close(now, endpoint, message.error(), "malformed control message");
            return std::nullopt;
        }
        if (*message) {
            TraceMessage(m_tracer, now, "received", **message);
            return std::move(*message);
        }
        if (!Fill(endpoint)) return std::nullopt;
    }
    return std::nullopt;
}

void ControlChannel::Close(TimePoint now, Endpoint& endpoint, MediaErrorCode code,
                           std::string_view reason) {
    if (m_closed) return;
    m_closed = true;
    m_pending.clear();
    (void)endpoint.Close(now, m_connection, static_cast<std::uint64_t>(code), reason);
}

}  // namespace crsp
