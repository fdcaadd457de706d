// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "model/base/bytes.h"
#include "model/base/range-set.h"
#include "model/base/result.h"
#include "model/base/socket-address.h"
#include "model/base/time.h"
#include "model/connection/datagram.h"
#include "model/connection/endpoint-config.h"
#include "model/connection/event.h"
#include "model/connection/stats.h"
#include "model/wire/error-codes.h"
#include "model/wire/types.h"

namespace crsp {

/// What Read delivered.
struct ReadResult {
    std::size_t bytes = 0;
    /// Offsets of the stream in front of these bytes that the peer gave up (CRSP §5.8); it ends
    /// where a message ends.
    Range skipped{};
    bool finished = false;     ///< the peer's end of the stream has been reached
    std::uint64_t offset = 0;  ///< of the first of these bytes in the stream
};

/// One UDP socket's worth of CRSP: any number of connections, opened here or accepted.
///
/// Sans-I/O (CRSP §1.2): the host hands in datagrams and the time, and pulls datagrams, events and
/// the next deadline. Nothing here blocks, calls back, or reads a clock; the same calls with the
/// same arguments give the same results, byte for byte. Not thread-safe; one owner.
class Endpoint {
  public:
    explicit Endpoint(EndpointConfig config);
    ~Endpoint();
    Endpoint(Endpoint&&) noexcept;
    Endpoint& operator=(Endpoint&&) noexcept;

    /// Takes in one datagram. Noise of any kind is dropped and counted in Stats(). Poll events and
    /// transmits afterwards.
    void HandleDatagram(TimePoint now, const Datagram& datagram);
    /// Runs every timer that is due at `now`. A spurious call is harmless.
    void HandleTimeout(TimePoint now);
    /// Writes the next train of datagrams into `buffer`, which must hold at least the configured
    /// maxDatagramSize; nothing when there is nothing to send now. Call until it returns nothing.
    std::optional<Transmit> PollTransmit(TimePoint now, ByteSpan buffer);
    /// When HandleTimeout wants to be called next; nothing if no timer runs. Current once
    /// PollTransmit has returned nothing. O(1), changes nothing.
    std::optional<TimePoint> NextTimeout() const;

    /// The oldest event not yet seen. Pulled, so that nothing re-enters.
    std::optional<Event> PollEvent();

    /// Starts a handshake with `remote`. ConnectedEvent or ClosedEvent follows. An endpoint with an
    /// identity names the key that the peer must prove, or pairs if it is configured to; without
    /// either it is kNoPeerKey. Other endpoints ignore `peer`.
    Expected<ConnectionHandle, UsageError> Connect(
        TimePoint now, const SocketAddress& remote,
        const std::optional<PeerKey>& peer = std::nullopt);
    /// Replaces EndpointConfig::peers. Connections with keys that are no longer among them, both
    /// those we accepted and those we opened, end at once with CONNECTION_REFUSED.
    void SetPeers(TimePoint now, std::vector<PeerKey> peers);
    /// Opens the next stream of ours; kStreamLimit until the peer grants one, and while
    /// kMaxOwnStreams of that direction are not finished. The first bidirectional stream of the
    /// initiator is kControlStream.
    /// With kDeadline, for unidirectional ones, it takes messages (WriteMessage) and no bytes;
    /// `repair` adds forward error correction to it (CRSP §5.9), kRefused if the peer's
    /// maxRepairSymbol is 0.
    Expected<StreamId, UsageError> OpenStream(ConnectionHandle connection,
                                              StreamDirection direction,
                                              StreamMode mode = StreamMode::kReliable,
                                              RepairOptions repair = {});
    /// Copies a message into a deadline stream, whole or not at all (CRSP §5.8). Once `deadline`
    /// has come it is not sent, or sent again, and the peer is told to go on without it; one before
    /// that of the message before counts as that. kTooLong if the send buffer never holds it;
    /// kBlocked while it has no room: a StreamWritableEvent follows. Write with no bytes and
    /// `finish` ends the stream.
    Expected<void, UsageError> WriteMessage(ConnectionHandle connection, StreamId stream,
                                            ConstByteSpan message, TimePoint deadline);
    /// Copies as much of `data` as the send buffer takes and returns how much that was; with
    /// `finish` the stream ends after it, provided all of it was taken. If cut short, a
    /// StreamWritableEvent follows.
    Expected<std::size_t, UsageError> Write(ConnectionHandle connection, StreamId stream,
                                            ConstByteSpan data, bool finish = false);
    /// Copies bytes in order into `out`, and grants the peer as much new credit: a receiver that
    /// stops reading stops the sender within one window.
    Expected<ReadResult, UsageError> Read(ConnectionHandle connection, StreamId stream,
                                          ByteSpan out);
    /// Copies bytes as they arrived, in any order: `offset` says where they stand in the stream,
    /// and each byte comes once (CRSP §5.2). From the first call on, at best on StreamOpenedEvent,
    /// the stream is readable whenever anything new has arrived, and Read fails with kBadMode. A
    /// range the peer gave up comes as `skipped`, whole, without bytes. Credit is granted as the
    /// front of the stream is complete.
    Expected<ReadResult, UsageError> ReadUnordered(ConnectionHandle connection, StreamId stream,
                                                   ByteSpan out);
    /// Abandons our sending side: nothing more is sent or repeated.
    Expected<void, UsageError> ResetStream(ConnectionHandle connection, StreamId stream,
                                           std::uint64_t applicationCode);
    /// How soon bytes of the stream go out, compared with those of others: urgency 0 first, 7 last,
    /// in turn within one (RFC 9218 §4.1, CRSP §5.7). Streams begin with 3. kControlStream goes
    /// first in any case.
    Expected<void, UsageError> SetPriority(ConnectionHandle connection, StreamId stream,
                                           std::uint8_t urgency);
    /// Asks the peer to stop sending, and drops what it still sends.
    Expected<void, UsageError> StopSending(ConnectionHandle connection, StreamId stream,
                                           std::uint64_t applicationCode);
    /// Queues an unreliable datagram (RFC 9221, CRSP §5.6): sent once, under congestion control,
    /// and never repeated. kRefused if the peer takes none, kTooLong beyond DatagramLimit, kBlocked
    /// while the queue is full.
    Expected<void, UsageError> SendDatagram(ConnectionHandle connection, ConstByteSpan datagram);
    /// Takes the oldest unreliable datagram received, nothing if there is none, and returns its
    /// length; what `out` does not hold of it is gone. The queue is bounded: what comes while it is
    /// full is dropped and counted.
    Expected<std::optional<std::size_t>, UsageError> ReadDatagram(ConnectionHandle connection,
                                                                  ByteSpan out);
    /// The longest unreliable datagram that goes through now, bytes; nothing if the peer takes
    /// none.
    Expected<std::optional<std::size_t>, UsageError> DatagramLimit(
        ConnectionHandle connection) const;
    /// Ends the connection at once with CONNECTION_CLOSE. ClosedEvent follows. Zero is a clean end.
    Expected<void, UsageError> Close(TimePoint now, ConnectionHandle connection,
                                     std::uint64_t applicationCode, std::string_view reason);

    /// Counters of one connection, also of one that has just closed: until HandleTimeout is called
    /// at a later instant, which leaves time to poll its ClosedEvent.
    Expected<ConnectionStats, UsageError> StatsOf(ConnectionHandle connection) const;
    const EndpointStats& Stats() const;
    std::size_t ConnectionCount() const;
    std::size_t MaxDatagramSize() const;

  private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace crsp
