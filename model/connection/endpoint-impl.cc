// SPDX-License-Identifier: BSD-3-Clause
#include "model/connection/endpoint-impl.h"

#include <algorithm>
#include <utility>

#include "model/base/assert.h"
#include "model/base/random.h"
#include "model/crypto/mac.h"

namespace crsp {
namespace {

constexpr std::string_view kResetSourcesLabel = "CRSP1 reset sources";
constexpr std::string_view kResetHostsLabel = "CRSP1 reset hosts";

HandshakeConfig MakeHandshakeConfig(const EndpointConfig& config) {
    const auto& t = config.transport;
    HandshakeConfig handshake{.identity = config.identity,
                              .psk = std::nullopt,
                              .pairing = config.pairing,
                              .suite = config.suite,
                              .parameters = {}};
    if (config.psk) handshake.psk.emplace(*config.psk);
    handshake.parameters = {.initialMaxData = t.connectionReceiveWindow,
                            .initialMaxStreamData = t.streamReceiveWindow,
                            .initialMaxStreams = t.maxPeerStreams,
                            .maxIdleTimeout = t.idleTimeout,
                            .maxAckDelay = t.maxAckDelay,
                            .maxDatagramSize = kMaxDatagramSize,
                            .maxDatagramFrameSize = t.maxDatagramFrameSize,
                            .maxRepairSymbol = t.maxRepairSymbol};
    return handshake;
}

}  // namespace

Endpoint::Impl::Impl(EndpointConfig config)
    : m_config(std::move(config)),
      m_handshake(MakeHandshakeConfig(m_config)),
      m_random(m_config.seed),
      m_gate(m_random),
      m_resetsOfSource(Blake2bMac(m_config.seed, AsBytes(kResetSourcesLabel))),
      m_resetsOfHost(Blake2bMac(m_config.seed, AsBytes(kResetHostsLabel))),
      m_receiveBudget(m_config.maxReceiveMemory),
      m_sendBudget(m_config.maxSendMemory) {
    PrepareHandshakes();
    // What the generator and the handshakes were made of would give all that they make away.
    Wipe(m_config.seed);
    m_config.secret.reset();
    m_config.psk.reset();
    const auto size = m_config.transport.maxDatagramSize;
    CRSP_ASSERT(size >= kMinDatagramSize && size <= kMaxDatagramSize);
}

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
        void operator()(const RetryHeader& h) { self.OnRetry(now, h); }
        void operator()(const ResetHeader& h) { self.OnReset(now, h); }
        void operator()(const FinishHeader& h) { self.OnFinish(now, datagram, h.destination); }
    };
    std::visit(Dispatch{*this, now, datagram}, *header);
}

void Endpoint::Impl::OnData(TimePoint now, const Datagram& datagram, const DataHeader& header) {
    if (datagram.payload.size() < kDataHeaderLength + kAeadTagLength) {
        ++m_stats.droppedMalformed;
        return;
    }
    auto* slot = m_connections.FindById(header.destination);
    if (!slot) return OnUnknownConnection(now, datagram, header);
    if (!slot->connection->OnData(now, header, datagram)) {
        ++m_stats.droppedAuthentication;
        if (slot->connection->Ended()) Touch(*slot);  // by too many of them
        return;
    }
    OnConfirmed(*slot);
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
        auto* slot = m_connections.Find(m_ready.Pop());
        if (!slot) continue;
        if (const auto transmit = WriteTurn(now, *slot, buffer)) return transmit;
    }
    return std::nullopt;
}

std::optional<Transmit> Endpoint::Impl::WriteTurn(TimePoint now, ConnectionTable::Slot& slot,
                                                  ByteSpan buffer) {
    const auto [transmit, more] = WriteTrain(now, *slot.connection, buffer);
    slot.ready = more;
    if (slot.connection->Ended()) m_connections.OnEnded(slot);
    if (more) {
        m_ready.Push(slot.handle);
    } else {
        m_deadlines.Set(slot.handle, slot.connection->NextTimeout());
    }
    if (transmit.size == 0) return std::nullopt;
    return transmit;
}

std::pair<Transmit, bool> Endpoint::Impl::WriteTrain(TimePoint now, Connection& connection,
                                                     ByteSpan buffer) {
    const std::size_t segment = connection.DatagramSize();
    CRSP_ASSERT(buffer.size() >= segment);
    if (const auto solitary = connection.WriteSolitary(now, buffer); solitary.size > 0) {
        ++m_stats.datagramsSent;
        return {solitary, true};
    }
    std::size_t size = 0;
    std::size_t last = segment;
    const Ecn mark = connection.Mark();
    while (last == segment && buffer.size() - size >= segment && connection.Mark() == mark) {
        last = connection.WriteDatagram(now, buffer.subspan(size));
        if (last != 0) ++m_stats.datagramsSent;
        size += last;
    }
    const Transmit train{.destination = connection.Remote(),
                         .ecn = mark,
                         .size = size,
                         .segmentSize = std::min(segment, size)};
    return {train, last != 0};
}

ConnectionId Endpoint::Impl::NewConnectionId() {
    ConnectionId id = 0;
    while (id == 0 || m_connections.FindById(id)) id = m_random.U64();
    return id;
}

ConnectionSetup Endpoint::Impl::MakeSetup(Side side, const SocketAddress& remote) {
    if (m_config.entropy) m_random.Stir(m_config.entropy());
    return {.handle = m_nextHandle++,
            .side = side,
            .remote = remote,
            .own = NewConnectionId(),
            .transport = m_config.transport,
            .budgets = {&m_receiveBudget, &m_sendBudget},
            .random = m_random,
            .events = m_events,
            .tracer = m_config.tracer,
            .keyLog = m_config.keyLog};
}

std::optional<Event> Endpoint::Impl::PollEvent() {
    if (m_events.Empty()) return std::nullopt;
    return m_events.Pop();
}

Connection* Endpoint::Impl::Find(ConnectionHandle handle) const {
    const auto* slot = m_connections.Find(handle);
    return slot ? slot->connection.get() : nullptr;
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

void Endpoint::Impl::Touch(ConnectionTable::Slot& slot) {
    if (!slot.ready) m_ready.Push(slot.handle);
    slot.ready = true;
}

void Endpoint::Impl::Remove(ConnectionHandle handle) {
    m_deadlines.Forget(handle);
    m_connections.Remove(handle);
}

}  // namespace crsp
