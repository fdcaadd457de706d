// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/send-stream.h"

#include <algorithm>

namespace crsp {

Expected<std::size_t, UsageError> SendStream::Write(ConstByteSpan data, bool finish) {
    if (!Writable() || (m_messages && !data.empty())) return Fail(UsageError::kNotSendable);
    const std::size_t taken = m_buffer.Write(data);
    if (finish && taken == data.size()) m_buffer.Finish();
    NoteBlocked();
    return taken;
}

Expected<void, UsageError> SendStream::WriteMessage(ConstByteSpan message, TimePoint deadline) {
    if (!m_messages || !Writable()) return Fail(UsageError::kNotSendable);
    if (message.size() > m_buffer.Limit()) return Fail(UsageError::kTooLong);
    if (m_messages->Full() || message.size() > m_buffer.Free()) {
        m_buffer.NoteCutShort();
        return Fail(UsageError::kBlocked);
    }
    if (message.empty()) return {};
    const std::uint64_t begin = m_buffer.End();
    m_buffer.Write(message);
    m_messages->Add({begin, m_buffer.End()}, deadline);
    if (m_repair) m_repair->OnWritten({begin, m_buffer.End()});
    NoteBlocked();
    return {};
}

std::optional<TimePoint> SendStream::NextTimeout() const {
    if (!m_messages || !Sending()) return std::nullopt;
    return m_messages->NextTimeout();
}

void SendStream::RepeatOverdue(TimePoint now) {
    if (m_messages && Sending()) m_messages->RepeatOverdue(now, m_buffer);
}

std::uint64_t SendStream::DropLate(TimePoint now, SendCredit& connectionCredit) {
    if (!m_messages || !Sending()) return 0;
    const std::uint64_t dropped = m_messages->DropLate(now, m_buffer);
    const std::uint64_t next = m_buffer.SentOffset();
    if (m_messages->LateEnd() <= next) return dropped;
    const std::uint64_t count = std::min(
        {m_messages->LateEnd() - next, m_credit.Available(), connectionCredit.Available()});
    m_buffer.SkipNew(count);
    if (m_repair) m_repair->OnSent(m_buffer.SentOffset());
    m_messages->OnSkipped({next, next + count});
    m_credit.Use(count);
    connectionCredit.Use(count);
    NoteBlocked();
    return dropped;
}

bool SendStream::Reset(std::uint64_t applicationCode) {
    if (!Sending()) return false;
    m_buffer.Abandon();
    if (m_messages) m_messages->Clear();
    m_state = SendState::kResetSent;
    m_resetCode = applicationCode;
    m_resetDue = true;
    return true;
}

void SendStream::OnMaxStreamData(std::uint64_t maximum) {
    m_credit.Raise(maximum);
}

std::optional<SendChunk> SendStream::NextNew(std::uint64_t connectionCredit) const {
    std::uint64_t most = std::min(m_credit.Available(), connectionCredit);
    if (m_repair && m_buffer.HasNew()) {
        const std::uint64_t next = m_buffer.SentOffset();
        most = std::min(most, m_repair->SymbolEnd(next) - next);
    }
    return m_buffer.NextNew(most);
}

std::optional<std::size_t> SendStream::WriteChunk(const SendChunk& chunk, PacketBuilder& out,
                                                  const PathView& path) {
    const auto length = static_cast<std::size_t>(chunk.range.Length());
    const std::size_t wanted = std::min(length, out.Remaining());
    const bool withFin = chunk.fin && wanted == length;
    const auto space = out.ReserveStream(m_id, chunk.range.begin, wanted, withFin);
    if (!space) return std::nullopt;
    m_buffer.Fill(chunk.range.begin, *space);
    const Range sent{chunk.range.begin, chunk.range.begin + space->size()};
    m_buffer.OnSent(sent, chunk.fin && space->size() == length);
    const bool known = path.feedback > Duration{};
    if (m_messages && known) m_messages->OnSent(sent, path.now + path.feedback);
    if (m_repair) m_repair->OnSent(m_buffer.SentOffset());
    if (!chunk.repeat) m_credit.Use(space->size());
    m_state = m_buffer.AllSent() ? SendState::kDataSent : SendState::kSend;
    NoteBlocked();
    return space->size();
}

bool SendStream::WriteControl(PacketBuilder& out) {
    if (m_resetDue) {
        if (!out.Write(ResetStreamFrame{m_id, m_resetCode, m_buffer.SentOffset()})) return false;
        m_resetDue = false;
    }
    if (BlockedDue()) {
        if (!out.Write(StreamDataBlockedFrame{m_id, m_credit.Limit()})) return false;
        m_credit.OnBlockedSent();
    }
    return !HasSkip() || m_messages->WriteSkips(m_id, m_buffer.SentOffset(), out);
}

void SendStream::OnFrameAcked(const SentStream& sent) {
    if (Sending()) OnBytesAcked({sent.offset, sent.offset + sent.length}, sent.fin);
}

Expected<void, TransportError> SendStream::OnRecovered(Range range) {
    if (range.end > m_buffer.SentOffset()) {
        return Fail(TransportError{TransportErrorCode::kProtocolViolation,
                                   "DATA_RECOVERED of bytes never sent"});
    }
    const bool trusted = m_repair && m_buffer.IslandsAcked() < kMaxRecoveredIslands;
    if (trusted && Sending()) OnBytesAcked(range, false);
    return {};
}

void SendStream::OnBytesAcked(Range range, bool fin) {
    m_buffer.OnAcked(range, fin);
    if (m_messages) m_messages->OnAcked(m_buffer);
    ConcludeIfAcked();
}

void SendStream::OnFrameAcked(const SentDataSkipped& sent) {
    if (!Sending()) return;
    m_messages->OnFrameAcked(sent);
    ConcludeIfAcked();
}

void SendStream::ConcludeIfAcked() {
    if (!m_buffer.AllAcked() || (m_messages && !m_messages->Settled())) return;
    m_buffer.Abandon();
    m_state = SendState::kDataRecvd;
}

void SendStream::OnFrameAcked(const SentResetStream&) {
    m_state = SendState::kResetRecvd;
    m_resetDue = false;
}

void SendStream::OnFrameLost(const SentStream& sent) {
    if (Sending()) m_buffer.OnLost({sent.offset, sent.offset + sent.length}, sent.fin);
}

void SendStream::OnFrameLost(const SentResetStream&) {
    if (m_state == SendState::kResetSent) m_resetDue = true;
}

void SendStream::OnFrameLost(const SentDataSkipped& sent) {
    if (Sending()) m_messages->OnFrameLost(sent);
}

void SendStream::NoteBlocked() {
    if (m_buffer.HasNew()) m_credit.NoteBlocked();
}

}  // namespace crsp
