// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/endpoint.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "model/base/assert.h"
#include "model/connection/connection.h"
#include "model/connection/deadline-queue.h"
#include "model/wire/packet-header.h"

namespace crsp {
namespace {

/// Responders' handshakes not yet confirmed, at most: beyond it Initials are dropped (CRSP §10).
constexpr std::size_t kMaxHalfOpen = 256;
/// Version negotiations waiting to be sent, at most; more are not answered.
constexpr std::size_t kMaxPendingReplies = 16;

struct Reply {
    SocketAddress destination;
    ConnectionId connection = 0;
};

HandshakeConfig MakeHandshakeConfig(const EndpointConfig& config) {
    const auto& t = config.transport;
    HandshakeConfig handshake{.psk = std::nullopt, .suite = config.suite, .parameters = {}};
    if (config.psk) handshake.psk.emplace(*config.psk);
    handshake.parameters = {.initialMaxData = t.connectionReceiveWindow,
                            .initialMaxStreamData = t.streamReceiveWindow,
                            .initialMaxStreams = t.maxPeerStreams,
                            .maxIdleTimeout = t.idleTimeout,
                            .maxAckDelay = t.maxAckDelay,
                            .maxDatagramSize = kMaxDatagramSize,
                            .maxDatagramFrameSize = t.maxDatagramFrameSize};
    return handshake;
}

/// Names one attempt to connect: a repeated Initial has the same address and connection id.
struct Attempt {
    SocketAddress source;
    ConnectionId id;
    bool operator==(const Attempt&) const = default;
};

struct AttemptHash {
    std::size_t operator()(const Attempt& attempt) const {
        return SocketAddressHash{}(attempt.source) ^ attempt.id;
    }
};

}  // namespace

class Endpoint::Impl {
  public:
    explicit Impl(EndpointConfig config)
        : m_config(std::move(config)),
          m_handshake(MakeHandshakeConfig(m_config)),
          m_random(m_config.seed),
          m_receiveBudget(m_config.maxReceiveMemory) {
        const auto size = m_config.transport.maxDatagramSize;
        CRSP_ASSERT(size >= kMinDatagramSize && size <= kMaxDatagramSize);
    }

    void HandleDatagram(TimePoint now, const Datagram& datagram);
    void HandleTimeout(TimePoint now);
    std::optional<Transmit> PollTransmit(TimePoint now, ByteSpan buffer);
    Expected<ConnectionHandle, UsageError> Connect(TimePoint now, const SocketAddress& remote);

    /// The connection, or null if there is none of that handle.
    Connection* Find(ConnectionHandle handle) const {
        const auto found = m_connections.find(handle);
        return found == m_connections.end() ? nullptr : found->second.connection.get();
    }
    Expected<StreamSet*, UsageError> StreamsOf(ConnectionHandle handle) const;
    /// The connection while it can be used.
    Expected<Connection*, UsageError> EstablishedOf(ConnectionHandle handle) const;
    /// Something about the connection has changed: it may have to send, and its deadline may
    /// differ.
    void Touch(ConnectionHandle handle);

    EndpointConfig m_config;
    HandshakeConfig m_handshake;
    SecureRandom m_random;
    RingQueue<Event> m_events;
    EndpointStats m_stats;
    DeadlineQueue m_deadlines;
    ReceiveBudget m_receiveBudget;
    struct Slot {
        std::unique_ptr<Connection> connection;
        bool ready = false;     ///< stands in m_ready
        bool halfOpen = false;  ///< counted in m_halfOpen
        Attempt attempt{};      ///< of a responder: its key in m_attempts
    };
    std::unordered_map<ConnectionHandle, Slot> m_connections;

