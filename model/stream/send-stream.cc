// SPDX-License-Identifier: BSD-3-Clause
#include "model/stream/send-stream.h"

#include <algorithm>

namespace crsp {

Expected<std::size_t, UsageError> SendStream::Write(ConstByteSpan data, bool finish) {
    if (!Writable()) return Fail(UsageError::kNotSendable);
    const std::size_t taken = m_buffer.Write(data);
    if (finish && taken == data.size()) m_buffer.Finish();
    NoteBlocked();
    return taken;
}

bool SendStream::Reset(std::uint64_t applicationCode) {
    if (!Sending()) return false;
    m_buffer.Abandon();
    m_state = SendState::kResetSent;
    m_resetCode = applicationCode;
    m_resetDue = true;
    return true;
}

void SendStream::OnMaxStreamData(std::uint64_t maximum) {
    m_credit.Raise(maximum);
}

std::optional<SendChunk> SendStream::NextNew(std::uint64_t connectionCredit) const {
    return m_buffer.NextNew(std::min(m_credit.Available(), connectionCredit));
}

std::optional<std::size_t> SendStream::WriteChunk(const SendChunk& chunk, PacketBuilder& out) {
    const auto length = static_cast<std::size_t>(chunk.range.Length());
    const std::size_t wanted = std::min(length, out.Remaining());
    const bool withFin = chunk.fin && wanted == length;
    const auto space = out.ReserveStream(m_id, chunk.range.begin, wanted, withFin);
    if (!space) return std::nullopt;
    m_buffer.Fill(chunk.range.begin, *space);
    m_buffer.OnSent({chunk.range.begin, chunk.range.begin + space->size()},
                    chunk.fin && space->size() == length);
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
    return true;
}

void SendStream::OnFrameAcked(const SentStream& sent) {
    if (!Sending()) return;
    m_buffer.OnAcked({sent.offset, sent.offset + sent.length}, sent.fin);
    if (!m_buffer.AllAcked()) return;
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

void SendStream::NoteBlocked() {
    if (m_buffer.HasNew()) m_credit.NoteBlocked();
}

}  // namespace crsp
