// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "model/connection/endpoint.h"
#include "model/media/message-reader.h"

namespace crsp {

class Tracer;

/// Refuses a stream that the peer had no business to open.
void RefuseStream(Endpoint& endpoint, ConnectionHandle connection, StreamId stream);

/// Encoded messages that may wait for a peer to read them; one that lets more pile up loses its
/// connection with kBusy (CRSP §9.9).
inline constexpr std::size_t kMaxPendingControlBytes = 256 * 1024;

/// Messages of one connection on its control stream, in both directions. Holds no reference to the
/// endpoint, so that roles can be moved through containers; every call takes it.
class ControlChannel {
  public:
    /// Every message sent and received is told to `tracer`, which may be null.
    explicit ControlChannel(ConnectionHandle connection, Tracer* tracer = nullptr)
        : m_connection(connection), m_tracer(tracer) {}

    ConnectionHandle Connection() const { return m_connection; }
    /// Opens the control stream; for the connection's initiator, at ConnectedEvent.
    void Open(Endpoint& endpoint);
    /// Queues `message` and writes what the stream takes; nothing before the initiator has opened
    /// the stream. Closes the connection with kBusy if more than kMaxPendingControlBytes would
    /// wait; does nothing once closed.
    void Send(TimePoint now, Endpoint& endpoint, const Message& message);
    /// Writes on after a StreamOpenedEvent or StreamWritableEvent of kControlStream.
    void Flush(Endpoint& endpoint);
    /// The next message that has arrived; nothing when none is complete. Call until it returns
    /// nothing after a StreamReadableEvent of kControlStream. Closes the connection with
    /// kMalformedMessage at the first one that cannot be decoded.
    std::optional<Message> Receive(TimePoint now, Endpoint& endpoint);
    /// Closes the connection; no message passes after it. A second call does nothing.
    void Close(TimePoint now, Endpoint& endpoint, MediaErrorCode code, std::string_view reason);
    bool Closed() const { return m_closed; }

  private:
    bool Fill(Endpoint& endpoint);

    ConnectionHandle m_connection;
    Tracer* m_tracer;
    MessageReader m_reader;
    std::vector<std::byte> m_pending;
    bool m_closed = false;
};

}  // namespace crsp