  private:
    void OnInitial(TimePoint now, const Datagram& datagram, const InitialHeader& header);
    void Accept(TimePoint now, const Datagram& datagram, const InitialHeader& header);
    void OnResponse(TimePoint now, const Datagram& datagram, ConnectionId destination);
    void OnData(TimePoint now, const Datagram& datagram, const DataHeader& header);
    void OnVersionNegotiation(TimePoint now, const VersionNegotiationHeader& header);
    std::optional<ConnectionHandle> HandleOf(ConnectionId id) const;
    ConnectionId NewConnectionId();
    ConnectionSetup MakeSetup(Side side, const SocketAddress& remote);
    void Remove(ConnectionHandle handle);
    void NoLongerHalfOpen(Slot& slot);
    std::optional<Transmit> WriteReply(ByteSpan buffer);
    std::optional<Transmit> WriteTrain(TimePoint now, Connection& connection, ByteSpan buffer);

    std::unordered_map<ConnectionId, ConnectionHandle> m_handles;
    /// Connections of others by the Initial that began them. Kept while they live, so that an
    /// Initial that the network delays or repeats never begins a second one.
    std::unordered_map<Attempt, ConnectionHandle, AttemptHash> m_attempts;
    std::size_t m_halfOpen = 0;
    RingQueue<Reply> m_replies;
    RingQueue<ConnectionHandle> m_ready;  ///< may have something to send; served in turn
    ConnectionHandle m_nextHandle = 1;
};

void Endpoint::Impl::HandleDatagram(TimePoint now, const Datagram& datagram) {
    ++m_stats.datagramsReceived;
    const auto header = DecodePacketHeader(datagram.payload);
    if (!header) {
        ++m_stats.droppedMalformed;
        return;
    }
    struct Dispatch {
        Impl& self;
        TimePoint now;
        const Datagram& datagram;

        void operator()(const InitialHeader& h) { self.OnInitial(now, datagram, h); }
        void operator()(const ResponseHeader& h) { self.OnResponse(now, datagram, h.destination); }
        void operator()(const DataHeader& h) { self.OnData(now, datagram, h); }
        void operator()(const VersionNegotiationHeader& h) { self.OnVersionNegotiation(now, h); }
    };
    std::visit(Dispatch{*this, now, datagram}, *header);
}

void Endpoint::Impl::OnInitial(TimePoint now, const Datagram& datagram,
                               const InitialHeader& header) {
    if (datagram.payload.size() < kMinDatagramSize) {
        ++m_stats.droppedInitialTooSmall;
        return;
    }
    if (header.version != kProtocolVersion) {
        ++m_stats.droppedVersion;
        if (m_config.acceptConnections && m_replies.Size() < kMaxPendingReplies) {
            m_replies.Push({datagram.source, header.source});
        }
        return;
    }
    const auto known = m_attempts.find({datagram.source, header.source});
    if (known != m_attempts.end()) {
        Find(known->second)->OnRepeatedInitial();
        return Touch(known->second);
    }
    Accept(now, datagram, header);
}

void Endpoint::Impl::Accept(TimePoint now, const Datagram& datagram, const InitialHeader& header) {
    if (!m_config.acceptConnections || m_connections.size() >= m_config.maxConnections ||
        m_halfOpen >= kMaxHalfOpen) {
        ++m_stats.droppedInitialRefused;
        return;
    }
    const ConnectionSetup setup = MakeSetup(Side::kResponder, datagram.source);
    const auto answer = AnswerInitial(m_handshake, header, datagram.payload, setup.own, m_random);
    if (!answer) {
        ++m_stats.droppedAuthentication;
        return;
    }
    ++m_stats.handshakesStarted;
    const Attempt attempt{datagram.source, header.source};
    m_connections[setup.handle] = {.connection = std::make_unique<Connection>(now, setup, *answer),
                                   .ready = false,
                                   .halfOpen = true,
                                   .attempt = attempt};
    ++m_halfOpen;
    m_handles[setup.own] = setup.handle;
    m_attempts[attempt] = setup.handle;
    Touch(setup.handle);
}

void Endpoint::Impl::OnResponse(TimePoint now, const Datagram& datagram, ConnectionId destination) {
    const auto handle = HandleOf(destination);
    if (!handle) {
        ++m_stats.droppedUnknownConnection;
        return;
    }
    if (!Find(*handle)->OnResponse(now, datagram.payload)) {
        ++m_stats.droppedAuthentication;
        return;
    }
    Touch(*handle);
}

void Endpoint::Impl::OnData(TimePoint now, const Datagram& datagram, const DataHeader& header) {
    if (datagram.payload.size() < kDataHeaderLength + kAeadTagLength) {
        ++m_stats.droppedMalformed;
        return;
    }
    const auto handle = HandleOf(header.destination);
    if (!handle) {
        ++m_stats.droppedUnknownConnection;
        return;
    }
    Slot& slot = m_connections.at(*handle);
    if (!slot.connection->OnData(now, header.number, datagram)) {
        ++m_stats.droppedAuthentication;
        if (slot.connection->Ended()) Touch(*handle);  // by too many of them
        return;
    }
    if (slot.halfOpen) {
        NoLongerHalfOpen(slot);
        ++m_stats.handshakesCompleted;
    }
    Touch(*handle);
}

void Endpoint::Impl::OnVersionNegotiation(TimePoint now, const VersionNegotiationHeader& header) {
    const auto handle = HandleOf(header.destination);
    if (!handle) {
        ++m_stats.droppedUnknownConnection;
        return;
    }
    Find(*handle)->OnVersionNegotiation(now, header.version);
    Touch(*handle);
}

void Endpoint::Impl::HandleTimeout(TimePoint now) {
    while (const auto handle = m_deadlines.PopDue(now)) {
        Connection& connection = *Find(*handle);
        connection.OnTimeout(now);
        if (connection.Gone()) {
            Remove(*handle);
        } else {
            Touch(*handle);
        }
    }
}

std::optional<Transmit> Endpoint::Impl::PollTransmit(TimePoint now, ByteSpan buffer) {
    if (!m_replies.Empty()) return WriteReply(buffer);
    while (!m_ready.Empty()) {
        const ConnectionHandle handle = m_ready.Pop();
        const auto found = m_connections.find(handle);
        if (found == m_connections.end()) continue;
        Connection& connection = *found->second.connection;
        const auto transmit = WriteTrain(now, connection, buffer);
        if (transmit) {
            m_ready.Push(handle);
            return transmit;
        }
        found->second.ready = false;
        m_deadlines.Set(handle, connection.NextTimeout());
    }
    return std::nullopt;
}

std::optional<Transmit> Endpoint::Impl::WriteTrain(TimePoint now, Connection& connection,
                                                   ByteSpan buffer) {
    const std::size_t segment = connection.DatagramSize();
    CRSP_ASSERT(buffer.size() >= segment);
    if (const auto solitary = connection.WriteSolitary(now, buffer); solitary.size > 0) {
        ++m_stats.datagramsSent;
        return solitary;
    }
    std::size_t size = 0;
    std::size_t last = segment;
    while (last == segment && buffer.size() - size >= segment) {
        last = connection.WriteDatagram(now, buffer.subspan(size));
        if (last != 0) ++m_stats.datagramsSent;
        size += last;
    }
    if (size == 0) return std::nullopt;
    return Transmit{.destination = connection.Remote(),
                    .ecn = Ecn::kNotEct,
                    .size = size,
                    .segmentSize = std::min(segment, size)};
}

std::optional<Transmit> Endpoint::Impl::WriteReply(ByteSpan buffer) {
    const Reply reply = m_replies.Pop();
    EncodePacketHeader(buffer, VersionNegotiationHeader{.destination = reply.connection});
    ++m_stats.datagramsSent;
    return Transmit{.destination = reply.destination,
                    .ecn = Ecn::kNotEct,
                    .size = kVersionNegotiationLength,
                    .segmentSize = kVersionNegotiationLength};
}

Expected<ConnectionHandle, UsageError> Endpoint::Impl::Connect(TimePoint now,
                                                               const SocketAddress& remote) {
    if (m_connections.size() >= m_config.maxConnections) {
        return Fail(UsageError::kTooManyConnections);
    }
    const ConnectionSetup setup = MakeSetup(Side::kInitiator, remote);
    m_connections[setup.handle].connection = std::make_unique<Connection>(now, setup, m_handshake);
    m_handles[setup.own] = setup.handle;
    Touch(setup.handle);
    return setup.handle;
}

std::optional<ConnectionHandle> Endpoint::Impl::HandleOf(ConnectionId id) const {
    const auto found = m_handles.find(id);
    if (found == m_handles.end()) return std::nullopt;
    return found->second;
}

ConnectionId Endpoint::Impl::NewConnectionId() {
    ConnectionId id = 0;
    while (id == 0 || m_handles.contains(id)) id = m_random.U64();
    return id;
}

ConnectionSetup Endpoint::Impl::MakeSetup(Side side, const SocketAddress& remote) {
    return {.handle = m_nextHandle++,
            .side = side,
            .remote = remote,
            .own = NewConnectionId(),
            .transport = m_config.transport,
            .receiveBudget = m_receiveBudget,
            .random = m_random,
            .events = m_events,
            .tracer = m_config.tracer};
}

Expected<StreamSet*, UsageError> Endpoint::Impl::StreamsOf(ConnectionHandle handle) const {
    return EstablishedOf(handle).map([](Connection* c) { return c->Streams(); });
}

Expected<Connection*, UsageError> Endpoint::Impl::EstablishedOf(ConnectionHandle handle) const {
    Connection* connection = Find(handle);
    if (!connection) return Fail(UsageError::kUnknownConnection);
    if (!connection->Streams()) return Fail(UsageError::kConnectionClosed);
    return connection;
}

void Endpoint::Impl::Touch(ConnectionHandle handle) {
    Slot& slot = m_connections.at(handle);
    if (!slot.ready) m_ready.Push(handle);
    slot.ready = true;
    m_deadlines.Set(handle, slot.connection->NextTimeout());
}

void Endpoint::Impl::Remove(ConnectionHandle handle) {
    Slot& slot = m_connections.at(handle);
    NoLongerHalfOpen(slot);
    const auto attempt = m_attempts.find(slot.attempt);
    if (attempt != m_attempts.end() && attempt->second == handle) m_attempts.erase(attempt);
    m_handles.erase(slot.connection->OwnId());
    m_deadlines.Forget(handle);
    m_connections.erase(handle);
}

void Endpoint::Impl::NoLongerHalfOpen(Slot& slot) {
    if (slot.halfOpen) --m_halfOpen;
    slot.halfOpen = false;
}

// The public face: each command finds its connection and leaves it touched.

Endpoint::Endpoint(EndpointConfig config) : m_impl(std::make_unique<Impl>(std::move(config))) {}
Endpoint::~Endpoint() = default;
Endpoint::Endpoint(Endpoint&&) noexcept = default;
Endpoint& Endpoint::operator=(Endpoint&&) noexcept = default;

void Endpoint::HandleDatagram(TimePoint now, const Datagram& datagram) {
    m_impl->HandleDatagram(now, datagram);
}

void Endpoint::HandleTimeout(TimePoint now) {
    m_impl->HandleTimeout(now);
}

std::optional<Transmit> Endpoint::PollTransmit(TimePoint now, ByteSpan buffer) {
    return m_impl->PollTransmit(now, buffer);
}

std::optional<TimePoint> Endpoint::NextTimeout() const {
    return m_impl->m_deadlines.Next();
}

std::optional<Event> Endpoint::PollEvent() {
    if (m_impl->m_events.Empty()) return std::nullopt;
    return m_impl->m_events.Pop();
}

Expected<ConnectionHandle, UsageError> Endpoint::Connect(TimePoint now,
                                                         const SocketAddress& remote) {
    return m_impl->Connect(now, remote);
}

Expected<StreamId, UsageError> Endpoint::OpenStream(ConnectionHandle connection,
                                                    StreamDirection direction, StreamMode mode) {
    return m_impl->StreamsOf(connection).and_then([&](StreamSet* streams) {
        return streams->Open(direction, mode);
    });
}

Expected<void, UsageError> Endpoint::WriteMessage(ConnectionHandle handle, StreamId stream,
                                                  ConstByteSpan message, TimePoint deadline) {
    const auto connection = m_impl->EstablishedOf(handle);
    if (!connection) return Fail(connection.error());
    const auto written = (*connection)->WriteMessage(stream, message, deadline);
    m_impl->Touch(handle);
    return written;
}

Expected<std::size_t, UsageError> Endpoint::Write(ConnectionHandle connection, StreamId stream,
                                                  ConstByteSpan data, bool finish) {
    const auto streams = m_impl->StreamsOf(connection);
    if (!streams) return Fail(streams.error());
    const auto taken = (*streams)->Write(stream, data, finish);
    m_impl->Touch(connection);
    return taken;
}

Expected<ReadResult, UsageError> Endpoint::Read(ConnectionHandle connection, StreamId stream,
                                                ByteSpan out) {
    const auto found = m_impl->EstablishedOf(connection);
    if (!found) return Fail(found.error());
    const auto read = (*found)->Read(stream, out);
    if (!read) return Fail(read.error());
    m_impl->Touch(connection);
    return ReadResult{read->bytes, read->skipped, read->finished};
}

Expected<void, UsageError> Endpoint::ResetStream(ConnectionHandle connection, StreamId stream,
                                                 std::uint64_t applicationCode) {
    const auto streams = m_impl->StreamsOf(connection);
    if (!streams) return Fail(streams.error());
    m_impl->Touch(connection);
    return (*streams)->Reset(stream, applicationCode);
}

Expected<void, UsageError> Endpoint::SetPriority(ConnectionHandle connection, StreamId stream,
                                                 std::uint8_t urgency) {
    return m_impl->StreamsOf(connection).and_then([&](StreamSet* streams) {
        return streams->SetPriority(stream, urgency);
    });
}

Expected<void, UsageError> Endpoint::StopSending(ConnectionHandle connection, StreamId stream,
                                                 std::uint64_t applicationCode) {
    const auto streams = m_impl->StreamsOf(connection);
    if (!streams) return Fail(streams.error());
    m_impl->Touch(connection);
    return (*streams)->StopSending(stream, applicationCode);
}

Expected<void, UsageError> Endpoint::SendDatagram(ConnectionHandle handle, ConstByteSpan datagram) {
    const auto connection = m_impl->EstablishedOf(handle);
    if (!connection) return Fail(connection.error());
    m_impl->Touch(handle);
    return (*connection)->SendDatagram(datagram);
}

Expected<std::optional<std::size_t>, UsageError> Endpoint::ReadDatagram(ConnectionHandle handle,
                                                                        ByteSpan out) {
    return m_impl->EstablishedOf(handle).map([&](Connection* c) { return c->ReadDatagram(out); });
}

Expected<std::optional<std::size_t>, UsageError> Endpoint::DatagramLimit(
    ConnectionHandle handle) const {
    return m_impl->EstablishedOf(handle).map([](Connection* c) { return c->DatagramLimit(); });
}

Expected<void, UsageError> Endpoint::Close(TimePoint now, ConnectionHandle handle,
                                           std::uint64_t applicationCode, std::string_view reason) {
    Connection* connection = m_impl->Find(handle);
    if (!connection) return Fail(UsageError::kUnknownConnection);
    if (connection->Ended()) return Fail(UsageError::kConnectionClosed);
    connection->Close(now, applicationCode, reason);
    m_impl->Touch(handle);
    return {};
}

Expected<ConnectionStats, UsageError> Endpoint::StatsOf(ConnectionHandle handle) const {
    const Connection* connection = m_impl->Find(handle);
    if (!connection) return Fail(UsageError::kUnknownConnection);
    return connection->Stats();
}

const EndpointStats& Endpoint::Stats() const {
    return m_impl->m_stats;
}

std::size_t Endpoint::ConnectionCount() const {
    return m_impl->m_connections.size();
}

std::size_t Endpoint::MaxDatagramSize() const {
    return m_impl->m_config.transport.maxDatagramSize;
}

}  // namespace crsp
