// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "model/base/bytes.h"
#include "model/base/socket-address.h"
#include "model/base/time.h"

namespace crsp {

/// What the engine tells an observer. Field names and meanings follow the qlog QUIC event
/// definitions where one exists (draft-ietf-quic-qlog-quic-events). Views are valid only during
/// the call.
namespace trace {

struct ConnectionStarted {
    SocketAddress remote;
    bool initiator;
};

struct ConnectionClosed {
    std::string_view error;  ///< name of the transport error code
    std::uint64_t applicationCode;
    std::string_view reason;
    bool byPeer;
};

/// What a STREAM frame carried.
struct StreamPart {
    std::uint64_t stream;
    std::uint64_t offset;
    std::uint64_t length;
    bool fin;
};

struct PacketSent {
    std::string_view type;  ///< initial, response, data
    std::uint64_t number;
    std::size_t length;  ///< datagram bytes
    bool ackEliciting;
    std::string_view frames;                   ///< comma-separated frame names, in order
    std::span<const StreamPart> streams = {};  ///< of the frames named stream, in order
};

struct PacketReceived {
    std::string_view type;
    std::uint64_t number;
    std::size_t length;
    std::string_view frames;
    std::span<const StreamPart> streams = {};  ///< as above
};

/// The peer has them, as it said for the first time; also those that had been taken for lost.
struct PacketsAcked {
    std::span<const std::uint64_t> numbers;
};

struct PacketDropped {
    std::string_view trigger;  ///< as qlog: duplicate, payload_decrypt_error, ...
    std::size_t length;
};

struct PacketLost {
    std::uint64_t number;
    std::string_view trigger;  ///< reordering_threshold, time_threshold, path_change
};

struct MetricsUpdated {
    Duration smoothedRtt;
    Duration rttVariance;
    Duration minRtt;
    Duration latestRtt;
    std::uint64_t congestionWindow;
    std::uint64_t bytesInFlight;
    std::uint64_t slowStartThreshold;
    std::uint64_t ptoCount;
};

/// The peer's new address has been validated and is in use.
struct PathChanged {
    SocketAddress remote;
    bool rebinding;  ///< another port of the same host
};

/// The path is known to carry datagrams of this size, or no longer those of a larger one.
struct MtuUpdated {
    std::uint64_t size;
};

/// What is known of the path's treatment of ECN marks (CRSP §6.7).
struct EcnStateUpdated {
    std::string_view newState;  ///< off, testing, unknown, capable, failed
};

/// A period of too much loss at the smallest window, or the end of a row of them (CRSP §6.8).
struct CircuitBreakerUpdated {
    std::uint64_t periods;  ///< in a row; 0: the last was none
    std::uint64_t packets;  ///< that met their fate in it
    std::uint64_t lost;
};

struct CongestionStateUpdated {
    std::string_view newState;  ///< as the controllers have it (CRSP §6.5)
};

/// A media message or a change of a role's state; see model/media.
struct MediaEvent {
    std::string_view name;  ///< as in render, paused, generation
    std::uint64_t generation;
    std::uint64_t position;  ///< bytes
    std::string_view detail;
};

}  // namespace trace

using TraceEvent =
    std::variant<trace::ConnectionStarted, trace::ConnectionClosed, trace::PacketSent,
                 trace::PacketReceived, trace::PacketDropped, trace::PacketLost,
                 trace::MetricsUpdated, trace::CongestionStateUpdated, trace::PacketsAcked,
                 trace::MediaEvent, trace::PathChanged, trace::MtuUpdated, trace::EcnStateUpdated,
                 trace::CircuitBreakerUpdated>;

/// Observer of an endpoint: one for all its connections. Must not call back into the engine.
class Tracer {
  public:
    virtual ~Tracer() = default;
    /// `group` is the initiator's connection id, the same at both ends, or 0 outside a connection.
    virtual void OnEvent(TimePoint now, std::uint64_t group, const TraceEvent& event) = 0;
    /// Whether PacketSent, PacketReceived and PacketsAcked are wanted, which cost the most to make.
    /// Asked once for each connection, as it begins.
    virtual bool WantsPackets() const { return true; }
};

}  // namespace crsp
