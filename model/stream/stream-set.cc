// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/stream-set.h"
#include "model/base/planted.h"

#include <algorithm>

namespace crsp {
namespace {

/// One congestion window in flight, and what was acknowledged behind it while one packet is
/// repeated, lost again, and repeated once more.
constexpr std::uint64_t kSendBufferWindows = 4;
/// What a buffer that has grown holds beyond the peer's credit, bytes: enough to fill the packets
/// that new credit lets go before the application has given more. All else that a peer does not
/// read waits with the application, which may have it from a disk (SECURITY B5).
constexpr std::size_t kSendAhead = 16 * 1024;
/// More repair than messages has no use: a copy would do.
constexpr std::uint8_t kMaxRepairPercent = 100;

}  // namespace

StreamSet::StreamSet(Side side, const StreamLimits& limits, MemoryBudgets budgets)
    : m_limits(limits),
      m_budgets(budgets),
      m_table(side, limits),
      m_receiveCredit(ReceiveCredit::Growing(limits.connectionReceiveWindow,
                                             limits.maxConnectionReceiveWindow)),
      m_largestStreamWindow(limits.streamReceiveWindow) {
    if (m_budgets.receive) m_budgets.receive->Take(m_receiveCredit.Window());
}

StreamSet::~StreamSet() {
    if (m_budgets.receive) m_budgets.receive->Return(m_receiveCredit.Window());
    if (m_budgets.send) m_budgets.send->Return(m_buffered);
}

void StreamSet::OnPeerParameters(const TransportParameters& peer) {
    m_table.OnPeerParameters(peer);
    m_sendCredit.Raise(peer.initialMaxData);
    m_peerMaxRepairSymbol = peer.maxRepairSymbol;
}

FrameResult StreamSet::OnFrame(const StreamFrame& frame) {
    const auto stream = m_table.ForPeerSending(frame.stream, m_events);
    if (!stream) return Fail(stream.error());
    if (*stream == nullptr) return FrameOutcome::kAccepted;
    ReceiveStream& receive = *(*stream)->receive;
    if (receive.Refuses(frame)) {
        ++m_stats.framesRefused;
        return FrameOutcome::kRefused;
    }
    m_receiveCredit.Start(m_path.now);
    const auto stored = receive.OnFrame(frame, m_path);
    if (!stored) return Fail(stored.error());
    m_stats.bytesReceived += *stored;
    m_stats.bytesRecovered += receive.TakeRecovered();
    return Conclude(**stream);
}

FrameResult StreamSet::OnFrame(const ResetStreamFrame& frame) {
    const auto stream = m_table.ForPeerSending(frame.stream, m_events);
    if (!stream) return Fail(stream.error());
    if (*stream == nullptr) return FrameOutcome::kAccepted;
    const auto tell = (*stream)->receive->OnFrame(frame);
    if (!tell) return Fail(tell.error());
    if (*tell) m_events.Push({StreamEventKind::kReset, frame.stream, frame.applicationCode});
    return Conclude(**stream);
}

FrameResult StreamSet::OnFrame(const StopSendingFrame& frame) {
    const auto stream = m_table.ForPeerReceiving(frame.stream, m_events);
    if (!stream) return Fail(stream.error());
    if (*stream == nullptr) return FrameOutcome::kAccepted;
    if ((*stream)->send->Reset(frame.applicationCode)) {
        m_events.Push({StreamEventKind::kStopped, frame.stream, frame.applicationCode});
    }
    return Conclude(**stream);
}

FrameResult StreamSet::OnFrame(const MaxDataFrame& frame) {
    if (m_sendCredit.Raise(CRSP_PLANTED(kDoubleCredit) ? 2 * frame.maximum : frame.maximum)) {
        m_roomDue = true;
    }
    return FrameOutcome::kAccepted;
}

FrameResult StreamSet::OnFrame(const MaxStreamDataFrame& frame) {
    const auto stream = m_table.ForPeerReceiving(frame.stream, m_events);
    if (!stream) return Fail(stream.error());
    if (*stream == nullptr) return FrameOutcome::kAccepted;
    (*stream)->send->OnMaxStreamData(frame.maximum);
    return Conclude(**stream);
}

FrameResult StreamSet::OnFrame(const MaxStreamsFrame& frame) {
    m_table.OnMaxStreams(frame.direction, frame.maximum);
    return FrameOutcome::kAccepted;
}

FrameResult StreamSet::OnFrame(const DataBlockedFrame& frame) {
    if (m_receiveCredit.MayGrow() && AllDrained()) m_receiveCredit.OnStarved(frame.limit);
    return FrameOutcome::kAccepted;
}

FrameResult StreamSet::OnFrame(const StreamDataBlockedFrame& frame) {
    const auto stream = m_table.ForPeerSending(frame.stream, m_events);
    if (!stream) return Fail(stream.error());
    if (*stream == nullptr) return FrameOutcome::kAccepted;
    (*stream)->receive->OnFrame(frame);
    return Conclude(**stream);
}

FrameResult StreamSet::OnFrame(const DataSkippedFrame& frame) {
    const auto stream = m_table.ForPeerSending(frame.stream, m_events);
    if (!stream) return Fail(stream.error());
    if (*stream == nullptr) return FrameOutcome::kAccepted;
    ReceiveStream& receive = *(*stream)->receive;
    if (receive.Refuses(frame)) {
        ++m_stats.framesRefused;
        return FrameOutcome::kRefused;
    }
    if (const auto taken = receive.OnFrame(frame); !taken) return Fail(taken.error());
    return Conclude(**stream);
}

FrameResult StreamSet::OnFrame(const RepairFrame& frame) {
    if (frame.SymbolLength() > m_limits.maxRepairSymbol) {
        return Fail(TransportError{TransportErrorCode::kProtocolViolation,
                                   "REPAIR longer than max_repair_symbol"});
    }
    const auto stream = m_table.ForPeerSending(frame.stream, m_events);
    if (!stream) return Fail(stream.error());
    if (*stream == nullptr) return FrameOutcome::kAccepted;
    ReceiveStream& receive = *(*stream)->receive;
    const auto stored = receive.OnFrame(frame, m_path);
    if (!stored) return Fail(stored.error());
    m_stats.bytesReceived += *stored;
    m_stats.bytesRecovered += receive.TakeRecovered();
    return Conclude(**stream);
}

FrameResult StreamSet::OnFrame(const DataRecoveredFrame& frame) {
    const auto stream = m_table.ForPeerReceiving(frame.stream, m_events);
    if (!stream) return Fail(stream.error());
    if (*stream == nullptr) return FrameOutcome::kAccepted;
    const auto taken = (*stream)->send->OnRecovered({frame.begin, frame.end});
    if (!taken) return Fail(taken.error());
    return Conclude(**stream);
}

FrameResult StreamSet::Conclude(Stream& stream) {
    if (!ChargeConnection(stream)) {
        return Fail(
            TransportError{TransportErrorCode::kFlowControlError, "connection credit exceeded"});
    }
    Settle(stream);
    return FrameOutcome::kAccepted;
}

bool StreamSet::ChargeConnection(Stream& stream) {
    if (!stream.receive || stream.id == kControlStream) return true;
    const std::uint64_t received = stream.receive->Received();
    const std::uint64_t total = m_receiveCredit.Received() + received - stream.charged;
    if (!m_receiveCredit.ReceiveTo(total)) return false;
    stream.charged = received;
    m_receiveCredit.Consume(stream.receive->Consumed() - stream.returned);
    stream.returned = stream.receive->Consumed();
    return true;
}

void StreamSet::Settle(Stream& stream) {
    if (stream.receive && stream.receive->TakeReadable()) {
        m_events.Push({StreamEventKind::kReadable, stream.id});
    }
    OfferRoom(stream);
    m_scheduler.Update(stream);
    if (!m_scheduler.NewData().Empty()) m_sendCredit.NoteBlocked();
    if (!stream.Terminal()) return;
    m_scheduler.Forget(stream);
    std::erase(m_deadlineStreams, stream.id);
    NoteBuffered(stream, 0);
    m_table.Erase(stream.id);
}

/// Wakes a writer that waits for room, if there is some now.
void StreamSet::OfferRoom(Stream& stream) {
    if (!stream.send) return;
    LimitBuffer(stream);
    if (stream.send->TakeWritable()) m_events.Push({StreamEventKind::kWritable, stream.id});
}

Expected<StreamId, UsageError> StreamSet::Open(StreamDirection direction, StreamMode mode,
                                               RepairOptions repair) {
    const bool deadline = mode == StreamMode::kDeadline;
    if (repair.percent > kMaxRepairPercent) return Fail(UsageError::kBadMode);
    if (repair.percent > 0 && !deadline) return Fail(UsageError::kBadMode);
    if (!deadline) return m_table.Open(direction);
    if (direction != StreamDirection::kUnidirectional) return Fail(UsageError::kBadMode);
    if (repair.percent > 0 && m_peerMaxRepairSymbol == 0) return Fail(UsageError::kRefused);
    const auto id = m_table.Open(direction);
    if (!id) return id;
    SendStream& send = *m_table.Find(*id)->send;
    send.UseDeadlines();
    if (repair.percent > 0) send.UseRepair(repair, m_peerMaxRepairSymbol);
    m_deadlineStreams.push_back(*id);
    return id;
}

Expected<void, UsageError> StreamSet::WriteMessage(StreamId id, ConstByteSpan message,
                                                   TimePoint deadline) {
    Stream* stream = m_table.Find(id);
    if (stream == nullptr) return Fail(UsageError::kUnknownStream);
    if (!stream->send) return Fail(UsageError::kNotSendable);
    LimitBuffer(*stream);
    const auto taken = stream->send->WriteMessage(message, deadline);
    Settle(*stream);
    return taken;
}

std::optional<TimePoint> StreamSet::NextTimeout() const {
    std::optional<TimePoint> next;
    for (const StreamId id : m_deadlineStreams) {
        const auto at = m_table.Find(id)->send->NextTimeout();
        if (at && (!next || *at < *next)) next = at;
    }
    return next;
}

void StreamSet::CheckMessages() {
    // A stream that ends by it leaves the list while we walk.
    for (std::size_t i = m_deadlineStreams.size(); i-- > 0;) {
        Stream& stream = *m_table.Find(m_deadlineStreams[i]);
        m_stats.bytesGivenUp += stream.send->DropLate(m_path.now, m_sendCredit);
        stream.send->RepeatOverdue(m_path.now);
        Settle(stream);
    }
}

Expected<std::size_t, UsageError> StreamSet::Write(StreamId id, ConstByteSpan data, bool finish) {
    Stream* stream = m_table.Find(id);
    if (stream == nullptr) return Fail(UsageError::kUnknownStream);
    if (!stream->send) return Fail(UsageError::kNotSendable);
    LimitBuffer(*stream);
    const auto taken = stream->send->Write(data, finish);
    Settle(*stream);
    return taken;
}

template <class DoRead>
Expected<StreamRead, UsageError> StreamSet::ReadWith(StreamId id, DoRead doRead) {
    Stream* stream = m_table.Find(id);
    if (stream == nullptr) return Fail(UsageError::kUnknownStream);
    if (!stream->receive) return Fail(UsageError::kNotReadable);
    const Expected<StreamRead, UsageError> read = doRead(*stream->receive);
    if (read) m_stats.bytesSkipped += read->skipped.Length();
    ChargeConnection(*stream);
    Settle(*stream);
    return read;
}

Expected<StreamRead, UsageError> StreamSet::Read(StreamId id, ByteSpan out) {
    return ReadWith(id, [out](ReceiveStream& stream) { return stream.Read(out); });
}

Expected<StreamRead, UsageError> StreamSet::ReadUnordered(StreamId id, ByteSpan out) {
    return ReadWith(id, [out](ReceiveStream& stream) { return stream.ReadUnordered(out); });
}

Expected<void, UsageError> StreamSet::Reset(StreamId id, std::uint64_t applicationCode) {
    Stream* stream = m_table.Find(id);
    if (stream == nullptr) return Fail(UsageError::kUnknownStream);
    if (!stream->send) return Fail(UsageError::kNotSendable);
    stream->send->Reset(applicationCode);
    Settle(*stream);
    return {};
}

Expected<void, UsageError> StreamSet::SetPriority(StreamId id, Urgency urgency) {
    Stream* stream = m_table.Find(id);
    if (stream == nullptr) return Fail(UsageError::kUnknownStream);
    if (!stream->send) return Fail(UsageError::kNotSendable);
    if (urgency >= kUrgencies) return Fail(UsageError::kBadUrgency);
    m_scheduler.Forget(*stream);
    stream->urgency = urgency;
    m_scheduler.Update(*stream);
    return {};
}

Expected<void, UsageError> StreamSet::StopSending(StreamId id, std::uint64_t applicationCode) {
    Stream* stream = m_table.Find(id);
    if (stream == nullptr) return Fail(UsageError::kUnknownStream);
    if (!stream->receive) return Fail(UsageError::kNotReadable);
    stream->receive->StopSending(applicationCode);
    ChargeConnection(*stream);
    Settle(*stream);
    return {};
}

std::optional<StreamEvent> StreamSet::PollEvent() {
    // Once for a packet, whatever number of MAX_DATA it carried.
    if (std::exchange(m_roomDue, false)) {
        m_table.ForEach([this](Stream& stream) { OfferRoom(stream); });
    }
    auto event = m_events.Poll();
    while (event && Stale(*event)) event = m_events.Poll();
    return event;
}

bool StreamSet::AllDrained() const {
    const auto& streams = m_table.Streams();
    return std::all_of(streams.begin(), streams.end(), [](const auto& entry) {
        return !entry.second.receive || entry.second.receive->Drained();
    });
}

std::size_t StreamSet::SendLimit(const Stream& stream) const {
    // Its buffer does not grow, and takes nothing from the others.
    if (stream.id == kControlStream) return m_limits.streamSendBuffer;
    std::uint64_t wanted = std::min<std::uint64_t>(kSendBufferWindows * m_path.congestionWindow,
                                                   m_limits.maxStreamSendBuffer);
    // Messages are taken whole or not.
    if (!stream.send->HasDeadlines()) {
        const auto credit = std::min(stream.send->Credit(), m_sendCredit.Available());
        const auto ahead = std::min<std::uint64_t>(credit, wanted) + kSendAhead;
        wanted = std::min(wanted, stream.send->Outstanding() + ahead);
    }
    return std::max(m_limits.streamSendBuffer, static_cast<std::size_t>(wanted));
}

void StreamSet::LimitBuffer(Stream& stream) {
    std::size_t limit = SendLimit(stream);
    if (m_budgets.send) {
        const std::size_t base = m_limits.streamSendBuffer;
        const std::size_t held = stream.send->Held();
        NoteBuffered(stream, held - std::min(held, base));
        const std::uint64_t more = m_budgets.send->Share(m_buffered, kSendParts);
        limit = std::min<std::uint64_t>(limit, base + stream.buffered + more);
    }
    stream.send->SetBufferLimit(limit);
}

void StreamSet::NoteBuffered(Stream& stream, std::size_t buffered) {
    if (!m_budgets.send) return;
    m_budgets.send->Return(stream.buffered);
    m_budgets.send->Take(buffered);
    m_buffered += buffered - stream.buffered;
    stream.buffered = buffered;
}

bool StreamSet::HasHeldUp() const {
    const auto& streams = m_table.Streams();
    return std::any_of(streams.begin(), streams.end(), [](const auto& entry) {
        return entry.second.send && entry.second.send->HasUnsent();
    });
}

bool StreamSet::Stale(const StreamEvent& event) const {
    const Stream* stream = m_table.Find(event.stream);
    switch (event.kind) {
        case StreamEventKind::kReadable:
            return stream == nullptr || !stream->receive->Readable();
        case StreamEventKind::kWritable:
            return stream == nullptr || !stream->send->Writable();
        default:
            return false;
    }
}

bool StreamSet::ExpectsData() const {
    const auto& streams = m_table.Streams();
    return std::any_of(streams.begin(), streams.end(), [](const auto& entry) {
        const auto& [id, stream] = entry;
        return id != kControlStream && stream.receive && stream.receive->ExpectsData();
    });
}

std::size_t StreamSet::BufferedCapacity() const {
    std::size_t total = 0;
    for (const auto& [id, stream] : m_table.Streams()) {
        if (stream.send) total += stream.send->Capacity();
        if (stream.receive) total += stream.receive->Capacity();
    }
    return total;
}

}  // namespace crsp
