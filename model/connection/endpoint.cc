// SPDX-License-Identifier: BSD-3-Clause
// The public face: each command finds its connection and leaves it touched.
#include "model/connection/endpoint.h"

#include "model/connection/endpoint-impl.h"

namespace crsp {

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
    return m_impl->NextTimeout();
}

std::optional<Event> Endpoint::PollEvent() {
    return m_impl->PollEvent();
}

Expected<ConnectionHandle, UsageError> Endpoint::Connect(TimePoint now, const SocketAddress& remote,
                                                         const std::optional<PeerKey>& peer) {
    return m_impl->Connect(now, remote, peer);
}

void Endpoint::SetPeers(TimePoint now, std::vector<PeerKey> peers) {
    m_impl->SetPeers(now, std::move(peers));
}

Expected<StreamId, UsageError> Endpoint::OpenStream(ConnectionHandle connection,
                                                    StreamDirection direction, StreamMode mode,
                                                    RepairOptions repair) {
    return m_impl->StreamsOf(connection).and_then([&](StreamSet* streams) {
        return streams->Open(direction, mode, repair);
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
    return ReadResult{read->bytes, read->skipped, read->finished, read->offset};
}

Expected<ReadResult, UsageError> Endpoint::ReadUnordered(ConnectionHandle connection,
                                                         StreamId stream, ByteSpan out) {
    const auto found = m_impl->EstablishedOf(connection);
    if (!found) return Fail(found.error());
    const auto read = (*found)->ReadUnordered(stream, out);
    if (!read) return Fail(read.error());
    m_impl->Touch(connection);
    return ReadResult{read->bytes, read->skipped, read->finished, read->offset};
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
    return m_impl->Stats();
}

std::size_t Endpoint::ConnectionCount() const {
    return m_impl->ConnectionCount();
}

std::size_t Endpoint::MaxDatagramSize() const {
    return m_impl->Config().transport.maxDatagramSize;
}

}  // namespace crsp
