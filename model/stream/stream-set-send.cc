// SPDX-License-Identifier: BSD-3-Clause
// The sending side of StreamSet: what goes into packets, and what became of it.
#include <algorithm>

#include "model/base/varint.h"
#include "model/stream/stream-set.h"

namespace crsp {
namespace {

/// A packet that already holds something is not topped up with less of a stream than this.
constexpr std::size_t kMinStreamRoom = 64;

}  // namespace

bool StreamSet::WantsToSend() const {
    const bool newData = !m_scheduler.NewData().Empty() && m_sendCredit.Available() > 0;
    return newData || m_scheduler.ControlStreamReady() || !m_scheduler.Repeats().Empty() ||
           !m_scheduler.Control().Empty() || m_receiveCredit.GrantDue() ||
           m_sendCredit.BlockedDue() || m_table.HasControl();
}

void StreamSet::WriteFrames(PacketBuilder& out) {
    CheckMessages();
    m_packetClosed = m_asksForAck = false;
    WriteControlStream(out);
    WriteControlFrames(out);
    WriteStreamFrames(out);
    if (m_asksForAck) out.Write(ImmediateAckFrame{});
}

void StreamSet::WriteControlFrames(PacketBuilder& out) {
    if (m_sendCredit.BlockedDue()) {
        if (!out.Write(DataBlockedFrame{m_sendCredit.Limit()})) return;
        m_sendCredit.OnBlockedSent();
    }
    if (!m_table.WriteControl(out)) return;
    // Streams first: the connection's window grows with theirs.
    if (WriteStreamControl(out)) WriteConnectionCredit(out);
}

void StreamSet::WriteConnectionCredit(PacketBuilder& out) {
    if (!m_receiveCredit.GrantDue()) return;
    // What a reset only claims to have sent uses up credit in no time.
    const bool real = 2 * m_stats.bytesReceived >= m_receiveCredit.Consumed();
    if (m_receiveCredit.TakeHungry(m_path) && real) {
        GrowConnectionWindow(2 * m_receiveCredit.Window());
    }
    if (out.Write(MaxDataFrame{m_receiveCredit.NextLimit()})) m_receiveCredit.OnGrantSent();
}

bool StreamSet::WriteStreamControl(PacketBuilder& out) {
    while (!m_scheduler.Control().Empty()) {
        Stream& stream = *m_table.Find(m_scheduler.Control().Front());
        TuneWindows(stream);
        const bool all = (!stream.send || stream.send->WriteControl(out)) &&
                         (!stream.receive || stream.receive->WriteControl(out));
        m_scheduler.Update(stream);
        if (!all) return false;
    }
    return true;
}

void StreamSet::TuneWindows(Stream& stream) {
    if (!stream.receive) return;
    const auto wanted = stream.receive->WantedWindow(m_path);
    if (!wanted || !GrowConnectionWindow(*wanted + *wanted / 2)) return;
    stream.receive->GrowWindow(*wanted);
    m_largestStreamWindow = std::max(m_largestStreamWindow, *wanted);
}

/// False if the endpoint has no memory for it, or not for this connection alone.
bool StreamSet::GrowConnectionWindow(std::uint64_t wanted) {
    const std::uint64_t window = m_receiveCredit.Window();
    const std::uint64_t target = std::min(wanted, m_receiveCredit.Maximum());
    if (target <= window) return true;
    if (m_budgets.receive) {
        if (target - window > m_budgets.receive->Share(window, kReceiveParts)) return false;
        m_budgets.receive->Take(target - window);
    }
    m_receiveCredit.GrowTo(target);
    return true;
}

void StreamSet::WriteStreamFrames(PacketBuilder& out) {
    WriteControlStream(out);
    for (Urgency urgency = 0; urgency < kUrgencies; ++urgency) {
        WriteRepeats(m_scheduler.Repeats().Level(urgency), out);
        WriteNewData(m_scheduler.NewData().Level(urgency), out);
        if (m_packetClosed || (!out.Empty() && out.Remaining() < kMinStreamRoom)) return;
    }
}

void StreamSet::WriteControlStream(PacketBuilder& out) {
    while (m_scheduler.ControlStreamReady()) {
        Stream& stream = *m_table.Find(kControlStream);
        const auto chunk =
            stream.send->HasRepeat() ? stream.send->NextRepeat() : stream.send->NextNew(kVarintMax);
        if (!WriteChunk(stream, *chunk, out)) return;
    }
}

void StreamSet::WriteRepeats(StreamQueue& queue, PacketBuilder& out) {
    while (!queue.Empty()) {
        Stream& stream = *m_table.Find(queue.Front());
        const bool written = stream.send->OnlyRepairDue()
                                 ? WriteRepair(stream, out)
                                 : WriteChunk(stream, *stream.send->NextRepeat(), out);
        if (!written || m_packetClosed) return;
    }
}

bool StreamSet::WriteRepair(Stream& stream, PacketBuilder& out) {
    const std::size_t written = stream.send->WriteRepair(out);
    m_stats.repairBytesSent += written;
    m_scheduler.Update(stream);
    if (written > 0) OnWritten(stream, true);
    return written > 0;
}

/// A deadline leaves no time for an ACK that waits, and a loss must not take two symbols at once.
void StreamSet::OnWritten(const Stream& stream, bool symbol) {
    m_packetClosed |= symbol;
    if (!stream.send->HasDeadlines()) return;
    m_asksForAck = !stream.send->HasNew() && !stream.send->HasRepeat();
}

void StreamSet::WriteNewData(StreamQueue& queue, PacketBuilder& out) {
    while (!queue.Empty() && m_sendCredit.Available() > 0 && !m_packetClosed) {
        Stream& stream = *m_table.Find(queue.Front());
        if (!WriteChunk(stream, *stream.send->NextNew(m_sendCredit.Available()), out)) return;
        if (!stream.queuedNew) continue;
        queue.Rotate();  // it has filled the packet, or used up the connection's credit
        break;
    }
    if (!queue.Empty()) m_sendCredit.NoteBlocked();
}

bool StreamSet::WriteChunk(Stream& stream, const SendChunk& chunk, PacketBuilder& out) {
    const bool cut = chunk.range.Length() > out.Remaining();
    if (cut && !out.Empty() && out.Remaining() < kMinStreamRoom) return false;
    const auto written = stream.send->WriteChunk(chunk, out, m_path);
    if (!written) return false;
    if (chunk.repeat) {
        m_stats.bytesRetransmitted += *written;
    } else {
        m_stats.bytesSent += *written;
        if (stream.id != kControlStream) m_sendCredit.Use(*written);
    }
    m_scheduler.Update(stream);
    OnWritten(stream, stream.send->HasSymbols() && !chunk.repeat);
    return true;
}

template <class Sent>
void StreamSet::TellSender(StreamId id, void (SendStream::*tell)(const Sent&), const Sent& sent) {
    Stream* stream = m_table.Find(id);
    if (stream == nullptr || !stream->send) return;
    ((*stream->send).*tell)(sent);
    Settle(*stream);
}

template <class Sent>
void StreamSet::TellReceiver(StreamId id, void (ReceiveStream::*tell)(const Sent&),
                             const Sent& sent) {
    Stream* stream = m_table.Find(id);
    if (stream == nullptr || !stream->receive) return;
    ((*stream->receive).*tell)(sent);
    Settle(*stream);
}

void StreamSet::OnFrameAcked(const SentStream& sent) {
    TellSender(sent.stream, &SendStream::OnFrameAcked, sent);
}

void StreamSet::OnFrameAcked(const SentResetStream& sent) {
    TellSender(sent.stream, &SendStream::OnFrameAcked, sent);
}

void StreamSet::OnFrameAcked(const SentDataSkipped& sent) {
    TellSender(sent.stream, &SendStream::OnFrameAcked, sent);
}

void StreamSet::OnFrameLost(const SentDataSkipped& sent) {
    TellSender(sent.stream, &SendStream::OnFrameLost, sent);
}

void StreamSet::OnFrameLost(const SentStream& sent) {
    TellSender(sent.stream, &SendStream::OnFrameLost, sent);
}

void StreamSet::OnFrameLost(const SentResetStream& sent) {
    TellSender(sent.stream, &SendStream::OnFrameLost, sent);
}

void StreamSet::OnFrameLost(const SentStreamDataBlocked& sent) {
    TellSender(sent.stream, &SendStream::OnFrameLost, sent);
}

void StreamSet::OnFrameLost(const SentStopSending& sent) {
    TellReceiver(sent.stream, &ReceiveStream::OnFrameLost, sent);
}

void StreamSet::OnFrameLost(const SentMaxStreamData& sent) {
    TellReceiver(sent.stream, &ReceiveStream::OnFrameLost, sent);
}

void StreamSet::OnFrameLost(const SentMaxData& sent) {
    m_receiveCredit.OnGrantLost(sent.maximum);
}

void StreamSet::OnFrameLost(const SentMaxStreams& sent) {
    m_table.OnFrameLost(sent);
}

void StreamSet::OnFrameLost(const SentDataBlocked& sent) {
    m_sendCredit.OnBlockedLost(sent.limit);
}

}  // namespace crsp
