// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/stream-table.h"

#include <algorithm>

#include "model/base/assert.h"

namespace crsp {
namespace {

Unexpected<TransportError> StateError(const char* reason) {
    return Fail(TransportError{TransportErrorCode::kStreamStateError, reason});
}

}  // namespace

StreamTable::StreamTable(Side side, const StreamLimits& limits)
    : m_side(side),
      m_limits(limits),
      m_kinds{Kind{0, 0, 0, ReceiveCredit(limits.maxPeerStreams, 1)},
              Kind{0, 0, 0, ReceiveCredit(limits.maxPeerStreams, 1)}} {}

void StreamTable::OnPeerParameters(const TransportParameters& peer) {
    CRSP_ASSERT(m_streams.empty());
    m_peerStreamCredit = peer.initialMaxStreamData;
    for (auto& kind : m_kinds) kind.allowed = peer.initialMaxStreams;
}

void StreamTable::OnMaxStreams(StreamDirection direction, std::uint64_t maximum) {
    auto& allowed = KindOf(direction).allowed;
    allowed = std::max(allowed, maximum);
}

Expected<StreamId, UsageError> StreamTable::Open(StreamDirection direction) {
    Kind& kind = KindOf(direction);
    const bool tooMany = kind.opened - kind.finished >= kMaxOwnStreams;
    if (tooMany || kind.opened >= kind.allowed) return Fail(UsageError::kStreamLimit);
    const StreamId id = MakeStreamId(m_side, direction, kind.opened++);
    Insert(id);
    return id;
}

Stream* StreamTable::Find(StreamId id) {
    const auto it = m_streams.find(id);
    return it == m_streams.end() ? nullptr : &it->second;
}

const Stream* StreamTable::Find(StreamId id) const {
    const auto it = m_streams.find(id);
    return it == m_streams.end() ? nullptr : &it->second;
}

Expected<Stream*, TransportError> StreamTable::ForPeerSending(StreamId id,
                                                              StreamEventQueue& events) {
    if (OpenerOf(id) == m_side && DirectionOf(id) == StreamDirection::kUnidirectional) {
        return StateError("frame of a sender on our unidirectional stream");
    }
    return Resolve(id, events);
}

Expected<Stream*, TransportError> StreamTable::ForPeerReceiving(StreamId id,
                                                                StreamEventQueue& events) {
    if (OpenerOf(id) != m_side && DirectionOf(id) == StreamDirection::kUnidirectional) {
        return StateError("frame of a receiver on the sender's own unidirectional stream");
    }
    return Resolve(id, events);
}

Expected<Stream*, TransportError> StreamTable::Resolve(StreamId id, StreamEventQueue& events) {
    if (OpenerOf(id) != m_side) {
        const auto admitted = AdmitPeers(id, events);
        if (!admitted) return Fail(admitted.error());
    } else if (IndexOf(id) >= KindOf(DirectionOf(id)).opened) {
        return StateError("frame on a stream of ours that is not open yet");
    }
    return Find(id);
}

Expected<void, TransportError> StreamTable::AdmitPeers(StreamId id, StreamEventQueue& events) {
    ReceiveCredit& peers = KindOf(DirectionOf(id)).peers;
    std::uint64_t index = peers.Received();
    if (!peers.ReceiveTo(IndexOf(id) + 1)) {
        return Fail(TransportError{TransportErrorCode::kStreamLimitError, "too many streams"});
    }
    for (; index < peers.Received(); ++index) {
        const StreamId opened = MakeStreamId(OpenerOf(id), DirectionOf(id), index);
        Insert(opened);
        events.Push({StreamEventKind::kOpened, opened});
    }
    return {};
}

void StreamTable::Insert(StreamId id) {
    Stream& stream = m_streams.try_emplace(id, id).first->second;
    const bool ours = OpenerOf(id) == m_side;
    const bool both = DirectionOf(id) == StreamDirection::kBidirectional;
    // The control stream carries little, and is outside the connection's credit.
    const bool grows = id != kControlStream;
    if (ours || both) {
        stream.send.emplace(id, m_limits.streamSendBuffer, m_peerStreamCredit,
                            grows ? m_limits.maxStreamSendBuffer : 0);
    }
    if (!ours || both) {
        stream.receive.emplace(id, m_limits.streamReceiveWindow,
                               grows ? m_limits.maxStreamReceiveWindow : 0);
    }
}

void StreamTable::Erase(StreamId id) {
    m_streams.erase(id);
    Kind& kind = KindOf(DirectionOf(id));
    if (OpenerOf(id) == m_side) {
        ++kind.finished;
    } else {
        kind.peers.Consume(1);
    }
}

bool StreamTable::HasControl() const {
    return m_kinds[0].peers.GrantDue() || m_kinds[1].peers.GrantDue();
}

bool StreamTable::WriteControl(PacketBuilder& out) {
    for (const auto direction :
         {StreamDirection::kBidirectional, StreamDirection::kUnidirectional}) {
        ReceiveCredit& peers = KindOf(direction).peers;
        if (!peers.GrantDue()) continue;
        if (!out.Write(MaxStreamsFrame{direction, peers.NextLimit()})) return false;
        peers.OnGrantSent();
    }
    return true;
}

void StreamTable::OnFrameLost(const SentMaxStreams& sent) {
    KindOf(sent.direction).peers.OnGrantLost(sent.maximum);
}

void StreamTable::Rest() {
    for (auto& [id, stream] : m_streams) {
        if (stream.send) stream.send->Rest();
        if (stream.receive) stream.receive->Rest();
    }
}

}  // namespace crsp
