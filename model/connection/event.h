// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "model/base/socket-address.h"
#include "model/connection/known-peer.h"
#include "model/wire/error-codes.h"
#include "model/wire/types.h"

namespace crsp {

/// Names a connection within its endpoint; never reused while the endpoint lives.
using ConnectionHandle = std::uint64_t;

/// The handshake is complete: streams may be opened and written.
struct ConnectedEvent {
    ConnectionHandle connection;
    Side side;
    SocketAddress remote;
    HandshakeMode mode = HandshakeMode::kPreSharedKey;
    /// Who the peer has proved to be; absent where it proved no key of its own.
    std::optional<PeerKey> peer = std::nullopt;
    /// With kPairing: six digits, the same at both ends unless somebody stands in between. Until
    /// people have compared them, `peer` is only a claim.
    std::uint32_t pairingCode = 0;
};

/// The connection has ended; its handle is invalid from here on. Comes exactly once for each
/// connection, also for one that never reached ConnectedEvent.
struct ClosedEvent {
    ConnectionHandle connection;
    /// kNoError after a clean close; kApplicationError if `applicationCode` says why.
    TransportErrorCode code;
    std::uint64_t applicationCode = 0;
    std::string reason;
    bool byPeer = false;
};

/// The peer opened a stream. A StreamReadableEvent follows when it has bytes.
struct StreamOpenedEvent {
    ConnectionHandle connection;
    StreamId stream;
};

/// Bytes in order, or the end of the stream, can be read. Comes again only after a Read that
/// returned less than it was offered space for (edge-triggered).
struct StreamReadableEvent {
    ConnectionHandle connection;
    StreamId stream;
};

/// Send buffer space has come free after a Write was cut short.
struct StreamWritableEvent {
    ConnectionHandle connection;
    StreamId stream;
};

/// The peer abandoned its sending side with RESET_STREAM; unread bytes are gone.
struct StreamResetEvent {
    ConnectionHandle connection;
    StreamId stream;
    std::uint64_t applicationCode;
};

/// The peer will not read any more (STOP_SENDING); our side has been reset.
struct StreamStoppedEvent {
    ConnectionHandle connection;
    StreamId stream;
    std::uint64_t applicationCode;
};

/// The peer has moved, or a NAT has given it another address; the new one has been validated and is
/// in use. Nothing is to be done.
struct PathChangedEvent {
    ConnectionHandle connection;
    SocketAddress remote;
};

/// Unreliable datagrams can be read. Comes again only after a ReadDatagram that found none.
struct DatagramReceivedEvent {
    ConnectionHandle connection;
};

using Event = std::variant<ConnectedEvent, ClosedEvent, StreamOpenedEvent, StreamReadableEvent,
                           StreamWritableEvent, StreamResetEvent, StreamStoppedEvent,
                           PathChangedEvent, DatagramReceivedEvent>;

}  // namespace crsp
