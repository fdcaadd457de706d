// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/datagrams.h"

#include <algorithm>

#include "model/wire/frame-codec.h"

namespace crsp {

bool DatagramQueue::Push(ConstByteSpan datagram) {
    const std::uint64_t end = m_end + datagram.size();
    if (m_lengths.Size() == kMaxQueuedDatagrams || end - m_begin > kMaxQueuedDatagramBytes) {
        return false;
    }
    m_bytes.Reserve({m_begin, m_end}, {m_begin, end});
    m_bytes.Put(m_end, datagram);
    m_lengths.Push(datagram.size());
    m_end = end;
    return true;
}

void DatagramQueue::Pop(ByteSpan out) {
    m_bytes.Get(m_begin, out);
    m_begin += m_lengths.Pop();
}

std::optional<std::size_t> Datagrams::Limit(std::size_t room) const {
    const auto frame = std::min<std::uint64_t>(m_peerMaxFrame, room);
    if (frame < DatagramHeaderLength(0)) return std::nullopt;
    const auto longest = static_cast<std::size_t>(frame - DatagramHeaderLength(0));
    // A longer length field takes from what it counts.
    return longest - (DatagramHeaderLength(longest) - DatagramHeaderLength(0));
}

Expected<void, UsageError> Datagrams::Send(ConstByteSpan datagram, std::size_t room) {
    const auto limit = Limit(room);
    if (!limit) return Fail(UsageError::kRefused);
    if (datagram.size() > *limit) return Fail(UsageError::kTooLong);
    if (!m_outgoing.Push(datagram)) return Fail(UsageError::kBlocked);
    return {};
}

std::optional<std::size_t> Datagrams::Read(ByteSpan out) {
    if (m_incoming.Empty()) {
        m_drained = true;
        return std::nullopt;
    }
    const std::size_t length = m_incoming.FrontLength();
    m_incoming.Pop(out.first(std::min(length, out.size())));
    return length;
}

Expected<void, TransportError> Datagrams::OnFrame(const DatagramFrame& frame) {
    // The length field is optional: the shortest form counts (RFC 9221 §3).
    if (1 + frame.data.size() > m_maxFrame) {
        return Fail(TransportError{TransportErrorCode::kProtocolViolation,
                                   "DATAGRAM longer than was allowed"});
    }
    ++m_stats.received;
    if (!m_incoming.Push(frame.data)) ++m_stats.dropped;
    return {};
}

bool Datagrams::TakeReceived() {
    if (!m_drained || m_incoming.Empty()) return false;
    m_drained = false;
    return true;
}

void Datagrams::WriteFrames(PacketBuilder& out) {
    m_passedOver = false;
    while (!m_outgoing.Empty()) {
        if (WriteFront(out)) continue;
        m_passedOver = !out.Empty();
        if (m_passedOver) return;
        m_outgoing.Pop({});
        ++m_stats.tooLong;
    }
}

bool Datagrams::WriteFront(PacketBuilder& out) {
    const auto space = out.ReserveDatagram(m_outgoing.FrontLength());
    if (!space) return false;
    m_outgoing.Pop(*space);
    ++m_stats.sent;
    return true;
}

}  // namespace crsp
